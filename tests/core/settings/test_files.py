"""Where uploads are kept, and who looks at them: what makes no sense is refused before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumi.core.settings import MissingSetting
from tests.core.settings.conftest import Given

S3 = {
    "S3_ENDPOINT": "https://s3.example.org",
    "S3_BUCKET": "lumi-files",
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "open-sesame",
}


def test_uploads_lie_in_the_home_unless_a_folder_is_named(given: Given, tmp_path: Path) -> None:
    assert given(LUMI_HOME=str(tmp_path / "home")).uploads_folder == tmp_path / "home" / "uploads"
    assert given(UPLOADS_ROOT=str(tmp_path / "disk")).uploads_folder == tmp_path / "disk"


@pytest.mark.parametrize("place", ["", "/.."])
def test_the_folder_of_uploads_may_not_hold_the_home(given: Given, tmp_path: Path, place: str) -> None:
    home = tmp_path / "home"
    root = home if not place else tmp_path

    with pytest.raises(MissingSetting, match="UPLOADS_ROOT may not be LUMI_HOME or hold it"):
        given(LUMI_HOME=str(home), UPLOADS_ROOT=str(root))


@pytest.mark.parametrize("address", ["127.0.0.1:3310", "[::1]:3310", "clamd.internal:3310", "/run/clamav/clamd.ctl"])
def test_clamd_is_a_host_with_a_port_or_a_socket(given: Given, address: str) -> None:
    assert given(SCANNER="clamd", CLAMD_ADDRESS=address).scanner == "clamd"


@pytest.mark.parametrize("address", ["clamd", "clamd:", ":3310", "clamd:port", "run/clamd.ctl"])
def test_any_other_address_is_refused(given: Given, address: str) -> None:
    with pytest.raises(MissingSetting, match="CLAMD_ADDRESS is"):
        given(SCANNER="clamd", CLAMD_ADDRESS=address)


def test_a_scanner_without_an_address_is_refused_and_one_nobody_knows(given: Given) -> None:
    with pytest.raises(MissingSetting, match="SCANNER=clamd needs CLAMD_ADDRESS"):
        given(SCANNER="clamd")
    with pytest.raises(MissingSetting, match="SCANNER"):
        given(SCANNER="somebody")


@pytest.mark.parametrize(
    ("scanner", "production", "elsewhere"), [("", False, True), ("off", True, True), ("clamd", False, False)]
)
def test_what_nobody_has_looked_at_is_handed_out_in_production_only_where_that_was_decided(
    given: Given, scanner: str, production: bool, elsewhere: bool
) -> None:
    said = {"SCANNER": scanner, "CLAMD_ADDRESS": "127.0.0.1:3310"}

    assert given(**said).hands_out_unseen is elsewhere
    assert given(**said, APP_ENV="production").hands_out_unseen is production


def test_a_bucket_is_named_with_all_that_opens_it(given: Given) -> None:
    settings = given(**S3)

    assert (settings.s3_bucket, settings.s3_region) == ("lumi-files", "us-east-1")
    assert "open-sesame" not in repr(settings)


@pytest.mark.parametrize("left_out", ["S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY"])
def test_a_bucket_without_one_of_them_is_refused(given: Given, left_out: str) -> None:
    with pytest.raises(MissingSetting, match="S3_BUCKET needs"):
        given(**{name: value for name, value in S3.items() if name != left_out})


@pytest.mark.parametrize("bucket", ["UPPER", "a", "a/b", "-a-b"])
def test_what_is_no_name_of_a_bucket_is_refused(given: Given, bucket: str) -> None:
    with pytest.raises(MissingSetting, match="S3_BUCKET"):
        given(**{**S3, "S3_BUCKET": bucket})

"""What production does not start without: each message names the setting, and a command that makes a good value."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from lumi.core.settings import DUMMIES, MissingSetting
from lumi.modules.accounts.services.keys import SigningKeys
from tests.core.settings.conftest import Given

NEEDED = ("SECRET_KEY", "RSA_PRIVATE_KEY", "PUBLIC_URL")


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Everything production needs, made as `docs/install.md` makes it."""
    key = tmp_path_factory.mktemp("keys") / "access-token.pem"
    run(f"openssl genrsa -out {key} 2048", key.parent)
    return {
        "APP_ENV": "production",
        "SECRET_KEY": run("openssl rand -hex 32", key.parent).strip(),
        "RSA_PRIVATE_KEY": key.read_text(),
        "PUBLIC_URL": "https://chat.example.org",
    }


def run(command: str, folder: Path) -> str:
    """What a command prints that succeeds."""
    return subprocess.run(shlex.split(command), cwd=folder, capture_output=True, text=True, check=True).stdout


def complaints(given: Given, **variables: str) -> dict[str, str]:
    """What a start with these variables refuses, by the name of the setting."""
    with pytest.raises(MissingSetting) as refused:
        given(**variables).require()
    return {each.split()[0]: each for each in refused.value.complaints}


def advice(complaint: str) -> str:
    """The command or line that the complaint gives."""
    (found,) = re.findall(r"`([^`]+)`", complaint)
    return found


def test_with_everything_set_it_starts(given: Given, complete: Mapping[str, str]) -> None:
    assert given(**complete).require().is_production


def test_with_nothing_set_everything_is_named_at_once(given: Given) -> None:
    assert tuple(complaints(given, APP_ENV="production", **dict.fromkeys(NEEDED, ""))) == NEEDED


@pytest.mark.parametrize("name", NEEDED)
def test_a_single_missing_setting_is_named_alone_with_how_to_make_it(
    given: Given, complete: Mapping[str, str], name: str
) -> None:
    found = complaints(given, **{**complete, name: ""})

    assert list(found) == [name]
    assert "is missing or a dummy" in found[name]
    assert advice(found[name])


@pytest.mark.parametrize("dummy", sorted({*DUMMIES, "ChangeMe", " secret "} - {""}))
@pytest.mark.parametrize("name", NEEDED)
def test_a_dummy_is_as_good_as_nothing(given: Given, complete: Mapping[str, str], name: str, dummy: str) -> None:
    found = complaints(given, **{**complete, name: dummy})

    assert list(found) == [name]
    assert "is missing or a dummy" in found[name]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("SECRET_KEY", "k9Xw" * 7, "is shorter than 32 characters"),
        ("RSA_PRIVATE_KEY", "k9Xw" * 7, "is shorter than 64 characters"),
        ("RSA_PRIVATE_KEY", "k9Xw" * 40, "is no private RSA key"),
        ("RSA_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\n" + "k9Xw" * 40, "is no private RSA key"),
    ],
)
def test_a_value_that_cannot_be_good_is_refused_with_the_reason_and_never_repeated(
    given: Given, complete: Mapping[str, str], name: str, value: str, why: str
) -> None:
    found = complaints(given, **{**complete, name: value})

    assert list(found) == [name]
    assert why in found[name]
    assert advice(found[name])
    assert value not in found[name]


@pytest.mark.parametrize(
    "command",
    ["openssl genrsa 1024", "openssl genpkey -algorithm ed25519", "openssl genrsa -aes128 -passout pass:k 2048"],
)
def test_a_key_that_cannot_sign_is_refused(
    given: Given, complete: Mapping[str, str], tmp_path: Path, command: str
) -> None:
    found = complaints(given, **{**complete, "RSA_PRIVATE_KEY": run(command, tmp_path)})

    assert "is no private RSA key of 2048 bits" in found["RSA_PRIVATE_KEY"]


def test_a_key_on_one_line_is_a_key(given: Given, complete: Mapping[str, str]) -> None:
    on_one_line = complete["RSA_PRIVATE_KEY"].replace("\n", "\\n")
    assert given(**{**complete, "RSA_PRIVATE_KEY": on_one_line}).require().is_production


def test_debug_is_named_beside_what_is_missing(given: Given, complete: Mapping[str, str]) -> None:
    assert list(complaints(given, **complete, DEBUG="true")) == ["DEBUG"]
    assert set(complaints(given, **{**complete, "PUBLIC_URL": ""}, DEBUG="true")) == {"DEBUG", "PUBLIC_URL"}


def test_what_the_messages_tell_to_do_is_accepted(given: Given, tmp_path: Path) -> None:
    found = complaints(given, APP_ENV="production", **dict.fromkeys(NEEDED, ""))

    key = run(advice(found["SECRET_KEY"]), tmp_path).strip()
    run(advice(found["RSA_PRIVATE_KEY"]), tmp_path)
    (pem,) = tmp_path.iterdir()
    name, _, url = advice(found["PUBLIC_URL"]).partition("=")

    settings = given(APP_ENV="production", SECRET_KEY=key, RSA_PRIVATE_KEY_PATH=str(pem), **{name: url}).require()
    assert SigningKeys.load(settings).private.is_private

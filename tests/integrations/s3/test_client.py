"""Objects put, read in parts, asked about and deleted; and what goes wrong, in words that tell no secret."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lumi.core import clock
from lumi.core.http import Http, OutsideFailure, Unavailable
from lumi.integrations.s3 import client as client_module
from lumi.integrations.s3.client import S3
from lumi.integrations.s3.errors import ObjectRefused, Reason
from lumi.integrations.s3.fake.server import RunningTwin
from tests.integrations.s3.conftest import client, put

BODY = bytes(range(256)) * 40
KEY = "tenant/ab/cd/file"


async def test_what_was_put_there_is_there_whole_and_in_parts(s3: S3, served: RunningTwin, tmp_path: Path) -> None:
    await put(s3, KEY, BODY, tmp_path)

    assert served.twin.objects == {KEY: BODY}
    assert await s3.head(KEY) == len(BODY)
    assert await s3.get(KEY, 0, len(BODY)) == BODY
    assert await s3.get(KEY, 100, 50) == BODY[100:150]
    assert await s3.get(KEY, len(BODY) - 5, 100) == BODY[-5:]


async def test_put_again_it_is_the_new_one(s3: S3, tmp_path: Path) -> None:
    for body in (b"first", b"second", b""):
        await put(s3, KEY, body, tmp_path)
        assert await s3.head(KEY) == len(body)


async def test_what_was_deleted_is_gone_and_deleting_it_again_is_no_failure(s3: S3, tmp_path: Path) -> None:
    await put(s3, KEY, BODY, tmp_path)
    await s3.delete(KEY)
    await s3.delete(KEY)

    assert await s3.head(KEY) is None
    with pytest.raises(ObjectRefused) as refused:
        await s3.get(KEY, 0, 10)
    assert refused.value.reason is Reason.MISSING


async def test_a_large_file_is_sent_from_the_disk(s3: S3, served: RunningTwin, tmp_path: Path) -> None:
    body = BODY * 1000
    await put(s3, KEY, body, tmp_path)

    assert served.twin.objects[KEY] == body
    assert (tmp_path / "source").exists()


@pytest.mark.parametrize(
    ("other", "code", "reason"),
    [
        ({"key_id": "somebody"}, "InvalidAccessKeyId", Reason.AUTH),
        ({"secret": "another"}, "SignatureDoesNotMatch", Reason.AUTH),
        ({"region": "eu-west-3"}, "AuthorizationHeaderMalformed", Reason.AUTH),
        ({"bucket": "other-files"}, "NoSuchBucket", Reason.BUCKET),
    ],
)
async def test_who_is_not_known_or_asks_elsewhere_is_refused_as_that(
    http: Http, served: RunningTwin, tmp_path: Path, other: dict[str, str], code: str, reason: Reason
) -> None:
    with pytest.raises(ObjectRefused) as refused:
        await put(client(http, served, **other), KEY, BODY, tmp_path)

    assert (refused.value.code, refused.value.reason) == (code, reason)
    assert served.twin.objects == {}


async def test_a_clock_that_is_wrong_is_named(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late:
        @staticmethod
        def now() -> datetime:
            return clock.now() - timedelta(minutes=16)

    monkeypatch.setattr(client_module, "clock", Late)

    with pytest.raises(ObjectRefused) as refused:
        await s3.get(KEY, 0, 1)
    assert refused.value.reason is Reason.CLOCK


async def test_a_file_that_changed_on_the_way_is_refused_over_there(
    s3: S3, served: RunningTwin, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"changed")

    with pytest.raises(ObjectRefused) as refused:
        await s3.put(KEY, source, size_bytes=7, sha256=b"\0" * 32)

    assert (refused.value.code, refused.value.reason) == ("XAmzContentSHA256Mismatch", Reason.PAYLOAD)
    assert served.twin.objects == {}


@pytest.mark.parametrize("code", ["SlowDown", "InternalError"])
async def test_a_storage_that_is_busy_is_asked_again(s3: S3, served: RunningTwin, tmp_path: Path, code: str) -> None:
    served.twin.settings.fail = [code]

    await put(s3, KEY, BODY, tmp_path)

    assert served.twin.objects == {KEY: BODY}
    assert served.twin.counts["PUT"] == 2


async def test_one_that_lost_patience_may_be_asked_later(s3: S3, served: RunningTwin, tmp_path: Path) -> None:
    served.twin.settings.fail = ["RequestTimeout"]

    with pytest.raises(Unavailable):
        await put(s3, KEY, BODY, tmp_path)


async def test_one_that_hangs_up_after_taking_it_is_asked_again_and_it_is_one_object(
    s3: S3, served: RunningTwin, tmp_path: Path
) -> None:
    served.twin.settings.hang_up = 1

    await put(s3, KEY, BODY, tmp_path)

    assert served.twin.objects == {KEY: BODY}
    assert served.twin.counts["PUT"] == 2


async def test_one_that_stays_away_is_unavailable(s3: S3, served: RunningTwin, tmp_path: Path) -> None:
    served.twin.settings.fail = ["SlowDown"] * 10

    with pytest.raises(Unavailable):
        await put(s3, KEY, BODY, tmp_path)


async def test_neither_key_nor_secret_stands_in_a_failure(http: Http, served: RunningTwin) -> None:
    stranger = client(http, served, secret="a-very-private-word")

    with pytest.raises(OutsideFailure) as failure:
        await stranger.get(KEY, 0, 1)

    told = f"{failure.value!r} {failure.value} {failure.value.body!r} {stranger!r}"
    assert "private" not in told
    assert served.twin.settings.key_id not in told


@pytest.mark.parametrize("key", ["", "/a", "a//b", "../a", "a/../b", "a b", "é", "a?x", "a#x", "a%2fb", "a" * 1025])
async def test_a_key_that_is_none_of_ours_is_never_asked_for(s3: S3, served: RunningTwin, key: str) -> None:
    with pytest.raises(ValueError, match="a key is made of"):
        await s3.delete(key)
    assert served.twin.counts == {}


@pytest.mark.parametrize("endpoint", ["", "ftp://x", "https://", "https://me:word@x", "https://x/?a=b"])
def test_an_endpoint_that_is_none_is_refused(http: Http, endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        S3(http, endpoint, "lumi-files", region="r", key_id="k", secret="s")


@pytest.mark.parametrize("bucket", ["", "a", "A-b", "a/b", "-ab", "a" * 64])
def test_a_bucket_that_is_none_is_refused(http: Http, bucket: str) -> None:
    with pytest.raises(ValueError, match="bucket"):
        S3(http, "https://s3.example", bucket, region="r", key_id="k", secret="s")


async def test_the_twin_refuses_what_proves_nothing(served: RunningTwin) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for headers in ({}, {"Authorization": "Basic eA=="}, {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}):
            async with session.get(f"{served.url}/lumi-files/{KEY}", headers=headers) as answer:
                assert (answer.status, "<Code>AccessDenied</Code>" in await answer.text()) == (403, True)

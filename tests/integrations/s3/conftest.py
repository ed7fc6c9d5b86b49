"""A twin, a client that talks to it, and files to put there."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from lumi.core.http import Http
from lumi.integrations.s3.client import S3
from lumi.integrations.s3.fake.server import RunningTwin, running


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries are counted here, not waited for."""
    stamina.set_testing(True, attempts=3, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=1000) as opened:
        yield opened


@pytest.fixture
async def served() -> AsyncIterator[RunningTwin]:
    async with running() as twin:
        yield twin


@pytest.fixture
def s3(http: Http, served: RunningTwin) -> S3:
    return client(http, served)


def client(http: Http, served: RunningTwin, **other: str) -> S3:
    """A client of the twin, in some thing not as the twin wants it."""
    of = served.twin.settings
    told = {"endpoint": served.url, "bucket": of.bucket, "region": of.region, "key_id": of.key_id, "secret": of.secret}
    told |= other
    return S3(
        http,
        told["endpoint"],
        told["bucket"],
        region=told["region"],
        key_id=told["key_id"],
        secret=told["secret"],
    )


async def put(s3: S3, key: str, body: bytes, folder: Path) -> None:
    """Put this there."""
    source = folder / "source"
    source.write_bytes(body)
    await s3.put(key, source, size_bytes=len(body), sha256=hashlib.sha256(body).digest())

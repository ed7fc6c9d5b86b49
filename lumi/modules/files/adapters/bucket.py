"""Bytes in a bucket of a storage that speaks S3, read a few MiB at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from pydantic import SecretStr

from lumi.core.http import Http
from lumi.core.settings import Settings
from lumi.integrations.s3.client import S3
from lumi.integrations.s3.errors import ObjectRefused, Reason
from lumi.modules.files.adapters.ports import Gone

PART_BYTES = 4 << 20


class Bucket:
    """Objects of a bucket, under the same keys as in a folder."""

    def __init__(self, s3: S3) -> None:
        self._s3 = s3

    async def put(self, key: str, source: Path, *, sha256: bytes) -> None:
        """Send the file; what arrived is compared with the digest over there."""
        size = (await asyncio.to_thread(source.stat)).st_size
        await self._s3.put(key, source, size_bytes=size, sha256=sha256)

    async def chunks(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        """Ask for one part after the other."""
        while length > 0:
            try:
                part = await self._s3.get(key, start, min(PART_BYTES, length))
            except ObjectRefused as refused:
                if refused.reason is Reason.MISSING:
                    raise Gone from None
                raise
            if not part:
                raise Gone
            start, length = start + len(part), length - len(part)
            yield part

    async def delete(self, key: str) -> None:
        """Delete the object."""
        await self._s3.delete(key)

    async def probe(self) -> None:
        """Ask about an object that is not there: shows that address, key and bucket are right."""
        await self._s3.head("lumi-probe")


def bucket_of(settings: Settings, http: Http) -> Bucket:
    """The bucket the settings name."""
    nobody = SecretStr("")
    return Bucket(
        S3(
            http,
            settings.s3_endpoint,
            settings.s3_bucket,
            region=settings.s3_region,
            key_id=settings.s3_access_key or nobody,
            secret=settings.s3_secret_key or nobody,
        )
    )

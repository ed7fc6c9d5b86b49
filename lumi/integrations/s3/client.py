"""The calls we make to a storage that speaks S3, one bucket each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from lumi.core import clock
from lumi.core.http import Http, OutsideFailure, Response
from lumi.core.http.answers import Body
from lumi.integrations.s3.errors import ObjectRefused, Reason, translated
from lumi.integrations.s3.signing import EMPTY_SHA256, Asked, Key, signed

TARGET = "s3"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# Keys are ours: ids and slashes, so that nothing has to be escaped and no path leads elsewhere.
_KEY = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
LONGEST_KEY = 1024
READ_SECONDS = 30.0
# A slow line still brings 256 KiB a second.
_SLOWEST_BYTES_PER_SECOND = 1 << 18


class S3:
    """One bucket. Every call may be repeated without harm, and is, for some seconds, while the storage is away.

    What goes wrong is Unavailable, RateLimited or ObjectRefused with a reason; neither key nor secret stands in any.
    """

    def __init__(
        self, http: Http, endpoint: str, bucket: str, *, region: str, key_id: SecretStr | str, secret: SecretStr | str
    ) -> None:
        """`endpoint` is the storage's address without the bucket, as `https://s3.eu-west-3.amazonaws.com`."""
        parts = urlsplit(endpoint)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
            raise ValueError("an endpoint is an address of the web")
        if not _BUCKET.fullmatch(bucket):
            raise ValueError("a bucket has 3 to 63 small letters, digits, dots and hyphens")
        self._http = http
        self._base = f"{parts.path.rstrip('/')}/{bucket}"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        default = {"http": 80, "https": 443}[parts.scheme]
        self._host = parts.netloc if parts.port != default else parts.hostname
        self._key = Key(_plain(key_id), _plain(secret), region)

    def __repr__(self) -> str:
        return f"S3({self._origin}{self._base})"

    async def put(self, key: str, source: Path, *, size_bytes: int, sha256: bytes) -> None:
        """Keep the content of a file under this key, in the place of what was there; the storage checks the digest."""
        timeout = READ_SECONDS + size_bytes / _SLOWEST_BYTES_PER_SECOND
        body: Body = source if size_bytes else b""
        await self._call("PUT", key, body, {}, content_sha256=sha256.hex(), timeout=timeout)

    async def get(self, key: str, start: int, length: int) -> bytes:
        """So many bytes of an object, fewer at its end. What is not there is ObjectRefused, MISSING."""
        wanted = {"range": f"bytes={start}-{start + length - 1}"}
        answer = await self._call("GET", key, None, wanted)
        return answer.body[start : start + length] if answer.status == 200 else answer.body[:length]

    async def head(self, key: str) -> int | None:
        """How large an object is; None when it is not there."""
        try:
            answer = await self._call("HEAD", key, None, {})
        except ObjectRefused as refused:
            if refused.reason is Reason.MISSING:
                return None
            raise
        return int(answer.headers.get("Content-Length", "0"))

    async def delete(self, key: str) -> None:
        """Delete an object; what is not there is no failure."""
        try:
            await self._call("DELETE", key, None, {})
        except ObjectRefused as refused:
            if refused.reason is not Reason.MISSING:
                raise

    async def _call(
        self,
        method: str,
        key: str,
        body: Body,
        headers: Mapping[str, str],
        *,
        content_sha256: str = EMPTY_SHA256,
        timeout: float = READ_SECONDS,
    ) -> Response:
        if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
            raise ValueError("a key is made of letters, digits, _ and - between slashes")
        path = f"{self._base}/{key}"
        asked = Asked(method, path, {"host": self._host, **headers})
        proved = signed(asked, self._key, content_sha256=content_sha256, at=clock.now())
        if body is not None:
            proved["content-type"] = "application/octet-stream"  # not signed: it says nothing
        try:
            return await self._http.request(
                TARGET, method, self._origin + path, data=body, headers=proved, timeout=timeout, repeatable=True,
                scope=self._origin,
            )  # fmt: skip
        except OutsideFailure as failure:
            in_its_terms = translated(failure)
            if in_its_terms is failure:
                raise
            raise in_its_terms from None


def _plain(given: SecretStr | str) -> str:
    return given.get_secret_value() if isinstance(given, SecretStr) else given

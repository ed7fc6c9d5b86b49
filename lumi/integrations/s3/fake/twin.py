"""What the twin keeps, and how it looks at whoever asks."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from lumi.core import clock
from lumi.integrations.s3.signing import ALGORITHM, CONTENT, DATE, SERVICE, Asked, Key, signature

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<id>[^/]+)/(?P<day>\d{{8}})/(?P<region>[^/]+)/{SERVICE}/aws4_request,\s*"
    r"SignedHeaders=(?P<names>[a-z0-9;-]+),\s*Signature=(?P<proof>[0-9a-f]{64})"
)
_MOST_SKEW = timedelta(minutes=15)


@dataclass
class TwinSettings:
    """The one bucket and the one key there is; `fail` names error codes the next requests are answered with."""

    bucket: str = "lumi-files"
    region: str = "us-east-1"
    key_id: str = "lumi-twin"
    secret: str = "not-a-secret-of-anybody"  # noqa: S105 - of the twin
    fail: list[str] = field(default_factory=list[str])
    hang_up: int = 0
    """So many requests are carried out and not answered."""


class Refusal(Exception):
    """An error as the storage tells it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Twin:
    """Objects by their keys; `counts` says how often which method was asked."""

    def __init__(self, settings: TwinSettings) -> None:
        self.settings = settings
        self.objects: dict[str, bytes] = {}
        self.counts: Counter[str] = Counter()

    def answer(self, request: web.Request, body: bytes) -> web.Response:
        """What becomes of a request; raises Refusal."""
        self.counts[request.method] += 1
        self._check_proof(request, body)
        if self.settings.fail:
            code = self.settings.fail.pop(0)
            raise Refusal({"SlowDown": 503, "InternalError": 500}.get(code, 400), code)
        bucket, _, key = request.path.lstrip("/").partition("/")
        if bucket != self.settings.bucket:
            raise Refusal(404, "NoSuchBucket")
        if request.method == "PUT":
            self.objects[key] = body
            return web.Response(headers={"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'})
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return web.Response(status=204)
        if request.method not in {"GET", "HEAD"}:
            raise Refusal(405, "MethodNotAllowed")
        if key not in self.objects:
            raise Refusal(404, "NoSuchKey")
        return _read(self.objects[key], request.headers.get("Range"))

    def _check_proof(self, request: web.Request, body: bytes) -> None:
        match = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if match is None:
            raise Refusal(403, "AccessDenied")
        settings = self.settings
        if match["id"] != settings.key_id:
            raise Refusal(403, "InvalidAccessKeyId")
        if match["region"] != settings.region:
            raise Refusal(400, "AuthorizationHeaderMalformed")
        names = match["names"].split(";")
        if not {"host", DATE, CONTENT} <= set(names) or any(name not in request.headers for name in names):
            raise Refusal(403, "AccessDenied")
        headers = {name: request.headers[name] for name in names}
        _check_time(headers[DATE], match["day"])
        asked = Asked(request.method, request.path, headers, [*request.query.items()])
        expected = signature(asked, Key(settings.key_id, settings.secret, settings.region))
        if not hmac.compare_digest(expected, match["proof"]):
            raise Refusal(403, "SignatureDoesNotMatch")
        if hashlib.sha256(body).hexdigest() != headers[CONTENT]:
            raise Refusal(400, "XAmzContentSHA256Mismatch")


def _check_time(stamp: str, day: str) -> None:
    try:
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Refusal(403, "AccessDenied") from None
    if not stamp.startswith(day):
        raise Refusal(403, "SignatureDoesNotMatch")
    if abs(clock.now() - at) > _MOST_SKEW:
        raise Refusal(403, "RequestTimeTooSkewed")


def _read(body: bytes, wanted: str | None) -> web.Response:
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
    if match is None:
        return web.Response(body=body, headers={"Accept-Ranges": "bytes"})
    first, last = int(match[1]), int(match[2] or len(body))
    if first >= len(body):
        raise Refusal(416, "InvalidRange")
    part = body[first : last + 1]
    span = f"bytes {first}-{first + len(part) - 1}/{len(body)}"
    return web.Response(status=206, body=part, headers={"Content-Range": span})

"""Signature Version 4 of Amazon Web Services: proves who asks, for exactly this request, at about this time."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "s3"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
DATE, CONTENT = "x-amz-date", "x-amz-content-sha256"


@dataclass(frozen=True, slots=True)
class Key:
    """Who asks, and where."""

    id: str
    secret: str = field(repr=False)
    region: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is signed: path and query unescaped, header names in lower case, the host among them."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Sequence[tuple[str, str]] = ()


def signed(asked: Asked, key: Key, *, content_sha256: str, at: datetime) -> dict[str, str]:
    """The headers of the request with the proof among them; `at` is aware and in UTC."""
    headers = {**asked.headers, DATE: f"{at:%Y%m%dT%H%M%SZ}", CONTENT: content_sha256}
    names = ";".join(sorted(headers))
    proof = signature(Asked(asked.method, asked.path, headers, asked.query), key)
    scope = f"{at:%Y%m%d}/{key.region}/{SERVICE}/aws4_request"
    headers["authorization"] = f"{ALGORITHM} Credential={key.id}/{scope},SignedHeaders={names},Signature={proof}"
    return headers


def signature(asked: Asked, key: Key) -> str:
    """The signature over a request with all these headers; the date and the content's digest are among them."""
    stamp = asked.headers[DATE]
    scope = f"{stamp[:8]}/{key.region}/{SERVICE}/aws4_request"
    digest = hashlib.sha256(canonical(asked).encode()).hexdigest()
    return hmac.digest(_day_key(key, stamp[:8]), f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}".encode(), "sha256").hex()


def canonical(asked: Asked) -> str:
    """The one way to write a request down."""
    pairs = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in asked.query)
    headers = [f"{name}:{' '.join(asked.headers[name].split())}" for name in sorted(asked.headers)]
    return "\n".join(
        [
            asked.method,
            quote(asked.path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *headers,
            "",
            ";".join(sorted(asked.headers)),
            asked.headers[CONTENT],
        ]
    )


@lru_cache(maxsize=16)
def _day_key(key: Key, day: str) -> bytes:
    made = f"AWS4{key.secret}".encode()
    for part in (day, key.region, SERVICE, "aws4_request"):
        made = hmac.digest(made, part.encode(), "sha256")
    return made

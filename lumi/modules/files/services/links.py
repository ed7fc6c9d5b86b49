"""Links under which anybody has a file for a while: who, which and until when, sealed with a key for nothing else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import UTC, datetime
from uuid import UUID

from lumi.core import crypto
from lumi.modules.files.values import Pass

_VERSION = 1
_BODY = struct.Struct(">B16s16sI")
_SEAL_BYTES = hashlib.sha256().digest_size


def token(granted: Pass) -> str:
    """What stands in the link. Nobody can change a part of it, and it says nothing in the clear."""
    expires = int(granted.expires_at.timestamp())
    body = _BODY.pack(_VERSION, granted.tenant_id.bytes, granted.file_id.bytes, expires)
    return base64.urlsafe_b64encode(body + _seal(body)).decode()


def read(given: str) -> Pass | None:
    """What a link of ours says, expired or not; None of any other."""
    try:
        raw = base64.urlsafe_b64decode(given)
    except (binascii.Error, ValueError):
        return None
    body, seal = raw[: _BODY.size], raw[_BODY.size :]
    # Written in the one way we write it: a decoder overlooks much.
    if len(seal) != _SEAL_BYTES or base64.urlsafe_b64encode(raw).decode() != given:
        return None
    if not hmac.compare_digest(seal, _seal(body)):
        return None
    version, tenant, file, expires = _BODY.unpack(body)
    if version != _VERSION:
        return None
    return Pass(UUID(bytes=tenant), UUID(bytes=file), datetime.fromtimestamp(expires, UTC))


def _seal(body: bytes) -> bytes:
    return hmac.digest(crypto.derive("file-link"), body, "sha256")

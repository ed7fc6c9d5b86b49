"""What S3's error codes mean: decided by code, and by status where there is none (an answer to HEAD has no body)."""

from __future__ import annotations

import re
from enum import StrEnum

from lumi.core.http import OutsideFailure, Rejected, Unavailable


class Reason(StrEnum):
    """Why the storage refuses for good, by what has to be done about it."""

    AUTH = "auth"
    CLOCK = "clock"
    BUCKET = "bucket"
    MISSING = "missing"
    PAYLOAD = "payload"
    OTHER = "other"


_REASONS = {
    "AccessDenied": Reason.AUTH,
    "InvalidAccessKeyId": Reason.AUTH,
    "SignatureDoesNotMatch": Reason.AUTH,
    "AuthorizationHeaderMalformed": Reason.AUTH,
    "AccountProblem": Reason.AUTH,
    "RequestTimeTooSkewed": Reason.CLOCK,
    "NoSuchBucket": Reason.BUCKET,
    "PermanentRedirect": Reason.BUCKET,
    "NoSuchKey": Reason.MISSING,
    "BadDigest": Reason.PAYLOAD,
    "XAmzContentSHA256Mismatch": Reason.PAYLOAD,
    "EntityTooLarge": Reason.PAYLOAD,
    "InvalidRange": Reason.PAYLOAD,
}
_BY_STATUS = {401: Reason.AUTH, 403: Reason.AUTH, 404: Reason.MISSING}
# The connection broke or was too slow on our side of it: the same again is right.
_AGAIN = frozenset({"RequestTimeout", "SlowDown", "ServiceUnavailable", "InternalError", "OperationAborted"})
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")


class ObjectRefused(Rejected):
    """The storage refuses this for good."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, reason=f"refused with {code or status}")
        self.code = code
        self.reason = _REASONS.get(code) or _BY_STATUS.get(status, Reason.OTHER)


def translated(failure: OutsideFailure) -> OutsideFailure:
    """The failure in the storage's terms. Nothing of its body is kept: it repeats what was signed."""
    match = _CODE.search(failure.body[:4096])
    code = match[1].decode() if match else ""
    if code in _AGAIN:
        found: OutsideFailure = Unavailable(
            f"failed with {code}", status=failure.status, retry_after=failure.retry_after
        )
    elif isinstance(failure, Rejected):
        found = ObjectRefused(failure.status or 0, code)
    else:
        return failure
    found.target = failure.target
    return found

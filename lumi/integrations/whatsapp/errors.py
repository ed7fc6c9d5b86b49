"""What the Graph API's error codes mean: decided by code, never by text."""

import random
from enum import StrEnum

import orjson

from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.core.outside_json import as_object, as_text

TARGET = "whatsapp"
PAIR_LIMIT = 131056
INVALID_PARAMETER = 100
MEDIA_DOWNLOAD = 131052
MEDIA_UPLOAD = 131053
_THROTTLED = frozenset({4, 80007, 130429, 131048, PAIR_LIMIT, 133016})
_TRANSIENT = frozenset({1, 2, 131000, 131016, 131045, 131057, 133000, 133004})
_LONGEST_PAIR_PAUSE_SECONDS = 1024.0
_LONGEST_PAUSE_SECONDS = 64.0


class Reason(StrEnum):
    """Why WhatsApp refuses for good, by what has to be done about it."""

    AUTH = "auth"
    POLICY = "policy"
    WINDOW = "window"
    RECIPIENT = "recipient"
    PAYLOAD = "payload"
    TEMPLATE = "template"
    REGISTRATION = "registration"
    OTHER = "other"


_REASONS = {
    Reason.AUTH: (0, 3, 10, 190, 131005, *range(200, 300)),
    Reason.POLICY: (368, 130497, 131031, 131037, 131042, 131064),
    Reason.WINDOW: (131047,),
    Reason.RECIPIENT: (130472, 131021, 131026, 131030, 131049, 131050),
    Reason.PAYLOAD: (33, INVALID_PARAMETER, 131008, 131009, 131051, MEDIA_DOWNLOAD, MEDIA_UPLOAD, 131062, 135000),
    Reason.TEMPLATE: (132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069),
    Reason.REGISTRATION: (133005, 133006, 133008, 133009, 133010, 133015),
}
_REASON_OF = {code: reason for reason, codes in _REASONS.items() for code in codes}


_LASTING = {131050: "opted_out", 132015: "template_paused", 132016: "template_disabled"}


class GraphRejected(Rejected):
    """WhatsApp refuses this for good; `reason` says whom it concerns, `code` and `details` what it said.

    `lasting`: what it says beyond this message (`opted_out`, `template_paused`, `template_disabled`), None mostly.
    """

    def __init__(self, status: int, code: int, details: str, body: bytes = b"") -> None:
        self.code = code
        self.details = details
        self.reason = reason_of(code)
        self.lasting = lasting_of(code)
        super().__init__(status, body, f"refused with code {code} ({self.reason})")


class TooLarge(GraphRejected):
    """A file has more bytes than are allowed: `size` as announced or as it came, `limit` what is allowed."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(0, MEDIA_DOWNLOAD, f"a file of {size} bytes, of which {limit} are allowed")
        self.target = TARGET
        self.size = size
        self.limit = limit


class Throttled(RateLimited):
    """Too many messages: to this one person, or from this number or app."""

    def __init__(self, retry_after: float, code: int, body: bytes = b"", status: int | None = 400) -> None:
        super().__init__(retry_after, body, status, of_person=code == PAIR_LIMIT)
        self.code = code


def reason_of(code: int) -> Reason:
    """The class of an error code, in a direct answer or in a failed status."""
    return _REASON_OF.get(code, Reason.OTHER)


def lasting_of(code: int) -> str | None:
    """What an error says beyond its message."""
    return _LASTING.get(code)


def pause_seconds(code: int, attempt: int) -> float:
    """How long to be silent after `attempt` earlier refusals in a row: 4^n for a person, 2^n for a number."""
    if code == PAIR_LIMIT:
        return min(4.0 ** min(attempt, 10), _LONGEST_PAIR_PAUSE_SECONDS)
    spread = random.uniform(1.0, 1.5)  # noqa: S311 - spreads retries, guards nothing
    return min(2.0 ** min(attempt, 10), _LONGEST_PAUSE_SECONDS) * spread


def translated(failure: OutsideFailure, *, attempt: int) -> OutsideFailure:
    """The failure in WhatsApp's terms when its body holds a Graph error, else the failure as it is."""
    error = _graph_error(failure.body)
    code = error.get("code")
    if not isinstance(code, int):
        return failure
    if code in _THROTTLED or isinstance(failure, RateLimited):
        pause = max(pause_seconds(code, attempt), failure.retry_after or 0.0)
        found: OutsideFailure = Throttled(pause, code, failure.body, failure.status)
    elif code in _TRANSIENT or isinstance(failure, Unavailable | OutcomeUnknown):
        found = Unavailable(
            f"failed with code {code}",
            status=failure.status,
            body=failure.body,
            retry_after=failure.retry_after,
        )
    else:
        details = as_text(as_object(error.get("error_data")).get("details")) or as_text(error.get("message"))
        found = GraphRejected(failure.status or 0, code, details or "", failure.body)
    found.target = failure.target
    return found


def _graph_error(body: bytes) -> dict[str, object]:
    try:
        answer: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return as_object(as_object(answer).get("error"))

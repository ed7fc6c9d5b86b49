"""What the error codes of the Send API mean: decided by code and subcode, never by text."""

import random
from enum import StrEnum

import orjson

from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.core.outside_json import as_object, as_text

INVALID_PARAMETER = 100
WRONG_TOKEN = 190
_THROTTLED = frozenset({4, 17, 32, 341, 613, 80002, 80006})
_TRANSIENT = frozenset({1, 2, 1200})
_TRANSIENT_SUBCODES = frozenset({1545133})
# Meta answers so although it sent the message.
_MAY_HAVE_BEEN_SENT = frozenset({1357046})
_LONGEST_PAUSE_SECONDS = 64.0


class Reason(StrEnum):
    """Why Messenger or Instagram refuses for good, by what has to be done about it."""

    AUTH = "auth"
    POLICY = "policy"
    WINDOW = "window"
    RECIPIENT = "recipient"
    PAYLOAD = "payload"
    OTHER = "other"


_BY_SUBCODE = {
    Reason.WINDOW: (2018065, 2018278, 2534022),
    Reason.RECIPIENT: (1545041, 2018001, 2018108, 2534001, 2534014),
    Reason.POLICY: (1893063, 2534013, 2534029, 2534122),
    Reason.AUTH: (2018028,),
}
_BY_CODE = {
    Reason.AUTH: (0, 3, 10, 102, WRONG_TOKEN, *range(200, 300), 2500),
    Reason.POLICY: (368, 2022, 10904),
    Reason.RECIPIENT: (551, 10903),
    Reason.PAYLOAD: (33, INVALID_PARAMETER),
}
_OF_SUBCODE = {code: reason for reason, codes in _BY_SUBCODE.items() for code in codes}
_OF_CODE = {code: reason for reason, codes in _BY_CODE.items() for code in codes}


class SendRejected(Rejected):
    """Meta refuses this for good; `reason` says whom it concerns, `code`, `subcode` and `details` what it said.

    With status 0 we refused it ourselves, without a call.
    """

    def __init__(self, status: int, code: int, details: str, body: bytes = b"", *, subcode: int = 0) -> None:
        named = f"{code}/{subcode}" if subcode else str(code)
        self.code = code
        self.subcode = subcode
        self.details = details
        self.reason = reason_of(code, subcode)
        super().__init__(status, body, f"refused with code {named} ({self.reason})")


class Throttled(RateLimited):
    """Too many calls from this account or app."""

    def __init__(self, retry_after: float, code: int, body: bytes = b"", status: int | None = 400) -> None:
        super().__init__(retry_after, body, status)
        self.code = code


def reason_of(code: int, subcode: int = 0) -> Reason:
    """The class of an error: by its subcode where that is known, else by its code."""
    return _OF_SUBCODE.get(subcode) or _OF_CODE.get(code, Reason.OTHER)


def pause_seconds(attempt: int) -> float:
    """How long to be silent after `attempt` earlier refusals in a row: 2^n, spread, at most 96."""
    spread = random.uniform(1.0, 1.5)  # noqa: S311 - spreads retries, guards nothing
    return min(2.0 ** min(attempt, 10), _LONGEST_PAUSE_SECONDS) * spread


def translated(failure: OutsideFailure, *, attempt: int) -> OutsideFailure:
    """The failure in Meta's terms when its body holds a Graph error, else the failure as it is."""
    error = _graph_error(failure.body)
    code, subcode = error.get("code"), error.get("error_subcode")
    if not isinstance(code, int):
        return failure
    found = _in_their_terms(failure, code, subcode if isinstance(subcode, int) else 0, error, attempt)
    found.target = failure.target
    return found


def _in_their_terms(
    failure: OutsideFailure, code: int, subcode: int, error: dict[str, object], attempt: int
) -> OutsideFailure:
    said = f"failed with code {code}/{subcode}"
    if subcode in _MAY_HAVE_BEEN_SENT:
        return OutcomeUnknown(said, status=failure.status, body=failure.body)
    if subcode in _OF_SUBCODE and not isinstance(failure, RateLimited):
        return SendRejected(failure.status or 0, code, _details(error), failure.body, subcode=subcode)
    if code in _THROTTLED or isinstance(failure, RateLimited):
        pause = max(pause_seconds(attempt), failure.retry_after or 0.0)
        return Throttled(pause, code, failure.body, failure.status)
    passing = code in _TRANSIENT or subcode in _TRANSIENT_SUBCODES
    if passing or isinstance(failure, Unavailable | OutcomeUnknown):
        return Unavailable(said, status=failure.status, body=failure.body, retry_after=failure.retry_after)
    return SendRejected(failure.status or 0, code, _details(error), failure.body, subcode=subcode)


def _details(error: dict[str, object]) -> str:
    return as_text(error.get("error_user_msg")) or as_text(error.get("message")) or ""


def _graph_error(body: bytes) -> dict[str, object]:
    try:
        answer: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return as_object(as_object(answer).get("error"))

"""What Google's refusals mean: decided by the reason they name, by the status when they name none."""

import re
from datetime import datetime
from enum import StrEnum

import orjson

from lumi.core import clock
from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.core.outside_json import as_list, as_object, as_text

_THROTTLED = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
)
_DAILY = frozenset({"dailyLimitExceeded", "dailyLimitExceededUnreg"})
_TRANSIENT = frozenset({"backendError", "internalError", "UNAVAILABLE", "INTERNAL"})
_DAILY_PAUSE_SECONDS = 3600.0
_FIRST_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 86_400.0
_RETRY_AFTER = re.compile(r"Retry after (\d{4}-\d\d-\d\dT[\d:.]{8,12}Z)")


class Reason(StrEnum):
    """Why Google refuses for good, by what has to be done about it."""

    AUTH = "auth"
    """The mailbox has to be connected again, by its owner."""
    APP = "app"
    """Client id or secret are wrong, or the API is not switched on: a matter for whoever runs the installation."""
    POLICY = "policy"
    RECIPIENT = "recipient"
    PAYLOAD = "payload"
    GONE = "gone"
    OTHER = "other"


_REASONS = {
    Reason.AUTH: (
        *("authError", "invalid_grant", "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        *("UNAUTHENTICATED", "required", "invalid_token", "access_denied"),
    ),
    Reason.APP: (
        *("invalid_client", "unauthorized_client", "accessNotConfigured", "SERVICE_DISABLED", "invalid_request"),
        *("unsupported_grant_type", "deleted_client", "disabled_client"),
    ),
    Reason.POLICY: ("domainPolicy", "delegationDenied", "failedPrecondition", "forbidden", "PERMISSION_DENIED"),
    Reason.PAYLOAD: ("invalidArgument", "badRequest", "uploadTooLarge", "parseError", "invalid"),
    Reason.GONE: ("notFound", "NOT_FOUND"),
}
_REASON_OF = {word: reason for reason, words in _REASONS.items() for word in words}
_BY_STATUS = {400: Reason.PAYLOAD, 401: Reason.AUTH, 403: Reason.POLICY, 404: Reason.GONE, 413: Reason.PAYLOAD}
_RECIPIENT_WORDS = ("Recipient address required", "Invalid To header", "Invalid Cc header")


class GoogleRejected(Rejected):
    """Google refuses this for good; `reason` says what to do, `word` and `details` what it said."""

    def __init__(
        self, status: int, word: str, details: str, body: bytes = b"", *, reason: Reason | None = None
    ) -> None:
        super().__init__(status, body, f"refused as {word or status}")
        self.word = word
        self.details = details
        self.reason = reason or _REASON_OF.get(word) or _BY_STATUS.get(status, Reason.OTHER)
        self.of_account = self.reason is Reason.AUTH


class ReconnectRequired(GoogleRejected):
    """The owner of the mailbox has taken our permission back, or it has expired: only they can renew it."""


class HistoryGone(GoogleRejected):
    """What happened since then is no longer told: list what is recent, and go on from the profile's history id."""


class Throttled(RateLimited):
    """Too many calls: `daily` when it is for today and not for this minute."""

    def __init__(self, retry_after: float, word: str, body: bytes = b"", status: int | None = 429) -> None:
        super().__init__(retry_after, body, status)
        self.word = word
        self.daily = word in _DAILY


def translated(failure: OutsideFailure) -> OutsideFailure:
    """The failure in Google's terms when its body holds an error of theirs, else the failure as it is."""
    error = _error_in(failure.body)
    if error is None:
        return failure
    words, details = error
    word = next((each for each in words if each), "")
    found: OutsideFailure = failure
    if isinstance(failure, RateLimited) or any(each in _THROTTLED | _DAILY for each in words):
        daily = next((each for each in words if each in _DAILY), None)
        pause = _pause_seconds(details, failure.retry_after, is_daily=daily is not None)
        found = Throttled(pause, daily or word, failure.body, failure.status)
    elif isinstance(failure, Rejected) and any(each in _TRANSIENT for each in words):
        found = Unavailable(f"failed as {word}", status=failure.status, body=failure.body)
    elif isinstance(failure, Rejected):
        found = _rejected(failure, words, word, details)
    elif isinstance(failure, Unavailable | OutcomeUnknown):
        return failure
    found.target = failure.target
    return found


def _rejected(failure: Rejected, words: list[str], word: str, details: str) -> GoogleRejected:
    status = failure.status or 0
    if "invalid_grant" in words:
        return ReconnectRequired(status, word, details, failure.body)
    known = next((each for each in words if each in _REASON_OF), word)
    is_recipient = any(each in details for each in _RECIPIENT_WORDS)
    return GoogleRejected(status, known, details, failure.body, reason=Reason.RECIPIENT if is_recipient else None)


def _pause_seconds(details: str, named: float | None, *, is_daily: bool) -> float:
    """How long to be silent; Gmail says it in words only."""
    until = _RETRY_AFTER.search(details)
    if until is not None:
        try:
            left = (datetime.fromisoformat(until[1]) - clock.now()).total_seconds()
            return min(max(left, 1.0), _LONGEST_PAUSE_SECONDS)
        except ValueError:
            pass  # a time that is none says nothing
    return max(named or 0.0, _DAILY_PAUSE_SECONDS if is_daily else _FIRST_PAUSE_SECONDS)


def _error_in(body: bytes) -> tuple[list[str], str] | None:
    """The words by which an error is named, the most exact first, and what it says; None when there is none."""
    try:
        answer: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    fields = as_object(answer)
    plain = as_text(fields.get("error"))
    if plain is not None:  # as the token endpoint refuses
        return [plain], as_text(fields.get("error_description")) or ""
    error = as_object(fields.get("error"))
    if not error:
        return None
    named = [as_object(each) for each in (*as_list(error.get("details")), *as_list(error.get("errors")))]
    words = [as_text(each.get("reason")) or "" for each in named]
    return [*words, as_text(error.get("status")) or ""], as_text(error.get("message")) or ""

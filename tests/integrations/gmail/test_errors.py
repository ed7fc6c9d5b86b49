"""What Google's refusals mean, by the reason they name."""

from datetime import timedelta

import orjson
import pytest

from lumi.core import clock
from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.integrations.gmail.errors import GoogleRejected, Reason, ReconnectRequired, Throttled, translated


def body(status: int, reason: str = "", name: str = "", message: str = "", detail: str = "") -> bytes:
    error: dict[str, object] = {"code": status, "message": message, "status": name}
    error["errors"] = [{"message": message, "domain": "global", "reason": reason}] if reason else []
    error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": detail}] if detail else []
    return orjson.dumps({"error": error})


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (401, body(401, "authError", "UNAUTHENTICATED"), Reason.AUTH),
        (401, body(401), Reason.AUTH),
        (403, body(403, "insufficientPermissions", "PERMISSION_DENIED"), Reason.AUTH),
        (403, body(403, "forbidden", "PERMISSION_DENIED", detail="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), Reason.AUTH),
        (403, body(403, "accessNotConfigured", "PERMISSION_DENIED"), Reason.APP),
        (403, body(403, "domainPolicy"), Reason.POLICY),
        (403, body(403, "somethingNew"), Reason.POLICY),
        (400, body(400, "failedPrecondition", "FAILED_PRECONDITION", "Mail service not enabled"), Reason.POLICY),
        (400, body(400, "invalidArgument", "INVALID_ARGUMENT", "Invalid To header"), Reason.RECIPIENT),
        (400, body(400, "invalidArgument", "INVALID_ARGUMENT", "Recipient address required"), Reason.RECIPIENT),
        (400, body(400, "invalidArgument", "INVALID_ARGUMENT"), Reason.PAYLOAD),
        (413, body(413), Reason.PAYLOAD),
        (404, body(404, "notFound", "NOT_FOUND"), Reason.GONE),
        (418, body(418, "teapot"), Reason.OTHER),
        (401, orjson.dumps({"error": "invalid_client"}), Reason.APP),
    ],
)
def test_a_refusal_says_what_has_to_be_done(status: int, answer: bytes, reason: Reason) -> None:
    found = translated(Rejected(status, answer))
    assert isinstance(found, GoogleRejected)
    assert (found.reason, found.status) == (reason, status)


def test_a_grant_that_is_gone_asks_for_a_new_connection() -> None:
    answer = orjson.dumps({"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
    assert isinstance(translated(Rejected(400, answer)), ReconnectRequired)


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
def test_a_throttle_is_the_same_under_both_of_its_statuses(status: int, reason: str) -> None:
    failure = RateLimited(1.0, body(429, reason)) if status == 429 else Rejected(403, body(403, reason))
    found = translated(failure)
    assert isinstance(found, Throttled)
    assert (found.word, found.daily, found.retry_after) == (reason, False, 2.0)


def test_a_daily_limit_asks_for_a_long_silence() -> None:
    found = translated(Rejected(403, body(403, "dailyLimitExceeded")))
    assert isinstance(found, Throttled)
    assert (found.daily, found.retry_after) == (True, 3600.0)


@pytest.mark.parametrize(("minutes", "least", "most"), [(10, 590, 601), (-10, 1, 1), (10_000, 86_400, 86_400)])
def test_a_time_named_in_words_is_kept(minutes: int, least: float, most: float) -> None:
    until = (clock.now() + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    words = f"User-rate limit exceeded.  Retry after {until}"
    found = translated(RateLimited(1.0, body(429, "rateLimitExceeded", message=words)))
    assert isinstance(found, Throttled)
    assert least <= found.retry_after <= most


def test_a_time_that_is_none_is_passed_over() -> None:
    words = "Retry after 2026-99-99T99:99:99.999Z"
    assert translated(RateLimited(7.0, body(429, "rateLimitExceeded", message=words))).retry_after == 7.0


def test_trouble_behind_a_refusal_passes() -> None:
    assert isinstance(translated(Rejected(400, body(400, "backendError"))), Unavailable)


@pytest.mark.parametrize(
    "failure",
    [
        Rejected(404, b"<html>"),
        Rejected(400, b"[]"),
        Rejected(400, b'{"error":7}'),
        Unavailable("x", status=500, body=body(500, "backendError")),
        OutcomeUnknown("x", status=502, body=body(502, "backendError")),
    ],
)
def test_what_says_nothing_more_stays_as_it_is(failure: OutsideFailure) -> None:
    assert translated(failure) is failure


def test_what_google_said_is_kept_and_not_printed() -> None:
    found = translated(Rejected(400, body(400, "invalidArgument", message="about anais@guest.example")))
    assert isinstance(found, GoogleRejected)
    assert found.details == "about anais@guest.example"
    assert "anais" not in f"{found} {found!r}"

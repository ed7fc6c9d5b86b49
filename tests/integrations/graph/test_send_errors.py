"""What error codes mean: by subcode where that says more, else by code."""

import orjson
import pytest

from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.integrations.graph.send_errors import Reason, SendRejected, Throttled, pause_seconds, reason_of, translated


def answered(code: int, subcode: int = 0, status: int = 400, **error: object) -> OutsideFailure:
    """The failure that such an answer becomes."""
    told = {"message": f"(#{code}) No", "code": code, **error, **({"error_subcode": subcode} if subcode else {})}
    return translated(Rejected(status, orjson.dumps({"error": told})), attempt=0)


@pytest.mark.parametrize(
    ("code", "subcode", "reason"),
    [
        (190, 463, Reason.AUTH),
        (10, 0, Reason.AUTH),
        (200, 0, Reason.AUTH),
        (230, 2018028, Reason.AUTH),
        (2500, 0, Reason.AUTH),
        (10, 2534022, Reason.WINDOW),
        (10, 2018278, Reason.WINDOW),
        (551, 0, Reason.RECIPIENT),
        (551, 1545041, Reason.RECIPIENT),
        (100, 2018001, Reason.RECIPIENT),
        (100, 2534014, Reason.RECIPIENT),
        (200, 2018108, Reason.RECIPIENT),
        (368, 0, Reason.POLICY),
        (10, 1893063, Reason.POLICY),
        (4, 2534013, Reason.POLICY),
        (100, 0, Reason.PAYLOAD),
        (100, 2018047, Reason.PAYLOAD),
        (100, 33, Reason.PAYLOAD),
        (777, 0, Reason.OTHER),
    ],
)
def test_a_refusal_says_whom_it_concerns(code: int, subcode: int, reason: Reason) -> None:
    failure = answered(code, subcode)
    assert isinstance(failure, SendRejected)
    assert (failure.code, failure.subcode, failure.reason) == (code, subcode, reason)
    assert failure.details == f"(#{code}) No"
    assert reason_of(code, subcode) is reason


@pytest.mark.parametrize(("code", "subcode"), [(1, 0), (1, 99), (2, 0), (2, 1545133), (1200, 0), (613888, 1545133)])
def test_a_passing_trouble_is_unavailable(code: int, subcode: int) -> None:
    assert isinstance(answered(code, subcode), Unavailable)


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80002, 80006])
def test_too_many_calls_are_throttled_with_a_pause(code: int) -> None:
    failure = answered(code)
    assert isinstance(failure, Throttled)
    assert 1.0 <= failure.retry_after <= 1.5


def test_a_named_pause_is_kept_when_it_is_longer() -> None:
    body = orjson.dumps({"error": {"message": "No", "code": 4}})
    failure = translated(RateLimited(30.0, body), attempt=0)
    assert isinstance(failure, Throttled)
    assert (failure.retry_after, failure.status) == (30.0, 429)


def test_too_many_requests_is_a_throttle_whatever_its_code() -> None:
    body = orjson.dumps({"error": {"message": "No", "code": 10, "error_subcode": 2534022}})
    assert isinstance(translated(RateLimited(1.0, body), attempt=0), Throttled)


def test_the_answer_that_comes_though_the_message_was_sent_is_an_unknown_outcome() -> None:
    assert isinstance(answered(1, 1357046), OutcomeUnknown)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error":"no"}', b'{"error":{"code":"190"}}'])
def test_what_is_no_graph_error_stays_as_it_is(body: bytes) -> None:
    failure = Rejected(404, body)
    assert translated(failure, attempt=0) is failure


def test_a_server_in_trouble_is_unavailable_whatever_it_says() -> None:
    body = orjson.dumps({"error": {"message": "No", "code": 100}})
    assert isinstance(translated(Unavailable("answered 500", status=500, body=body), attempt=0), Unavailable)


def test_the_words_for_people_come_first() -> None:
    failure = answered(100, error_user_msg="Try a shorter text.")
    assert isinstance(failure, SendRejected)
    assert failure.details == "Try a shorter text."
    assert "shorter" not in str(failure)


def test_pauses_grow_and_end_growing() -> None:
    assert 4.0 <= pause_seconds(2) <= 6.0
    assert 64.0 <= pause_seconds(99) <= 96.0

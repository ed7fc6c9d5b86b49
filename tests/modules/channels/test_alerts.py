"""What somebody is told of an account, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lumi.modules.channels.engine.alerts import Alert, Observed, alerts, days_left, state_of, stays
from lumi.modules.channels.engine.traffic import Silence
from lumi.modules.channels.values.kinds import AccountState, AlertKind

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def kinds(seen: Observed) -> list[AlertKind]:
    return [each.kind for each in alerts(seen, NOW)]


def only(seen: Observed) -> Alert:
    (found,) = alerts(seen, NOW)
    return found


def test_of_an_account_that_is_well_nothing_is_told() -> None:
    far = NOW + timedelta(days=60)
    assert kinds(Observed(Silence(NOW, 40.0, 0.2), far, sent=900, failed=4)) == []


@pytest.mark.parametrize(
    ("days", "stage", "left"), [(14.0, 1, 14), (7.0, 2, 7), (3.0, 3, 3), (1.0, 4, 1), (0.5, 4, 0), (-2.0, 5, None)]
)
def test_a_token_that_ends_is_told_in_stages(days: float, stage: int, left: int | None) -> None:
    ends = NOW + timedelta(days=days)

    found = only(Observed(token_expires_at=ends))

    assert (found.kind, found.stage, found.detail["days"]) == (AlertKind.TOKEN_EXPIRING, stage, left or 0)
    assert found.detail["ended"] == (left is None)
    assert days_left(ends, NOW) == left


def test_a_token_that_ends_in_fifteen_days_is_not_told() -> None:
    assert kinds(Observed(token_expires_at=NOW + timedelta(days=15))) == []


@pytest.mark.parametrize(
    ("sent", "failed", "is_failing"), [(0, 4, False), (0, 5, True), (20, 5, True), (21, 5, False), (400, 99, False)]
)
def test_sends_that_fail_are_told_from_the_fifth_on_and_a_fifth_of_them(
    sent: int, failed: int, is_failing: bool
) -> None:
    assert kinds(Observed(sent=sent, failed=failed)) == ([AlertKind.FAILING] if is_failing else [])


def test_a_silence_says_since_when_and_what_should_have_come() -> None:
    found = only(Observed(Silence(NOW - timedelta(hours=9), 41.4, 0.0001)))

    assert found == Alert(AlertKind.SILENT, 0, {"since": "2026-11-16T00:00:00+00:00", "expected": 41})


@pytest.mark.parametrize(
    ("heard", "is_over"), [(None, False), (-timedelta(days=1), False), (timedelta(0), False), (timedelta(1), True)]
)
def test_a_silence_is_over_when_something_is_heard_and_not_when_what_was_usual_is_forgotten(
    heard: timedelta | None, is_over: bool
) -> None:
    detail = only(Observed(Silence(NOW, 40.0, 0.0001))).detail

    assert stays(AlertKind.SILENT, detail, None if heard is None else NOW + heard) is not is_over
    assert not stays(AlertKind.FAILING, detail, None)


def test_everything_that_is_wrong_is_told_once() -> None:
    seen = Observed(token_refused_at=NOW, webhook_trouble="unsubscribed", unknown=3)

    assert kinds(seen) == [AlertKind.TOKEN_REFUSED, AlertKind.WEBHOOK_BROKEN, AlertKind.UNKNOWN_OUTCOMES]


@pytest.mark.parametrize(
    ("found", "connected", "ended", "heard", "state"),
    [
        ((), True, False, True, AccountState.WELL),
        ((), True, False, False, AccountState.UNHEARD),
        ((AlertKind.UNKNOWN_OUTCOMES,), True, False, True, AccountState.ATTENTION),
        ((AlertKind.UNKNOWN_OUTCOMES, AlertKind.SILENT), True, False, True, AccountState.BROKEN),
        ((AlertKind.TOKEN_EXPIRING,), True, False, True, AccountState.ATTENTION),
        ((AlertKind.TOKEN_EXPIRING,), True, True, True, AccountState.BROKEN),
        ((AlertKind.SILENT,), False, False, True, AccountState.DISCONNECTED),
    ],
)
def test_how_an_account_is_in_one_word(
    found: tuple[AlertKind, ...], connected: bool, ended: bool, heard: bool, state: AccountState
) -> None:
    assert state_of(found, is_connected=connected, token_ended=ended, was_heard=heard) is state

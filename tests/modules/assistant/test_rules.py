"""Patience: a burst is waited for, a finished sentence is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lumi.modules.assistant import rules
from lumi.modules.assistant.values import Attached, OpenEvent

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def heard(text: str, *, seconds_ago: float = 0.0, kind: str = "text", n: int = 1) -> OpenEvent:
    return OpenEvent(n, "message", {"kind": kind, "text": text}, NOW - timedelta(seconds=seconds_ago))


@pytest.mark.parametrize("text", ["Vous êtes ouverts ?", "ما هي أسعاركم؟", "I would like to book a table.", "Merci !"])
def test_a_finished_sentence_is_answered_at_once(text: str) -> None:
    assert rules.wait_until([heard(text)], NOW) is None


@pytest.mark.parametrize("text", ["Bonjour", "je voudrais savoir", "and also the other thing we talked about"])
def test_an_unfinished_one_is_waited_for(text: str) -> None:
    until = rules.wait_until([heard(text)], NOW)

    assert until is not None
    assert NOW < until <= NOW + rules.LONGEST_WAIT


def test_nobody_waits_longer_than_a_second_and_a_half_from_the_first_message() -> None:
    burst = [heard("bonjour", seconds_ago=1.4), heard("je", seconds_ago=0.1, n=2)]

    assert rules.wait_until(burst, NOW) == NOW + timedelta(seconds=0.1)
    assert rules.wait_until(burst, NOW + timedelta(seconds=0.1)) is None


def test_a_voice_note_is_not_waited_for() -> None:
    assert rules.wait_until([heard("", kind="media")], NOW) is None


def part(n: int, *, seconds_ago: float) -> OpenEvent:
    sent = {"kind": "media", "type": "photo", "text": "Regardez !", "part_of": "album 7"}
    return OpenEvent(n, "message", sent, NOW - timedelta(seconds=seconds_ago))


def test_after_each_part_of_an_album_the_next_is_waited_for() -> None:
    album = [part(n, seconds_ago=2.0 - n * 0.25) for n in range(1, 6)]

    until = album[-1].received_at + timedelta(seconds=1.5)

    assert rules.wait_until(album, NOW) == until
    assert rules.wait_until(album, until) is None


def test_albums_without_an_end_are_waited_for_six_seconds() -> None:
    albums = [part(n, seconds_ago=6.0 - n) for n in range(7)]

    assert rules.wait_until(albums, NOW) is None


def test_a_turn_is_thought_again_twice_and_then_saved_as_it_is() -> None:
    assert [rules.is_last_thought(attempt, NOW, NOW) for attempt in (1, 2, 3)] == [False, False, True]


def test_after_ten_seconds_a_thought_is_the_last() -> None:
    assert rules.is_last_thought(1, NOW - timedelta(seconds=10), NOW)


@pytest.mark.parametrize(
    ("minutes_ago", "spent"),
    [
        ([], False),
        ([1, 2], False),
        ([1, 2, 59], True),
        ([1, 2, 60], False),
        ([70, 80, 90, 100], False),
        ([70, 80, 90, 100, 1439], True),
        ([70, 80, 90, 100, 1440], False),
    ],
    ids=str,
)
def test_so_many_answers_leave_in_an_hour_and_in_a_day(minutes_ago: list[int], spent: bool) -> None:
    answered = [NOW - timedelta(minutes=each) for each in minutes_ago]

    assert rules.is_spent(answered, rules.ReplyBudget(per_hour=3, per_day=5), NOW) is spent


def carrying(
    state: str, *, n: int = 1, kind: str = "audio", why: str | None = None, seconds_left: float = 30.0, **more: object
) -> OpenEvent:
    attached = Attached(kind, state, why, NOW + timedelta(seconds=seconds_left))
    return OpenEvent(n, "message", {"kind": "media", "text": "", **more}, NOW, attached=[attached])


def test_nothing_newer_is_thought_about_while_a_recording_is_being_heard() -> None:
    events = [heard("Bonjour !", n=1), carrying("waiting", n=2), heard("Merci !", n=3)]

    assert [event.n for event in rules.before_what_waits(events, NOW)] == [1]
    assert rules.files_until(events, NOW) == NOW + timedelta(seconds=30)


def test_after_the_longest_wait_it_goes_on_as_if_unheard() -> None:
    late = carrying("waiting", seconds_left=0)

    assert rules.before_what_waits([late], NOW) == [late]
    assert rules.files_until([late], NOW) is None
    assert rules.lacking(late) == "unheard"


@pytest.mark.parametrize(
    ("event", "lacks"),
    [
        (carrying("ready", heard=True), None),
        (carrying("ready", why="nobody_hears"), "nobody_hears"),
        (carrying("refused", kind="document", why="malware"), "malware"),
        (carrying("failed", kind="image", why="unreachable"), "unreachable"),
        (carrying("ready", kind="image"), None),
        (carrying("waiting", kind="image", seconds_left=0), None),
        (heard("Bonjour"), None),
    ],
)
def test_what_the_guest_is_told_is_what_became_of_it(event: OpenEvent, lacks: str | None) -> None:
    assert rules.lacking(event) == lacks

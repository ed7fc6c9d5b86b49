"""The count of the storm, on books that were cooked: each broken promise is found, and nothing where all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.chaos.storm.books import Books, Delivery, Event, Post, Said, Turn
from tests.chaos.storm.count import Tally, tally

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
THREAD, TURN, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def said(name: str, after: str | None = None, taken: float = 1.0) -> Said:
    return Said(name, after, at(taken).timestamp())


def event(name: str, n: int, *, turn: UUID = TURN, settled: float = 3.0) -> Event:
    return Event(name, THREAD, n, at(1), at(settled), "turn", turn, n)


ONE = Delivery("d1", THREAD, 1, "sent", "p1", str(TURN))
WELL = Books(
    said=[said("a"), said("b", "a", 2.0)],
    posts=[Post(1, "p1", "phone:33", None)],
    events=[event("a", 1), event("b", 2)],
    deliveries=[ONE],
    turns=[Turn(TURN, THREAD, at(3), 1, (1, 2))],
    of_person={"phone:33": THREAD},
)


def counted(books: Books) -> Tally:
    return tally(books, thoughts=3, patience=10)


def test_where_all_is_well_nothing_is_found() -> None:
    assert str(counted(WELL)) == "0 lost, 0 twice, 0 out of order, 0 stale, 0 unknown of 2"


@pytest.mark.parametrize(
    "left",
    [
        [event("a", 1)],
        [event("a", 1), event("b", 2)._replace(message_n=None)],
        [event("a", 1), event("b", 2)._replace(settled_at=None, settled_by=None)],
        [event("a", 1), event("b", 2)._replace(settled_by="dead")],
    ],
    ids=["nobody knows it", "not in the ledger", "never settled", "given up"],
)
def test_what_was_acknowledged_and_is_not_there_and_settled_is_lost(left: list[Event]) -> None:
    assert len(counted(replace(WELL, events=left)).lost) == 1


def test_two_posts_of_one_delivery_are_one_too_many() -> None:
    posts = [Post(1, "p1", "phone:33", "d1"), Post(2, "p2", "phone:33", "d1")]

    assert len(counted(replace(WELL, posts=posts)).twice) == 1


def test_a_post_that_no_delivery_accounts_for_is_one_too_many() -> None:
    posts = [*WELL.posts, Post(2, "p2", "phone:33", None)]

    assert len(counted(replace(WELL, posts=posts)).twice) == 1


def test_a_post_whose_outcome_staff_see_as_unknown_is_accounted_for() -> None:
    posts = [*WELL.posts, Post(2, "p2", "phone:33", None)]
    found = counted(replace(WELL, posts=posts, deliveries=[ONE, Delivery("d2", THREAD, 2, "unknown", None, None)]))

    assert (found.twice, found.unknown) == ([], 1)


def test_one_message_answered_by_two_turns_is_answered_twice() -> None:
    found = counted(
        replace(
            WELL,
            posts=[*WELL.posts, Post(2, "p2", "phone:33", None)],
            deliveries=[ONE, Delivery("d2", THREAD, 2, "sent", "p2", str(OTHER))],
            turns=[*WELL.turns, Turn(OTHER, THREAD, at(4), 1, (2,))],
        )
    )

    assert len(found.twice) == 1


def test_the_ledger_has_to_keep_the_order_of_what_did_not_overlap() -> None:
    turned = [event("a", 1)._replace(message_n=2), event("b", 2)._replace(message_n=1)]

    assert len(counted(replace(WELL, events=turned)).out_of_order) == 1


def test_what_was_to_leave_first_has_to_leave_first() -> None:
    deliveries = [ONE._replace(provider_id="p2"), Delivery("d2", THREAD, 2, "sent", "p1", None)]
    posts = [*WELL.posts, Post(2, "p2", "phone:33", None)]

    assert len(counted(replace(WELL, deliveries=deliveries, posts=posts)).out_of_order) == 1


UNREAD = replace(
    WELL,
    events=[event("a", 1), event("b", 2, turn=OTHER, settled=5.0)],
    turns=[Turn(TURN, THREAD, at(3), 1, (1,)), Turn(OTHER, THREAD, at(5), 1, (2,))],
)


def test_an_answer_saved_without_what_was_acknowledged_before_is_stale() -> None:
    assert len(counted(UNREAD).stale) == 1


@pytest.mark.parametrize(
    ("turn", "taken"),
    [(Turn(TURN, THREAD, at(3), 3, (1,)), 2.0), (Turn(TURN, THREAD, at(3), 1, (1,)), 3.5)],
    ids=["its last thought leaves it for the next", "it came later"],
)
def test_what_is_left_for_the_next_turn_by_rule_is_not_stale(turn: Turn, taken: float) -> None:
    books = replace(UNREAD, said=[said("a"), said("b", "a", taken)], turns=[turn, UNREAD.turns[1]])

    assert counted(books).stale == []

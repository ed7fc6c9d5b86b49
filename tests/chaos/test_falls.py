"""What may be unknown: sends under way when their worker fell, and sends whose line the provider cut; nothing else."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import pytest

from tests.chaos.storm.books import Delivery, Post
from tests.chaos.storm.broken import BUILDS, Verdict
from tests.chaos.storm.count import Tally
from tests.chaos.storm.falls import Departure, Fall, in_flight
from tests.chaos.test_count import ONE, THREAD, WELL, counted

SEND = Departure("d2", pid=7, born_at=1.0, departed_at=10.0, let_go_at=20.0)


@pytest.mark.parametrize(
    ("send", "fall"),
    [
        (SEND, Fall(7, at=12.0)),
        (SEND._replace(let_go_at=None), Fall(7, at=12.0)),
        (SEND._replace(departed_at=12.1), Fall(7, at=12.0)),
        (SEND, Fall(7, at=12.0, until=32.0)),
    ],
    ids=["it posts", "nobody took the lane", "its database died, and it goes on for a moment", "it is stopped"],
)
def test_a_send_is_in_flight_when_its_worker_falls_before_it_let_go(send: Departure, fall: Fall) -> None:
    assert in_flight([send], [fall]) == {"d2"}


@pytest.mark.parametrize(
    "fall",
    [Fall(8, at=12.0), Fall(7, at=21.0), Fall(7, at=0.5), Fall(7, at=5.0, until=9.0)],
    ids=["another worker", "it was over", "another process of that number", "it was woken before"],
)
def test_a_send_is_not_in_flight_at_the_fall_of_another_or_at_another_time(fall: Fall) -> None:
    assert in_flight([SEND], [fall]) == set()


UNKNOWN = replace(
    WELL, deliveries=[ONE, Delivery("d2", THREAD, 2, "unknown", None, None)], departures=[SEND], shown=frozenset({"d2"})
)
CUT = Post(2, "p2", "phone:33", None, at=15.0, is_cut=True)


def found(*falls: Fall, posts: tuple[Post, ...] = (), shown: Set[str] = UNKNOWN.shown) -> Tally:
    return counted(replace(UNKNOWN, falls=falls, posts=[*WELL.posts, *posts], shown=shown))


def test_an_outcome_nobody_knows_is_accounted_for_by_the_fall_of_its_worker() -> None:
    tally = found(Fall(7, at=12.0))

    assert tally.is_clean
    assert (tally.unknown, tally.in_flight, tally.cut) == (1, 1, 0)


def test_an_outcome_nobody_knows_is_accounted_for_by_the_line_that_was_cut() -> None:
    tally = found(posts=(CUT,))

    assert tally.is_clean
    assert (tally.unknown, tally.in_flight, tally.cut) == (1, 0, 1)


@pytest.mark.parametrize(
    "posts",
    [
        (),
        (replace(CUT, is_cut=False),),
        (replace(CUT, at=30.0),),
        (replace(CUT, key="d9"),),
        (replace(CUT, person="phone:44"),),
    ],
    ids=["nothing happened", "it was answered", "at another time", "another delivery", "another person"],
)
def test_any_other_outcome_that_nobody_knows_is_one_too_many(posts: tuple[Post, ...]) -> None:
    assert len(found(Fall(8, at=12.0), posts=posts).unaccounted) == 1


def test_one_cut_line_accounts_for_one_send() -> None:
    deliveries = [*UNKNOWN.deliveries, Delivery("d3", THREAD, 3, "unknown", None, None)]
    books = replace(UNKNOWN, deliveries=deliveries, departures=[SEND, SEND._replace(delivery="d3")])

    assert len(counted(replace(books, posts=[*WELL.posts, CUT])).unaccounted) == 1


def test_what_never_began_to_be_sent_may_not_be_unknown() -> None:
    assert len(counted(replace(UNKNOWN, departures=[])).unaccounted) == 1


def test_an_outcome_that_staff_are_not_shown_is_told() -> None:
    assert len(found(Fall(7, at=12.0), shown=frozenset()).hidden) == 1


@pytest.mark.parametrize(
    ("line", "is_caught"),
    [
        ("3 lost, 0 twice, 0 out of order, 9 stale, 0 unknown of 300", True),
        ("0 lost, 0 twice, 0 out of order, 9 stale, 0 unknown of 300", False),
        ("Traceback (most recent call last)", False),
    ],
    ids=["by what it breaks", "by something else", "it did not even run"],
)
def test_a_wrong_build_is_caught_only_by_the_promise_it_breaks(line: str, *, is_caught: bool) -> None:
    assert BUILDS["ack"].breaks == {"lost"}
    assert Verdict("ack", 1, f"Storm\n{line}\n").is_caught is is_caught
    assert not Verdict("ack", 0, line).is_caught

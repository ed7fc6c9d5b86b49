"""What is usual on an account, and when silence means something. Examples first, then what always holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.modules.channels.engine.traffic import ALARM_BELOW, History, Silence, hour_of, silence

HOUR = timedelta(hours=1)
# A Monday morning.
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
Habit = Callable[[datetime], float]


def hotel(hour: datetime) -> float:
    """Twenty-four hours a day, fewer at night."""
    return 8.0 if hour.hour < 6 else 30.0


def salon(hour: datetime) -> float:
    """From nine to seven, and on Sundays nobody."""
    return 4.0 if 9 <= hour.hour < 19 and hour.weekday() != 6 else 0.0


def quiet_shop(hour: datetime) -> float:
    """A message now and then."""
    return 0.1 if 9 <= hour.hour < 19 else 0.0


def lived(habit: Habit, *, until: datetime, weeks: float = 8, seed: int = 1, burst: int = 2) -> History:
    """Weeks of this habit, with the scatter of chance: people come at random and write a few messages each."""
    chance = random.Random(seed)
    began = until - timedelta(weeks=weeks)
    received: dict[datetime, int] = {}
    hour = began
    while hour < until:
        people = sum(chance.random() < habit(hour) / burst / 100 for _ in range(100))
        if people:
            received[hour] = people * burst
        hour += HOUR
    return History(began, received)


def after(history: History, hours: float, at: datetime = NOW) -> Silence:
    """The silence of so many hours that ends at a moment."""
    return silence(history, at - hours * HOUR, at)


@pytest.mark.parametrize(
    ("name", "habit", "weeks", "hours", "is_alarming"),
    [
        ("a busy hotel is quiet for an hour", hotel, 8, 1, False),
        ("a busy hotel is quiet for half a day", hotel, 8, 12, True),
        ("a salon on Monday morning, after its Sunday", salon, 8, 38, False),
        ("a salon of which nothing is heard for a working day", salon, 8, 10, False),
        ("a salon of which nothing is heard for six days", salon, 8, 144, True),
        ("a shop to which few write is quiet for two days", quiet_shop, 8, 48, False),
        ("an account of ten days", hotel, 1.4, 24, False),
        ("an account of three weeks", hotel, 3, 24, True),
    ],
)
def test_examples(name: str, habit: Habit, weeks: float, hours: float, is_alarming: bool) -> None:
    history = lived(habit, until=NOW - hours * HOUR, weeks=weeks)

    assert after(history, hours).is_alarming is is_alarming, name


def test_a_first_holiday_raises_no_alarm() -> None:
    evening = NOW.replace(hour=19)  # nobody came since Saturday evening, although Monday is a day like others
    history = lived(salon, until=evening - 48 * HOUR)

    found = after(history, 48, evening)

    assert found.expected > 25
    assert not found.is_alarming


def test_one_campaign_does_not_make_the_weeks_after_it_look_silent() -> None:
    plain = lived(quiet_shop, until=NOW)
    shouted = History(plain.began, {**plain.received, NOW - timedelta(days=7) + HOUR: 5_000})

    assert (shouted.expected(NOW + HOUR) or 0) <= (plain.expected(NOW + HOUR) or 0) + 1


def test_closed_hours_expect_nothing() -> None:
    history = lived(salon, until=NOW)
    sunday_noon = NOW - 21 * HOUR

    assert history.expected(sunday_noon) == 0.0
    assert history.expected(NOW.replace(hour=3)) == 0.0


def test_what_a_silence_brought_is_no_habit_of_the_hours_in_it() -> None:
    """A silence of two weeks is not forgiven because the week before it was silent too."""
    history = lived(hotel, until=NOW - timedelta(weeks=2))

    assert after(history, 24 * 14).expected > 14 * 24 * 15


def test_messages_that_come_in_bursts_count_as_the_bursts_they_are() -> None:
    alone, together = lived(hotel, until=NOW, burst=1), lived(hotel, until=NOW, burst=10)

    assert alone.burst < 2
    assert together.burst > 4
    assert after(together, 3).probability > after(alone, 3).probability


HOURS = st.dictionaries(st.integers(0, 1500), st.integers(0, 200), max_size=200).map(
    lambda found: {hour_of(NOW) - n * HOUR: count for n, count in found.items()}
)


@given(received=HOURS, quiet=st.floats(0, 400), more=st.floats(0, 100))
def test_the_longer_it_is_silent_the_less_likely_that_is(
    received: Mapping[datetime, int], quiet: float, more: float
) -> None:
    heard_at = NOW - timedelta(hours=quiet)
    before = {hour: count for hour, count in received.items() if hour <= heard_at}
    history = History(min(before, default=NOW), before)
    short, long = silence(history, heard_at, NOW), silence(history, heard_at, NOW + timedelta(hours=more))

    assert 0.0 <= long.probability <= short.probability <= 1.0
    assert long.expected >= short.expected >= 0.0


@given(received=HOURS, quiet=st.floats(0, 400))
def test_without_two_weeks_of_history_nothing_is_alarming(received: Mapping[datetime, int], quiet: float) -> None:
    heard_at = NOW - timedelta(hours=quiet)
    began = heard_at - timedelta(days=13)
    young = {hour: count for hour, count in received.items() if began <= hour <= heard_at}

    found = silence(History(began, young), heard_at, NOW)

    assert (found.expected, found.probability) == (0.0, 1.0)


@given(received=HOURS)
def test_whoever_was_heard_a_moment_ago_is_not_silent(received: Mapping[datetime, int]) -> None:
    history = History(min(received, default=NOW), received)

    assert silence(history, NOW - timedelta(minutes=10), NOW).probability == 1.0
    assert ALARM_BELOW < 1.0

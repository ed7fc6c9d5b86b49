"""What an account usually hears, hour by hour, and when hearing nothing means that something is wrong.

What an hour should bring is what the same hour of the week brought before: the mean of up to eight weeks without the
busiest of them, so that one campaign raises nothing, smoothed over the neighbouring hours. Nights and closed days
brought nothing, so they expect nothing.

Messages come in bursts, so they are counted in bursts: what was expected is divided by how much more the hours scatter
than chance alone would have it (the index of dispersion). A silence is then judged as if this were the quietest day
there can be, a holiday on which a quarter of the usual people write: it is one when even then it would happen once in a
thousand times. So a busy hotel is told within hours, a small salon after two open days, and nobody on a holiday.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

HISTORY_WEEKS = 8
LEAST_WEEKS = 2
QUIET_DAY = 0.25
ALARM_BELOW = 0.001
SHORTEST_SILENCE = timedelta(minutes=30)
_HOUR, _WEEK = timedelta(hours=1), timedelta(weeks=1)
# Of the hours of the week that scatter most, so many tell of a campaign or a holiday and not of a habit.
_ODD_HOURS = 0.1


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour in which something happens."""
    return moment.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class History:
    """What was received in each hour since `began`; an hour that is missing brought nothing."""

    began: datetime
    received: Mapping[datetime, int]

    def expected(self, hour: datetime, *, before: datetime | None = None) -> float | None:
        """What this hour usually brings, by the weeks that ended `before` it, and None without two of them."""
        past = [self._around(each) for each in self._weeks_before(hour, before or hour)]
        if len(past) < LEAST_WEEKS:
            return None
        usual = sorted(past)[:-1] if len(past) > LEAST_WEEKS else past
        return sum(usual) / len(usual)

    @cached_property
    def burst(self) -> float:
        """How many messages come together, at least 1: the index of dispersion of the hours, without the oddest."""
        found = sorted(filter(None, map(_dispersion, self._hours_of_the_week())))
        usual = found[: math.ceil(len(found) * (1 - _ODD_HOURS))]
        return max(1.0, sum(usual) / len(usual)) if usual else 1.0

    def _weeks_before(self, hour: datetime, before: datetime) -> list[datetime]:
        ends = hour_of(before)
        first = max(1, math.ceil((hour - ends) / _WEEK) + (1 if (hour - ends) % _WEEK == timedelta() else 0))
        weeks = (hour - week * _WEEK for week in range(first, first + HISTORY_WEEKS))
        return [each for each in weeks if each >= self.began]

    def _around(self, hour: datetime) -> float:
        received = self.received
        return (received.get(hour - _HOUR, 0) + 2 * received.get(hour, 0) + received.get(hour + _HOUR, 0)) / 4

    def _hours_of_the_week(self) -> Iterator[Sequence[int]]:
        last = max(self.received, default=self.began)
        weeks = min(HISTORY_WEEKS, (last - self.began) // _WEEK)
        for hour in range(168):
            newest = last - hour * _HOUR
            yield [self.received.get(newest - week * _WEEK, 0) for week in range(weeks)]


def _dispersion(counts: Sequence[int]) -> float | None:
    mean = sum(counts) / len(counts) if counts else 0.0
    if len(counts) < LEAST_WEEKS or mean == 0.0:
        return None
    return sum((each - mean) ** 2 for each in counts) / (len(counts) - 1) / mean


@dataclass(frozen=True, slots=True)
class Silence:
    """How long nothing came in: what should have, and how likely nothing is on the quietest of days (0 to 1)."""

    since: datetime
    expected: float
    probability: float

    @property
    def is_alarming(self) -> bool:
        """Whether somebody should look."""
        return self.probability < ALARM_BELOW


def silence(history: History, heard_at: datetime, now: datetime) -> Silence:
    """The silence since an account was heard last. With less than two weeks of history everything is likely."""
    should_have = 0.0
    if now - heard_at >= SHORTEST_SILENCE and hour_of(heard_at) - history.began >= LEAST_WEEKS * _WEEK:
        hour = hour_of(heard_at)
        while hour < now:
            part = (min(now, hour + _HOUR) - max(heard_at, hour)) / _HOUR
            should_have += part * (history.expected(hour, before=heard_at) or 0.0)
            hour += _HOUR
    return Silence(heard_at, should_have, math.exp(-QUIET_DAY * should_have / history.burst))

"""When what nobody asked for is not said: by the clock on the wall of whoever would hear it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

SPREAD_SECONDS = 600
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time of the day on, up to another, perhaps of the next day; the same twice means never."""

    begin: time
    end: time

    def cover(self, moment: time) -> bool:
        """Whether a time of the day is among them."""
        if self.begin <= self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


def quiet_until(now: datetime, hours: QuietHours, zone: ZoneInfo) -> datetime | None:
    """The instant at which the quiet hours end that it is now in this zone; None when it is not quiet.

    A time that a change of the clock skips is the first moment after it; of one that comes twice, the next.
    """
    wall = now.astimezone(zone)
    if not hours.cover(wall.time()):
        return None
    ends_tomorrow = hours.begin > hours.end and wall.time() >= hours.begin
    day = wall.date() + timedelta(days=1) if ends_tomorrow else wall.date()
    ends = datetime.combine(day, hours.end, tzinfo=zone)
    return next(moment for fold in (0, 1) if (moment := _instant(ends.replace(fold=fold))) > now)


def after_quiet(end: datetime, key: UUID) -> datetime:
    """When something leaves that waited for the end of quiet hours: not everything in the same second."""
    return end + timedelta(seconds=key.int % SPREAD_SECONDS)


def _instant(wall: datetime) -> datetime:
    """The instant of a time on the wall, the first after it when there is none."""
    instant = wall.astimezone(UTC)
    back = instant.astimezone(wall.tzinfo)
    if back.replace(tzinfo=None, fold=0) == wall.replace(tzinfo=None, fold=0):
        return instant
    # The clock was put forward: whole minutes back from the far side to the change.
    skipped = wall.replace(fold=0).astimezone(UTC)
    offset = skipped.astimezone(wall.tzinfo).utcoffset()
    while (skipped - _MINUTE).astimezone(wall.tzinfo).utcoffset() == offset:
        skipped -= _MINUTE
    return skipped.replace(second=0, microsecond=0)

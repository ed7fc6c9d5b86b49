"""What a mailbox holds, as far as a mailbox knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

EVER = datetime.min.replace(tzinfo=UTC)
"""When a mail came of which nobody says when."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a mailbox was read: everything up to `last_uid`, as long as it counts by this `uid_validity`."""

    uid_validity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as it lies there.

    `raw` holds only its headers when it is too large, cannot be read whole, or does not concern who reads what was
    sent; of what was sent it holds the beginning.
    """

    uid: int
    raw: bytes = field(repr=False)
    internal_date: datetime | None
    """When it came in, by the server's clock, in UTC."""
    size: int
    """In bytes, as the server says."""
    headers_only: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came in, oldest first. Keep `position` once the mails are safe; when there is `more`, fetch again from it.

    After a `reset` the server has renumbered everything: mails known by another uid may be here again.
    """

    uid_validity: int
    messages: tuple[FetchedMail, ...]
    reset: bool
    position: Position
    more: bool
    unreadable: tuple[int, ...]
    """Uids of mails that the server has and does not hand out."""
    rest_at: datetime | None = None
    """Where there is more: when the first of the rest came, as `moments` tells it."""

    def up_to(self, moment: datetime) -> "Fetched":
        """Those that had come by then; the others are more, and will be fetched again."""
        for place, came_at in enumerate(moments(each.internal_date for each in self.messages)):
            if came_at > moment:
                reached = self.messages[place].uid - 1
                return replace(
                    self, messages=self.messages[:place], position=Position(self.uid_validity, reached), more=True,
                    unreadable=tuple(uid for uid in self.unreadable if uid <= reached), rest_at=came_at,
                )  # fmt: skip
        return self


def moments(dates: Iterable[datetime | None]) -> Sequence[datetime]:
    """When mails came that lie in this order: none before one that a folder numbered earlier.

    A date may be missing, and one that was moved to a folder keeps an old one: both came with the mail before them.
    """
    found: list[datetime] = []
    reached = EVER
    for date in dates:
        reached = max(reached, date or reached)
        found.append(reached)
    return found

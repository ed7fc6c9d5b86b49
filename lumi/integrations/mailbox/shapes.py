"""What a mailbox holds, as far as a mailbox knows."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """How far a mailbox was read: everything up to `last_uid`, as long as it counts by this `uid_validity`."""

    uid_validity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as it lies there. `raw` holds only its headers when it is too large, or cannot be read whole."""

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

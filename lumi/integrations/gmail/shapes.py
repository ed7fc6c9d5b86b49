"""What Gmail answers, once it is read. Says nothing about our domain."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Label(StrEnum):
    """The labels of Gmail that decide what a mail is to us."""

    INBOX = "INBOX"
    SENT = "SENT"
    DRAFT = "DRAFT"
    SPAM = "SPAM"
    TRASH = "TRASH"


_NOT_RECEIVED = frozenset({Label.SENT, Label.DRAFT, Label.SPAM, Label.TRASH})


@dataclass(frozen=True, slots=True)
class Profile:
    """The mailbox itself, and where its history stands."""

    address: str
    history_id: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Pushes are sent until it expires; renew it daily."""

    history_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Added:
    """A mail that is new in the mailbox. Those that were listed and not told by history have no labels."""

    id: str
    thread_id: str
    labels: frozenset[str]

    @property
    def is_received(self) -> bool:
        """Whether somebody sent it to this mailbox, as far as its labels tell: no draft, no spam, not sent from it."""
        return not self.labels & _NOT_RECEIVED

    @property
    def is_sent(self) -> bool:
        """Whether it was sent from this mailbox: by us, or by somebody in Gmail itself."""
        return Label.SENT in self.labels and Label.DRAFT not in self.labels


@dataclass(frozen=True, slots=True)
class History:
    """What was added since a history id, in order and each once, and the id to go on from when all is dealt with."""

    added: tuple[Added, ...]
    history_id: int


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail as it lies in the mailbox."""

    id: str
    thread_id: str
    labels: frozenset[str]
    received_at: datetime | None
    """When Google accepted it, in UTC: to be trusted more than its Date."""
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentMail:
    """Gmail took the mail: its id there and the thread it was put in."""

    id: str
    thread_id: str


@dataclass(frozen=True, slots=True)
class Push:
    """Something changed in this mailbox: ask its history. It says nothing else, and may come twice or never."""

    address: str
    """In lower case."""
    history_id: int
    message_id: str | None
    """Pub/Sub's id of the push, to know it again."""
    subscription: str | None

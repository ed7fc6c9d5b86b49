"""What a webhook holds once it is read. Says nothing about our domain."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One inbound message. At least one of `from_phone` and `from_user_id` is there."""

    phone_number_id: str
    waba_id: str
    id: str
    type: str
    timestamp: datetime
    from_phone: str | None
    from_user_id: str | None
    parent_user_id: str | None
    profile_name: str | None
    username: str | None
    text: str | None
    context_id: str | None
    target_id: str | None
    """The message that a reaction, an edit or a revocation is about."""
    group_id: str | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class ErrorNote:
    """Why a message failed. Decide on `code`; texts change."""

    code: int
    title: str
    details: str


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a message we sent. Order them by rank: several may carry the same second."""

    phone_number_id: str
    waba_id: str
    id: str
    status: str
    timestamp: datetime
    recipient_phone: str | None
    recipient_user_id: str | None
    recipient_parent_id: str | None
    callback_data: str | None
    errors: tuple[ErrorNote, ...]


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """Something authentic that cannot be read: `raw` is its JSON, `phone_number_id` its place if known."""

    reason: str
    raw: bytes
    phone_number_id: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything in one body, in its order.

    `ignored` counts kinds such as `field.flows`. What stands before the dot is one of object, entry, field,
    value, error, message, status; what stands after it comes from outside and is no closed set.
    """

    messages: list[Message] = field(default_factory=list[Message])
    statuses: list[Status] = field(default_factory=list[Status])
    ignored: Counter[str] = field(default_factory=Counter[str])
    broken: list[BrokenItem] = field(default_factory=list[BrokenItem])

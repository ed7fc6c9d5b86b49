"""Closed sets and values of contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class PointKind(StrEnum):
    """What sort of address it is."""

    PHONE = "phone"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    INSTAGRAM = "instagram"
    MESSENGER = "messenger"
    EMAIL = "email"
    VISITOR = "visitor"
    USER = "user"
    TERMINAL = "terminal"


class ConsentPurpose(StrEnum):
    """What a person may agree to."""

    PROACTIVE = "proactive"
    """To be written to without having asked."""


class ConsentState(StrEnum):
    """Whether they did."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class ConsentSource(StrEnum):
    """How that is known."""

    PERSON = "person"
    """They said or wrote so themselves."""
    STAFF = "staff"
    """Somebody of the organisation was told."""
    IMPORT = "import"
    PROVIDER = "provider"
    """They chose so in the provider's app."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """An address of a person: a phone number, a WhatsApp user id (BSUID), a visitor's key …"""

    kind: PointKind
    value: str


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a provider says of somebody who wrote: the addresses of one person, and perhaps what they are called."""

    points: Sequence[Point]
    name: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as everybody else sees them.

    `stopped_at` is when they asked to hear no more from us; without a `time_zone` they live where the organisation is.
    """

    id: UUID
    name: str | None
    language: str | None
    is_owner: bool
    stopped_at: datetime | None
    version: int
    created_at: datetime
    time_zone: str | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether nothing may be sent to them."""
        return self.stopped_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanges:
    """What is to change; the fields that are not in `fields` stay as they are."""

    fields: frozenset[str]
    name: str | None = None
    language: str | None = None
    time_zone: str | None = None

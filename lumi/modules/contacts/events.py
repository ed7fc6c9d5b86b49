"""What contacts tell."""

from dataclasses import dataclass
from uuid import UUID

from lumi.core.events import Event


@dataclass(frozen=True)
class ContactStopped(Event):
    """The person wants to hear no more from us."""

    contact_id: UUID


@dataclass(frozen=True)
class ContactResumed(Event):
    """The person wants to hear from us again."""

    contact_id: UUID


@dataclass(frozen=True)
class ConsentGiven(Event):
    """The person agreed to a purpose."""

    contact_id: UUID
    purpose: str


@dataclass(frozen=True)
class ConsentWithdrawn(Event):
    """The person no longer agrees to a purpose."""

    contact_id: UUID
    purpose: str


@dataclass(frozen=True)
class ContactsMerged(Event):
    """Two contacts are one person: whoever keeps `merged_id` should keep `contact_id` from now on."""

    contact_id: UUID
    merged_id: UUID

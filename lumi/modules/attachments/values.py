"""The words of attachments: what one is, its states, and why one could not be had or heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class AttachmentState(StrEnum):
    """What became of it. REFUSED is our decision, FAILED somebody else's failure; REMOVED was taken back."""

    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"
    FAILED = "failed"
    REMOVED = "removed"


class Why(StrEnum):
    """Why it was refused, could not be had, or, of one that is ready, was not heard."""

    TOO_LARGE = "too_large"
    TYPE = "type"
    MALWARE = "malware"
    UNSCANNED = "unscanned"
    GONE = "gone"
    UNREACHABLE = "unreachable"
    NOBODY_HEARS = "nobody_hears"
    SILENCE = "silence"
    TOO_LONG = "too_long"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a message somebody sent, and the account it came to."""

    id: UUID
    thread_id: UUID
    account_id: UUID
    channel: str
    kind: str
    is_voice: bool
    reference: Mapping[str, object] = field(repr=False)
    name: str
    mime: str | None
    size_bytes: int | None
    state: AttachmentState
    file_id: UUID | None
    wait_until: datetime
    is_ours: bool = False
    """Staff are about to send it, or have."""


@dataclass(frozen=True, slots=True)
class OurFile:
    """A file that staff attached to a conversation. `kind` is what it is, `shown_as` what its channel shows it as;
    `message_id`: what it was sent with; `why`: why it cannot be sent.
    """

    id: UUID
    thread_id: UUID
    kind: str
    shown_as: str
    name: str
    mime: str
    size_bytes: int
    state: AttachmentState
    why: str | None
    file_id: UUID | None
    message_id: UUID | None

"""What others see of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lumi.modules.channels.public import Purpose


class InboxState(StrEnum):
    """Which conversations a list shows."""

    ALL = "all"
    WAITING = "waiting"
    HELD = "held"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Last:
    """The newest message of a conversation, shortened. `file`: what kind of file comes with it, or `voice`."""

    n: int
    author: str
    text: str
    at: datetime
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A contact or a member of staff, by name."""

    id: UUID
    name: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread as the inbox shows it. `quiet_until`: a person answers in the provider's own app, the bot is silent."""

    id: UUID
    channel: str
    account_name: str
    contact: Person | None
    language: str | None
    held_by: Person | None
    wants_human_at: datetime | None
    active_at: datetime
    last: Last | None
    merged_into: UUID | None = None
    merged: tuple[UUID, ...] = ()
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer stands on."""

    id: str
    title: str
    url: str | None
    lang: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """How far a message came on its way out.

    `next_try_at`: when it leaves, where it waits; `moved_to` and `moved_from` are the conversations it went on in and
    came from; `reads`: what was sent in place of its text, by a template.
    """

    state: str
    error: str | None
    channel: str
    purpose: str = "answer"
    next_try_at: datetime | None = None
    moved_to: UUID | None = None
    moved_from: UUID | None = None
    reads: str | None = None


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a message: what became of it, why it is not had or was not heard, and what is said in it."""

    id: UUID
    kind: str
    is_voice: bool
    name: str
    mime: str | None
    size_bytes: int | None
    state: str
    why: str | None
    transcript: str | None
    language: str | None
    file_id: UUID | None
    file_state: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the ledger."""

    id: UUID
    n: int
    author: str
    author_name: str | None
    text: str
    lang: str | None
    kind: str
    sources: tuple[Source, ...]
    handover: bool
    at: datetime
    delivery: DeliveryView | None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    client_id: str | None = None
    attachments: tuple[AttachedFile, ...] = ()

    choices: tuple[str, ...] = ()
    content: Mapping[str, object] | None = None
    """What it holds besides words and files, by name, as its channel's adapter wrote it down."""


@dataclass(frozen=True, slots=True)
class FirstWords:
    """What is said to a person who did not ask: by whom and until when it is worth saying is part of it."""

    text: str
    purpose: Purpose
    choices: tuple[str, ...] = ()
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message to a person, and the conversation it was said in."""

    conversation_id: UUID
    entry: Entry

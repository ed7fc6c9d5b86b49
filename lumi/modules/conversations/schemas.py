"""What travels over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator


class _Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PersonRead(_Read):
    """Somebody by name; `address` is where a contact is reached."""

    id: UUID
    name: str
    address: str | None = None


class LastRead(_Read):
    """The newest message, shortened."""

    n: int
    author: str
    text: str
    at: datetime


class ConversationRead(_Read):
    """A conversation as the inbox shows it."""

    id: UUID
    channel: str
    account_name: str
    contact: PersonRead | None
    language: str | None
    held_by: PersonRead | None
    wants_human_at: datetime | None
    active_at: datetime
    last: LastRead | None


class SourceRead(_Read):
    """What an answer stands on."""

    id: str
    title: str
    url: str | None
    lang: str


class DeliveryRead(_Read):
    """How far a message came on its way out; `unknown` means that nobody knows whether it arrived."""

    state: str
    error: str | None


class MessageRead(_Read):
    """One message, numbered without gaps within its conversation."""

    id: UUID
    n: int
    author: str
    author_name: str | None
    text: str
    lang: str | None
    kind: str
    sources: list[SourceRead]
    handover: bool
    at: datetime
    edited_at: datetime | None = Field(description="When whoever wrote it changed it last; `text` is as it reads now.")
    deleted_at: datetime | None = Field(description="When whoever wrote it took it back; its words are gone.")
    delivery: DeliveryRead | None


class MessageList(BaseModel):
    """Messages in order, and the number of the conversation's newest."""

    items: list[MessageRead]
    last: int


class ReplyCreate(BaseModel):
    """What a person answers."""

    text: str = Field(min_length=1, max_length=20_000)

    @field_validator("text")
    @classmethod
    def _storable(cls, value: str) -> str:
        if "\x00" in value:
            raise ValueError("a text may not contain the NUL character")
        if not value.strip():
            raise ValueError("write something")
        return value

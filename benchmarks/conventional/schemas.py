"""The body of a webhook, and of the provider's answer, as pydantic models."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Text(BaseModel):
    """The content of a text message."""

    body: str


class InboundMessage(BaseModel):
    """One message of a person."""

    id: str
    from_: str = Field(alias="from")
    timestamp: str
    type: str
    text: Text | None = None


class Profile(BaseModel):
    """How somebody is called."""

    name: str | None = None


class Sender(BaseModel):
    """Who wrote."""

    wa_id: str
    profile: Profile = Profile()


class Metadata(BaseModel):
    """The number that was written to."""

    display_phone_number: str
    phone_number_id: str


class Value(BaseModel):
    """What happened at one number."""

    messaging_product: str
    metadata: Metadata
    contacts: list[Sender] = []
    messages: list[InboundMessage] = []


class Change(BaseModel):
    """One change of one field."""

    field: str
    value: Value


class Entry(BaseModel):
    """The changes of one business."""

    id: str
    changes: list[Change]


class WebhookBody(BaseModel):
    """A whole delivery."""

    object: str
    entry: list[Entry]


class SentMessage(BaseModel):
    """The provider's name for what it took."""

    id: str


class SendAnswer(BaseModel):
    """The provider's answer to a message."""

    messages: list[SentMessage]

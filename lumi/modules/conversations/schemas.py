"""What travels over HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Purpose
from lumi.modules.conversations.values import AttachedFile, DeliveryView, Entry, FirstWords


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("a text may not contain the NUL character")
    return value


def _storable(value: str) -> str:
    _without_nul(value)
    if not value.strip():
        raise ValueError("write something")
    return value


Words = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(_storable)]
Choice = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]

# A link to a file by its id and state; None where it is not handed out.
Links = Callable[[UUID, str], str | None]


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
    file: str | None = Field(
        description="The kind of the first file with it: `image`, `audio`, `voice` (somebody speaks), `video` or "
        "`document`."
    )


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
    merged_into: UUID | None = Field(
        description="The conversation in which this one goes on, when both turned out to be one person's."
    )
    merged: list[UUID] = Field(description="Earlier conversations of the same person that go on in this one.")
    quiet_until: datetime | None = Field(
        description="The assistant is silent until then: a person has answered in the provider's own app."
    )


class SourceRead(_Read):
    """What an answer stands on."""

    id: str
    title: str
    url: str | None
    lang: str


class DeliveryRead(_Read):
    """How far a message came on its way out; `unknown` means that nobody knows whether it arrived."""

    state: str
    error: str | None = Field(description="Why it did not leave or arrive, or not yet, as it is written down.")
    says: str | None = Field(None, description="The same in words, in the language of whoever asks.")
    purpose: Purpose
    next_try_at: datetime | None = Field(description="When it leaves, where it waits.")
    moved_to: UUID | None = Field(description="The conversation in which it was said instead.")
    moved_from: UUID | None = Field(description="The conversation in which it could not be said.")
    reads: str | None = Field(description="What was sent in its place: a template the provider approved.")

    @classmethod
    def of(cls, found: DeliveryView, lang: str) -> DeliveryRead:
        """How far it came, in words too."""
        read = cls.model_validate(found)
        if found.error is not None:
            read.says = channels.of_error(
                found.error, channels.DeliveryState(found.state), channels.Channel(found.channel), lang
            )
        return read


class AttachmentRead(_Read):
    """A file somebody sent with a message."""

    id: UUID
    kind: str = Field(description="`image`, `audio`, `video` or `document`.")
    is_voice: bool = Field(description="Somebody speaks.")
    name: str
    mime: str | None
    size_bytes: int | None
    state: str = Field(
        description="`waiting` (on its way, looked at or heard just now), `ready`, `refused`, `failed`, or `removed` "
        "by whoever sent it."
    )
    why: str | None = Field(
        description="Why it was refused or is not had; of a recording that is, why nobody heard it."
    )
    transcript: str | None = Field(description="What is said in it, as a recogniser heard it.")
    language: str | None
    file_state: str | None = Field(
        description="What is known of the file, as `GET /v1/files/{id}` says it; none until it is there."
    )
    link: str | None = Field(
        description="Where it can be had for the next hours; none until somebody has looked at it, and where nobody "
        "looks without `SCANNER=off` having said that this is meant."
    )

    @classmethod
    def of(cls, file: AttachedFile, links: Links) -> AttachmentRead:
        """The file, with a link where it may be handed out."""
        link = links(file.file_id, file.file_state) if file.file_id and file.file_state else None
        return cls(**dataclasses.asdict(file), link=link)


class PlaceRead(BaseModel):
    """A spot on the map, in degrees."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class CardRead(BaseModel):
    """Somebody whose card was shared."""

    name: str | None = None
    phones: list[str] = []
    emails: list[str] = []


class OrderLineRead(BaseModel):
    """One line of an order; the price is for one piece."""

    product: str
    quantity: int | None = None
    price: float | None = None
    currency: str | None = None


class FormRead(BaseModel):
    """A form that was filled in; the answers are JSON of the form's own making."""

    name: str | None = None
    answers: str


class ReactionRead(BaseModel):
    """A reaction; without an emoji it was taken back."""

    emoji: str | None = None
    to: str | None = Field(None, description="The words of the message it is about, where that is known.")


class StoryRead(BaseModel):
    """A story of ours that was answered; its address lives for a day."""

    id: str | None = None
    url: str | None = None


class ReferralRead(BaseModel):
    """The advertisement or link somebody came by."""

    title: str | None = None
    url: str | None = None
    id: str | None = None


class ContentRead(BaseModel):
    """What a message holds besides words and files that are kept."""

    place: PlaceRead | None = None
    cards: list[CardRead] = []
    order: list[OrderLineRead] = []
    form: FormRead | None = None
    reaction: ReactionRead | None = None
    button: str | None = Field(None, description="What was put behind the button that was pressed.")
    story: StoryRead | None = None
    referral: ReferralRead | None = None
    links: list[str] = Field([], description="What was shared by its address.")
    files: list[str] = Field([], description="Kinds of files that left by other hands and are not kept here.")


class MessageRead(_Read):
    """One message, numbered without gaps within its conversation; of a merged one, what was open has left its place."""

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
    attachments: list[AttachmentRead]
    content: ContentRead | None = Field(description="As long as the raw event is kept that brought it.")

    @classmethod
    def of(cls, entry: Entry, links: Links, lang: str) -> MessageRead:
        """The message, its files with links, and how far it came in this language."""
        attached = [AttachmentRead.of(each, links) for each in entry.attachments]
        delivery = entry.delivery and DeliveryRead.of(entry.delivery, lang)
        bare = dataclasses.replace(entry, attachments=(), delivery=None)
        return cls.model_validate(bare, from_attributes=True).model_copy(
            update={"attachments": attached, "delivery": delivery}
        )

    choices: list[str] = Field(description="What was offered with it, to be chosen by pressing or by its number.")


class MessageList(BaseModel):
    """Messages in order, and the number of the conversation's newest."""

    items: list[MessageRead]
    last: int


class MessageCreate(BaseModel):
    """What a person is told first."""

    model_config = ConfigDict(extra="forbid")

    text: Words
    purpose: Literal[Purpose.PROACTIVE, Purpose.SERVICE, Purpose.STAFF] = Field(
        Purpose.PROACTIVE,
        description="`proactive` knows quiet hours and caps; `service` is about something they have with us, and"
        " `staff` is written by a person: neither is delayed.",
    )
    choices: Annotated[list[Choice], Field(max_length=10)] = Field(
        default_factory=list[str], description="Drawn as buttons where they fit, else as numbered lines."
    )
    valid_until: AwareDatetime | None = Field(None, description="After this it is not worth saying any more.")

    def words(self) -> FirstWords:
        """The same without HTTP."""
        return FirstWords(self.text, Purpose(self.purpose), tuple(self.choices), self.valid_until)


class SpokenRead(_Read):
    """A message, and the conversation it was said in."""

    conversation_id: UUID
    message: MessageRead = Field(validation_alias="entry")


class ReplyCreate(BaseModel):
    """What a person answers: words, a file, or a file and what is said about it."""

    text: Annotated[str, Field(max_length=20_000), AfterValidator(_without_nul)] = ""
    attachment_id: UUID | None = Field(None, description="A file that was attached to this conversation.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.attachment_id is None:
            _storable(self.text)
        return self

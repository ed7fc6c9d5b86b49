"""What an update holds once it is read. Says nothing about our domain. The bot it was for is not in it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageType(StrEnum):
    """What a message is made of."""

    TEXT = "text"
    VOICE = "voice"
    AUDIO = "audio"
    PHOTO = "photo"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    ANIMATION = "animation"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    VENUE = "venue"
    CONTACT = "contact"
    WORDLESS = "wordless"
    """Something people send that holds no words of theirs and no file we can name, as a poll or a die; see `raw`."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is on Telegram; `username` (without `@`) may change hands, `id` never."""

    id: str
    name: str | None
    username: str | None
    language: str | None
    is_bot: bool


@dataclass(frozen=True, slots=True)
class Media:
    """A file in a message. `unique_id` stays the same for ever; `file_id` is what `get_file` takes."""

    file_id: str
    unique_id: str | None
    mime: str | None
    size: int | None
    name: str | None
    seconds: int | None
    is_voice: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in degrees; title and address where it is a venue."""

    latitude: float
    longitude: float
    title: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A card out of somebody's address book; `user_id` only when that person is on Telegram."""

    phone: str
    name: str | None
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a private chat, or its new wording. `update_id` is what to know repetitions by.

    `id` is `chat:number`. `text` is the text or the caption. `start_payload` is what a link to the bot carried.
    Messages with the same `media_group_id` were sent at once.
    """

    update_id: str
    id: str
    chat_id: str
    type: MessageType
    sender: Person
    timestamp: datetime | None
    edited_at: datetime | None
    text: str | None
    start_payload: str | None
    media: Media | None
    place: Place | None
    contact: SharedContact | None
    media_group_id: str | None
    reply_to: str | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class Press:
    """A button was pressed: `id` is what `answer_callback` takes, within seconds.

    Chat and message are None where Telegram does not tell them; a message that is gone keeps its id and has no
    text. `data` may have been made up by the sender. Telegram gives no time.
    """

    update_id: str
    id: str
    sender: Person
    chat_id: str | None
    message_id: str | None
    message_text: str | None
    data: str | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody blocked the bot, or let it write again."""

    update_id: str
    chat_id: str
    sender: Person
    is_blocked: bool
    timestamp: datetime | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """Something authentic that cannot be read: `raw` is the body as it came."""

    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything in one body; Telegram puts one thing in each.

    `ignored` counts kinds such as `update.poll_answer`. What stands before the dot is one of update, message,
    edit, press, member; what stands after it comes from outside and is no closed set.
    """

    messages: list[Message] = field(default_factory=list[Message])
    edits: list[Message] = field(default_factory=list[Message])
    presses: list[Press] = field(default_factory=list[Press])
    memberships: list[Membership] = field(default_factory=list[Membership])
    ignored: Counter[str] = field(default_factory=Counter[str])
    broken: list[BrokenItem] = field(default_factory=list[BrokenItem])

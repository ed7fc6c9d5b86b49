"""What a webhook of Messenger or Instagram holds once it is read. Says nothing about our domain."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AttachmentKind(StrEnum):
    """What may be sent, and what is read by the same name; others arrive too, as `share` or `story_mention`."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"


class MessageKind(StrEnum):
    """How the person wrote: freely, by a button of a message, or by a quick reply."""

    MESSAGE = "message"
    POSTBACK = "postback"
    QUICK_REPLY = "quick_reply"
    UNSUPPORTED = "unsupported"
    """Meta keeps the content from us: the person has to be asked for words."""


class ReceiptState(StrEnum):
    """How far a message of ours came."""

    DELIVERED = "delivered"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One thing attached. `kind` is Meta's word, but every image with a sticker's id is a `sticker`.

    Meta tells neither type nor size of a file; its `url` is open to everybody and expires. `voice` is every
    audio: a recording is not told apart from a song.
    """

    kind: str
    url: str | None
    id: str | None
    title: str | None
    voice: bool
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Referral:
    """Where the person came from: an ad, a link, a shop. `product_id` is what a question in a shop is about."""

    ref: str | None
    source: str | None
    type: str | None
    ad_id: str | None
    product_id: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What a person wrote or chose. `id` is Meta's, or for a button without one, the same each time it comes."""

    account_id: str
    person_id: str
    id: str
    kind: MessageKind
    at: datetime | None
    text: str | None
    payload: str | None
    """What we put behind the button or the quick reply."""
    attachments: tuple[Attachment, ...]
    reply_to: str | None
    story_id: str | None
    story_url: str | None
    """The story of ours that this answers; the address expires within a day."""
    referral: Referral | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class Echo:
    """A message our account sent: through us, through another app, or by a person in Meta's own apps.

    Ours is the one whose `id` a send answered with, whose `app_id` is ours, or whose `metadata` we wrote; only
    Messenger tells the last two. It may come before the answer to the send.
    """

    account_id: str
    person_id: str
    id: str
    at: datetime | None
    text: str | None
    attachments: tuple[Attachment, ...]
    reply_to: str | None
    app_id: str | None
    metadata: str | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class Edit:
    """A message has other words now. `number` 0 is no edit: a message is there that may not come by itself.

    Such an announcement names no person and no words; `read_message` of the client tells them.
    """

    account_id: str
    person_id: str | None
    message_id: str
    number: int
    at: datetime | None
    text: str | None
    by_us: bool
    raw: dict[str, object]

    @property
    def key(self) -> str:
        """The same whenever this edit comes again."""
        return f"{self.message_id}:edit:{self.number}"


@dataclass(frozen=True, slots=True)
class Deletion:
    """A message was taken back: what we keep of it has to go."""

    account_id: str
    person_id: str
    message_id: str
    at: datetime | None
    by_us: bool
    raw: dict[str, object]

    @property
    def key(self) -> str:
        """The same whenever this deletion comes again."""
        return f"{self.message_id}:deleted"


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction to a message; without emoji and name it was taken back."""

    account_id: str
    person_id: str
    message_id: str
    emoji: str | None
    name: str | None
    """Meta's word, as `love` or `other`."""
    at: datetime | None
    by_us: bool
    raw: dict[str, object]

    @property
    def key(self) -> str:
        """The same whenever this reaction comes again, another for each change of mind."""
        moment = int(self.at.timestamp() * 1000) if self.at else 0
        who = "us" if self.by_us else self.person_id
        return f"{self.message_id}:reaction:{who}:{self.emoji or self.name or ''}:{moment}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Messages of ours arrived or were read: those named, and all sent to this person up to `watermark`."""

    account_id: str
    person_id: str
    state: ReceiptState
    message_ids: tuple[str, ...]
    watermark: datetime | None
    at: datetime | None
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person came by a link or agreed to be written to, and wrote nothing yet. `kind`: referral or optin."""

    account_id: str
    person_id: str
    key: str
    kind: str
    at: datetime | None
    referral: Referral
    raw: dict[str, object]


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """Something authentic that cannot be read: `raw` is its JSON, `account_id` its place if known."""

    reason: str
    raw: bytes
    account_id: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything in one body, in its order.

    `ignored` counts kinds such as `field.comments`. What stands before the dot is one of object, entry, field,
    standby (another app answers this person), item; what stands after it comes from outside and is no closed set.
    """

    messages: list[Message] = field(default_factory=list[Message])
    echoes: list[Echo] = field(default_factory=list[Echo])
    edits: list[Edit] = field(default_factory=list[Edit])
    deletions: list[Deletion] = field(default_factory=list[Deletion])
    reactions: list[Reaction] = field(default_factory=list[Reaction])
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    ignored: Counter[str] = field(default_factory=Counter[str])
    broken: list[BrokenItem] = field(default_factory=list[BrokenItem])

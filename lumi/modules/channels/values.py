"""What travels between a channel and the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID


class Channel(StrEnum):
    """The kinds of channel there are."""

    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    INSTAGRAM = "instagram"
    MESSENGER = "messenger"
    GMAIL = "gmail"
    MAILBOX = "mailbox"
    WEB = "web"
    TERMINAL = "terminal"

    @property
    def label(self) -> str:
        """What people call it."""
        return "WhatsApp" if self is Channel.WHATSAPP else self.value.capitalize()


class EventKind(StrEnum):
    """What may enter a lane."""

    MESSAGE = "message"
    EDIT = "edit"
    DELETION = "deletion"
    ECHO = "echo"
    HEARD = "heard"
    TIMER = "timer"


class SettledBy(StrEnum):
    """What became of an event."""

    TURN = "turn"
    HUMAN = "human"
    NOT_NEEDED = "not_needed"
    SUPERSEDED = "superseded"
    PARKED = "parked"
    DEAD = "dead"


class Author(StrEnum):
    """Who speaks in a thread."""

    CONTACT = "contact"
    ASSISTANT = "assistant"
    STAFF = "staff"
    SYSTEM = "system"


class Purpose(StrEnum):
    """Why something is said: only what nobody asked for is `proactive`, and only that knows caps and quiet hours."""

    ANSWER = "answer"
    STAFF = "staff"
    SERVICE = "service"
    PROACTIVE = "proactive"


class MessageKind(StrEnum):
    """What a message of the ledger is made of."""

    TEXT = "text"
    MEDIA = "media"
    LOCATION = "location"
    CONTACTS = "contacts"
    REACTION = "reaction"
    OTHER = "other"


class DeliveryState(StrEnum):
    """The life of a delivery; `unknown` is an outcome nobody knows, shown to staff and never guessed."""

    COMMITTED = "committed"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One item a channel delivered, in the house's terms.

    `addresses` are the person's, best first, as `kind:value` (at most two); `account` is the provider's id of
    the account it was sent to; `payload` is what the ledger and the turn read, with the `target` of an edit or a
    deletion: the provider's id of the message it is about. An echo is what left from the account by other hands.
    Without an account it is for the only one of the app that signed.
    """

    account: str | None
    provider_id: str
    addresses: Sequence[str]
    payload: Mapping[str, object]
    sent_at: datetime | None = None
    kind: EventKind = EventKind.MESSAGE


@dataclass(frozen=True, slots=True)
class Receipt:
    """A status of something we sent. `delivery_id` where the provider carries our own key back."""

    account: str | None
    provider_id: str
    state: DeliveryState
    delivery_id: UUID | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Watermark:
    """Everything we sent to a person up to this moment came this far."""

    account: str | None
    address: str
    state: DeliveryState
    up_to: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody is reached elsewhere from now on: `addresses` are all one person's, the new one first."""

    account: str | None
    addresses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Broken:
    """An authentic item that could not be read, kept as it came."""

    raw: bytes
    reason: str
    account: str | None = None


@dataclass(slots=True)
class Parsed:
    """One body, taken apart. `ignored` counts kinds we do not know.

    `news`: accounts, by the provider's id, of which the body only says that something is new there: they are pulled.
    """

    inbound: list[Inbound] = field(default_factory=list[Inbound])
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    watermarks: list[Watermark] = field(default_factory=list[Watermark])
    moved: list[Moved] = field(default_factory=list[Moved])
    broken: list[Broken] = field(default_factory=list[Broken])
    templates_changed: bool = False
    ignored: list[str] = field(default_factory=list[str])
    news: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Pulled:
    """One batch read from an account, and where to go on once all of it is committed.

    `cursor` is the adapter's own and is given back to it as it was. `more`: pull again at once.
    """

    parsed: Parsed
    cursor: Mapping[str, object]
    more: bool = False


@dataclass(frozen=True, slots=True)
class ProviderApp:
    """Who may sign on a path, and which accounts are theirs (provider's id → our id)."""

    tenant_id: UUID
    id: UUID
    secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    accounts: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account, ready to send."""

    tenant_id: UUID
    id: UUID
    channel: Channel
    external_id: str
    name: str
    access_token: str = field(repr=False)
    settings: Mapping[str, object]
    token_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """Something the owner of an account has from its provider.

    `name` is what it is called in the API and, behind the channel's name, in the environment. `is_id`: the provider's
    id of the account itself.
    """

    name: str
    says: str
    secret: bool = True
    required: bool = True
    is_id: bool = False


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody wants connected: what the owner has, by the names of the channel's needs; `name` is for staff."""

    channel: Channel
    given: Mapping[str, str] = field(repr=False)
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An account as its owner describes it, with what lets us hear and speak.

    `app_secret` proves what is posted to us, `access_token` is whatever lets us send. `verify_token`: the word the
    provider asks back when its owner enters our address there; None where nobody enters anything.
    """

    external_id: str
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    verify_token: str | None = field(default=None, repr=False)
    settings: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """An account as its owner sees it.

    `was_heard`: something came in these last weeks. `webhook_path`: where its provider posts, None where nobody does.
    """

    id: UUID
    channel: Channel
    external_id: str
    name: str
    connected_at: datetime
    disconnected_at: datetime | None
    was_heard: bool
    webhook_path: str | None
    state: AccountState
    voice_answers: bool = True


class TemplateStatus(StrEnum):
    """Whether the provider lets a template be sent."""

    APPROVED = "approved"
    PENDING = "pending"
    PAUSED = "paused"
    REJECTED = "rejected"
    DISABLED = "disabled"


class TemplatePurpose(StrEnum):
    """What the organisation sends a template for."""

    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class SeenTemplate:
    """A template as its provider lists it; `plain`: only the places of its body need to be filled."""

    provider_id: str
    name: str
    language: str
    category: str
    body: str
    status: TemplateStatus
    reason: str | None = None
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """A text the provider approved before, and what fills the places of its body, by number or by name."""

    name: str
    language: str
    fills: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way out; `key` is the delivery's id, which the provider may carry back.

    `attempt` counts earlier refusals; `as_person`: a person typed it, and only a person may still write; `reply`:
    what the last message of the person carried under that name, by which an answer finds its place; `automatic`:
    no person typed it. `voice` is the text spoken (Ogg/Opus), for a channel that can; where it does not get through,
    the text goes. `choices` are what the channel draws under the text, `menu` the word on what opens them where they
    are a list. With a `template` that is sent, and `text` is what it reads like.
    """

    key: UUID
    thread_id: UUID
    message_n: int
    address: str
    text: str
    attempt: int = 0
    as_person: bool = False
    reply: Mapping[str, object] | None = None
    automatic: bool = False
    voice: bytes | None = field(default=None, repr=False)
    choices: Sequence[str] = ()
    menu: str = ""
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A file somebody sent: `reference` is what its provider knows it by and its adapter fetches it by.

    `kind` is as files are called: image, audio, video or document. `voice`: somebody speaks. What the provider says
    of type and size in bytes is no proof.
    """

    kind: str
    reference: Mapping[str, object] = field(repr=False)
    voice: bool = False
    name: str = ""
    mime: str | None = None
    size: int | None = None

    def in_payload(self) -> dict[str, object]:
        """As an event carries it."""
        return {
            "kind": self.kind, "reference": dict(self.reference), "voice": self.voice, "name": self.name,
            "mime": self.mime, "size": self.size,
        }  # fmt: skip


@runtime_checkable
class FetchesMedia(Protocol):
    """An adapter whose people can send files."""

    async def fetch_media(self, account: Account, media: Media, *, most_bytes: int) -> bytes:
        """The file, whole; an address that has expired is replaced by a fresh one where the provider gives one.

        Raises MediaTooLarge, and as `send` does: Rejected when it cannot be had any more, Unavailable or RateLimited
        when it may be later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. `provider_id` is its name for the message."""

    provider_id: str | None


@dataclass(frozen=True, slots=True)
class Attention:
    """What a person may see of our reading: `message_id` is the provider's name of the last thing they said;
    `typing`: an answer to it is being written.
    """

    address: str
    message_id: str
    typing: bool


class TextUnit(StrEnum):
    """What a provider counts a text in."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    BYTES = "bytes"


class Lookup(StrEnum):
    """How the outcome of a send that nobody knows comes to be known."""

    STATUS = "status"
    ECHO = "echo"
    SEARCH = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do.

    `text_limit` in `text_unit`s of one message; `buttons`: how many choices it draws under at most
    `buttons_text_limit` characters, each of at most `button_length` characters and `button_bytes`; `rows`: how many
    it draws as a list, each of at most `row_length` characters (what fits neither is written as a numbered list);
    `templates`: it has texts that were approved before; `reaches_out`: who is not looking hears of it;
    `window_hours` after the person's last message in which free text may be sent (None: always), and
    `staff_window_hours` in which a person may; `receipts`: it tells what arrived; `typing`: it shows that we write;
    `lookup`: how an unknown outcome is asked about (None: nobody can tell); `repeatable`: sending the same key twice
    shows it once, so an unknown outcome is sent again; `shows_sources`: the surface draws sources itself, otherwise
    they are written under the text; `voice`: an answer can be a voice note.
    """

    text_limit: int
    text_unit: TextUnit = TextUnit.CHARACTERS
    buttons: int = 0
    buttons_text_limit: int | None = None
    button_length: int = 20
    button_bytes: int | None = None
    rows: int = 0
    row_length: int = 24
    templates: bool = False
    reaches_out: bool = True
    window_hours: float | None = None
    staff_window_hours: float | None = None
    receipts: bool = False
    typing: bool = False
    lookup: Lookup | None = None
    repeatable: bool = False
    shows_sources: bool = False
    voice: bool = False


class Unite(Protocol):
    """Lets all these addresses lead to one thread: what was said in several is brought together."""

    async def __call__(
        self, tenant_id: UUID, account_id: UUID, addresses: Sequence[str], *, moved: bool = False
    ) -> None:
        """Commits by itself; nothing happens where they lead to one already, or to none. `moved`: as in Moved."""
        ...


class Adapter(Protocol):
    """One channel: the regular pair of receive and send, and how an account of it is connected."""

    channel: Channel
    capabilities: Capabilities
    needs: Sequence[Need]
    """What is needed to connect an account; nothing: these are surfaces of our own."""

    def verify(self, headers: Mapping[str, str], body: bytes, app: ProviderApp) -> bool:
        """Whether this app signed these bytes; constant time."""
        ...

    def challenge(self, query: Mapping[str, str], app: ProviderApp) -> str | None:
        """The answer to the provider's question whether this is our address; None when the token is not the app's."""
        ...

    def parse(self, body: bytes) -> Parsed:
        """Take an authentic body apart; raises Unreadable when it cannot even be opened."""
        ...

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One attempt; raises core.http's Unavailable, Rejected, RateLimited or OutcomeUnknown."""
        ...

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """The account these needs lead to, taken at their word; raises Rejected when they cannot be right.

        `settings` are those it was connected with before.
        """
        ...

    async def probe(self, account: Account) -> str:
        """Ask whether address, token and id are right, changing nothing: what the provider calls the account.

        Raises as `send` does.
        """
        ...

    async def subscribe(self, account: Account, url: str, app_secret: str) -> bool:
        """Have the provider post to this address; False where its owner enters it there. Raises as `send` does."""
        ...


class AlertKind(StrEnum):
    """What somebody may have to be told of an account."""

    SILENT = "silent"
    TOKEN_EXPIRING = "token_expiring"  # noqa: S105 (a kind of alert)
    TOKEN_REFUSED = "token_refused"  # noqa: S105 (a kind of alert)
    FAILING = "failing"
    UNKNOWN_OUTCOMES = "unknown_outcomes"
    WEBHOOK_BROKEN = "webhook_broken"


class AccountState(StrEnum):
    """How an account is; `unheard`: connected, and nothing has come in yet."""

    WELL = "well"
    UNHEARD = "unheard"
    ATTENTION = "attention"
    BROKEN = "broken"
    DISCONNECTED = "disconnected"


class Failure(StrEnum):
    """Why a send failed, by whom it concerns."""

    TOKEN = "token"  # noqa: S105 (a kind of failure)
    POLICY = "policy"
    WINDOW = "window"
    RECIPIENT = "recipient"
    CONTENT = "content"
    TEMPLATE = "template"
    REGISTRATION = "registration"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    OTHER = "other"

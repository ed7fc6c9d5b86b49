"""The closed sets of the channels."""

from __future__ import annotations

from enum import StrEnum


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


class Attitude(StrEnum):
    """Why nothing that nobody asked for is said to a person: they want none of it, or have shut us out."""

    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"


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


class AlertKind(StrEnum):
    """What somebody may have to be told of an account."""

    SILENT = "silent"
    TOKEN_EXPIRING = "token_expiring"  # noqa: S105 (a kind of alert)
    TOKEN_REFUSED = "token_refused"  # noqa: S105 (a kind of alert)
    FAILING = "failing"
    UNKNOWN_OUTCOMES = "unknown_outcomes"
    WEBHOOK_BROKEN = "webhook_broken"
    UNREAD = "unread"


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

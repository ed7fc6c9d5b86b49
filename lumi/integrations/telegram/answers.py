"""What Telegram answers to our calls, read."""

from dataclasses import dataclass
from datetime import datetime

from lumi.core.http import OutcomeUnknown
from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.telegram.bot_api import TARGET
from lumi.integrations.telegram.errors import Reason
from lumi.integrations.telegram.identity import message_name, whole
from lumi.integrations.telegram.limits import refused
from lumi.integrations.telegram.moments import instant


@dataclass(frozen=True, slots=True)
class SentMessage:
    """Telegram took the message; nobody will tell whether it was delivered or read. `id` is `chat:number`."""

    id: str
    chat_id: str


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot itself, as people see it; `username` without `@`."""

    id: str
    name: str
    username: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where a file lies for the next hour; `size` in bytes where Telegram knows it."""

    path: str
    size: int | None


@dataclass(frozen=True, slots=True)
class WebhookInfo:
    """Where updates are posted (`url` is empty: nowhere), how many wait, and what went wrong last."""

    url: str
    pending: int
    last_error_at: datetime | None
    last_error: str | None
    allowed_updates: tuple[str, ...]


def sent_in(chat_id: int, result: object) -> SentMessage:
    """The message that was taken in this chat; an answer without its number leaves us not knowing."""
    message = as_object(result)
    number = whole(message.get("message_id"))
    if number is None:
        raise _unknown("it answered without a message id")
    place = whole(as_object(message.get("chat")).get("id"))
    place = chat_id if place is None else place
    return SentMessage(message_name(place, number), str(place))


def bot_in(result: object) -> Bot:
    """The bot; OutcomeUnknown when there is none."""
    found = as_object(result)
    bot_id = whole(found.get("id"))
    if bot_id is None:
        raise _unknown("it answered without a bot")
    return Bot(str(bot_id), as_text(found.get("first_name")) or "", as_text(found.get("username")) or "")


def file_in(result: object) -> StoredFile:
    """Where the file lies; refused when Telegram does not say."""
    found = as_object(result)
    path = as_text(found.get("file_path"))
    if not path:
        raise refused("Telegram names no path for this file", Reason.FILE)
    return StoredFile(path, whole(found.get("file_size")))


def webhook_in(result: object) -> WebhookInfo:
    """The state of the webhook, as far as it is told."""
    found = as_object(result)
    return WebhookInfo(
        as_text(found.get("url")) or "",
        whole(found.get("pending_update_count")) or 0,
        instant(found.get("last_error_date")),
        as_text(found.get("last_error_message")),
        tuple(each for each in as_list(found.get("allowed_updates")) if isinstance(each, str)),
    )


def _unknown(why: str) -> OutcomeUnknown:
    failure = OutcomeUnknown(why)
    failure.target = TARGET
    return failure

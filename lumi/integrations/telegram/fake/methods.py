"""The methods of the Bot API that the twin knows, by their names in small letters."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from lumi.core.outside_json import as_object
from lumi.integrations.telegram.fake.arguments import Arguments
from lumi.integrations.telegram.fake.bot import Bot
from lumi.integrations.telegram.fake.files import LARGEST_DOWNLOAD_BYTES, Files
from lumi.integrations.telegram.fake.outgoing import (
    Outgoing,
    keyboard_of,
    read_audio,
    read_document,
    read_message,
    read_photo,
    read_video,
    read_voice,
    words_of,
)
from lumi.integrations.telegram.fake.refusal import ENDED_BY_WEBHOOK, WEBHOOK_IS_ACTIVE, ApiError, bad
from lumi.integrations.telegram.fake.twin import Twin
from lumi.integrations.telegram.limits import utf16_length
from lumi.integrations.telegram.shapes import MessageType

_ACTIONS = frozenset(
    {"typing", "record_voice", "upload_voice", "upload_photo", "upload_document", "record_video", "upload_video"}
    | {"record_video_note", "upload_video_note", "choose_sticker", "find_location"}
)
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LONGEST_SECRET = 256
_LONGEST_CALLBACK_ANSWER = 200
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS = frozenset({80, 88, 443, 8443})
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


@dataclass(frozen=True, slots=True)
class Answered:
    """A method's result; `note` is told beside it, `taken` is the message that was sent."""

    result: object
    note: str | None = None
    taken: str | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """What it does; `shows` when a person sees something of it."""

    run: Callable[[Twin, Bot, Arguments], Awaitable[Answered]]
    shows: bool = False


async def get_me(_twin: Twin, bot: Bot, _asked: Arguments) -> Answered:
    """The bot itself."""
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return Answered(bot.described | abilities)


def sender(read: Callable[[Arguments, Files], Outgoing]) -> Method:
    """A method that sends what `read` finds in its arguments."""

    async def send(twin: Twin, bot: Bot, asked: Arguments) -> Answered:
        if not asked.text("chat_id"):
            raise bad("chat_id is empty")
        message = read(asked, twin.files)
        chat = bot.chat_for(asked.whole("chat_id"))
        entry = twin.accept(bot, chat, message)
        return Answered(bot.shown(chat, entry, chat.person), taken=entry.id)

    return Method(send, shows=True)


async def edit_text(twin: Twin, bot: Bot, asked: Arguments) -> Answered:
    """Other words and buttons in a message of the bot."""
    words, entities = words_of(asked)
    chat = bot.chat_for(asked.whole("chat_id"))
    entry = chat.find(asked.whole("message_id"))
    if entry is None:
        raise bad("message to edit not found")
    if entry.mine or MessageType.TEXT not in entry.content:
        raise bad("message can't be edited")
    content = {"text": words} | ({"entities": entities} if entities else {}) | keyboard_of(asked)
    if content == entry.content:
        raise bad(_NOT_MODIFIED)
    entry.text, entry.content = words, content
    chat.changed()
    twin.counts["edits"] += 1
    return Answered(bot.shown(chat, entry, chat.person))


async def send_chat_action(twin: Twin, bot: Bot, asked: Arguments) -> Answered:
    """Show that the bot is busy."""
    action = asked.text("action").lower()
    if action not in _ACTIONS:
        raise bad("wrong parameter action in request")
    bot.chat_for(asked.whole("chat_id")).show_action(action)
    twin.counts["actions"] += 1
    return Answered(True)


async def answer_callback_query(twin: Twin, bot: Bot, asked: Arguments) -> Answered:
    """End the wait of somebody who pressed a button."""
    press_id, text = asked.text("callback_query_id"), asked.text("text")
    chat = bot.chats.with_press(press_id)
    press = chat.presses.get(press_id) if chat else None
    if chat is None or press is None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if utf16_length(text) > _LONGEST_CALLBACK_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    press.is_answered, press.answer = True, text or None
    chat.changed()
    twin.counts["callbacks_answered"] += 1
    return Answered(True)


async def get_file(twin: Twin, _bot: Bot, asked: Arguments) -> Answered:
    """Where a file lies."""
    if not asked.text("file_id"):
        raise bad("file_id not specified")
    kept = twin.files.find(asked.text("file_id"))
    if kept is None:
        raise bad("invalid file_id")
    if len(kept.content) > LARGEST_DOWNLOAD_BYTES:
        raise bad("file is too big")
    return Answered(kept.described | {"file_path": kept.path})


async def get_updates(_twin: Twin, bot: Bot, asked: Arguments) -> Answered:
    """What happened and was not taken yet."""
    if bot.webhook is not None:
        raise ApiError(409, WEBHOOK_IS_ACTIVE)
    _allow(bot, asked)
    limit = min(max(asked.whole("limit") or 100, 1), 100)
    seconds = min(max(asked.whole("timeout") or 0, 0), 50)
    return Answered(await bot.updates.poll(asked.whole("offset") or 0, limit, seconds))


async def set_webhook(twin: Twin, bot: Bot, asked: Arguments) -> Answered:
    """Have updates posted; without an address the same as `deleteWebhook`."""
    url, secret = asked.text("url"), asked.text("secret_token")
    if not url:
        return await delete_webhook(twin, bot, asked)
    _check_webhook(url, secret)
    _allow(bot, asked)
    connections = min(max(asked.whole("max_connections") or 40, 1), 100)
    known = bot.webhook
    if known is not None and (known.url, known.secret, known.max_connections) == (url, secret, connections):
        return Answered(True, "Webhook is already set")
    if asked.flag("drop_pending_updates"):
        bot.updates.clear()
    bot.updates.end_poll(ENDED_BY_WEBHOOK)
    await bot.subscribe(url, secret)
    if bot.webhook is not None:
        bot.webhook.max_connections = connections
    return Answered(True, "Webhook was set")


async def delete_webhook(_twin: Twin, bot: Bot, asked: Arguments) -> Answered:
    """Post nothing any more."""
    had_one = bot.webhook is not None
    await bot.subscribe(None, "")
    if asked.flag("drop_pending_updates"):
        bot.updates.clear()
    return Answered(True, "Webhook was deleted" if had_one else "Webhook is already deleted")


async def get_webhook_info(_twin: Twin, bot: Bot, _asked: Arguments) -> Answered:
    """How the webhook is doing."""
    webhook = bot.webhook
    info: dict[str, object] = {"url": "", "has_custom_certificate": False, "pending_update_count": len(bot.updates)}
    if webhook is not None:
        info |= {"url": webhook.url, "max_connections": webhook.max_connections}
        if webhook.last_error_at is not None:
            failed = {"last_error_date": webhook.last_error_at, "last_error_message": "Wrong response from the webhook"}
            info |= as_object(failed)
    if bot.updates.allowed is not None:
        info["allowed_updates"] = bot.updates.allowed
    return Answered(info)


METHODS = {
    "getme": Method(get_me),
    "sendmessage": sender(read_message),
    "sendvoice": sender(read_voice),
    "sendphoto": sender(read_photo),
    "senddocument": sender(read_document),
    "sendaudio": sender(read_audio),
    "sendvideo": sender(read_video),
    "editmessagetext": Method(edit_text, shows=True),
    "sendchataction": Method(send_chat_action, shows=True),
    "answercallbackquery": Method(answer_callback_query, shows=True),
    "getfile": Method(get_file),
    "getupdates": Method(get_updates),
    "setwebhook": Method(set_webhook),
    "deletewebhook": Method(delete_webhook),
    "getwebhookinfo": Method(get_webhook_info),
}


def _allow(bot: Bot, asked: Arguments) -> None:
    kinds = asked.list("allowed_updates")
    if kinds is not None:
        bot.updates.allowed = tuple(str(each) for each in kinds) or None


def _check_webhook(url: str, secret: str) -> None:
    """Plain HTTP is for this machine only, as with a Bot API server of one's own."""
    if len(secret) > _LONGEST_SECRET:
        raise bad("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise bad("invalid webhook URL specified") from error
    if not parts.hostname:
        raise bad("invalid webhook URL specified")
    if parts.hostname in _LOOPBACK:
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if port is not None and port not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")

"""The calls we make to Telegram, one bot each."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from lumi.core.http import Http
from lumi.core.http.forms import Upload
from lumi.integrations.telegram import limits, webhook_secret
from lumi.integrations.telegram.answers import (
    Bot,
    SentMessage,
    StoredFile,
    WebhookInfo,
    bot_in,
    file_in,
    sent_in,
    webhook_in,
)
from lumi.integrations.telegram.bot_api import BotApi
from lumi.integrations.telegram.errors import NOT_FOUND, Reason, TelegramRejected
from lumi.integrations.telegram.limits import LONGEST_TEXT, Row, utf16_length

__all__ = ["LONGEST_TEXT", "Action", "ParseMode", "Row", "SentMessage", "Telegram", "utf16_length"]

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
LONGEST_URL = 2048


class ParseMode(StrEnum):
    """How a text is marked up. Without a mode it is shown as it is."""

    HTML = "HTML"


class Action(StrEnum):
    """What the person is shown that the bot is doing."""

    TYPING = "typing"
    RECORDING_VOICE = "record_voice"
    UPLOADING_PHOTO = "upload_photo"
    UPLOADING_DOCUMENT = "upload_document"


class Telegram:
    """Speaks as one bot; every call but the reading of files is a single attempt.

    What goes wrong is Unavailable, RateLimited (the whole bot has to be silent for `retry_after` seconds),
    Rejected (as `TelegramRejected`, with details and reason) or OutcomeUnknown: it may have been carried out.
    """

    def __init__(self, http: Http, api_base: str, token: SecretStr | str) -> None:
        """`api_base` is the server's address without token, as `https://api.telegram.org`."""
        self._api = BotApi(http, api_base, token)

    def __repr__(self) -> str:
        return f"Telegram(bot_id={self._api.bot_id!r})"

    async def send_text(
        self,
        chat_id: int | str,
        text: str,
        *,
        reply_to: str | None = None,
        buttons: Sequence[Row] = (),
        parse_mode: ParseMode | None = None,
    ) -> SentMessage:
        """Send a text of at most 4096 UTF-16 units, without previews of links.

        `reply_to` is the `id` of the message it quotes; when that is gone it is sent all the same.
        """
        limits.check_text(text, formatted=parse_mode is not None)
        chat = limits.chat(chat_id)
        fields = _addressed(chat, reply_to) | _text_fields(text, buttons, parse_mode)
        return sent_in(chat, await self._api.call("sendMessage", fields))

    async def edit_text(
        self, message: str, text: str, *, buttons: Sequence[Row] = (), parse_mode: ParseMode | None = None
    ) -> None:
        """Replace text and buttons of a message we sent, by its `id`; fine when nothing changes."""
        limits.check_text(text, formatted=parse_mode is not None)
        place = {"chat_id": limits.chat(message.rpartition(":")[0]), "message_id": limits.number(message)}
        try:
            await self._api.call("editMessageText", place | _text_fields(text, buttons, parse_mode))
        except TelegramRejected as refusal:
            if refusal.reason is not Reason.UNCHANGED:
                raise

    async def send_voice(
        self,
        chat_id: int | str,
        content: bytes | Path,
        *,
        mime: str = "audio/ogg",
        seconds: int | None = None,
        caption: str | None = None,
        reply_to: str | None = None,
    ) -> SentMessage:
        """Send a voice message: OGG with Opus, MP3 or M4A, at most 50 MB."""
        limits.check_size(content, limits.LARGEST_UPLOAD_BYTES)
        name = {"audio/mpeg": "voice.mp3", "audio/mp4": "voice.m4a"}.get(mime.partition(";")[0], "voice.ogg")
        chat = limits.chat(chat_id)
        fields = _captioned(chat, reply_to, caption) | {"duration": seconds}
        return sent_in(chat, await self._api.upload("sendVoice", fields, "voice", Upload(name, mime, content)))

    async def send_photo(
        self,
        chat_id: int | str,
        content: bytes | Path,
        *,
        mime: str = "image/jpeg",
        caption: str | None = None,
        reply_to: str | None = None,
    ) -> SentMessage:
        """Send a picture, at most 10 MB; Telegram shows it as JPEG."""
        limits.check_size(content, limits.LARGEST_PHOTO_BYTES)
        chat = limits.chat(chat_id)
        file = Upload(f"photo.{mime.partition(';')[0].rpartition('/')[2]}", mime, content)
        return sent_in(chat, await self._api.upload("sendPhoto", _captioned(chat, reply_to, caption), "photo", file))

    async def send_document(
        self,
        chat_id: int | str,
        content: bytes | Path,
        name: str,
        *,
        mime: str = "application/octet-stream",
        caption: str | None = None,
        reply_to: str | None = None,
    ) -> SentMessage:
        """Send a file under this name, at most 50 MB."""
        limits.check_size(content, limits.LARGEST_UPLOAD_BYTES)
        chat = limits.chat(chat_id)
        file = Upload(name, mime, content)
        return sent_in(
            chat, await self._api.upload("sendDocument", _captioned(chat, reply_to, caption), "document", file)
        )

    async def send_audio(
        self, chat_id: int | str, content: bytes | Path, name: str, *, mime: str, caption: str | None = None
    ) -> SentMessage:
        """Send a recording for the player: MP3 or M4A, at most 50 MB."""
        limits.check_size(content, limits.LARGEST_UPLOAD_BYTES)
        chat, file = limits.chat(chat_id), Upload(name, mime, content)
        return sent_in(chat, await self._api.upload("sendAudio", _captioned(chat, None, caption), "audio", file))

    async def send_video(
        self, chat_id: int | str, content: bytes | Path, name: str, *, mime: str, caption: str | None = None
    ) -> SentMessage:
        """Send a film: MP4, at most 50 MB."""
        limits.check_size(content, limits.LARGEST_UPLOAD_BYTES)
        chat, file = limits.chat(chat_id), Upload(name, mime, content)
        fields = _captioned(chat, None, caption) | {"supports_streaming": True}
        return sent_in(chat, await self._api.upload("sendVideo", fields, "video", file))

    async def typing(self, chat_id: int | str, action: Action = Action.TYPING) -> None:
        """Show for 5 s, or until we write, that the bot is busy."""
        await self._api.call("sendChatAction", {"chat_id": limits.chat(chat_id), "action": action}, timeout=5.0)

    async def answer_callback(self, press_id: str, text: str | None = None) -> None:
        """End the wait that the press of a button began; `text` (at most 200 units) is shown for a moment.

        Late answers are refused as EXPIRED: nobody waits any more.
        """
        if text is not None and utf16_length(text) > limits.LONGEST_CALLBACK_ANSWER:
            raise limits.refused(f"such an answer has at most {limits.LONGEST_CALLBACK_ANSWER} UTF-16 units")
        await self._api.call("answerCallbackQuery", {"callback_query_id": press_id, "text": text}, timeout=5.0)

    async def get_file(self, file_id: str) -> StoredFile:
        """Where the file lies; refused as FILE above 20 MB. Repeated while Telegram cannot be reached."""
        return file_in(await self._api.call("getFile", {"file_id": file_id}, repeatable=True))

    async def download(self, file_path: str, limit: int = limits.LARGEST_DOWNLOAD_BYTES) -> bytes:
        """The content at a path of `get_file`; refused as FILE when it has more than `limit` bytes or is gone.

        It is read before it is measured: look at the size that `get_file` names first.
        """
        try:
            content = await self._api.fetch(file_path)
        except TelegramRejected as refusal:
            if refusal.status == NOT_FOUND:
                refusal.reason = Reason.FILE
            raise
        limits.check_size(content, limit)
        return content

    async def get_me(self) -> Bot:
        """The bot these calls are made as: tells whether address and token are right, and changes nothing."""
        return bot_in(await self._api.call("getMe", {}))

    async def set_webhook(
        self,
        url: str,
        secret_token: SecretStr | str,
        *,
        allowed_updates: Sequence[str] = ALLOWED_UPDATES,
        max_connections: int | None = None,
    ) -> None:
        """Have updates of these kinds posted to `url`, each with the secret in its header. May be repeated."""
        secret = secret_token.get_secret_value() if isinstance(secret_token, SecretStr) else secret_token
        if not webhook_secret.is_possible(secret):
            raise limits.refused("a secret has 1 to 256 letters, digits, _ and -")
        if not 0 < len(url) <= LONGEST_URL:
            raise limits.refused(f"an address has 1 to {LONGEST_URL} characters")
        wishes = {"url": url, "secret_token": secret, "allowed_updates": list(allowed_updates)}
        await self._api.call("setWebhook", wishes | {"max_connections": max_connections})

    async def delete_webhook(self, *, drop_pending: bool = False) -> None:
        """Have nothing posted any more; what waits is kept for a day unless it is dropped."""
        await self._api.call("deleteWebhook", {"drop_pending_updates": drop_pending})

    async def webhook_info(self) -> WebhookInfo:
        """How the webhook is doing."""
        return webhook_in(await self._api.call("getWebhookInfo", {}))


def _addressed(chat: int, reply_to: str | None) -> dict[str, object]:
    fields: dict[str, object] = {"chat_id": chat}
    if reply_to is not None:
        fields["reply_parameters"] = {"message_id": limits.number(reply_to), "allow_sending_without_reply": True}
    return fields


def _text_fields(text: str, buttons: Sequence[Row], parse_mode: ParseMode | None) -> dict[str, object]:
    return {
        "text": text,
        "parse_mode": parse_mode,
        "link_preview_options": {"is_disabled": True},
        "reply_markup": limits.keyboard(buttons) if buttons else None,
    }


def _captioned(chat: int, reply_to: str | None, caption: str | None) -> dict[str, object]:
    limits.check_caption(caption)
    return _addressed(chat, reply_to) | {"caption": caption}

"""Telegram: updates with a shared secret in, Bot API calls out."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from lumi.core import crypto
from lumi.core.http import Http, Rejected
from lumi.core.outside_json import Unreadable as NotJson
from lumi.integrations.telegram import payloads, webhook_secret
from lumi.integrations.telegram.client import SentMessage, Telegram
from lumi.integrations.telegram.errors import Reason, TelegramRejected
from lumi.integrations.telegram.limits import LARGEST_DOWNLOAD_BYTES, LONGEST_CAPTION, utf16_length
from lumi.integrations.telegram.shapes import Media as File
from lumi.integrations.telegram.shapes import Message, MessageType, Press
from lumi.modules.channels.adapters import contents
from lumi.modules.channels.adapters.ports import Health
from lumi.modules.channels.errors import MediaTooLarge, Unreadable
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values.accounts import Account, Described, Need, ProviderApp
from lumi.modules.channels.values.incoming import Broken, Inbound, Media, Parsed, Shown
from lumi.modules.channels.values.kinds import Attitude, Channel, EventKind, MessageKind
from lumi.modules.channels.values.media import Carries, OutgoingFile
from lumi.modules.channels.values.outgoing import Attention, Outgoing, Sent
from lumi.modules.files.public import FileKind

_TOKEN = re.compile(r"([0-9]{1,20}):[A-Za-z0-9_-]{20,100}")
_FILES = {
    MessageType.VOICE: "audio",
    MessageType.AUDIO: "audio",
    MessageType.PHOTO: "image",
    MessageType.STICKER: "image",
    MessageType.VIDEO: "video",
    MessageType.VIDEO_NOTE: "video",
    MessageType.ANIMATION: "video",
}
_VOICE_NOTE = "audio/ogg"
# What is wrong with a picture, of which nothing was sent then.
_OF_THE_PICTURE = frozenset({Reason.PAYLOAD, Reason.FILE})
_MOVING_STICKER = "application/x-tgsticker"  # a drawing that no browser shows
_KINDS = {
    MessageType.TEXT: MessageKind.TEXT,
    MessageType.LOCATION: MessageKind.LOCATION,
    MessageType.VENUE: MessageKind.LOCATION,
    MessageType.CONTACT: MessageKind.CONTACTS,
    MessageType.WORDLESS: MessageKind.OTHER,
}


class TelegramAdapter:
    """The regular pair for Telegram. An update does not say for which bot it is: the secret that came with it does."""

    channel = Channel.TELEGRAM
    capabilities = CAPABILITIES[Channel.TELEGRAM]
    carries = Carries.IN_ONE
    needs: Sequence[Need] = (Need("bot_token", "Token of the bot, as BotFather gave it"),)

    def __init__(self, http: Http, *, api_base: str) -> None:
        """`api_base` serves accounts that name none of their own."""
        self._http, self._api_base = http, api_base
        self._clients: dict[UUID, tuple[Account, Telegram]] = {}

    def verify(self, headers: Mapping[str, str], body: bytes, app: ProviderApp) -> bool:
        """Whether the request came with the secret this bot's webhook was set with."""
        return webhook_secret.verify(app.secret, headers)

    def challenge(self, query: Mapping[str, str], app: ProviderApp) -> str | None:
        """Telegram asks nothing."""
        return None

    def parse(self, body: bytes) -> Parsed:
        """The one thing in an update."""
        try:
            batch = payloads.parse(body)
        except NotJson as error:
            raise Unreadable(str(error)) from error
        parsed = Parsed(ignored=list(batch.ignored.elements()))
        parsed.broken = [Broken(item.raw, item.reason) for item in batch.broken]
        parsed.inbound = [
            *(_said(message) for message in batch.messages),
            *(_edited(message) for message in batch.edits),
            *(_pressed(press) for press in batch.presses),
        ]
        parsed.shown = [
            Shown(None, [f"telegram:{each.sender.id}"], Attitude.BLOCKED, each.is_blocked, each.timestamp)
            for each in batch.memberships
        ]
        return parsed

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One call. Telegram tells nothing of what becomes of it."""
        _, _, chat = message.address.partition(":")
        if message.voice is not None and (said := await self._speak(account, chat, message, message.voice)):
            return said
        if message.file is not None:
            return await self._hand_over(self._client(account), chat, message.file, message.text or None)
        rows = [[(each, each)] for each in message.choices]  # the words come back when they are pressed
        return Sent((await self._client(account).send_text(chat, message.text, buttons=rows)).id)

    async def attend(self, account: Account, attention: Attention) -> None:
        """Typing is shown; bots do not say what they have read."""
        if attention.typing:
            await self._client(account).typing(attention.address.partition(":")[2])

    async def _speak(self, account: Account, chat: str, message: Outgoing, spoken: bytes) -> Sent | None:
        """As a voice message with its words below; None when Telegram does not take it: then the text goes."""
        words = message.text if utf16_length(message.text) <= LONGEST_CAPTION else None
        try:
            return Sent((await self._client(account).send_voice(chat, spoken, caption=words)).id)
        except TelegramRejected as refusal:
            if refusal.reason in (Reason.AUTH, Reason.RECIPIENT, Reason.MOVED):
                raise
            return None

    async def _hand_over(self, ours: Telegram, chat: str, file: OutgoingFile, words: str | None) -> Sent:
        """A file, with the words below it; a picture of a shape that Telegram does not show is sent as a document."""
        try:
            return Sent((await _handed(ours, chat, file, words)).id)
        except TelegramRejected as refusal:
            if file.enclosed.kind is not FileKind.IMAGE or refusal.reason not in _OF_THE_PICTURE:
                raise
        document = dataclasses.replace(file, enclosed=dataclasses.replace(file.enclosed, kind=FileKind.DOCUMENT))
        return Sent((await _handed(ours, chat, document, words)).id)

    async def fetch_media(self, account: Account, media: Media, *, most_bytes: int) -> bytes:
        """In two steps: where it lies, then the bytes; never more than Telegram gives to bots."""
        most = min(most_bytes, LARGEST_DOWNLOAD_BYTES)
        if media.size is not None and media.size > most:
            raise MediaTooLarge
        ours = self._client(account)
        place = await ours.get_file(str(media.reference.get("file_id") or ""))
        if place.size is not None and place.size > most:
            raise MediaTooLarge
        return await ours.download(place.path, most)

    async def answer_press(self, account: Account, press: str) -> None:
        """The button stops to wait; after a minute nobody does any more."""
        with suppress(Rejected):
            await self._client(account).answer_callback(press)

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """The bot whose id its token begins with. The secret stays the same as long as the token does."""
        token = given["bot_token"]
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise Rejected(0, reason="this is not a token as BotFather gives them")
        secret = crypto.derive(f"telegram webhook {token}").hex()
        return Described(external_id=found[1], app_secret=secret, access_token=token, settings=settings)

    async def probe(self, account: Account) -> str:
        """The bot says what it is called."""
        bot = await self._client(account).get_me()
        return f"@{bot.username}" if bot.username else bot.name

    async def subscribe(self, account: Account, url: str, app_secret: str) -> bool:
        """Telegram posts to the address from now on, each time with the secret."""
        await self._client(account).set_webhook(url, app_secret)
        return True

    def shown(self, headers: Mapping[str, str]) -> str | None:
        """The secret that came with an update."""
        return webhook_secret.secret_in(headers)

    async def examine(self, account: Account, url: str) -> Health:
        """Where updates go, and why they do not arrive. A bot's token ends when its owner says so."""
        info = await self._client(account).webhook_info()
        if info.url != url:
            return Health(webhook_trouble="not_set" if not info.url else "elsewhere")
        return Health(webhook_trouble=info.last_error if info.pending else None)

    async def unsubscribe(self, account: Account) -> None:
        """Telegram posts nothing any more and keeps what waits for a day."""
        await self._client(account).delete_webhook()

    def _client(self, account: Account) -> Telegram:
        known = self._clients.get(account.id)
        if known is None or known[0] is not account:
            base = str(account.settings.get("api_base") or self._api_base)
            self._clients[account.id] = known = (account, Telegram(self._http, base, account.access_token))
        return known[1]


async def _handed(ours: Telegram, chat: str, file: OutgoingFile, words: str | None) -> SentMessage:
    kind, name, mime = file.enclosed.kind, file.enclosed.name, file.enclosed.mime
    if kind is FileKind.IMAGE:
        return await ours.send_photo(chat, file.lying, mime=mime, caption=words)
    if kind is FileKind.VIDEO:
        return await ours.send_video(chat, file.lying, name, mime=mime, caption=words)
    if kind is FileKind.AUDIO and mime == _VOICE_NOTE:
        return await ours.send_voice(chat, file.lying, mime=mime, caption=words)
    if kind is FileKind.AUDIO:
        return await ours.send_audio(chat, file.lying, name, mime=mime, caption=words)
    return await ours.send_document(chat, file.lying, name, mime=mime, caption=words)


def _said(message: Message) -> Inbound:
    payload = _payload(message)
    if message.start_payload:
        payload["start"] = message.start_payload
    if message.reply_to:
        payload["reply_to"] = message.reply_to
    if payload["kind"] != MessageKind.TEXT:
        payload["raw"] = message.raw
    payload = contents.kept(payload, contents.of_telegram(message))
    if message.media_group_id:
        payload["part_of"] = message.media_group_id
    if message.media is not None and message.media.mime != _MOVING_STICKER:
        payload["media"] = [_media(message.type, message.media).in_payload()]
    return Inbound(None, message.id, [f"telegram:{message.sender.id}"], payload, message.timestamp)


def _media(kind: MessageType, file: File) -> Media:
    return Media(
        _FILES.get(kind, "document"), {"file_id": file.file_id}, voice=file.is_voice, name=file.name or "",
        mime=file.mime, size=file.size,
    )  # fmt: skip


def _edited(message: Message) -> Inbound:
    payload = _payload(message) | {"target": message.id}
    key = f"edit:{message.update_id}"
    return Inbound(None, key, [f"telegram:{message.sender.id}"], payload, message.edited_at, EventKind.EDIT)


def _payload(message: Message) -> dict[str, object]:
    kind = _KINDS.get(message.type, MessageKind.MEDIA)
    payload: dict[str, object] = {"kind": kind.value, "type": message.type.value, "text": message.text or ""}
    if message.sender.name:
        payload["name"] = message.sender.name
    return payload


def _pressed(press: Press) -> Inbound:
    """A button: its words are what the person chose to say."""
    payload: dict[str, object] = {
        "kind": MessageKind.TEXT.value, "type": "button", "text": press.data or "", "press": press.id,
    }  # fmt: skip
    if press.sender.name:
        payload["name"] = press.sender.name
    return Inbound(None, f"press:{press.id}", [f"telegram:{press.sender.id}"], payload)

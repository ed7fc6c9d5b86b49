"""Telegram: updates with a shared secret in, Bot API calls out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from lumi.core import crypto
from lumi.core.http import Http, Rejected
from lumi.core.outside_json import Unreadable as NotJson
from lumi.integrations.telegram import payloads, webhook_secret
from lumi.integrations.telegram.client import Telegram
from lumi.integrations.telegram.shapes import Message, MessageType, Press
from lumi.modules.channels.adapters.ports import Health
from lumi.modules.channels.errors import Unreadable
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values import (
    Account,
    Attention,
    Broken,
    Channel,
    Described,
    EventKind,
    Inbound,
    MessageKind,
    Need,
    Outgoing,
    Parsed,
    ProviderApp,
    Sent,
)

_TOKEN = re.compile(r"([0-9]{1,20}):[A-Za-z0-9_-]{20,100}")
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
        parsed.ignored += ["member.blocked" if each.is_blocked else "member.back" for each in batch.memberships]
        return parsed

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One call. Telegram tells nothing of what becomes of it."""
        _, _, chat = message.address.partition(":")
        return Sent((await self._client(account).send_text(chat, message.text)).id)

    async def attend(self, account: Account, attention: Attention) -> None:
        """Typing is shown; bots do not say what they have read."""
        if attention.typing:
            await self._client(account).typing(attention.address.partition(":")[2])

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


def _said(message: Message) -> Inbound:
    payload = _payload(message)
    if message.start_payload:
        payload["start"] = message.start_payload
    if message.reply_to:
        payload["reply_to"] = message.reply_to
    if payload["kind"] != MessageKind.TEXT:
        payload["raw"] = message.raw
    return Inbound(None, message.id, [f"telegram:{message.sender.id}"], payload, message.timestamp)


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

"""WhatsApp Cloud: signed webhooks in, Graph calls out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from uuid import UUID

from lumi.core.http import Http
from lumi.integrations.graph import signature
from lumi.integrations.whatsapp import client, payloads
from lumi.modules.channels.adapters.ports import Health
from lumi.modules.channels.errors import Unreadable
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values import (
    Account,
    Attention,
    Broken,
    Channel,
    DeliveryState,
    Described,
    EventKind,
    Inbound,
    MessageKind,
    Need,
    Outgoing,
    Parsed,
    ProviderApp,
    Receipt,
    Sent,
)

_KINDS = {
    "text": MessageKind.TEXT,
    "button": MessageKind.TEXT,
    "interactive": MessageKind.TEXT,
    "image": MessageKind.MEDIA,
    "video": MessageKind.MEDIA,
    "audio": MessageKind.MEDIA,
    "voice": MessageKind.MEDIA,
    "document": MessageKind.MEDIA,
    "sticker": MessageKind.MEDIA,
    "location": MessageKind.LOCATION,
    "contacts": MessageKind.CONTACTS,
    "reaction": MessageKind.REACTION,
}
_CHANGES = {"edit": EventKind.EDIT, "revoke": EventKind.DELETION}
_SILENT = frozenset({"system", "request_welcome", "ephemeral"})
_STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}


class WhatsAppAdapter:
    """The regular pair for WhatsApp."""

    channel = Channel.WHATSAPP
    capabilities = CAPABILITIES[Channel.WHATSAPP]
    needs: Sequence[Need] = (
        Need("phone_number_id", "Phone number id (digits, from the app's WhatsApp page)", secret=False, is_id=True),
        Need("app_secret", "App secret"),
        Need("access_token", "Access token"),
        Need("verify_token", "Verify token", required=False),
    )

    def __init__(self, http: Http, *, api_base: str, version: str) -> None:
        """`api_base` and `version` serve accounts that name none of their own."""
        self._http, self._api_base, self._version = http, api_base, version
        self._clients: dict[UUID, tuple[Account, client.WhatsApp]] = {}

    def verify(self, headers: Mapping[str, str], body: bytes, app: ProviderApp) -> bool:
        """The HMAC of the raw bytes with the app's secret."""
        return signature.verify(app.secret, body, headers.get(signature.HEADER.lower()))

    def challenge(self, query: Mapping[str, str], app: ProviderApp) -> str | None:
        """The challenge, when the verify token is this app's."""
        return signature.challenge(query, app.verify_token)

    def parse(self, body: bytes) -> Parsed:
        """Messages and statuses of every account in the body."""
        try:
            batch = payloads.parse(body)
        except payloads.Unreadable as error:
            raise Unreadable(str(error)) from error
        parsed = Parsed(ignored=list(batch.ignored.elements()))
        parsed.broken = [Broken(item.raw, item.reason, item.phone_number_id) for item in batch.broken]
        for message in batch.messages:
            if message.group_id is not None or message.type in _SILENT:
                parsed.ignored.append("message.group" if message.group_id else f"message.{message.type}")
            else:
                parsed.inbound.append(_inbound(message))
        for echo in batch.echoes:
            _take_echo(parsed, echo)
        for status in batch.statuses:
            _take_status(parsed, status)
        parsed.ignored += [f"notice.{notice.kind}" for notice in batch.notices]
        return parsed

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One POST; our key travels along and comes back with every status."""
        _, _, address = message.address.partition(":")
        sent = await self._client(account).send_text(
            address, message.text, callback_data=str(message.key), attempt=message.attempt
        )
        return Sent(sent.id)

    async def attend(self, account: Account, attention: Attention) -> None:
        """Blue ticks, for this message and those before it."""
        await self._client(account).mark_read(attention.message_id, typing=attention.typing)

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """Its number; without a verify token nobody can subscribe by challenge, so an unguessable one stands in."""
        return Described(
            external_id=given["phone_number_id"], app_secret=given["app_secret"], access_token=given["access_token"],
            verify_token=given.get("verify_token") or secrets.token_urlsafe(24), settings=settings,
        )  # fmt: skip

    async def probe(self, account: Account) -> str:
        """The number describes itself."""
        known = await self._client(account).describe_number()
        return known.display_phone_number or account.name

    async def subscribe(self, account: Account, url: str, app_secret: str) -> bool:
        """Meta's console is where the app's owner enters the address."""
        return False

    async def examine(self, account: Account, url: str) -> Health:
        """When its token ends. Whether the number's events are posted only its business account could tell."""
        return Health(await self._client(account).token_expires_at())

    def _where(self, settings: Mapping[str, object]) -> tuple[str, str]:
        return str(settings.get("api_base") or self._api_base), str(settings.get("graph_version") or self._version)

    def _client(self, account: Account) -> client.WhatsApp:
        known = self._clients.get(account.id)
        if known is None or known[0] is not account:
            base, version = self._where(account.settings)
            fresh = client.WhatsApp(self._http, base, version, account.access_token, account.external_id)
            self._clients[account.id] = known = (account, fresh)
        return known[1]


def _inbound(message: payloads.Message) -> Inbound:
    addresses = [
        f"{kind}:{value}"
        for kind, value in (("phone", message.from_phone), ("whatsapp", message.from_user_id))
        if value
    ]
    payload: dict[str, object] = {
        "kind": _KINDS.get(message.type, MessageKind.OTHER).value,
        "type": message.type,
        "text": message.text or "",
    }
    if message.profile_name:
        payload["name"] = message.profile_name
    if message.context_id:
        payload["reply_to"] = message.context_id
    if message.type in _CHANGES:
        payload["target"] = message.target_id or ""
    elif payload["kind"] != MessageKind.TEXT:
        payload["raw"] = message.raw
    kind = _CHANGES.get(message.type, EventKind.MESSAGE)
    return Inbound(message.phone_number_id, message.id, addresses, payload, message.timestamp, kind)


def _take_echo(parsed: Parsed, echo: payloads.Echo) -> None:
    """What a person wrote in the WhatsApp Business app on the same number; what they changed there stays there."""
    addresses = [
        f"{kind}:{value}" for kind, value in (("phone", echo.to_phone), ("whatsapp", echo.to_user_id)) if value
    ]
    if echo.type in _CHANGES or not addresses:
        parsed.ignored.append("echo.change")
        return
    payload: dict[str, object] = {
        "kind": _KINDS.get(echo.type, MessageKind.OTHER).value, "type": echo.type, "text": echo.text or "",
    }  # fmt: skip
    parsed.inbound.append(Inbound(echo.phone_number_id, echo.id, addresses, payload, echo.timestamp, EventKind.ECHO))


def _take_status(parsed: Parsed, status: payloads.Status) -> None:
    state = _STATES.get(status.status)
    if state is None:
        parsed.ignored.append(f"status.{status.status}")
        return
    error = None
    if status.errors:
        first = status.errors[0]
        error = f"{first.code} {first.title or ''}".strip()
    parsed.receipts.append(Receipt(status.phone_number_id, status.id, state, _key(status.callback_data), error))


def _key(callback_data: str | None) -> UUID | None:
    try:
        return UUID(callback_data) if callback_data else None
    except ValueError:
        return None

"""WhatsApp Cloud: signed webhooks in, Graph calls out."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping, Sequence
from uuid import UUID

from lumi.core.http import Http, OutsideFailure, Rejected
from lumi.integrations.graph import signature
from lumi.integrations.whatsapp import client, payloads
from lumi.integrations.whatsapp.account_calls import Template as KnownTemplate
from lumi.integrations.whatsapp.choices import Button, Row, Section
from lumi.integrations.whatsapp.contents import IdentityChange, MediaRef
from lumi.integrations.whatsapp.envelope import enveloped
from lumi.integrations.whatsapp.errors import Reason, TooLarge, lasting_of, reason_of
from lumi.integrations.whatsapp.media_calls import LARGEST_VOICE_NOTE
from lumi.integrations.whatsapp.outgoing import MediaKind
from lumi.modules.channels.adapters import contents
from lumi.modules.channels.adapters.ports import Health
from lumi.modules.channels.errors import MediaTooLarge, Unreadable
from lumi.modules.channels.rules import CAPABILITIES, Form, Verdict, form
from lumi.modules.channels.values.accounts import Account, Described, Need, ProviderApp
from lumi.modules.channels.values.failures import called, noted
from lumi.modules.channels.values.incoming import Broken, Inbound, Media, Moved, Parsed, Receipt, Shown
from lumi.modules.channels.values.kinds import Attitude, Channel, DeliveryState, EventKind, MessageKind, TemplateStatus
from lumi.modules.channels.values.media import Carries, OutgoingFile
from lumi.modules.channels.values.outgoing import Attention, Outgoing, SeenTemplate, Sent

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
_FILES = {"image": "image", "sticker": "image", "video": "video", "audio": "audio", "voice": "audio"}
VOICE_NOTE = "audio/ogg; codecs=opus"
_CHANGES = {"edit": EventKind.EDIT, "revoke": EventKind.DELETION}
_SILENT = frozenset({"system", "request_welcome", "ephemeral"})
_STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}
# What somebody wants of what they did not ask for.
_WISHES = {"stop": True, "resume": False}
_TEMPLATE_STATES = {
    "APPROVED": TemplateStatus.APPROVED,
    "PENDING": TemplateStatus.PENDING,
    "IN_APPEAL": TemplateStatus.PENDING,
    "PAUSED": TemplateStatus.PAUSED,
    "REJECTED": TemplateStatus.REJECTED,
}
_OPUS = "audio/ogg"  # all that WhatsApp takes of Ogg, and only under its whole name
# The setting that says whose templates a number may send.
BUSINESS_ACCOUNT = "business_account_id"


class WhatsAppAdapter:
    """The regular pair for WhatsApp."""

    channel = Channel.WHATSAPP
    capabilities = CAPABILITIES[Channel.WHATSAPP]
    carries = Carries.BEFORE
    needs: Sequence[Need] = (
        Need("phone_number_id", "Phone number id (digits, from the app's WhatsApp page)", secret=False, is_id=True),
        Need("app_secret", "App secret"),
        Need("access_token", "Access token"),
        Need("verify_token", "Verify token", required=False),
        Need(
            "business_account_id", "WhatsApp Business account id (digits; for templates)", secret=False, required=False
        ),
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
            if isinstance(message.content, IdentityChange):
                _take_change(parsed, message, message.content)
            elif message.group_id is not None or message.type in _SILENT:
                parsed.ignored.append("message.group" if message.group_id else f"message.{message.type}")
            else:
                parsed.inbound.append(_inbound(message))
        for echo in batch.echoes:
            _take_echo(parsed, echo)
        for status in batch.statuses:
            _take_status(parsed, status)
        for notice in batch.notices:
            parsed.templates_changed |= notice.template is not None
            _take_notice(parsed, notice)
        return parsed

    def enveloped(self, part: bytes, external_id: str) -> bytes:
        """The body in which an item of this number comes."""
        return enveloped(part, external_id)

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One POST; our key travels along and comes back with every status."""
        _, _, address = message.address.partition(":")
        if message.voice is not None and (said := await self._speak(account, address, message, message.voice)):
            return said
        return Sent((await self._say(self._client(account), address, message)).id)

    async def bring(self, account: Account, file: OutgoingFile) -> str:
        """The media id, good for thirty days."""
        enclosed = file.enclosed
        mime = VOICE_NOTE if enclosed.mime == _OPUS else enclosed.mime
        return await self._client(account).upload_media(file.lying, mime, enclosed.name)

    async def attend(self, account: Account, attention: Attention) -> None:
        """Blue ticks, for this message and those before it."""
        await self._client(account).mark_read(attention.message_id, typing=attention.typing)

    async def _speak(self, account: Account, address: str, message: Outgoing, spoken: bytes) -> Sent | None:
        """As a voice note; None when it was surely not sent, and never will be: then the text goes."""
        ours = self._client(account)
        try:
            media_id = await ours.upload_media(spoken, VOICE_NOTE, "voice.ogg")
        except OutsideFailure:
            return None  # an upload that is lost has told nobody anything
        try:
            sent = await ours.send_media(
                address, MediaKind.AUDIO, callback_data=str(message.key), media_id=media_id, voice=True,
                attempt=message.attempt,
            )  # fmt: skip
        except Rejected:
            return None
        return Sent(sent.id)

    async def fetch_media(self, account: Account, media: Media, *, most_bytes: int) -> bytes:
        """By its address while that lives, else by its id."""
        found = {key: value for key, value in media.reference.items() if isinstance(value, str)}
        try:
            return await self._client(account).download_media(
                found.get("url"), most_bytes, found.get("sha256"), media_id=found.get("id")
            )
        except TooLarge as refusal:
            raise MediaTooLarge from refusal

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """Its number; without a verify token nobody can subscribe by challenge, so an unguessable one stands in."""
        whose = given.get(BUSINESS_ACCOUNT)
        if whose is not None:
            settings = {**settings, BUSINESS_ACCOUNT: whose}
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

    async def templates(self, account: Account) -> Sequence[SeenTemplate]:
        """Every template of the business account the number belongs to, as its owner named it."""
        whose = str(account.settings.get(BUSINESS_ACCOUNT) or "")
        if not whose.isdecimal():
            raise Rejected(0, reason="the number's business account is not known: connect it again with its id")
        return [_template(each) for each in await self._client(account).list_templates(whose)]

    async def _say(self, whatsapp: client.WhatsApp, to: str, message: Outgoing) -> client.SentMessage:
        key, attempt = str(message.key), message.attempt
        if (template := message.template) is not None:
            return await whatsapp.send_template(
                to, template.name, template.language, parameters=_in_place(template.fills), callback_data=key,
                attempt=attempt,
            )  # fmt: skip
        if message.file is not None:
            return await self._hand_over(whatsapp, to, message, message.file)
        if not message.choices:
            return await whatsapp.send_text(to, message.text, callback_data=key, attempt=attempt)
        if form(message.text, message.choices, self.capabilities) is Form.BUTTONS:
            buttons = [Button(each, each) for each in message.choices]
            return await whatsapp.send_buttons(to, message.text, buttons, callback_data=key, attempt=attempt)
        rows = Section("", tuple(Row(each, each) for each in message.choices))
        return await whatsapp.send_list(to, message.text, message.menu, [rows], callback_data=key, attempt=attempt)

    async def _hand_over(
        self, whatsapp: client.WhatsApp, to: str, message: Outgoing, file: OutgoingFile
    ) -> client.SentMessage:
        enclosed, kind = file.enclosed, MediaKind(file.enclosed.kind.value)
        is_note = enclosed.mime == _OPUS and enclosed.size_bytes <= LARGEST_VOICE_NOTE
        return await whatsapp.send_media(
            to, kind, callback_data=str(message.key), media_id=file.reference, caption=message.text or None,
            filename=enclosed.name if kind is MediaKind.DOCUMENT else None, voice=is_note,
            attempt=message.attempt,
        )  # fmt: skip

    def _where(self, settings: Mapping[str, object]) -> tuple[str, str]:
        return str(settings.get("api_base") or self._api_base), str(settings.get("graph_version") or self._version)

    def _client(self, account: Account) -> client.WhatsApp:
        known = self._clients.get(account.id)
        if known is None or known[0] is not account:
            base, version = self._where(account.settings)
            fresh = client.WhatsApp(self._http, base, version, account.access_token, account.external_id)
            self._clients[account.id] = known = (account, fresh)
        return known[1]


def _template(seen: KnownTemplate) -> SeenTemplate:
    status = _TEMPLATE_STATES.get(seen.status.upper(), TemplateStatus.DISABLED)
    plain = all(
        str(each.get("type")).upper() in {"BODY", "FOOTER"} or ("{{" not in str(each) and not _wants_file(each))
        for each in seen.components
    )
    return SeenTemplate(
        seen.id, seen.name, seen.language, seen.category, seen.body, status, seen.rejected_reason, plain
    )  # fmt: skip


def _wants_file(component: Mapping[str, object]) -> bool:
    return str(component.get("type")).upper() == "HEADER" and str(component.get("format")).upper() != "TEXT"


def _in_place(fills: Mapping[str, str]) -> Sequence[str] | Mapping[str, str]:
    """What fills a template: by name, or in the order of its numbers."""
    if all(place.isdecimal() for place in fills):
        return [fills[place] for place in sorted(fills, key=int)]
    return fills


def _inbound(message: payloads.Message) -> Inbound:
    addresses = _addresses(message.from_phone, message.from_user_id)
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
        if message.media is not None:
            payload["media"] = [_media(message.type, message.media).in_payload()]
    payload = contents.kept(payload, contents.of_whatsapp(message))
    kind = _CHANGES.get(message.type, EventKind.MESSAGE)
    return Inbound(message.phone_number_id, message.id, addresses, payload, message.timestamp, kind)


def _media(kind: str, found: MediaRef) -> Media:
    reference = {"id": found.id, "url": found.url, "sha256": found.sha256}
    return Media(_FILES.get(kind, "document"), reference, voice=found.voice, name=found.filename or "", mime=found.mime)


def _take_change(parsed: Parsed, message: payloads.Message, change: IdentityChange) -> None:
    """WhatsApp says how somebody is reached now. With a number their user id changes too, and the old one is free."""
    now = _addresses(change.phone, change.user_id)
    was = [*_addresses(message.from_phone, message.from_user_id), *_addresses(None, change.previous_user_id)]
    left = _addresses(message.from_phone, None) if change.phone is not None else []
    unnamed = change.phone is not None and change.user_id is None
    _take_move(parsed, Moved(message.phone_number_id, now, was, left, unnamed, message.timestamp))


def _take_notice(parsed: Parsed, notice: payloads.AccountNotice) -> None:
    if notice.kind is payloads.NoticeKind.PREFERENCE and notice.event in _WISHES:
        addresses = _addresses(notice.phone, notice.user_id)
        holds = _WISHES[notice.event]
        parsed.shown.append(Shown(notice.phone_number_id, addresses, Attitude.OPTED_OUT, holds, notice.at))
        return
    if notice.kind is not payloads.NoticeKind.USER_ID:
        parsed.ignored.append(f"notice.{notice.kind}")
        return
    now, was = _addresses(None, notice.current), _addresses(notice.phone, notice.previous)
    _take_move(parsed, Moved(notice.phone_number_id, now, was, at=notice.at))


def _take_move(parsed: Parsed, moved: Moved) -> None:
    was = [each for each in dict.fromkeys(moved.was) if each not in moved.now]
    left = [each for each in moved.left if each not in moved.now]
    if moved.now and was:
        parsed.moved.append(dataclasses.replace(moved, was=was, left=left))
    else:
        parsed.ignored.append("message.system")


def _addresses(phone: str | None, user_id: str | None) -> list[str]:
    return [f"{kind}:{value}" for kind, value in (("phone", phone), ("whatsapp", user_id)) if value]


def _take_echo(parsed: Parsed, echo: payloads.Echo) -> None:
    """What a person wrote in the WhatsApp Business app on the same number; what they changed there stays there."""
    addresses = _addresses(echo.to_phone, echo.to_user_id)
    if echo.type in _CHANGES or not addresses:
        parsed.ignored.append("echo.change")
        return
    payload: dict[str, object] = {
        "kind": _KINDS.get(echo.type, MessageKind.OTHER).value, "type": echo.type, "text": echo.text or "",
    }  # fmt: skip
    payload = contents.kept(payload, contents.of_echo(echo))
    parsed.inbound.append(Inbound(echo.phone_number_id, echo.id, addresses, payload, echo.timestamp, EventKind.ECHO))


def _take_status(parsed: Parsed, status: payloads.Status) -> None:
    state = _STATES.get(status.status)
    if state is None:
        parsed.ignored.append(f"status.{status.status}")
        return
    error = None
    if status.errors:
        first = status.errors[0]
        why = reason_of(first.code)
        said = noted(called(why), f"{first.code} {first.title or ''}".strip())
        error = Verdict.WINDOW_CLOSED.value if why is Reason.WINDOW else said
        _take_lasting(parsed, status, first.code)
    parsed.receipts.append(Receipt(status.phone_number_id, status.id, state, _key(status.callback_data), error))


def _take_lasting(parsed: Parsed, status: payloads.Status, code: int) -> None:
    """What a failure says beyond its message."""
    word = lasting_of(code)
    if word == Attitude.OPTED_OUT:
        addresses = _addresses(status.recipient_phone, status.recipient_user_id)
        parsed.shown.append(Shown(status.phone_number_id, addresses, Attitude.OPTED_OUT, at=status.timestamp))
    elif word is not None:
        parsed.templates_changed = True


def _key(callback_data: str | None) -> UUID | None:
    try:
        return UUID(callback_data) if callback_data else None
    except ValueError:
        return None

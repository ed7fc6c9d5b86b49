"""Messenger and Instagram: the same signed webhooks in, Send API calls out, each with its own limits."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Generic, TypeVar
from uuid import UUID

import orjson

from lumi.core.clock import now
from lumi.core.http import Http, Rejected
from lumi.core.http.fetcher import Fetcher, TooMuch, web_address
from lumi.core.outside_json import Unreadable as NotJson
from lumi.integrations.graph import messaging, signature
from lumi.integrations.graph import messaging_shapes as shapes
from lumi.integrations.graph.send_api import SenderAction
from lumi.integrations.graph.send_errors import INVALID_PARAMETER, SendRejected
from lumi.integrations.instagram import payloads as instagram_payloads
from lumi.integrations.instagram.client import Instagram
from lumi.integrations.messenger import payloads as messenger_payloads
from lumi.integrations.messenger.client import Messenger
from lumi.modules.channels.adapters import contents
from lumi.modules.channels.adapters.ports import Health
from lumi.modules.channels.errors import MediaTooLarge, Unreadable
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values.accounts import Account, Described, Need, ProviderApp
from lumi.modules.channels.values.incoming import Announced, Broken, Inbound, Media, Parsed, Receipt, Watermark
from lumi.modules.channels.values.kinds import Channel, DeliveryState, EventKind, MessageKind
from lumi.modules.channels.values.media import Carries, OutgoingFile
from lumi.modules.channels.values.outgoing import Attention, Outgoing, Sent
from lumi.modules.files.public import FileKind

RENEWED_BEFORE = timedelta(days=30)

C = TypeVar("C", Messenger, Instagram)

# What a story holds is known when it is there; its address lives for a day at most.
_FILES = {
    "image": "image", "sticker": "image", "audio": "audio", "video": "video", "file": "document",
    "story_mention": "image", "ig_story": "image", "ig_reel": "video", "reel": "video",
}  # fmt: skip
_KINDS = {
    FileKind.IMAGE: shapes.AttachmentKind.IMAGE, FileKind.AUDIO: shapes.AttachmentKind.AUDIO,
    FileKind.VIDEO: shapes.AttachmentKind.VIDEO, FileKind.DOCUMENT: shapes.AttachmentKind.FILE,
}  # fmt: skip
_FETCH_SECONDS = 60.0
_STATES = {
    shapes.ReceiptState.DELIVERED: DeliveryState.DELIVERED,
    shapes.ReceiptState.READ: DeliveryState.READ,
}


class MetaAdapter(Generic[C]):
    """What Messenger and Instagram have in common. `_id` is the need that names the account, `_object` Meta's word."""

    channel: Channel
    carries = Carries.NOTHING
    needs: Sequence[Need]
    _id: str
    _object: str
    _parse: Callable[[bytes], shapes.Batch]
    echoes_metadata = False

    def __init__(self, http: Http, *, api_base: str, version: str) -> None:
        """`api_base` and `version` serve accounts that name none of their own."""
        self._http, self._api_base, self._version = http, api_base, version
        self._clients: dict[UUID, tuple[Account, C]] = {}
        self.capabilities = CAPABILITIES[self.channel]

    def verify(self, headers: Mapping[str, str], body: bytes, app: ProviderApp) -> bool:
        """The HMAC of the raw bytes with the app's secret."""
        return signature.verify(app.secret, body, headers.get(signature.HEADER.lower()))

    def challenge(self, query: Mapping[str, str], app: ProviderApp) -> str | None:
        """The challenge, when the verify token is this app's."""
        return signature.challenge(query, app.verify_token)

    def parse(self, body: bytes) -> Parsed:
        """Everything of every account in the body."""
        try:
            batch = type(self)._parse(body)
        except NotJson as error:
            raise Unreadable(str(error)) from error
        parsed = Parsed(ignored=list(batch.ignored.elements()))
        parsed.broken = [Broken(item.raw, item.reason, item.account_id) for item in batch.broken]
        parsed.inbound = [self._said(message) for message in batch.messages]
        for reaction in batch.reactions:
            self._take_reaction(parsed, reaction)
        for edit in batch.edits:
            self._take_edit(parsed, edit)
        for deletion in batch.deletions:
            self._take_deletion(parsed, deletion)
        for echo in batch.echoes:
            self._take_echo(parsed, echo)
        for receipt in batch.receipts:
            self._take_receipt(parsed, receipt)
        parsed.ignored += ["arrival.none"] * len(batch.arrivals)
        return parsed

    def enveloped(self, part: bytes, external_id: str) -> bytes:
        """The body in which an item of this account comes."""
        return messaging.enveloped(part, self._object, external_id)

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One call, told apart as a person's where only a person may still write. A file is fetched by Meta."""
        _, _, person = message.address.partition(":")
        if message.file is not None:
            return Sent(await self._hand_over(account, person, message, message.file))
        return Sent(await self._say(account, person, message))

    async def attend(self, account: Account, attention: Attention) -> None:
        """The person's messages are seen, and an answer is on its way."""
        person = attention.address.partition(":")[2]
        await self._client(account).sender_action(person, SenderAction.MARK_SEEN)
        if attention.typing:
            await self._client(account).sender_action(person, SenderAction.TYPING_ON)

    def assume(self, given: Mapping[str, str], settings: Mapping[str, object]) -> Described:
        """The account that is named; without a verify token an unguessable one is made."""
        return Described(
            external_id=given[self._id], app_secret=given["app_secret"], access_token=given["access_token"],
            verify_token=given.get("verify_token") or secrets.token_urlsafe(24), settings=settings,
        )  # fmt: skip

    async def probe(self, account: Account) -> str:
        """The account says what it is called; a token of another one is refused."""
        return (await self._client(account).describe()).name or account.name

    async def subscribe(self, account: Account, url: str, app_secret: str) -> bool:
        """The fields we read are asked for; the address itself is entered in the app's console."""
        await self._client(account).subscribe()
        return False

    async def examine(self, account: Account, url: str) -> Health:
        """When its token ends, and whether anything is posted: Meta ends the subscription of who fails for an hour."""
        token = await self._token(account)
        fields = await self._client(account).subscribed_fields()
        return dataclasses.replace(token, webhook_trouble=None if fields else "unsubscribed")

    async def unsubscribe(self, account: Account) -> None:
        """Meta posts nothing of this account to the app any more."""
        await self._client(account).unsubscribe()

    async def read_announced(self, account: Account, message_id: str) -> Parsed:
        """The words, which are all that Meta tells this way: of a message without any the person is asked for some."""
        try:
            found = await self._client(account).read_message(message_id)
        except Rejected as refusal:
            return Parsed(broken=[Broken(self.announcement(account, message_id), str(refusal), account.external_id)])
        theirs = found.from_id is not None and account.external_id in found.to_ids
        if found.from_id is None or not theirs:
            return Parsed(ignored=["announced.foreign"])
        kind = MessageKind.TEXT if found.text else MessageKind.OTHER
        payload: dict[str, object] = {"kind": kind.value, "type": "message", "text": found.text or ""}
        return Parsed(
            inbound=[Inbound(account.external_id, message_id, self._address(found.from_id), payload, found.at)]
        )

    def announcement(self, account: Account, message_id: str) -> bytes:
        """The body that announces it, as it would come again: without a time, so that it is the same each time."""
        item = {"message_edit": {"mid": message_id, "num_edit": 0}}
        entry = {"id": account.external_id, "messaging": [item]}
        return orjson.dumps({"object": self._object, "entry": [entry]})

    async def _token(self, account: Account) -> Health:
        return Health(await self._client(account).token_expires_at())

    async def fetch_media(self, account: Account, media: Media, *, most_bytes: int) -> bytes:
        """By its address, which is open to everybody and does not live long: Meta gives no other."""
        url = str(media.reference.get("url") or "")
        base = str(account.settings.get("api_base") or self._api_base)
        if web_address(url).origin() == web_address(base).origin():  # the server our calls go to anyway
            answer = await self._http.request(self.channel.value, "GET", url, timeout=_FETCH_SECONDS, repeatable=True)
            if len(answer.body) > most_bytes:
                raise MediaTooLarge
            return answer.body
        try:
            return (await Fetcher(self._http).fetch(url, limit_bytes=most_bytes, timeout=_FETCH_SECONDS)).body
        except TooMuch as refusal:
            raise MediaTooLarge from refusal

    async def _hand_over(self, account: Account, person: str, message: Outgoing, file: OutgoingFile) -> str:
        sent = await self._client(account).send_attachment(
            person, _KINDS[file.enclosed.kind], file.url or "", human_agent=message.as_person,
            metadata=str(message.key) if self.echoes_metadata else None, attempt=message.attempt,
        )  # fmt: skip
        return sent.id

    async def _say(self, account: Account, person: str, message: Outgoing) -> str:
        raise NotImplementedError

    def _connected(self, account: Account, base: str, version: str) -> C:
        raise NotImplementedError

    def _client(self, account: Account) -> C:
        known = self._clients.get(account.id)
        if known is None or known[0] is not account:
            base = str(account.settings.get("api_base") or self._api_base)
            version = str(account.settings.get("graph_version") or self._version)
            self._clients[account.id] = known = (account, self._connected(account, base, version))
        return known[1]

    def _address(self, person_id: str) -> list[str]:
        return [f"{self.channel}:{person_id}"]

    def _said(self, message: shapes.Message) -> Inbound:
        payload: dict[str, object] = {
            "kind": _kind(message).value, "type": message.kind.value, "text": message.text or message.payload or "",
        }  # fmt: skip
        if message.reply_to:
            payload["reply_to"] = message.reply_to
        if payload["kind"] != MessageKind.TEXT:
            payload["raw"] = message.raw
        if found := [_media(each, each.url) for each in message.attachments if each.kind in _FILES and each.url]:
            payload["media"] = [each.in_payload() for each in found]
        payload = contents.kept(payload, contents.of_meta(message))
        return Inbound(message.account_id, message.id, self._address(message.person_id), payload, message.at)

    def _take_reaction(self, parsed: Parsed, reaction: shapes.Reaction) -> None:
        words = reaction.emoji or reaction.name
        if reaction.by_us or words is None:
            parsed.ignored.append("reaction.ours" if reaction.by_us else "reaction.taken_back")
            return
        payload = {
            "kind": MessageKind.REACTION.value, "type": "reaction", "text": words, "reply_to": reaction.message_id,
            "content": {"reaction": {"emoji": words, "target": reaction.message_id}},
        }  # fmt: skip
        address = self._address(reaction.person_id)
        parsed.inbound.append(Inbound(reaction.account_id, reaction.key, address, payload, reaction.at))

    def _take_edit(self, parsed: Parsed, edit: shapes.Edit) -> None:
        if edit.number == 0 and not edit.by_us:
            parsed.announced.append(Announced(edit.account_id, edit.message_id))
            return
        if edit.by_us or edit.person_id is None:
            parsed.ignored.append("edit.ours" if edit.by_us else "edit.of_nobody")
            return
        payload = {
            "kind": MessageKind.TEXT.value, "type": "edit", "text": edit.text or "", "target": edit.message_id,
        }  # fmt: skip
        address = self._address(edit.person_id)
        parsed.inbound.append(Inbound(edit.account_id, edit.key, address, payload, edit.at, EventKind.EDIT))

    def _take_deletion(self, parsed: Parsed, deletion: shapes.Deletion) -> None:
        if deletion.by_us:
            parsed.ignored.append("deletion.ours")
            return
        payload = {"kind": MessageKind.OTHER.value, "type": "deletion", "text": "", "target": deletion.message_id}
        address = self._address(deletion.person_id)
        parsed.inbound.append(
            Inbound(deletion.account_id, deletion.key, address, payload, deletion.at, EventKind.DELETION)
        )

    def _take_echo(self, parsed: Parsed, echo: shapes.Echo) -> None:
        ours = _delivery_in(echo.metadata)
        if ours is not None:
            parsed.receipts.append(Receipt(echo.account_id, echo.id, DeliveryState.SENT, ours))
            return
        payload: dict[str, object] = {"kind": MessageKind.TEXT.value, "type": "echo", "text": echo.text or ""}
        if not self.echoes_metadata:
            payload["unsigned"] = True  # it may be ours all the same
        if echo.attachments:
            payload["content"] = {"files": [each.kind for each in echo.attachments]}
        address = self._address(echo.person_id)
        parsed.inbound.append(Inbound(echo.account_id, echo.id, address, payload, echo.at, EventKind.ECHO))

    def _take_receipt(self, parsed: Parsed, receipt: shapes.Receipt) -> None:
        state = _STATES[receipt.state]
        parsed.receipts += [Receipt(receipt.account_id, each, state) for each in receipt.message_ids]
        if receipt.watermark is not None:
            address = self._address(receipt.person_id)[0]
            parsed.watermarks.append(Watermark(receipt.account_id, address, state, receipt.watermark))


class MessengerAdapter(MetaAdapter[Messenger]):
    """The regular pair for Messenger, whose echoes carry our key."""

    channel = Channel.MESSENGER
    needs: Sequence[Need] = (
        Need("page_id", "Id of the Facebook page", secret=False, is_id=True),
        Need("app_secret", "App secret"),
        Need("access_token", "Token of the page"),
        Need("verify_token", "Verify token", required=False),
    )
    _id = "page_id"
    _object = messenger_payloads.OBJECT
    echoes_metadata = True
    _parse = staticmethod(messenger_payloads.parse)

    async def _say(self, account: Account, person: str, message: Outgoing) -> str:
        sent = await self._client(account).send_text(
            person, message.text, human_agent=message.as_person, quick_replies=_replies(message),
            metadata=str(message.key), attempt=message.attempt,
        )  # fmt: skip
        return sent.id

    def _connected(self, account: Account, base: str, version: str) -> Messenger:
        return Messenger(self._http, base, version, account.access_token, account.external_id)


class InstagramAdapter(MetaAdapter[Instagram]):
    """The regular pair for Instagram."""

    channel = Channel.INSTAGRAM
    needs: Sequence[Need] = (
        Need("account_id", "Id of the professional account", secret=False, is_id=True),
        Need("app_secret", "Secret of the Instagram app"),
        Need("access_token", "Access token"),
        Need("verify_token", "Verify token", required=False),
    )
    _id = "account_id"
    _object = instagram_payloads.OBJECT
    _parse = staticmethod(instagram_payloads.parse)

    async def _token(self, account: Account) -> Health:
        """A token of Instagram Login is renewed in time: nobody tells when it ends but who renews it."""
        client, ends = self._client(account), account.token_expires_at
        if not client.renews_tokens:
            return await super()._token(account)
        if ends is not None and ends - now() > RENEWED_BEFORE:
            return Health(ends)
        try:
            renewed = await client.renew_token()
        except SendRejected as refusal:
            if refusal.code == INVALID_PARAMETER:  # younger than a day: there is time
                return Health(ends)
            raise
        return Health(renewed.expires_at, renewed.token) if renewed else Health(ends)

    async def _say(self, account: Account, person: str, message: Outgoing) -> str:
        sent = await self._client(account).send_text(
            person, message.text, human_agent=message.as_person, quick_replies=_replies(message),
            attempt=message.attempt,
        )  # fmt: skip
        return sent.id

    def _connected(self, account: Account, base: str, version: str) -> Instagram:
        return Instagram(self._http, base, version, account.access_token, account.external_id)


def _replies(message: Outgoing) -> list[tuple[str, str]]:
    return [(each, each) for each in message.choices]


def _kind(message: shapes.Message) -> MessageKind:
    if message.kind is shapes.MessageKind.UNSUPPORTED:
        return MessageKind.OTHER
    if any(each.latitude is not None for each in message.attachments):
        return MessageKind.LOCATION
    return MessageKind.MEDIA if message.attachments else MessageKind.TEXT


def _media(attachment: shapes.Attachment, url: str) -> Media:
    return Media(_FILES[attachment.kind], {"url": url}, voice=attachment.voice, name=attachment.title or "")


def _delivery_in(metadata: str | None) -> UUID | None:
    try:
        return UUID(metadata) if metadata else None
    except ValueError:
        return None

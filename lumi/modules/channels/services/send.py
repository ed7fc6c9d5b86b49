"""Sending: one façade for every channel, one attempt a call."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from lumi.core import crypto
from lumi.core.cache import Cache
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.http import OutsideFailure, Rejected
from lumi.core.ids import new_id
from lumi.core.known import MOST_KEPT, Known
from lumi.core.logging import get_logger
from lumi.integrations.speech.voice import Voice
from lumi.modules.channels.adapters.ports import (
    Adapter,
    AnswersPresses,
    Attentive,
    Bringing,
    FetchesMedia,
    KeepsMedia,
    KeepsTemplates,
    Pulling,
    Searching,
    Standing,
)
from lumi.modules.channels.errors import NotConnectable
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services.failures import Troubles, said_by
from lumi.modules.channels.services.paces import Paces
from lumi.modules.channels.values.accounts import ACCOUNT_KEPT_AS, Account
from lumi.modules.channels.values.incoming import Media
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.media import Carries, OutgoingFile
from lumi.modules.channels.values.outgoing import Attention, Capabilities, Outgoing, SeenTemplate, Sent

log = get_logger("lumi.channels")

ACCOUNTS_KNOWN_SECONDS = 5.0
_UNCHANGED_SECONDS = 600.0
# Of an account whose provider wants patience it is looked at whether it was connected anew: not at once, not for ever.
LOOKED_AT_SECONDS = 5.0
ASKED_AGAIN_SECONDS = 60.0
# The setting of an account whose owner wants voice notes answered in writing, when it is false.
VOICE_ANSWERS = "voice_answers"
# Longer than that nobody waits for a voice: the text goes.
SPEAKING_SECONDS = 15.0


class Sender:
    """What goes out, of every channel, for every tenant."""

    def __init__(
        self,
        db: Database,
        adapters: Mapping[Channel, Adapter],
        voice: Voice | None = None,
        cache: Cache | None = None,
    ) -> None:
        """Without a voice every answer is written; without a cache a change is seen after some seconds."""
        self._db, self._adapters, self._cache = db, adapters, cache
        self.voice = voice
        self._accounts: Known[tuple[UUID, UUID], Account] = Known(ACCOUNTS_KNOWN_SECONDS)
        self._unchanged: dict[tuple[UUID, UUID], bytes] = {}
        self._paces = Paces()
        self.troubles = Troubles(db)
        self._same: dict[UUID, Account] = {}  # the same object while nothing changes: adapters keep their clients by it

    def adapter(self, channel: Channel) -> Adapter:
        """What knows a channel; raises NotConnectable where nothing does."""
        if channel not in self._adapters:
            raise NotConnectable
        return self._adapters[channel]

    def connectable(self) -> list[Adapter]:
        """The channels whose accounts are connected with credentials."""
        return [adapter for adapter in self._adapters.values() if adapter.needs]

    def capabilities(self, channel: Channel) -> Capabilities:
        """What a channel can do."""
        return self._adapters[channel].capabilities

    async def send_text(
        self,
        channel: Channel,
        *,
        tenant_id: UUID,
        account_id: UUID,
        addresses: Sequence[str],
        message: Outgoing,
    ) -> Sent:
        """One attempt to say a text and nothing but it; raises as `send` does."""
        plain = dataclasses.replace(message, choices=(), template=None, file=None)
        return await self.send(
            channel, tenant_id=tenant_id, account_id=account_id, addresses=addresses, message=plain
        )  # fmt: skip

    async def send(
        self,
        channel: Channel,
        *,
        tenant_id: UUID,
        account_id: UUID,
        addresses: Sequence[str],
        message: Outgoing,
    ) -> Sent:
        """One attempt to say a text with what goes with it: choices under it, a file, or a template in its place.

        Raises core.http's Unavailable, Rejected, RateLimited or OutcomeUnknown. `addresses` are the person's, the
        first the channel can reach is used.
        """
        account = await self.account(tenant_id, account_id)
        adapter = self._adapters[channel]
        message = _reachable(message, addresses)
        try:
            with self._paces.call(account_id):
                sent = await adapter.send(account, message)
        except OutsideFailure as failure:
            failure.said = said_by(failure, account)
            self.troubles.failed(account, failure, message)
            raise
        self.troubles.succeeded(account)
        return sent

    async def find_sent(
        self, channel: Channel, *, tenant_id: UUID, account_id: UUID, addresses: Sequence[str], message: Outgoing
    ) -> Sent | None:
        """What the provider took of a message whose outcome nobody knows; None when it knows of nothing.

        None at once for a channel that cannot be asked; raises as `send_text` does.
        """
        adapter = self._adapters[channel]
        if not isinstance(adapter, Searching):
            return None
        account = await self.account(tenant_id, account_id)
        return await adapter.find_sent(account, _reachable(message, addresses))

    async def fetch_media(
        self, channel: Channel, media: Media, *, tenant_id: UUID, account_id: UUID, most_bytes: int
    ) -> bytes:
        """A file somebody sent to an account; raises as an adapter's `fetch_media` does, Rejected where none can."""
        adapter = self._adapters[channel]
        if not isinstance(adapter, FetchesMedia):
            raise Rejected(0, reason="nothing is fetched on this channel")
        return await adapter.fetch_media(await self.account(tenant_id, account_id), media, most_bytes=most_bytes)

    def kept(self, channel: Channel, media: Media) -> UUID | None:
        """The file that somebody's media is already; None where it has to be fetched.

        Only a surface of our own is asked: what a provider writes names no file of ours.
        """
        adapter = self._adapters[channel]
        return adapter.kept(media) if isinstance(adapter, KeepsMedia) else None

    async def spoken(
        self, channel: Channel, words: str, lang: str, *, tenant_id: UUID, account_id: UUID
    ) -> bytes | None:
        """These words as a voice note; None where nobody speaks, the owner wants text, or it does not come in time."""
        if self.voice is None or not self.capabilities(channel).voice:
            return None
        try:
            account = await self.account(tenant_id, account_id)
            if account.settings.get(VOICE_ANSWERS) is False:
                return None
            async with asyncio.timeout(SPEAKING_SECONDS):
                return await self.voice.say(words, lang)
        except (OutsideFailure, TimeoutError) as failure:
            log.warning("not_spoken", account=str(account_id), reason=str(failure) or type(failure).__name__)
            return None

    def carries(self, channel: Channel) -> Carries:
        """What has to be laid out for a file that leaves by this channel."""
        return self._adapters[channel].carries

    async def bring(
        self, channel: Channel, *, tenant_id: UUID, account_id: UUID, file: OutgoingFile
    ) -> OutgoingFile:  # fmt: skip
        """A file with what its provider calls it, where it is brought there before it is sent: the person sees
        nothing of that, so it may be repeated. Raises as `send` does.
        """
        adapter = self._adapters[channel]
        if not isinstance(adapter, Bringing):
            return file
        account = await self.account(tenant_id, account_id)
        try:
            with self._paces.call(account_id):
                return dataclasses.replace(file, reference=await adapter.bring(account, file))
        except OutsideFailure as failure:
            failure.said = said_by(failure, account)
            self.troubles.failed(account, failure)
            raise

    def pause(self, account_id: UUID) -> float:
        """Seconds until another call of this account makes sense; 0 when it does now.

        Who is to wait for long asks again after a minute: the account may have been connected anew meanwhile.
        """
        if self._paces.silent_for(account_id) > LOOKED_AT_SECONDS and account_id in self._same:
            self.troubles.beside(self._read_again(self._same[account_id]))
        return min(self._paces.pause(account_id), ASKED_AGAIN_SECONDS)

    def forget_pause(self, account_id: UUID) -> None:
        """Wait for its provider no longer: the account was just connected anew by this process."""
        self._paces.forget(account_id)

    async def _read_again(self, account: Account) -> None:
        """Nobody speaks for it meanwhile, so nobody would see that it was connected anew."""
        with suppress(Rejected):
            await self.account(account.tenant_id, account.id)

    def can_attend(self, channel: Channel) -> bool:
        """Whether people on this channel see that they were read."""
        return isinstance(self._adapters[channel], Attentive)

    async def attend(self, channel: Channel, *, tenant_id: UUID, account_id: UUID, attention: Attention) -> None:
        """Show that somebody was read; nothing where nobody sees it, or the account rests. Raises as `send_text`."""
        adapter = self._adapters[channel]
        if isinstance(adapter, Attentive) and not self.pause(account_id):
            await adapter.attend(await self.account(tenant_id, account_id), attention)

    async def probe(self, channel: Channel, *, tenant_id: UUID, account_id: UUID) -> None:
        """Ask the provider whether address, token and id of an account are right; raises as `send_text` does."""
        await self._adapters[channel].probe(await self._read_account(tenant_id, account_id))

    async def ready(self, tenant_id: UUID, account_id: UUID) -> Account | None:
        """An account ready to be spoken for, as it is at this moment; None when it is not connected."""
        try:
            return await self._read_account(tenant_id, account_id)
        except Rejected:
            return None

    def pulling(self) -> list[Pulling]:
        """The channels whose accounts are read rather than posted to."""
        return [adapter for adapter in self._adapters.values() if isinstance(adapter, Pulling)]

    def pulls(self, channel: Channel) -> Pulling | None:
        """What reads accounts of a channel; None where they are posted to."""
        adapter = self._adapters.get(channel)
        return adapter if isinstance(adapter, Pulling) else None

    def standing(self) -> list[Standing]:
        """The channels for whose accounts a worker stands by."""
        return [adapter for adapter in self._adapters.values() if isinstance(adapter, Standing)]

    def stands_by(self, channel: Channel) -> Standing | None:
        """What stands by for accounts of a channel; None where nobody does."""
        adapter = self._adapters.get(channel)
        return adapter if isinstance(adapter, Standing) else None

    async def account(self, tenant_id: UUID, account_id: UUID) -> Account:
        """An account as it is, but for a moment; raises Rejected when it is not connected any more.

        Whatever changes one drops the mark that this process goes by; where no drop is heard, it is some seconds old.
        """
        key = (tenant_id, account_id)
        mark = await self._mark(*key)
        if self._unchanged.get(key) != mark:
            if len(self._unchanged) >= MOST_KEPT:
                self._unchanged.clear()
            self._unchanged[key] = mark
            self._accounts.drop(key)
        return await self._accounts(key, lambda: self._read_account(*key))

    async def _mark(self, tenant_id: UUID, account_id: UUID) -> bytes:
        """What stays the same until the account is changed; made before it is read, so no change falls between."""
        if self._cache is None:
            return b""
        kept = await self._cache.get(tenant_id, ACCOUNT_KEPT_AS, str(account_id))
        if kept is None:
            kept = new_id().bytes
            await self._cache.set(tenant_id, ACCOUNT_KEPT_AS, str(account_id), kept, ttl=_UNCHANGED_SECONDS)
        return kept

    async def templates(self, channel: Channel, *, tenant_id: UUID, account_id: UUID) -> Sequence[SeenTemplate]:
        """The texts the provider of an account approved; none where the channel has no such thing. Raises as `send`."""
        adapter = self._adapters[channel]
        if not isinstance(adapter, KeepsTemplates):
            return ()
        return await adapter.templates(await self._read_account(tenant_id, account_id))

    async def answer_press(self, channel: Channel, *, tenant_id: UUID, account_id: UUID, press: str) -> None:
        """End the wait of a button that was pressed, where the channel has that. Raises as `send` does."""
        adapter = self._adapters[channel]
        if isinstance(adapter, AnswersPresses):
            await adapter.answer_press(await self.account(tenant_id, account_id), press)

    async def _read_account(self, tenant_id: UUID, account_id: UUID) -> Account:
        async with self._db.transaction(tenant_id) as session:
            row = await account_rows.account(Context(session, tenant_id), account_id)
        if row is None or row.disconnected_at is not None:
            raise Rejected(0, reason="the account is not connected any more")
        self.troubles.known(account_id, is_failing=row.failed_at is not None)
        self._paces.given(account_id, row.access_token or b"")
        token = crypto.open_sealed(row.access_token, tenant_id=tenant_id).decode() if row.access_token else ""
        account = Account(
            tenant_id, row.id, Channel(row.channel), row.external_id, row.name, token, row.settings,
            row.token_expires_at,
        )  # fmt: skip
        if self._same.get(account_id) == account:
            return self._same[account_id]
        if len(self._same) >= MOST_KEPT:
            self._same.clear()
        self._same[account_id] = account
        return account


def _reachable(message: Outgoing, addresses: Sequence[str]) -> Outgoing:
    if message.address in addresses or not addresses:
        return message
    return dataclasses.replace(message, address=addresses[0])

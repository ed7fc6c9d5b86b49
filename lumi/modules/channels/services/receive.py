"""Receiving: verify the raw bytes, take them apart, commit, and only then say 200."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast
from uuid import UUID

import asyncpg
import orjson

from lumi.core import crypto
from lumi.core.batches import Batcher
from lumi.core.context import Context
from lumi.core.db import Database, fetch
from lumi.core.errors import AppError, DependencyUnavailable
from lumi.core.http import Unavailable
from lumi.core.known import Known
from lumi.core.metrics import IGNORED, WEBHOOKS
from lumi.core.wake import Waker
from lumi.modules.channels.adapters.ports import Adapter, Bearer, Enveloping, Proving, Pulling, Unite
from lumi.modules.channels.errors import (
    SignatureRefused,
    UnknownAccount,
    UnknownChannel,
    Unreadable,
    VerifyTokenRefused,
)
from lumi.modules.channels.events import AnswerPress
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services import kept, recycled
from lumi.modules.channels.services.connect import proof_of
from lumi.modules.channels.services.laying_down import lay_down
from lumi.modules.channels.services.noticing import Noticing, Owners, owner_of
from lumi.modules.channels.values.accounts import Account, ProviderApp
from lumi.modules.channels.values.failures import noted
from lumi.modules.channels.values.incoming import Broken, Inbound, Parsed, Receipt
from lumi.modules.channels.values.kinds import Channel, DeliveryState, Failure

APPS_KNOWN_SECONDS = 5.0
# An account may have been connected a moment ago: before a refusal the apps are read again, once a second at most.
REFUSED_AFTER_SECONDS = 1.0
# Paths that name no channel, each one's own way to us.
SHORT_PATHS = {
    "webhook": Channel.WHATSAPP,
    "telegram_webhook": Channel.TELEGRAM,
    "instagram_webhook": Channel.INSTAGRAM,
}
LONGEST_TEXT = 65_536
# A batch is begun again so often: threads were united meanwhile, or have to be first.
MOST_BEGINNINGS = 20
_TWO_THREADS = "LM001"
_ELSEWHERE = "LM002"
_BEGIN_AGAIN = frozenset({_TWO_THREADS, _ELSEWHERE, asyncpg.SerializationError.sqlstate})
# What says that an item cannot be stored, whereas the database is well.
_UNSTORABLE = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, UnicodeError, TypeError, AppError)


@dataclass(frozen=True, slots=True)
class _Entry:
    tenant_id: UUID
    account_id: UUID
    channel: Channel
    item: Inbound


@dataclass(frozen=True, slots=True)
class _Status:
    tenant_id: UUID
    account_id: UUID
    receipt: Receipt


class Receiver:
    """What comes in, of every channel, for every tenant."""

    def __init__(self, db: Database, wake: Waker, adapters: Mapping[Channel, Adapter], *, unite: Unite) -> None:
        self._db, self._wake, self._adapters, self._unite = db, wake, adapters, unite
        self._noticing = Noticing(db, unite)
        self._apps: Known[tuple[Channel, UUID | None], Sequence[ProviderApp]] = Known(APPS_KNOWN_SECONDS)
        self._shown: Known[tuple[Channel, bytes], Sequence[tuple[ProviderApp, bool]]] = Known(APPS_KNOWN_SECONDS)
        self._proving = {channel: each for channel, each in adapters.items() if isinstance(each, Proving)}
        self._ingest: Batcher[Sequence[_Entry], Sequence[bool]] = Batcher(self._commit)
        self._mark: Batcher[Sequence[_Status], None] = Batcher(self._commit_receipts)

    async def receive(self, channel_name: str, account_id: UUID | None, headers: Mapping[str, str], body: bytes) -> int:
        """Take one webhook; returns how many new items it held, all committed.

        Raises SignatureRefused (nothing is stored), UnknownAccount, UnknownChannel, and DependencyUnavailable when
        nobody can tell at present who signed. What is authentic and cannot be read is kept in the dead letters; an
        account of which it says that there is news is pulled.
        """
        adapter = self._adapter(channel_name)
        signers = await self._signers(adapter, account_id, headers, body)
        if not signers:
            WEBHOOKS.labels(channel_name, "refused").inc()
            raise SignatureRefused
        try:
            parsed = adapter.parse(body)
        except Unreadable as error:
            parsed = Parsed(broken=[Broken(body, str(error))])
        new = await self._take(adapter.channel, signers, parsed, only=account_id)
        WEBHOOKS.labels(channel_name, "taken").inc()
        return new

    async def challenge(self, channel_name: str, account_id: UUID | None, query: Mapping[str, str]) -> str:
        """The answer to a provider that asks whether this address is ours; raises VerifyTokenRefused."""
        adapter = self._adapter(channel_name)
        for known_for in (APPS_KNOWN_SECONDS, REFUSED_AFTER_SECONDS):
            for app in await self._signing_apps(adapter.channel, account_id, known_for):
                answer = adapter.challenge(query, app)
                if answer is not None:
                    return answer
        raise VerifyTokenRefused

    async def enter(self, tenant_id: UUID, account_id: UUID, channel: Channel, item: Inbound) -> bool:
        """Commit one item of our own surface, whose sender was authenticated before; False when seen already."""
        return (await self._ingest([_Entry(tenant_id, account_id, channel, item)]))[0]

    async def take_pulled(self, account: Account, parsed: Parsed) -> int:
        """Take what was read from an account; returns how many new items it held, all committed."""
        ours = ProviderApp(account.tenant_id, account.id, "", "", {account.external_id: account.id})
        return await self._take(account.channel, [ours], parsed, only=account.id)

    async def take_again(self, tenant_id: UUID, channel: Channel, accounts: Mapping[str, UUID], raw: bytes) -> bool:
        """Read what was laid down once more, for these accounts of the tenant; False when it is still no use.

        What it holds and came in before is not there twice.
        """
        adapter = self._adapter(channel)
        if not accounts:
            return False
        if (item := kept.read(raw)) is not None:
            return await self._enter_again(tenant_id, channel, accounts, item)
        if isinstance(adapter, Pulling):
            return False
        only = next(iter(accounts)) if len(accounts) == 1 else ""
        body = adapter.enveloped(raw, only) if isinstance(adapter, Enveloping) else raw
        try:
            parsed = adapter.parse(body)
        except Unreadable:
            return False
        if parsed.broken or not parsed.tells or not parsed.is_only_of(accounts):
            return False
        await self._take(channel, [ProviderApp(tenant_id, tenant_id, "", "", accounts)], parsed, only=None)
        return True

    async def _enter_again(
        self, tenant_id: UUID, channel: Channel, accounts: Mapping[str, UUID], item: Inbound
    ) -> bool:
        """An item that could not be stored; False when it still cannot, or is of none of the accounts."""
        owners = {external: (tenant_id, account) for external, account in accounts.items()}
        owner = owner_of(channel, owners, item.account)
        if owner is None:
            return False
        try:
            await self._ingest([_Entry(*owner, channel, item)])
        except DependencyUnavailable:
            raise
        except _UNSTORABLE:
            return False
        return True

    def forget_apps(self) -> None:
        """Read the provider apps afresh at the next webhook: one was just connected by this process."""
        self._apps.forget()
        self._shown.forget()

    def _adapter(self, name: str) -> Adapter:
        try:
            return self._adapters[SHORT_PATHS.get(name) or Channel(name)]
        except (ValueError, KeyError):
            raise UnknownChannel from None

    async def _signers(
        self, adapter: Adapter, account_id: UUID | None, headers: Mapping[str, str], body: bytes
    ) -> Sequence[ProviderApp]:
        """The apps whose secret signed these bytes: usually one; an app shared by tenants is one row a tenant."""
        if account_id is None and isinstance(adapter, Bearer):
            return await self._shown_by(adapter, adapter.shown(headers), headers, body)
        for known_for in (APPS_KNOWN_SECONDS, REFUSED_AFTER_SECONDS):
            apps = await self._signing_apps(adapter.channel, account_id, known_for)
            proving = self._proving.get(adapter.channel)
            if proving is None:
                signers: Sequence[ProviderApp] = [app for app in apps if adapter.verify(headers, body, app)]
            else:
                signers = await _proven(proving, headers, body, apps)
            if signers:
                return signers
        if account_id is not None and not apps:
            raise UnknownAccount
        return []

    async def _shown_by(
        self, adapter: Adapter, secret: str | None, headers: Mapping[str, str], body: bytes
    ) -> Sequence[ProviderApp]:
        """The apps of the secret that came along, found by its hash: nobody else's is opened."""
        if secret is None:
            return []
        proof = proof_of(secret)
        apps = await self._shown((adapter.channel, proof), lambda: self._read_shown(adapter.channel, proof))
        signers = [app for app, _ in apps if adapter.verify(headers, body, app)]
        for app, is_proven in apps:
            if app in signers and not is_proven:
                await self._prove(app, proof)
        return signers

    async def _read_shown(self, channel: Channel, proof: bytes) -> Sequence[tuple[ProviderApp, bool]]:
        rows = await account_rows.showing_apps(self._db.pool, channel, proof)
        return [(app, row["proof"] is not None) for row, app in zip(rows, _opened(rows), strict=True)]

    async def _prove(self, app: ProviderApp, proof: bytes) -> None:
        """Connected before hashes were kept: from now on it is found by its own."""
        async with self._db.transaction(app.tenant_id) as session:
            await account_rows.prove(Context(session, app.tenant_id), app.id, proof)

    async def _signing_apps(self, channel: Channel, account_id: UUID | None, known_for: float) -> Sequence[ProviderApp]:
        key = (channel, account_id)
        return await self._apps(key, lambda: self._read_apps(channel, account_id), younger_than=known_for)

    async def _read_apps(self, channel: Channel, account_id: UUID | None) -> Sequence[ProviderApp]:
        return _opened(await account_rows.signing_apps(self._db.pool, channel, account_id))

    async def _take(
        self, channel: Channel, signers: Sequence[ProviderApp], parsed: Parsed, *, only: UUID | None
    ) -> int:
        for kind in parsed.ignored:
            IGNORED.labels(channel.value, kind.partition(".")[0]).inc()
        owners = {
            external: (app.tenant_id, account)
            for app in reversed(signers)
            for external, account in app.accounts.items()
            if only is None or account == only
        }
        entries = [
            _Entry(*owner, channel, item)
            for item in parsed.inbound
            if (owner := owner_of(channel, owners, item.account))
        ]
        statuses = [
            _Status(*owner, receipt)
            for receipt in parsed.receipts
            if (owner := owner_of(channel, owners, receipt.account))
        ]
        for broken in parsed.broken:
            await lay_down(self._db, channel, *_holder(signers, owners, broken), broken)
        await self._noticing.take_moves(channel, owners, parsed.moved)
        new = await self._store(channel, entries) if entries else 0
        if new:
            await self._answer_presses(entries)
        if statuses:
            await self._mark(statuses)
        await self._noticing.take(channel, owners, parsed)
        return new

    async def _answer_presses(self, entries: Sequence[_Entry]) -> None:
        """Whoever pressed a button waits for a word that it was taken; a worker says it, the answer may take longer."""
        for entry in entries:
            press = entry.item.payload.get("press")
            if isinstance(press, str):
                async with self._db.transaction(entry.tenant_id) as session:
                    task = AnswerPress(entry.account_id, entry.channel.value, press)
                    await Context(session, entry.tenant_id).defer(task, key=f"press:{press}")

    async def _store(self, channel: Channel, entries: Sequence[_Entry]) -> int:
        """One webhook's items go together; when one of them is refused, by the database or by us, each goes alone."""
        try:
            return sum(await self._ingest(entries))
        except DependencyUnavailable:
            raise
        except _UNSTORABLE as error:
            if len(entries) > 1:
                return sum([await self._store(channel, [entry]) for entry in entries])
            (one,) = entries
            broken = Broken(kept.written(one.item), type(error).__name__)
            await lay_down(self._db, channel, one.tenant_id, one.account_id, broken)
            return 0

    async def _commit(self, groups: Sequence[Sequence[_Entry]]) -> Sequence[Sequence[bool]]:
        entries = [entry for group in groups for entry in group]
        fresh = iter(await self._ingest_united(entries))
        self._wake()
        return [[next(fresh) for _ in group] for group in groups]

    async def _ingest_united(self, entries: Sequence[_Entry]) -> list[bool]:
        """Commit them; first two threads that turn out to be one person's are united, and one of two is parted."""
        left = MOST_BEGINNINGS
        while True:
            left -= 1
            try:
                return await self._ingest_all(entries)
            except asyncpg.PostgresError as error:
                if not left or error.sqlstate not in _BEGIN_AGAIN:
                    raise
                if error.sqlstate in (_TWO_THREADS, _ELSEWHERE):
                    its = entries[int(error.detail or 0) - 1]
                    if error.sqlstate == _TWO_THREADS:
                        await self._unite(its.tenant_id, its.account_id, its.item.addresses)
                    else:
                        await recycled.hand_over(
                            self._db, its.tenant_id, its.account_id, its.channel, its.item.addresses, its.item.sent_at
                        )

    async def _ingest_all(self, entries: Sequence[_Entry]) -> list[bool]:
        rows = await fetch(
            self._db.pool,
            "select app.ingest($1, $2, $3, $4, $5, $6, $7, $8::jsonb[], $9)",
            [entry.tenant_id for entry in entries],
            [entry.account_id for entry in entries],
            [entry.channel.value for entry in entries],
            [entry.item.kind.value for entry in entries],
            [entry.item.provider_id for entry in entries],
            [entry.item.addresses[0] for entry in entries],
            [entry.item.addresses[1] if len(entry.item.addresses) > 1 else None for entry in entries],
            [orjson.dumps(_bounded(entry.item.payload)).decode() for entry in entries],
            [entry.item.sent_at for entry in entries],
        )
        return cast("list[bool]", rows[0][0])

    async def _commit_receipts(self, groups: Sequence[Sequence[_Status]]) -> Sequence[None]:
        statuses = [status for group in groups for status in group]
        rows = await fetch(
            self._db.pool,
            "select app.ingest_receipts($1, $2, $3, $4, $5, $6)",
            [status.tenant_id for status in statuses],
            [status.account_id for status in statuses],
            [status.receipt.provider_id for status in statuses],
            [status.receipt.state.value for status in statuses],
            [_reason(status.receipt) for status in statuses],
            [status.receipt.delivery_id for status in statuses],
        )
        spoken_of = {(each.tenant_id, each.account_id, each.receipt.provider_id) for each in statuses}
        if cast("int", rows[0][0]) < len(spoken_of):
            await self._apply_parked(spoken_of)
        self._wake()
        return [None] * len(groups)

    async def _apply_parked(self, spoken_of: Iterable[tuple[UUID, UUID, str]]) -> None:
        """Look again for what some receipts speak of: its id may have been written down while they were parked."""
        for tenant_id, those in groupby(sorted(spoken_of), key=lambda each: each[0]):
            _, accounts, provider_ids = zip(*those, strict=True)
            await fetch(self._db.pool, "select app.apply_parked($1, $2, $3)", tenant_id, accounts, provider_ids)


def _opened(rows: Sequence[asyncpg.Record]) -> list[ProviderApp]:
    return [
        ProviderApp(
            row["tenant_id"],
            row["app_id"],
            crypto.open_sealed(row["secret"], tenant_id=row["tenant_id"]).decode(),
            crypto.open_sealed(row["verify_token"], tenant_id=row["tenant_id"]).decode(),
            dict(zip(row["external_ids"], row["account_ids"], strict=True)),
        )
        for row in rows
    ]


async def _proven(
    adapter: Proving, headers: Mapping[str, str], body: bytes, apps: Sequence[ProviderApp]
) -> Sequence[ProviderApp]:
    try:
        return await adapter.signers(headers, body, apps)
    except Unavailable as failure:
        raise DependencyUnavailable from failure


def _holder(signers: Sequence[ProviderApp], owners: Owners, broken: Broken) -> tuple[UUID | None, UUID | None]:
    """Tenant and account of what could not be read, as far as they are sure.

    Of several tenants that share an app nobody can say whose it is: then it is nobody's.
    """
    if broken.account is not None and broken.account in owners:
        return owners[broken.account]
    if broken.account is None and len(owners) == 1:
        return next(iter(owners.values()))
    tenants = {app.tenant_id for app in signers}
    return (tenants.pop() if len(tenants) == 1 else None), None


def _reason(receipt: Receipt) -> str | None:
    """A failure has a reason, if only that the provider gave none: by it staff find what did not arrive."""
    return receipt.error or (noted(Failure.OTHER) if receipt.state is DeliveryState.FAILED else None)


def _bounded(payload: Mapping[str, object]) -> Mapping[str, object]:
    text = payload.get("text")
    if isinstance(text, str) and len(text) > LONGEST_TEXT:
        return {**payload, "text": text[:LONGEST_TEXT], "cut": True}
    return payload

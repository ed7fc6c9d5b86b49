"""Pulling: an account is read by one process at a time, what it held is committed, and only then the cursor moves.

A crash in between reads the same items again, and their dedupe keys swallow them: never lost, never twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from uuid import UUID

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.http import OutsideFailure, Unavailable
from lumi.core.ids import new_id
from lumi.core.logging import get_logger
from lumi.modules.channels import rules
from lumi.modules.channels.adapters.ports import Post, Pulling, Standing
from lumi.modules.channels.engine.alerts import UNREAD_AFTER
from lumi.modules.channels.events import EXAMINE, WATCH, ExamineAccount, WatchAccounts
from lumi.modules.channels.repositories import account_rows, cursor_rows
from lumi.modules.channels.services.echoes import leave_out_strangers
from lumi.modules.channels.services.failures import described, why
from lumi.modules.channels.services.receive import Receiver
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.accounts import Account
from lumi.modules.channels.values.failures import noted
from lumi.modules.channels.values.kinds import Failure

log = get_logger("lumi.pull")

LEASE_SECONDS = 360.0
"""Whoever is silent for so long is taken for dead, a worker sooner; a batch and a wait are shorter."""
BATCH_SECONDS = 90.0
WAIT_SECONDS = 240.0
STAND_SECONDS = 600.0
"""Then another connection is made: some servers do not tell an old one that they numbered all mails anew."""
BROKE_SOON_SECONDS = 60.0
"""A connection that lived longer may break: servers are started anew, and end what is old."""
MOST_AT_ONCE = 1_000


@dataclass(slots=True)
class Reading:
    """An account while it is ours to read: `cursor` is the one that was committed last.

    `wanted`, once it was let go: meanwhile somebody heard that there is more.
    """

    tenant_id: UUID
    account_id: UUID
    lease: UUID
    cursor: Mapping[str, object] | None
    failures: int
    account: Account | None = None
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Why an account could not be read, in a word of ours and in the provider's."""

    why: Failure
    said: str
    retry_after: float | None = None


class Puller:
    """Reads accounts as one process."""

    def __init__(self, db: Database, sender: Sender, receiver: Receiver, worker: int | None = None) -> None:
        """`worker` is the number of this one among the living: what it reads is free as soon as it is dead."""
        self._db, self._sender, self._receiver, self._worker = db, sender, receiver, worker

    async def due(self, most: int = MOST_AT_ONCE) -> Sequence[tuple[UUID, UUID]]:
        """Tenant and id of accounts whose time it is, and that nobody reads or stands by for."""
        channels = [adapter.channel for adapter in self._sender.pulling()]
        return await cursor_rows.due_pulls(self._db.pool, channels, most) if channels else []

    async def unattended(self, most: int) -> Sequence[tuple[UUID, UUID]]:
        """Tenant and id of accounts for which somebody could stand by, and nobody does."""
        channels = [adapter.channel for adapter in self._sender.standing()]
        return await cursor_rows.unattended(self._db.pool, channels, most) if channels and most > 0 else []

    async def pull(self, tenant_id: UUID, account_id: UUID) -> None:
        """Read everything that is new in an account; who reads it at this moment is told to look once more instead.

        What goes wrong outside is written beside the cursor, and the next attempt waits longer each time.
        """
        wanted = True
        while wanted:
            async with self._leased(tenant_id, account_id) as reading:
                if reading is None:
                    return
                await self._read_all(reading)
            wanted = reading.wanted

    async def stand_by(self, tenant_id: UUID, account_id: UUID) -> None:
        """Read an account as soon as something is new there, until it fails, is given up or another's."""
        async with self._leased(tenant_id, account_id) as reading:
            if reading is None:
                return
            account = reading.account = await self._sender.account(tenant_id, account_id)
            adapter = self._sender.stands_by(account.channel)
            if adapter is not None:
                with _may_break(time.monotonic()):
                    await self._stand(reading, adapter, account)

    async def _stand(self, reading: Reading, adapter: Standing, account: Account) -> None:
        """Over one connection, as long as it is the account it was made for."""
        until = time.monotonic() + STAND_SECONDS
        async with adapter.standing(account) as post:
            while await self._read_all(reading, post) and time.monotonic() < until:
                await post.wait(WAIT_SECONDS)
                if await self._sender.account(reading.tenant_id, reading.account_id) is not account:
                    return

    async def _read_all(self, reading: Reading, post: Post | None = None) -> Pulling | None:
        """Batch after batch to the end, from a `post` where we stand at one; None when the account is ours no more."""
        while True:
            account = reading.account = await self._sender.account(reading.tenant_id, reading.account_id)
            adapter = self._sender.pulls(account.channel)
            if adapter is None:
                return None
            async with asyncio.timeout(BATCH_SECONDS):
                pulled = await (post.pull(reading.cursor) if post else adapter.pull(account, reading.cursor))
            await leave_out_strangers(self._db, account, pulled.parsed)
            await self._receiver.take_pulled(account, pulled.parsed)
            if not await self._advance(reading, account, pulled.cursor, adapter.poll_seconds):
                return None
            if not pulled.more:
                return adapter

    async def _advance(
        self, reading: Reading, account: Account, cursor: Mapping[str, object], poll_seconds: float
    ) -> bool:
        """Commit how far it was read; False when another process has taken the account from us."""
        async with self._db.transaction(reading.tenant_id) as session:
            ctx = Context(session, reading.tenant_id)
            moved = await cursor_rows.move_cursor(
                ctx, reading.account_id, reading.lease, cursor, next_in=poll_seconds, lease_for=LEASE_SECONDS
            )
            if moved and reading.failures:
                # What was said of it, such as that its password is refused, may be over.
                await ctx.defer(ExamineAccount(reading.account_id), key=f"{EXAMINE}.{reading.account_id}")
        if moved:
            reading.cursor, reading.failures = cursor, 0
        else:
            log.warning("pull_fenced", channel=account.channel.value, account=str(reading.account_id))
        return moved

    @asynccontextmanager
    async def _leased(self, tenant_id: UUID, account_id: UUID) -> AsyncGenerator[Reading | None]:
        """The account while it is ours; None when it is another's, or to be left alone for a while."""
        lease = new_id()
        async with self._db.transaction(tenant_id) as session:
            found = await cursor_rows.lease_cursor(
                Context(session, tenant_id), account_id, lease, LEASE_SECONDS, owner=self._worker
            )
        if found is None:
            yield None
            return
        reading = Reading(tenant_id, account_id, lease, found.cursor, found.failures)
        # What nobody foresaw goes on to whoever runs this, and the account is let alone as after any other failure.
        failed: Failed | None = Failed(Failure.OTHER, "something went wrong in Lumi")
        try:
            yield reading
            failed = None
        except asyncio.CancelledError:
            failed = None
            raise
        except (OutsideFailure, TimeoutError) as failure:
            failed = _failed(failure, reading.account)
            log.warning("pull_failed", account=str(account_id), error=str(failure))
        finally:
            async with self._db.transaction(tenant_id) as session:
                await _let_go(Context(session, tenant_id), reading, failed)


async def begin_at_now(ctx: Context, adapter: Pulling, account: Account, *, anew: bool) -> None:
    """Write down where reading begins, so that what comes from this moment on is read; raises as `pull` does.

    An account that was read before goes on where it was, and soon, unless it is to begin `anew`.
    """
    if not anew and await cursor_rows.read_soon(ctx, account.id):
        return
    pulled = await adapter.pull(account, None)
    await cursor_rows.put_cursor(ctx, account.id, pulled.cursor)


@contextmanager
def _may_break(began: float) -> Generator[None]:
    """A connection that held for a while and broke is no failure: another is made at once."""
    try:
        yield
    except Unavailable as failure:
        if time.monotonic() - began < BROKE_SOON_SECONDS:
            raise
        log.info("stood_by_no_more", reason=str(failure))


async def _let_go(ctx: Context, reading: Reading, failed: Failed | None) -> None:
    """End the lease; who has to know that an account is not read, or not let in, is told soon."""
    if failed is None:
        reading.wanted = await cursor_rows.end_lease(ctx, reading.account_id, reading.lease, None)
        return
    times = reading.failures + 1
    pause = rules.pull_pause(times, failed.retry_after)
    await cursor_rows.end_lease(ctx, reading.account_id, reading.lease, (noted(failed.why, failed.said), pause))
    if failed.why is Failure.TOKEN:
        await account_rows.note_failure(ctx, reading.account_id, failed.why, failed.said)
    if failed.why is Failure.TOKEN or times == UNREAD_AFTER:
        await ctx.defer(WatchAccounts(), key=WATCH)


def _failed(failure: OutsideFailure | TimeoutError, account: Account | None) -> Failed:
    if isinstance(failure, TimeoutError):
        return Failed(Failure.UNREACHABLE, "it took too long")
    said = described(failure, account) if account else failure.said
    return Failed(why(failure), said, failure.retry_after)

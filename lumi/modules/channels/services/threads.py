"""The thread as others see and hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lumi.core.context import Context
from lumi.core.db import Pool
from lumi.core.errors import NotFound
from lumi.modules.channels.engine.media import loaded
from lumi.modules.channels.models import Thread
from lumi.modules.channels.repositories import account_rows, thread_rows
from lumi.modules.channels.rules import CAPABILITIES, messages
from lumi.modules.channels.values.kinds import Author, Channel, Purpose, SettledBy
from lumi.modules.channels.values.media import Enclosed, Part


@dataclass(frozen=True)
class ThreadView:
    """A thread without its messages."""

    id: UUID
    channel: Channel
    account_id: UUID
    address: str
    contact_id: UUID | None
    language: str | None
    held_by: UUID | None
    held_at: datetime | None
    wants_human_at: datetime | None
    active_at: datetime


@dataclass(frozen=True)
class AccountView:
    """A connected account, without its secrets."""

    id: UUID
    channel: Channel
    external_id: str
    name: str


async def get_thread(ctx: Context, thread_id: UUID) -> ThreadView:
    """The thread; raises NotFound when the tenant has none of that id."""
    return view(await known_thread(ctx, thread_id))


async def list_accounts(ctx: Context) -> list[AccountView]:
    """The tenant's connected accounts, oldest first."""
    rows = await account_rows.accounts(ctx)
    return [
        AccountView(row.id, Channel(row.channel), row.external_id, row.name)
        for row in rows
        if row.disconnected_at is None
    ]


async def hold(ctx: Context, thread_id: UUID, *, holder: UUID) -> ThreadView:
    """A person takes the thread: the bot falls silent and what it was about to say is stale."""
    await known_thread(ctx, thread_id)
    await thread_rows.lock_lane(ctx, thread_id)
    await thread_rows.settle_recorded(ctx, thread_id, SettledBy.HUMAN)
    await thread_rows.set_holder(ctx, thread_id, holder, ctx.now)
    return await get_thread(ctx, thread_id)


async def let_go(ctx: Context, thread_id: UUID) -> ThreadView:
    """The thread goes back to the bot, which answers only what comes from now on."""
    await known_thread(ctx, thread_id)
    await thread_rows.lock_lane(ctx, thread_id)
    await thread_rows.settle_recorded(ctx, thread_id, SettledBy.HUMAN)
    await thread_rows.set_holder(ctx, thread_id, None, None)
    return await get_thread(ctx, thread_id)


async def lock(ctx: Context, thread_id: UUID, *, stale: bool = True) -> None:
    """Take the thread's lane before anything else of it is written; pending answers become stale unless told."""
    await known_thread(ctx, thread_id)
    await thread_rows.lock_lane(ctx, thread_id, stale=stale)


async def commit_delivery(
    ctx: Context,
    thread_id: UUID,
    *,
    message_n: int,
    message_id: UUID,
    author: Author,
    body: str,
    choices: Sequence[str] = (),
    purpose: Purpose = Purpose.ANSWER,
    valid_until: datetime | None = None,
    file: Enclosed | None = None,
) -> None:
    """Let a message of the ledger leave, in as many parts as its channel needs; a file is in the last one.

    A person's reply settles everything recorded before it.
    """
    thread = await known_thread(ctx, thread_id)
    if author is Author.STAFF:
        await thread_rows.settle_recorded(ctx, thread_id, SettledBy.HUMAN)
    thread.active_at = ctx.now
    why = Purpose.STAFF if author is Author.STAFF else purpose
    can = CAPABILITIES[Channel(thread.channel)]
    said = loaded(body, file, can) if file is not None else [Part(*each) for each in messages(body, choices, can)]
    for part in said:
        await thread_rows.add_delivery(
            ctx, thread=thread, message_n=message_n, author=author.value, message_id=message_id, part=part,
            purpose=why.value, valid_until=valid_until,
        )  # fmt: skip


async def send_again(ctx: Context, thread_id: UUID, message_n: int) -> bool:
    """Let a message leave once more whose outcome is unknown, or that could not leave; a person wants it so.

    The lane is locked. False when there is nothing of it to send.
    """
    return await thread_rows.renew_deliveries(ctx, thread_id, message_n) > 0


async def belongs_to(ctx: Context, thread_id: UUID, contact_id: UUID, *, asked: int = 0) -> None:
    """Remember whose thread this is; `asked`: so many of its new addresses are known to be that person's."""
    await thread_rows.set_contact(ctx, thread_id, contact_id, asked)


async def threads_belong_to(pool: Pool, tenant_id: UUID, contact_of: Mapping[UUID, UUID]) -> None:
    """Remember of many threads whose they are; commits by itself, and nothing when one contact is not there."""
    await thread_rows.set_contacts(pool, tenant_id, contact_of)


async def find_by_address(ctx: Context, account_id: UUID, addresses: Sequence[str]) -> UUID | None:
    """The thread one of these addresses leads to on an account."""
    for address in addresses:
        found = await thread_rows.find_thread(ctx, account_id, address)
        if found is not None:
            return found
    return None


async def is_at_rest(ctx: Context, thread_id: UUID) -> bool:
    """Whether everything said in this thread so far is settled, and every answer has left."""
    return await thread_rows.is_at_rest(ctx, thread_id)


async def known_thread(ctx: Context, thread_id: UUID) -> Thread:
    """The thread's row; raises NotFound when the tenant has none of that id."""
    thread = await thread_rows.thread(ctx, thread_id)
    if thread is None:
        raise NotFound
    return thread


def view(row: Thread) -> ThreadView:
    """The thread as others may see it."""
    return ThreadView(
        row.id, Channel(row.channel), row.account_id, row.address, row.contact_id, row.language,
        row.held_by, row.held_at, row.wants_human_at, row.active_at,
    )  # fmt: skip

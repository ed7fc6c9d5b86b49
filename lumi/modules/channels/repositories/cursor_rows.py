"""How far accounts were read, and who reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, func, select, text, update

from lumi.core import jobs
from lumi.core.context import Context
from lumi.core.db import Database, Pool, fetch, rows_affected
from lumi.modules.channels.events import PullAccount
from lumi.modules.channels.models import ChannelCursor
from lumi.modules.channels.values.failures import Unread
from lumi.modules.channels.values.kinds import Channel


@dataclass(frozen=True, slots=True)
class Leased:
    """An account that is ours to read."""

    cursor: Mapping[str, object] | None
    failures: int


async def due_pulls(pool: Pool, channels: Sequence[Channel], most: int) -> list[tuple[UUID, UUID]]:
    """Tenant and id of accounts of these channels that are due and that nobody reads, of all tenants."""
    rows = await fetch(pool, "select * from app.due_pulls($1, $2)", [each.value for each in channels], most)
    return [(row["tenant_id"], row["account_id"]) for row in rows]


async def pull_soon(db: Database, tenant_id: UUID, account_id: UUID) -> None:
    """Have an account pulled by whichever worker is free; asked for twice before one begins is once."""
    async with db.transaction(None) as session:
        await jobs.insert(session, None, PullAccount(tenant_id, account_id), run_at=None, key=str(account_id))


async def unattended(pool: Pool, channels: Sequence[Channel], most: int) -> list[tuple[UUID, UUID]]:
    """Tenant and id of accounts of these channels for which no worker stands by, of all tenants."""
    rows = await fetch(pool, "select * from app.unattended($1, $2)", [each.value for each in channels], most)
    return [(row["tenant_id"], row["account_id"]) for row in rows]


async def unread(ctx: Context, account_ids: Sequence[UUID]) -> dict[UUID, Unread]:
    """Which of these accounts could not be read the last time."""
    found = select(ChannelCursor.account_id, ChannelCursor.failures, ChannelCursor.failed_at, ChannelCursor.error)
    these = (ChannelCursor.account_id.in_(account_ids), ChannelCursor.failures > 0)
    rows = await ctx.session.execute(found.where(ChannelCursor.tenant_id == ctx.tenant_id, *these))
    return {row.account_id: Unread(row.failures, row.failed_at, row.error) for row in rows}


async def put_cursor(ctx: Context, account_id: UUID, cursor: Mapping[str, object]) -> None:
    """An account is read from here on, whoever reads it at this moment."""
    await ctx.session.execute(
        text(
            "insert into channel_cursor (tenant_id, account_id, cursor)"
            " values (:tenant, :account, cast(:cursor as jsonb))"
            " on conflict (tenant_id, account_id) do update set cursor = excluded.cursor, next_at = clock_timestamp(),"
            " failures = 0, failed_at = null, error = null, leased_by = null, leased_until = null, owner = null,"
            " wanted = false"
        ),
        {"tenant": ctx.tenant_id, "account": account_id, "cursor": orjson.dumps(dict(cursor)).decode()},
    )


async def read_soon(ctx: Context, account_id: UUID) -> bool:
    """Let an account alone no longer, whatever went wrong; False when it was never read."""
    due = update(ChannelCursor).where(*_cursor_of(ctx, account_id), ChannelCursor.cursor.is_not(None))
    return rows_affected(await ctx.session.execute(due.values(next_at=func.clock_timestamp()))) == 1


async def lease_cursor(
    ctx: Context, account_id: UUID, lease: UUID, seconds: float, *, owner: int | None
) -> Leased | None:
    """Take an account to read it; None when another has it, who is told to look again, or it is to be let alone.

    It is free again after so many seconds, and as soon as its `owner` among the workers is dead.
    """
    named = {"tenant": ctx.tenant_id, "account": account_id}
    await ctx.session.execute(
        text("insert into channel_cursor (tenant_id, account_id) values (:tenant, :account) on conflict do nothing"),
        named,
    )
    taken = await ctx.session.execute(_LEASE, {**named, "lease": lease, "seconds": seconds, "owner": owner})
    row = taken.first()
    if row is None:
        await ctx.session.execute(_WANT, named)
        return None
    return Leased(row.cursor, row.failures)


async def move_cursor(
    ctx: Context, account_id: UUID, lease: UUID, cursor: Mapping[str, object], *, next_in: float, lease_for: float
) -> bool:
    """An account was read up to here; False, and nothing moves, when it is another's meanwhile."""
    moved = await ctx.session.execute(
        _MOVE_CURSOR,
        {
            "tenant": ctx.tenant_id, "account": account_id, "lease": lease,
            "cursor": orjson.dumps(dict(cursor)).decode(), "next_in": next_in, "lease_for": lease_for,
        },
    )  # fmt: skip
    return rows_affected(moved) == 1


async def end_lease(ctx: Context, account_id: UUID, lease: UUID, failed: tuple[str, float] | None) -> bool:
    """Let an account go, with what went wrong and for how many seconds to let it alone; whether it is wanted again."""
    error, pause = failed or (None, None)
    ended = await ctx.session.execute(
        _END_LEASE,
        {"tenant": ctx.tenant_id, "account": account_id, "lease": lease, "error": error, "pause": pause},
    )
    return failed is None and bool(ended.scalar())


def _cursor_of(ctx: Context, account_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ChannelCursor.tenant_id == ctx.tenant_id, ChannelCursor.account_id == account_id


_LEASE = text(
    "update channel_cursor set leased_by = :lease, owner = :owner, wanted = false,"
    " leased_until = clock_timestamp() + make_interval(secs => :seconds)"
    " where tenant_id = :tenant and account_id = :account"
    " and not app.is_lent(leased_until, owner)"
    " and (failures = 0 or next_at <= clock_timestamp()) returning cursor, failures"
)

_WANT = text(
    "update channel_cursor set wanted = true"
    " where tenant_id = :tenant and account_id = :account and leased_until >= clock_timestamp()"
)

_MOVE_CURSOR = text(
    "update channel_cursor set cursor = cast(:cursor as jsonb), pulled_at = clock_timestamp(), failures = 0,"
    " failed_at = null, error = null, next_at = clock_timestamp() + make_interval(secs => :next_in),"
    " leased_until = clock_timestamp() + make_interval(secs => :lease_for)"
    " where tenant_id = :tenant and account_id = :account and leased_by = :lease"
)

_END_LEASE = text(
    "update channel_cursor set leased_by = null, leased_until = null, owner = null, wanted = false,"
    " failures = case when cast(:error as text) is null then failures else failures + 1 end,"
    " failed_at = case when cast(:error as text) is null then failed_at else clock_timestamp() end,"
    " error = coalesce(cast(:error as text), error),"
    " next_at = case when cast(:error as text) is null then next_at"
    " else clock_timestamp() + make_interval(secs => cast(:pause as double precision)) end"
    " where tenant_id = :tenant and account_id = :account and leased_by = :lease returning old.wanted"
)

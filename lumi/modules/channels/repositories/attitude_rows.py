"""Who wants nothing unasked, and whom nothing reaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, text, update

from lumi.core.context import Context
from lumi.core.db import rows_affected
from lumi.modules.channels.models import MessageTemplate, Thread, ThreadAddress
from lumi.modules.channels.values.kinds import Attitude, TemplateStatus


async def threads_at(ctx: Context, account_id: UUID, addresses: Sequence[str]) -> Sequence[UUID]:
    """The threads these addresses of an account lead to."""
    wanted = select(ThreadAddress.thread_id).where(
        ThreadAddress.tenant_id == ctx.tenant_id,
        ThreadAddress.account_id == account_id,
        ThreadAddress.address.in_(addresses),
    )
    return (await ctx.session.scalars(wanted.distinct())).all()


async def note(ctx: Context, threads: Sequence[UUID], attitude: Attitude, at: datetime, *, holds: bool) -> bool:
    """Write that it holds since then, or ended then, unless something later is known; whether anything changed."""
    column = Thread.opted_out_at if attitude is Attitude.OPTED_OUT else Thread.blocked_at
    mine = update(Thread).where(Thread.tenant_id == ctx.tenant_id, Thread.id.in_(threads))
    changed = mine.where(or_(column.is_(None), column < at)) if holds else mine.where(column <= at)
    return rows_affected(await ctx.session.execute(changed.values({column: at if holds else None}))) > 0


async def shuns(ctx: Context, threads: Sequence[UUID]) -> dict[UUID, Attitude]:
    """Those of the threads whose person wants nothing unasked or is not reached."""
    found = await ctx.session.execute(_SHUNS, {"tenant": ctx.tenant_id, "threads": list(threads)})
    return {row[0]: Attitude(row[1]) for row in found}


async def switch_off(ctx: Context, account_id: UUID, name: str, language: str, status: TemplateStatus) -> None:
    """A template may not be sent any more, until its provider says otherwise."""
    await ctx.session.execute(
        update(MessageTemplate)
        .where(
            MessageTemplate.tenant_id == ctx.tenant_id,
            MessageTemplate.account_id == account_id,
            MessageTemplate.name == name,
            MessageTemplate.language == language,
        )
        .values(status=status.value)
    )


_SHUNS = text(
    "select u.id, s.why from unnest(cast(:threads as uuid[])) u (id)"
    " cross join lateral (select app.shuns(:tenant, u.id) as why) s where s.why is not null"
)

"""How a person can be reached: their threads, and the texts that reopen one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lumi.core.context import Context
from lumi.modules.channels.engine import routes
from lumi.modules.channels.engine.templates import Approved, Worded, carrying, inviting
from lumi.modules.channels.repositories import attitude_rows, template_rows, thread_rows
from lumi.modules.channels.rules import Facts, Route
from lumi.modules.channels.values.kinds import Attitude, Purpose, TemplatePurpose, TemplateStatus


async def routes_to(ctx: Context, contact_id: UUID) -> Sequence[Route]:
    """Every thread of this person on a connected account, whichever of their merged rows it names."""
    return await thread_rows.routes_to(ctx, contact_id)


async def elsewhere(ctx: Context, facts: Facts, thread_id: UUID, contact_id: UUID, now: datetime) -> Route | None:
    """Another thread of the person in which this may be said as it is."""
    reached = await _reached(ctx, facts, await thread_rows.routes_to(ctx, contact_id))
    others = [each for each in reached if each.thread_id != thread_id]
    return routes.open_route(facts, others, now)


async def first_route(ctx: Context, facts: Facts, contact_id: UUID) -> Route | None:
    """The thread in which this person is best written to first; None when nothing reaches them."""
    found = await _reached(ctx, facts, await thread_rows.routes_to(ctx, contact_id))
    reopening = await template_rows.reopened_accounts(ctx, [each.account_id for each in found])
    return routes.first_route(facts, found, reopening, ctx.now)


async def reopening(
    ctx: Context, account_id: UUID, text: str | None, languages: Sequence[str]
) -> tuple[Worded | None, Worded | None]:
    """The template that carries this text, and the one that only asks the person to write."""
    rows = await template_rows.templates(ctx, account_id, purpose=TemplatePurpose.REOPEN)
    kept = [Approved(row.id, row.name, row.language, row.body, TemplateStatus(row.status), row.plain) for row in rows]
    return carrying(text, kept, languages) if text else None, inviting(kept, languages)


async def _reached(ctx: Context, facts: Facts, found: Sequence[Route]) -> Sequence[Route]:
    """Without the threads in which nothing arrives, or nothing of this kind is wanted."""
    shunning = await attitude_rows.shuns(ctx, [each.thread_id for each in found])
    closed = {Attitude.BLOCKED} if facts.purpose is not Purpose.PROACTIVE else set(Attitude)
    return [each for each in found if shunning.get(each.thread_id) not in closed]

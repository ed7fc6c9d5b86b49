"""Forgetting what conversations left behind, when the installation says how long it is kept.

Messages go with the deliveries that carried them and the files that came with them. Records of the machine (raw
events, turns, closed dead letters) repeat their texts, so they never stay longer than the messages do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from lumi.core import dead_letters
from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.logging import get_logger
from lumi.modules.assistant import repository
from lumi.modules.assistant.events import Forget, ForgetOld
from lumi.modules.attachments import public as attachments
from lumi.modules.channels import public as channels
from lumi.modules.conversations import public as conversations
from lumi.modules.tenants import public as tenants

log = get_logger("lumi.assistant")

# Of one transaction: short, so that nobody waits for it.
THREADS, ROWS = 100, 1_000
_KEY = "assistant.forget"


async def forget_old(db: Database, task: ForgetOld) -> None:
    """Let every tenant begin at its first thread, and forget what belongs to none."""
    for tenant in await tenants.list_all(db):
        async with db.transaction(tenant.id) as session:
            await Context(session, tenant.id).defer(Forget(task.messages_days, task.records_days), key=_KEY)
    if task.records_days:
        async with db.transaction(None) as session:
            await dead_letters.forget(session, None, before=now() - timedelta(days=task.records_days), limit=ROWS)


async def forget(ctx: Context, task: Forget) -> None:
    """Forget a piece and come back for what is left."""
    threads = await channels.threads_after(ctx, task.after, limit=THREADS)
    most = max(await _forget_in(ctx, task, threads), default=0)
    if most == ROWS:
        await ctx.defer(task)
    elif len(threads) == THREADS:
        await ctx.defer(dataclasses.replace(task, after=threads[-1]))
    elif max(await _forget_beside(ctx, task), default=0) == ROWS:
        await ctx.defer(task)


async def _forget_in(ctx: Context, task: Forget, threads: Sequence[UUID]) -> list[int]:
    gone: list[int] = []
    if task.records_days:
        before = ctx.now - timedelta(days=task.records_days)
        gone.append(await channels.forget_events(ctx, threads, before=before, limit=ROWS))
        gone.append(await repository.delete_turns(ctx, threads, before, ROWS))
    if task.messages_days:
        before = ctx.now - timedelta(days=task.messages_days)
        gone.append(await attachments.forget(ctx, threads, before=before, limit=ROWS))
        gone.append(await channels.forget_deliveries(ctx, threads, before=before, limit=ROWS))
        gone.append(await conversations.forget_messages(ctx, threads, before=before, limit=ROWS))
    if any(gone):
        log.info("forgotten", rows=sum(gone))
    return gone


async def _forget_beside(ctx: Context, task: Forget) -> list[int]:
    """What belongs to no thread."""
    gone: list[int] = []
    if task.records_days:
        before = ctx.now - timedelta(days=task.records_days)
        gone.append(await dead_letters.forget(ctx.session, ctx.tenant_id, before=before, limit=ROWS))
    if task.messages_days:
        before = ctx.now - timedelta(days=task.messages_days)
        gone.append(await conversations.forget_keys(ctx, before=before, limit=ROWS))
    return gone

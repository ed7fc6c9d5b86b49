"""What came in and went out long ago, and need not be kept any longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lumi.core.context import Context
from lumi.modules.channels.repositories import thread_rows


async def threads_after(ctx: Context, after: UUID | None, *, limit: int) -> list[UUID]:
    """Threads of the tenant in the order of their ids, from behind one on: for who walks through all of them."""
    return await thread_rows.threads_after(ctx, after, limit)


async def forget_events(ctx: Context, threads: Sequence[UUID], *, before: datetime, limit: int) -> int:
    """Delete what these threads received and settled before a time, so many at most; returns how many it was."""
    return await thread_rows.delete_events(ctx, threads, before, limit)


async def forget_deliveries(ctx: Context, threads: Sequence[UUID], *, before: datetime, limit: int) -> int:
    """The same for what went out and has its outcome."""
    return await thread_rows.delete_deliveries(ctx, threads, before, limit)

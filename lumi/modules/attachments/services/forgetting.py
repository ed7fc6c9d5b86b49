"""Letting attachments go: of a message that was taken back, and of conversations nobody keeps any longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lumi.core.context import Context
from lumi.modules.attachments import repository
from lumi.modules.attachments.events import DropAttachments
from lumi.modules.files import public as files


async def drop(ctx: Context, task: DropAttachments) -> None:
    """What was in a message that was taken back can no longer be had; its bytes are removed soon after."""
    await files.forget_these(ctx, await repository.remove(ctx, task.thread_id, task.event_n))


async def forget(ctx: Context, threads: Sequence[UUID], *, before: datetime, limit: int) -> int:
    """Delete what came to these threads before a time, so many at most, the files with it; returns how many."""
    gone, left_over = await repository.delete(ctx, threads, before, limit)
    await files.forget_these(ctx, left_over)
    return gone

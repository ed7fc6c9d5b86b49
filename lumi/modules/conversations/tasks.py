"""Work of the conversations that nobody waits for."""

from __future__ import annotations

from lumi.core.context import Context
from lumi.modules.channels.public import EventReopened
from lumi.modules.conversations import public as conversations


async def carry_over(ctx: Context, event: EventReopened) -> None:
    """Let an event that was opened again in a merged conversation be answered in the other one; twice does nothing."""
    await conversations.carry_over(ctx, event.thread_id)

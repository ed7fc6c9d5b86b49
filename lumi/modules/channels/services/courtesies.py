"""Courtesies: a person sees that they were read and that somebody writes. Nothing waits for one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from lumi.core.http import OutsideFailure
from lumi.core.metrics import COURTESIES
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.outgoing import Attention

MOST_WAITING = 32
# A sign of typing that comes after the answer is worse than none.
LATE_AFTER_SECONDS = 1.0
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class _Courtesy:
    channel: Channel
    tenant_id: UUID
    account_id: UUID
    attention: Attention
    asked_at: float = field(default_factory=monotonic)


class Courtesies:
    """What a worker shows beside its turns. Under load most of it is left out, and no turn is slower for it."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._waiting: asyncio.Queue[_Courtesy] = asyncio.Queue(MOST_WAITING)

    def show(self, channel: Channel, *, tenant_id: UUID, account_id: UUID, attention: Attention) -> None:
        """Show it soon, or not at all."""
        if not self._sender.can_attend(channel):
            return
        try:
            self._waiting.put_nowait(_Courtesy(channel, tenant_id, account_id, attention))
        except asyncio.QueueFull:
            COURTESIES.labels(channel.value, "left_out").inc()

    async def run(self) -> None:
        """Show what comes, for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._show_each())

    async def _show_each(self) -> None:
        while True:
            one = await self._waiting.get()
            if monotonic() - one.asked_at > LATE_AFTER_SECONDS:
                COURTESIES.labels(one.channel.value, "left_out").inc()
                continue
            try:
                await self._sender.attend(
                    one.channel, tenant_id=one.tenant_id, account_id=one.account_id, attention=one.attention
                )
                COURTESIES.labels(one.channel.value, "shown").inc()
            except OutsideFailure:
                COURTESIES.labels(one.channel.value, "failed").inc()

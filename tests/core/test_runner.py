"""A worker that is told to stop ends what it holds, and takes nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from lumi.core import runner
from lumi.core.db import Database
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.integration


class Desk:
    """Work that is handed out, and ends, when a test says so."""

    name = "desk"

    def __init__(self) -> None:
        self.asked = 0
        self.given, self.may_end = asyncio.Event(), asyncio.Event()
        self.begun: list[int] = []
        self.ended: list[int] = []

    async def claim(self, want: int) -> Sequence[int]:
        self.asked += 1
        await self.given.wait()
        return [self.asked]

    async def next_due(self) -> float | None:
        return None

    async def run(self, claim: int) -> None:
        self.begun.append(claim)
        await self.may_end.wait()
        self.ended.append(claim)


async def test_what_a_claim_brings_that_was_on_its_way_when_the_worker_was_told_to_stop_is_done_to_its_end(
    alone: Database,
) -> None:
    desk = Desk()
    worker = await runner.serve(alone, lambda _db, _pulse: [])
    worker.add(desk)
    working = asyncio.create_task(worker.run())
    await until(lambda: desk.asked == 1)

    worker.stop()
    await asyncio.sleep(0.05)
    desk.given.set()
    await until(lambda: desk.begun == [1])
    desk.may_end.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await working

    assert (desk.asked, desk.ended) == (1, [1])

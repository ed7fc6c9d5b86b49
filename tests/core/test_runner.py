"""A worker that is told to stop ends what it holds, leaves what only waits, and takes nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import text as sql

from lumi.core import jobs, runner
from lumi.core.db import Database
from lumi.core.http import Http, Patience, Unavailable
from lumi.core.http.calls import ATTEMPTS, LONGEST_PAUSE_SECONDS
from lumi.core.ids import new_id
from lumi.core.jobs import HouseTask, JobSource, Registry
from lumi.core.lanes import Lane, LaneSource
from tests import factories
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

    def stop(self) -> None:
        """What is begun is done to its end."""


@dataclass(frozen=True)
class Ask(HouseTask):
    """Ask the shop."""


class Shop:
    """One that is shut, so many times, and says when it may be asked again."""

    def __init__(self, http: Http, *, times: int = ATTEMPTS, pause: float = LONGEST_PAUSE_SECONDS) -> None:
        self.http, self.times, self.pause = http, times, pause
        self.asked = 0

    async def ask(self, _db: Database, _task: Ask) -> None:
        await self.visit()

    async def take(self, lane: Lane) -> None:
        await self.visit()

    async def lay_down(self, lane: Lane, why: str) -> None:
        raise AssertionError(why)

    async def visit(self) -> None:
        await self.http.guard("shop", self.answer, repeatable=True)

    async def answer(self) -> None:
        self.asked += 1
        if self.asked <= self.times:
            raise Unavailable("shut", retry_after=self.pause)


@asynccontextmanager
async def working(worker: runner.Runner) -> AsyncGenerator[None]:
    """A worker that is told to stop at the end of the block, and has ended after it."""
    running = asyncio.create_task(worker.run())
    try:
        yield
        worker.stop()
    finally:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running


async def test_a_job_that_waits_to_ask_again_is_left_to_others_when_its_worker_is_told_to_stop(alone: Database) -> None:
    async with Http() as http:
        shop, kinds = Shop(http), Registry()
        kinds.add_house(Ask, shop.ask)
        async with alone.transaction(None) as session:
            await jobs.insert(session, None, Ask(), run_at=None, key=None)
        worker = await runner.serve(alone, lambda _db, _pulse: [])
        worker.add(JobSource(alone, worker.worker, kinds))
        async with working(worker):
            await until(lambda: shop.asked == 1)

    assert shop.asked == 1
    async with alone.transaction(None) as session:
        left = await session.execute(sql("select owner, ready_at <= now(), crashes, dead_at from job"))
    assert [tuple(row) for row in left] == [(None, True, 1, None)]


async def test_a_turn_that_waits_to_ask_again_is_taken_to_its_end_before_its_worker_stops(alone: Database) -> None:
    tenant = await factories.make_tenant(alone)
    async with alone.transaction(tenant.id) as session:
        await session.execute(sql("select app.touch_lane(:tenant, :key)"), {"tenant": tenant.id, "key": new_id()})
    async with Http() as http:
        shop = Shop(http, times=1, pause=1.0)
        worker = await runner.serve(alone, lambda _db, _pulse: [])
        worker.add(LaneSource(alone, worker.worker, shop))
        async with working(worker):
            await until(lambda: shop.asked == 1)

    assert shop.asked == 2


async def test_who_has_no_patience_left_does_not_begin_to_wait() -> None:
    async with Http() as http:
        shop, patience = Shop(http), Patience()
        patience.end()
        with patience.lent(), pytest.raises(asyncio.CancelledError):
            await http.guard("shop", shop.answer, repeatable=True)

    assert shop.asked == 1


async def test_what_a_claim_brings_that_was_on_its_way_when_the_worker_was_told_to_stop_is_done_to_its_end(
    alone: Database,
) -> None:
    desk = Desk()
    worker = await runner.serve(alone, lambda _db, _pulse: [])
    worker.add(desk)
    async with working(worker):
        await until(lambda: desk.asked == 1)

        worker.stop()
        await asyncio.sleep(0.05)
        desk.given.set()
        await until(lambda: desk.begun == [1])
        desk.may_end.set()

    assert (desk.asked, desk.ended) == (1, [1])

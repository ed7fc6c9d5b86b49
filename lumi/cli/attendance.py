"""A worker for a command that waits for answers: ours, when nobody else's is alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lumi.core.runner import living_workers

if TYPE_CHECKING:
    from lumi.api.house import House

LOOK_EVERY_SECONDS = 1.0


@asynccontextmanager
async def attended(house: House) -> AsyncGenerator[None]:
    """Inside, a worker is alive; one of this process takes over when the last other one goes."""
    shift = _Shift(house)
    await shift.look()
    watch = asyncio.ensure_future(shift.keep_looking())
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        await shift.end()


class _Shift:
    """Our own worker, while it is needed."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._work: asyncio.Task[None] | None = None

    async def keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            await self.look()

    async def look(self) -> None:
        if self._work is None or self._work.done():
            if self._work is not None:
                self._work.result()
            if not await living_workers(self._house.db.pool):
                await self._begin()

    async def _begin(self) -> None:
        from lumi.wiring import open_worker

        runner = await open_worker(self._house, slots=20)
        self._runner = runner
        self._work = asyncio.ensure_future(runner.run())
        await runner.ready.wait()

    async def end(self) -> None:
        if self._work is not None:
            self._runner.stop()
            await self._work

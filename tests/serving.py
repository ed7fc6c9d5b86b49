"""A web application on a port of its own, and a worker, for as long as a test needs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import uvicorn

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lumi.core.runner import Runner

_PATIENCE_SECONDS = 30.0


@asynccontextmanager
async def on_a_port(config: uvicorn.Config) -> AsyncGenerator[int]:
    """The port it answers on; it stops in order at the end of the block, whatever happened there."""
    server = uvicorn.Server(config)
    running = asyncio.ensure_future(server.serve())
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not server.started:
                assert not running.done(), "the server ended before it listened"
                await asyncio.sleep(0.01)
        yield cast("int", server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def working(app: FastAPI) -> AsyncGenerator[Runner]:
    """One worker in this process.

    Never two: between asynchronous tests the loop stands still, and a second one would find the first silent.
    """
    from lumi.wiring import open_worker

    runner = await open_worker(app.state.house)
    running_worker = asyncio.ensure_future(runner.run())
    await runner.ready.wait()
    yield runner
    runner.stop()
    await running_worker

"""A web application on a port of its own, and a worker, for as long as a test needs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import uvicorn

from lumi.core.loop import shut
from lumi.demo.keys import free_port, is_free
from lumi.wiring import open_worker

if TYPE_CHECKING:
    from lumi.api.house import House
    from lumi.core.db import Database
    from lumi.core.jobs import Registry
    from lumi.core.runner import Runner

    Clock = Callable[[Database, Registry], Coroutine[object, object, None]]

_PATIENCE_SECONDS = 30.0


def port_at(*hosts: str) -> int:
    """A port that nobody listens on at any of these addresses."""
    return next(port for port in iter(free_port, None) if all(is_free(port, host) for host in hosts))


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
        if server.started:
            await shut(door for each in server.servers for door in each.sockets)
        server.should_exit = True
        await running


@asynccontextmanager
async def working(house: House, *, clock: Clock | None = None) -> AsyncGenerator[Runner]:
    """A worker of this house in this process; it stops in order at the end of the block, whatever happened there.

    What the house does by the clock, as every ten minutes, it does not here unless a `clock` of the test's own lets it:
    a test sees only what it asked for.
    Never two that live for long: between asynchronous tests the loop stands still, and each finds the other silent.
    """
    with patch("lumi.wiring.keep_firing", clock or _never):
        runner = await open_worker(house)
    running = asyncio.ensure_future(runner.run())
    try:
        await runner.ready.wait()
        yield runner
    finally:
        runner.stop()
        await running


async def _never(*_args: object) -> None:
    await asyncio.Event().wait()

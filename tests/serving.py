"""A web application on a port of its own, for as long as a test needs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

import uvicorn

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

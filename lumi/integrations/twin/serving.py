"""Puts a twin on a port, inside this process."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import web

from lumi.core.loop import shut

LOOPBACK = "127.0.0.1"


class Closable(Protocol):
    """What a twin has to end by."""

    async def close(self) -> None:
        """Stop: nothing more is told to anybody."""
        ...


@asynccontextmanager
async def served(twin: Closable, app: web.Application, host: str, port: int) -> AsyncGenerator[str]:
    """The URL at which a twin answers, without a trailing slash, until the end of the block; port 0: any free one."""
    async with listening(app, host, port) as url:
        try:
            yield url
        finally:
            await twin.close()


@asynccontextmanager
async def listening(app: web.Application, host: str = LOOPBACK, port: int = 0) -> AsyncGenerator[str]:
    """The URL at which an application answers, as `served`."""
    door = socket.create_server((host, port), backlog=1024)
    # A caller that gives up ends its handler too: no hanging post outlives the one who waits for it.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    try:
        await runner.setup()
        await web.SockSite(runner, door, backlog=1024).start()
        yield f"http://{host}:{door.getsockname()[1]}"
    finally:
        await shut([door])
        await runner.cleanup()
        door.close()

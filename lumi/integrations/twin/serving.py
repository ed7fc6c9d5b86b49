"""Puts a twin on a port, inside this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import web

LOOPBACK = "127.0.0.1"


class Closable(Protocol):
    """What a twin has to end by."""

    async def close(self) -> None:
        """Stop: nothing more is told to anybody."""
        ...


@asynccontextmanager
async def served(twin: Closable, app: web.Application, host: str, port: int) -> AsyncGenerator[str]:
    """The URL at which a twin answers, without a trailing slash, until the end of the block; port 0: any free one."""
    # A caller that gives up ends its handler too: no hanging post outlives the one who waits for it.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        bound = int(runner.addresses[0][1])
        yield f"http://{host}:{bound}"
    finally:
        await twin.close()
        await runner.cleanup()

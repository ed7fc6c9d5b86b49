"""What stands at the other end in these tests: a webhook that listens, a server that answers in one way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import web

from lumi.integrations.twin.serving import listening as at_a_port
from tests.waiting import PATIENCE_SECONDS


@dataclass
class Listener:
    """What a subscriber received. Answers 200, or the next of `statuses` while there are some."""

    url: str = ""
    statuses: list[int] = field(default_factory=list[int])
    bodies: list[bytes] = field(default_factory=list[bytes])
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.hear(request, body)
        self.bodies.append(body)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.take(body)
        self._news.set()
        return web.Response(status=status)

    def hear(self, request: web.Request, body: bytes) -> None:
        """Look at the proof of what came, acknowledged or not."""

    def take(self, body: bytes) -> None:
        """Read what is acknowledged."""

    async def until(self, reached: Callable[[], bool]) -> None:
        """Return once the condition holds; fail the test when it does not in time."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached():
                self._news.clear()
                await self._news.wait()


L = TypeVar("L", bound=Listener)


@asynccontextmanager
async def serving(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncGenerator[str]:
    """A server that answers everything in one way; its address."""
    app = web.Application(client_max_size=1 << 25)
    app.router.add_route("*", "/{path:.*}", handle)
    async with at_a_port(app) as url:
        yield url


@asynccontextmanager
async def listening(listener: L) -> AsyncGenerator[L]:
    """The listener, at an address of its own."""
    async with serving(listener.handle) as url:
        listener.url = f"{url}/hook"
        yield listener

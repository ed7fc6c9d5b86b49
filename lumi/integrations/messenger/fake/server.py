"""Puts a twin on a port, inside this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from lumi.integrations.messenger.fake.control import Control
from lumi.integrations.messenger.fake.graph_api import GraphApi
from lumi.integrations.messenger.fake.twin import Twin, TwinSettings
from lumi.integrations.twin.serving import LOOPBACK, served


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin and the address it answers at, without a trailing slash."""

    twin: Twin
    url: str


def application(twin: Twin) -> web.Application:
    """The twin as an aiohttp application."""
    app = web.Application(client_max_size=1 << 20)
    app.add_routes([*Control(twin).routes(), *GraphApi(twin).routes()])
    return app


@asynccontextmanager
async def running(
    settings: TwinSettings | None = None, host: str = LOOPBACK, port: int = 0
) -> AsyncGenerator[RunningTwin]:
    """A twin on this host and port (0: any free one) until the end of the block."""
    twin = Twin(settings or TwinSettings())
    async with served(twin, application(twin), host, port) as url:
        yield RunningTwin(twin, url)

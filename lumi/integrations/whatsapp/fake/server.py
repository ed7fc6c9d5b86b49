"""Puts a twin on a port, inside this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from lumi.integrations.twin.serving import LOOPBACK, served
from lumi.integrations.whatsapp.fake.access import Access
from lumi.integrations.whatsapp.fake.account_api import AccountApi
from lumi.integrations.whatsapp.fake.acts import Acts
from lumi.integrations.whatsapp.fake.control import Control
from lumi.integrations.whatsapp.fake.graph_api import GraphApi
from lumi.integrations.whatsapp.fake.media_api import MediaApi
from lumi.integrations.whatsapp.fake.twin import Twin, TwinSettings

LARGEST_POST = 140 << 20
"""A document of 100 MB, in base64 when a person sends it."""


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin and the address it answers at, without a trailing slash."""

    twin: Twin
    url: str


def application(twin: Twin) -> web.Application:
    """The twin as an aiohttp application."""
    app = web.Application(client_max_size=LARGEST_POST)
    access = Access(twin)
    media = MediaApi(twin, access)
    parts = (Control(twin), Acts(twin), media, AccountApi(twin, access), GraphApi(twin, access, media))
    for part in parts:
        app.add_routes(part.routes())
    return app


@asynccontextmanager
async def running(
    settings: TwinSettings | None = None, host: str = LOOPBACK, port: int = 0
) -> AsyncGenerator[RunningTwin]:
    """A twin on this host and port (0: any free one) until the end of the block."""
    twin = Twin(settings or TwinSettings())
    async with served(twin, application(twin), host, port) as url:
        yield RunningTwin(twin, url)

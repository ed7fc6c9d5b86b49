"""Puts a twin on a port, inside this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from lumi.integrations.gmail.fake.control import Control
from lumi.integrations.gmail.fake.gmail_api import GmailApi
from lumi.integrations.gmail.fake.twin import Twin, TwinSettings
from lumi.integrations.twin.serving import LOOPBACK, served

_LARGEST_REQUEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin and the address it answers at, without a trailing slash."""

    twin: Twin
    url: str

    @property
    def token_url(self) -> str:
        """Where refresh tokens are exchanged."""
        return f"{self.url}/token"

    @property
    def certs_url(self) -> str:
        """Where the keys of its pushes are."""
        return f"{self.url}/oauth2/v3/certs"


def application(twin: Twin) -> web.Application:
    """The twin as an aiohttp application."""
    app = web.Application(client_max_size=_LARGEST_REQUEST_BYTES)
    app.add_routes([*Control(twin).routes(), *GmailApi(twin).routes()])
    return app


@asynccontextmanager
async def running(
    settings: TwinSettings | None = None, host: str = LOOPBACK, port: int = 0
) -> AsyncGenerator[RunningTwin]:
    """A twin on this host and port (0: any free one) until the end of the block."""
    twin = Twin(settings or TwinSettings())
    async with served(twin, application(twin), host, port) as url:
        yield RunningTwin(twin, url)

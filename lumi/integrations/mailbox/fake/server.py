"""Puts a twin on its ports, inside this process."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from lumi.integrations.mailbox.fake.control import Control
from lumi.integrations.mailbox.fake.imap_server import ImapSession
from lumi.integrations.mailbox.fake.sessions import listening
from lumi.integrations.mailbox.fake.smtp_server import SmtpSession
from lumi.integrations.mailbox.fake.token_endpoint import TokenEndpoint
from lumi.integrations.mailbox.fake.twin import Twin, TwinSettings
from lumi.integrations.twin.serving import LOOPBACK, served

_LARGEST_REQUEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen. With a certificate `imap` and `smtp` want STARTTLS; those in TLS are 0 without one."""

    imap: int = 0
    smtp: int = 0
    imap_tls: int = 0
    smtp_tls: int = 0


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin, the address of its control surface without a trailing slash, and its mail servers."""

    twin: Twin
    url: str
    host: str
    ports: Ports

    @property
    def token_url(self) -> str:
        """Where refresh tokens are exchanged."""
        return f"{self.url}/token"

    @property
    def device_url(self) -> str:
        """Where somebody without a browser asks for a code."""
        return f"{self.url}/devicecode"


@asynccontextmanager
async def running(
    settings: TwinSettings | None = None, host: str = LOOPBACK, port: int = 0, ports: Ports | None = None
) -> AsyncGenerator[RunningTwin]:
    """A twin on this host until the end of the block; `port` is that of its control surface, 0 is any free one."""
    twin = Twin(settings or TwinSettings())
    wished = ports or Ports()
    async with AsyncExitStack() as stack:
        bound = Ports(
            await stack.enter_async_context(listening(twin, ImapSession, host, wished.imap, in_tls=False)),
            await stack.enter_async_context(listening(twin, SmtpSession, host, wished.smtp, in_tls=False)),
        )
        if twin.tls is not None:
            bound = Ports(
                bound.imap,
                bound.smtp,
                await stack.enter_async_context(listening(twin, ImapSession, host, wished.imap_tls, in_tls=True)),
                await stack.enter_async_context(listening(twin, SmtpSession, host, wished.smtp_tls, in_tls=True)),
            )
        url = await stack.enter_async_context(served(twin, _control(twin), host, port))
        yield RunningTwin(twin, url, host, bound)


def _control(twin: Twin) -> web.Application:
    app = web.Application(client_max_size=_LARGEST_REQUEST_BYTES)
    app.add_routes([*Control(twin).routes(), *TokenEndpoint(twin).routes()])
    return app

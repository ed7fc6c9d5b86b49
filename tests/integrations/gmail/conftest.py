"""A twin, a client that talks to it, and a webhook that listens to it: all over real connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from lumi.core.http import Http
from lumi.integrations.gmail.client import Gmail
from lumi.integrations.gmail.fake.ledger import SentEntry
from lumi.integrations.gmail.fake.server import RunningTwin, running
from lumi.integrations.gmail.fake.twin import TwinSettings
from lumi.integrations.gmail.oauth import OAuthToken
from lumi.integrations.gmail.oidc import OidcVerifier
from lumi.integrations.gmail.push import Push, read_push
from tests.integrations.gmail.salon import ADDRESS, OTHER, Writer

PATIENCE_SECONDS = 5.0


@dataclass
class Webhook:
    """What a subscriber received. Answers 200, or the next of `statuses` while there are some."""

    url: str = ""
    statuses: list[int] = field(default_factory=list[int])
    proofs: list[str | None] = field(default_factory=list[str | None])
    bodies: list[bytes] = field(default_factory=list[bytes])
    pushes: list[Push] = field(default_factory=list[Push])
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(body)
        self.proofs.append(request.headers.get("Authorization"))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.pushes.append(read_push(body))
        self._news.set()
        return web.Response(status=status)

    async def until(self, reached: Callable[[], bool]) -> None:
        """Return once the condition holds; fail the test when it does not in time."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached():
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    listener = Webhook()
    app = web.Application()
    app.router.add_post("/hook", listener.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield listener
    await runner.cleanup()


@pytest.fixture
async def served(webhook: Webhook, tmp_path: Path) -> AsyncIterator[RunningTwin]:
    settings = TwinSettings(
        mailboxes={ADDRESS: "a-refresh-token-for-the-salon", OTHER: "a-refresh-token-for-the-hotel"},
        webhook_url=webhook.url,
        log_path=tmp_path / "taken.jsonl",
    )
    async with running(settings) as twin:
        yield twin


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=1000) as opened:
        yield opened


@pytest.fixture
def token(http: Http, served: RunningTwin) -> OAuthToken:
    settings = served.twin.settings
    return OAuthToken(http, served.token_url, settings.client_id, settings.client_secret, settings.mailboxes[ADDRESS])


@pytest.fixture
def gmail(http: Http, served: RunningTwin, token: OAuthToken) -> Gmail:
    return Gmail(http, served.url, token, ADDRESS)


@pytest.fixture
def verifier(http: Http, served: RunningTwin, webhook: Webhook) -> OidcVerifier:
    return OidcVerifier(http, served.certs_url, webhook.url, served.twin.settings.service_account)


@pytest.fixture
async def writer(served: RunningTwin) -> AsyncIterator[Writer]:
    async with aiohttp.ClientSession(served.url) as session:
        yield Writer(session)


@pytest.fixture
def taken(served: RunningTwin) -> Callable[[], list[SentEntry]]:
    return lambda: list(served.twin.ledger.after(0, 100))

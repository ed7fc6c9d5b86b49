"""A twin, a client that talks to it, and a webhook that listens to it: all over real connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from lumi.core.http import Http
from lumi.integrations.graph.signature import HEADER, challenge, verify
from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.fake.server import RunningTwin, running
from lumi.integrations.whatsapp.fake.twin import TwinSettings
from lumi.integrations.whatsapp.payloads import Batch, Echo, Message, Status, parse
from tests.integrations.whatsapp.phone import Phone

APP_SECRET = "an-invented-app-secret"
VERIFY_TOKEN = "an-invented-verify-token"
NUMBER = "310000000000001"
PATIENCE_SECONDS = 5.0


@dataclass
class Webhook:
    """What a subscriber received. Answers 200, or the next of `statuses` while there are some."""

    url: str = ""
    statuses: list[int] = field(default_factory=list[int])
    bodies: list[bytes] = field(default_factory=list[bytes])
    batches: list[Batch] = field(default_factory=list[Batch])
    badly_signed: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            echo = challenge(request.query, VERIFY_TOKEN)
            return web.Response(text=echo) if echo else web.Response(status=403)
        body = await request.read()
        if not verify(APP_SECRET, body, request.headers.get(HEADER)):
            self.badly_signed += 1
        self.bodies.append(body)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.batches.append(parse(body))
        self._news.set()
        return web.Response(status=status)

    @property
    def messages(self) -> list[Message]:
        return [each for batch in self.batches for each in batch.messages]

    @property
    def statuses_seen(self) -> list[Status]:
        return [each for batch in self.batches for each in batch.statuses]

    @property
    def echoes(self) -> list[Echo]:
        return [each for batch in self.batches for each in batch.echoes]

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
    app.router.add_route("*", "/hook", listener.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield listener
    await runner.cleanup()


@pytest.fixture
async def served(webhook: Webhook, tmp_path: Path) -> AsyncIterator[RunningTwin]:
    settings = TwinSettings(
        app_secret=APP_SECRET,
        numbers={NUMBER: "33100000001", "310000000000002": "33100000002"},
        webhook_url=webhook.url,
        status_pause_ms=1,
        log_path=tmp_path / "taken.jsonl",
    )
    async with running(settings) as twin:
        yield twin


@pytest.fixture
async def phone(served: RunningTwin) -> AsyncIterator[Phone]:
    async with aiohttp.ClientSession(served.url) as session:
        yield Phone(session)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=1000) as opened:
        yield opened


@pytest.fixture
def whatsapp(http: Http, served: RunningTwin) -> WhatsApp:
    return WhatsApp(http, served.url, "v25.0", served.twin.settings.token, NUMBER)


@pytest.fixture
def body() -> Callable[[str], bytes]:
    """The bytes of a recorded shape, by its name."""
    folder = Path(__file__).parent / "bodies"
    return lambda name: (folder / f"{name}.json").read_bytes()

"""A twin, a client that talks to it, a phone, and a webhook that listens: all over real connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from lumi.core.http import Http
from lumi.integrations.graph.messaging_shapes import Batch, Echo, Message, Receipt
from lumi.integrations.graph.signature import HEADER, challenge, verify
from lumi.integrations.instagram.client import Instagram
from lumi.integrations.messenger.client import Messenger
from lumi.integrations.messenger.fake.server import RunningTwin, running
from lumi.integrations.messenger.fake.twin import TwinSettings
from tests.integrations.graph.surfaces import ACCOUNT, APP_SECRET, PERSON, VERIFY_TOKEN, Kind

PATIENCE_SECONDS = 5.0
Seen = dict[str, object]
Client = Messenger | Instagram


@dataclass
class Webhook:
    """What a subscriber received. Answers 200, or the next of `statuses` while there are some."""

    parse: Callable[[bytes], Batch]
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
            self.batches.append(self.parse(body))
        self._news.set()
        return web.Response(status=status)

    @property
    def messages(self) -> list[Message]:
        return [each for batch in self.batches for each in batch.messages]

    @property
    def echoes(self) -> list[Echo]:
        return [each for batch in self.batches for each in batch.echoes]

    @property
    def receipts(self) -> list[Receipt]:
        return [each for batch in self.batches for each in batch.receipts]

    async def until(self, reached: Callable[[], bool]) -> None:
        """Return once the condition holds; fail the test when it does not in time."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached():
                self._news.clear()
                await self._news.wait()


class Phone:
    """What the demo's phone page does, over HTTP."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, path: str, wishes: Seen, expect: int = 200) -> Seen:
        async with self._session.post(f"/_twin/{path}", json=wishes) as answer:
            assert answer.status == expect, await answer.text()
            return await answer.json()

    async def get(self, path: str, **query: str | int) -> Seen:
        async with self._session.get(f"/_twin/{path}", params=query) as answer:
            assert answer.status == 200
            return await answer.json()

    async def say(self, text: str = "Hello?", **wishes: object) -> str:
        """Write to the account, which may answer from now on; returns the message's id."""
        return str((await self.post("inbound", {"from": PERSON, "text": text, **wishes}))["id"])


@pytest.fixture
async def webhook(kind: Kind) -> AsyncIterator[Webhook]:
    listener = Webhook(kind.parse)
    app = web.Application()
    app.router.add_route("*", "/hook", listener.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield listener
    await runner.cleanup()


@pytest.fixture
async def served(kind: Kind, webhook: Webhook, tmp_path: Path) -> AsyncIterator[RunningTwin]:
    settings = TwinSettings(
        surface=kind.surface,
        page_id=kind.page_id,
        app_secret=APP_SECRET,
        account_id=ACCOUNT,
        webhook_url=webhook.url,
        status_pause_ms=1,
        log_path=tmp_path / "taken.jsonl",
    )
    async with running(settings) as twin:
        yield twin


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=1000) as opened:
        yield opened


@pytest.fixture
def client(kind: Kind, http: Http, served: RunningTwin) -> Client:
    return kind.client(http, served.url, served.twin.settings.token)


@pytest.fixture
async def phone(served: RunningTwin) -> AsyncIterator[Phone]:
    async with aiohttp.ClientSession(served.url) as session:
        yield Phone(session)

"""A twin, a client that talks to it, and a webhook that listens to it: all over real connections."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import aiohttp
import pytest
from aiohttp import web

from lumi.core.http import Http
from lumi.integrations.telegram.client import Telegram
from lumi.integrations.telegram.errors import TelegramRejected
from lumi.integrations.telegram.fake.ledger import Accepted
from lumi.integrations.telegram.fake.server import RunningTwin, running
from lumi.integrations.telegram.fake.twin import TwinSettings
from lumi.integrations.telegram.payloads import Batch, Membership, Message, Press, parse
from lumi.integrations.telegram.webhook_secret import verify

SECRET = "an_invented-webhook-secret"
TOKEN = "7000000001:AA_an-invented-token-of-the-first-bot"
OTHER_TOKEN = "7000000002:AA_an-invented-token-of-the-other-one"
PERSON = 610000042
PATIENCE_SECONDS = 5.0

Seen = dict[str, object]


@dataclass
class Webhook:
    """What a subscriber received. Answers 200, or the next of `statuses` while there are some."""

    url: str = ""
    statuses: list[int] = field(default_factory=list[int])
    bodies: list[bytes] = field(default_factory=list[bytes])
    batches: list[Batch] = field(default_factory=list[Batch])
    not_proven: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not verify(SECRET, request.headers):
            self.not_proven += 1
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
    def edits(self) -> list[Message]:
        return [each for batch in self.batches for each in batch.edits]

    @property
    def presses(self) -> list[Press]:
        return [each for batch in self.batches for each in batch.presses]

    @property
    def memberships(self) -> list[Membership]:
        return [each for batch in self.batches for each in batch.memberships]

    @property
    def ignored(self) -> list[str]:
        return [kind for batch in self.batches for kind in batch.ignored]

    async def until(self, reached: Callable[[], bool]) -> None:
        """Return once the condition holds; fail the test when it does not in time."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached():
                self._news.clear()
                await self._news.wait()


class Phone:
    """What the person at the other end does, over HTTP."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def post(self, path: str, wishes: Seen, expect: int = 200) -> Seen:
        async with self.session.post(f"/_twin/{path}", json=wishes) as answer:
            assert answer.status == expect, await answer.text()
            return await answer.json()

    async def get(self, path: str, **query: str | int) -> Seen:
        async with self.session.get(f"/_twin/{path}", params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def write(self, text: str, **more: object) -> str:
        """The person writes; returns the message's id."""
        return cast("str", (await self.post("inbound", {"from": PERSON, "text": text, **more}))["id"])

    async def content(self, peer: int = PERSON) -> dict[str, Seen]:
        """What the last message is made of."""
        return cast("dict[str, Seen]", (await self.entries(peer))[-1]["content"])

    async def entries(self, peer: int = PERSON, **query: str | int) -> list[Seen]:
        return cast("list[Seen]", (await self.get("messages", peer=peer, **query))["messages"])

    async def texts(self, peer: int = PERSON, **query: str | int) -> list[object]:
        return [each["text"] for each in await self.entries(peer, **query)]


@asynccontextmanager
async def serving(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncGenerator[str]:
    """A server that answers everything in one way; its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    listener = Webhook()
    async with serving(listener.handle) as url:
        listener.url = f"{url}/hook"
        yield listener


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[RunningTwin]:
    settings = TwinSettings(
        tokens=(TOKEN, OTHER_TOKEN), webhook_secret=SECRET, log_path=tmp_path / "taken.jsonl", seed=1
    )
    async with running(settings) as twin:
        yield twin


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=1000) as opened:
        yield opened


@pytest.fixture
def telegram(http: Http, served: RunningTwin) -> Telegram:
    return Telegram(http, served.url, TOKEN)


@pytest.fixture
async def phone(served: RunningTwin) -> AsyncIterator[Phone]:
    async with aiohttp.ClientSession(served.url) as session:
        yield Phone(session)


@pytest.fixture
async def person(phone: Phone) -> int:
    """Somebody who has started the bot."""
    await phone.write("/start")
    return PERSON


def taken(served: RunningTwin) -> list[Accepted]:
    """Every message the twin took."""
    return list(served.twin.ledger.after(0, 100))


async def refusal_of(call: Awaitable[object]) -> TelegramRejected:
    """How Telegram, or we in its place, refused this call."""
    with pytest.raises(TelegramRejected) as failure:
        await call
    return failure.value

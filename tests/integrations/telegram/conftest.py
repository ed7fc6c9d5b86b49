"""A twin, a client that talks to it, and a webhook that listens to it: all over real connections."""

from collections.abc import AsyncIterator, Awaitable
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
from tests.integrations.listening import Listener, listening

SECRET = "an_invented-webhook-secret"
TOKEN = "7000000001:AA_an-invented-token-of-the-first-bot"
OTHER_TOKEN = "7000000002:AA_an-invented-token-of-the-other-one"
PERSON = 610000042

Seen = dict[str, object]


@dataclass
class Webhook(Listener):
    """What the subscriber of a bot read."""

    batches: list[Batch] = field(default_factory=list[Batch])
    not_proven: int = 0

    def hear(self, request: web.Request, body: bytes) -> None:
        if not verify(SECRET, request.headers):
            self.not_proven += 1

    def take(self, body: bytes) -> None:
        self.batches.append(parse(body))

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


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with listening(Webhook()) as listener:
        yield listener


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[RunningTwin]:
    settings = TwinSettings(
        tokens=(TOKEN, OTHER_TOKEN), webhook_secret=SECRET, log_path=tmp_path / "taken.jsonl", seed=1
    )
    async with running(settings) as twin:
        yield twin


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

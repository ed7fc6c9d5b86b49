"""A twin, a client that talks to it, a phone, and a webhook that listens: all over real connections."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from lumi.core.http import Http
from lumi.integrations.graph.messaging_shapes import Batch, Echo, Message, Receipt
from lumi.integrations.instagram.client import Instagram
from lumi.integrations.messenger.client import Messenger
from lumi.integrations.messenger.fake.server import RunningTwin, running
from lumi.integrations.messenger.fake.twin import TwinSettings
from tests.integrations.graph.listener import SignedListener
from tests.integrations.graph.surfaces import ACCOUNT, APP_SECRET, PERSON, VERIFY_TOKEN, Kind
from tests.integrations.listening import listening

Seen = dict[str, object]
Client = Messenger | Instagram


@dataclass(kw_only=True)
class Webhook(SignedListener):
    """What the subscriber of a page read."""

    parse: Callable[[bytes], Batch]
    app_secret: str = APP_SECRET
    verify_token: str = VERIFY_TOKEN
    batches: list[Batch] = field(default_factory=list[Batch])

    def take(self, body: bytes) -> None:
        self.batches.append(self.parse(body))

    @property
    def messages(self) -> list[Message]:
        return [each for batch in self.batches for each in batch.messages]

    @property
    def echoes(self) -> list[Echo]:
        return [each for batch in self.batches for each in batch.echoes]

    @property
    def receipts(self) -> list[Receipt]:
        return [each for batch in self.batches for each in batch.receipts]


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
    async with listening(Webhook(parse=kind.parse)) as listener:
        yield listener


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
def client(kind: Kind, http: Http, served: RunningTwin) -> Client:
    return kind.client(http, served.url, served.twin.settings.token)


@pytest.fixture
async def phone(served: RunningTwin) -> AsyncIterator[Phone]:
    async with aiohttp.ClientSession(served.url) as session:
        yield Phone(session)

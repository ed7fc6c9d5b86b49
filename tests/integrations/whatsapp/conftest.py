"""A twin, a client that talks to it, and a webhook that listens to it: all over real connections."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from lumi.core.http import Http
from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.fake.server import RunningTwin, running
from lumi.integrations.whatsapp.fake.twin import TwinSettings
from lumi.integrations.whatsapp.payloads import Batch, Echo, Message, Status, parse
from tests.integrations.graph.listener import SignedListener
from tests.integrations.listening import listening
from tests.integrations.whatsapp.phone import Phone

APP_SECRET = "an-invented-app-secret"
VERIFY_TOKEN = "an-invented-verify-token"
NUMBER = "310000000000001"


@dataclass(kw_only=True)
class Webhook(SignedListener):
    """What the subscriber of a number read."""

    app_secret: str = APP_SECRET
    verify_token: str = VERIFY_TOKEN
    batches: list[Batch] = field(default_factory=list[Batch])

    def take(self, body: bytes) -> None:
        self.batches.append(parse(body))

    @property
    def messages(self) -> list[Message]:
        return [each for batch in self.batches for each in batch.messages]

    @property
    def statuses_seen(self) -> list[Status]:
        return [each for batch in self.batches for each in batch.statuses]

    @property
    def echoes(self) -> list[Echo]:
        return [each for batch in self.batches for each in batch.echoes]


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with listening(Webhook()) as listener:
        yield listener


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
def whatsapp(http: Http, served: RunningTwin) -> WhatsApp:
    return WhatsApp(http, served.url, "v25.0", served.twin.settings.token, NUMBER)


@pytest.fixture
def body() -> Callable[[str], bytes]:
    """The bytes of a recorded shape, by its name."""
    folder = Path(__file__).parent / "bodies"
    return lambda name: (folder / f"{name}.json").read_bytes()

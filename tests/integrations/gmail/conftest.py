"""A twin, a client that talks to it, and a webhook that listens to it: all over real connections."""

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
from lumi.integrations.gmail.oauth import google_token
from lumi.integrations.gmail.oidc import Keys, OidcVerifier
from lumi.integrations.gmail.push import Push, read_push
from lumi.integrations.oauth.tokens import OAuthToken
from tests.integrations.gmail.salon import ADDRESS, OTHER, Writer
from tests.integrations.listening import Listener, listening


@dataclass
class Webhook(Listener):
    """What the subscriber of a topic read."""

    proofs: list[str | None] = field(default_factory=list[str | None])
    pushes: list[Push] = field(default_factory=list[Push])

    def hear(self, request: web.Request, body: bytes) -> None:
        self.proofs.append(request.headers.get("Authorization"))

    def take(self, body: bytes) -> None:
        self.pushes.append(read_push(body))


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with listening(Webhook()) as listener:
        yield listener


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
def token(http: Http, served: RunningTwin) -> OAuthToken:
    settings = served.twin.settings
    return google_token(http, served.token_url, settings.client_id, settings.client_secret, settings.mailboxes[ADDRESS])


@pytest.fixture
def gmail(http: Http, served: RunningTwin, token: OAuthToken) -> Gmail:
    return Gmail(http, served.url, token, ADDRESS)


@pytest.fixture
def verifier(http: Http, served: RunningTwin, webhook: Webhook) -> OidcVerifier:
    return OidcVerifier(Keys(http, served.certs_url), webhook.url, served.twin.settings.service_account)


@pytest.fixture
async def writer(served: RunningTwin) -> AsyncIterator[Writer]:
    async with aiohttp.ClientSession(served.url) as session:
        yield Writer(session)


@pytest.fixture
def taken(served: RunningTwin) -> Callable[[], list[SentEntry]]:
    return lambda: list(served.twin.ledger.after(0, 100))

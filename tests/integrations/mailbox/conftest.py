"""A twin, Dovecot, and clients that talk to them: all over real connections."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from lumi.core.http import Http
from lumi.integrations.mailbox.account import Security, Server
from lumi.integrations.mailbox.fake.server import RunningTwin, running
from lumi.integrations.mailbox.fake.twin import TwinSettings
from lumi.integrations.mailbox.imap import Imap
from lumi.integrations.mailbox.smtp import Smtp
from tests.core.certificates import self_made
from tests.integrations.mailbox import dovecot
from tests.integrations.mailbox.doors import at_home
from tests.integrations.mailbox.dovecot import ACCOUNT
from tests.integrations.mailbox.providers import LARGEST_MAIL_BYTES, Provider, played_by_dovecot, played_by_twin

PASSWORD = "an-invented-password"
TOKEN = "an-invented-access-token"


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=1000) as opened:
        yield opened


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[RunningTwin]:
    """A twin without TLS."""
    settings = TwinSettings(
        accounts=(ACCOUNT, "hotel@twin.example"),
        password=PASSWORD,
        access_token=TOKEN,
        log_path=tmp_path / "taken.jsonl",
    )
    async with running(settings) as twin:
        yield twin


@pytest.fixture
def incoming(served: RunningTwin) -> Server:
    return Server(served.host, served.ports.imap, ACCOUNT, SecretStr(PASSWORD), Security.PLAIN)


@pytest.fixture
def outgoing(served: RunningTwin) -> Server:
    return Server(served.host, served.ports.smtp, ACCOUNT, SecretStr(PASSWORD), Security.PLAIN)


@pytest.fixture
def imap(http: Http, incoming: Server) -> Imap:
    return Imap(http, incoming, allow=at_home)


@pytest.fixture
def smtp(http: Http, outgoing: Server) -> Smtp:
    return Smtp(http, outgoing, allow=at_home)


@pytest.fixture(params=["twin", "dovecot"])
async def server(request: pytest.FixtureRequest, http: Http, tmp_path: Path) -> AsyncIterator[Provider]:
    settings = TwinSettings(accounts=(ACCOUNT,), largest_mail_bytes=LARGEST_MAIL_BYTES)
    if request.param == "twin":
        settings.certificate = self_made(tmp_path)
        async with running(settings) as twin:
            yield played_by_twin(http, twin, settings.certificate[0].read_text())
        return
    async with running(settings) as twin:
        with dovecot.dovecot(twin.ports.smtp, settings.password) as started:
            yield played_by_dovecot(http, started, twin, dovecot.PASSWORD)

"""Logging in with access tokens: fetched, shared, exchanged once when refused, and never a reason to ask for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from pydantic import SecretStr

from lumi.core.http import Http, Unavailable
from lumi.integrations.mailbox.account import Server
from lumi.integrations.mailbox.errors import MailRejected, Reason, ReconnectRequired
from lumi.integrations.mailbox.fake.server import RunningTwin
from lumi.integrations.mailbox.granting import Granting, granting, is_directory
from lumi.integrations.mailbox.hosts import hosts_of
from lumi.integrations.mailbox.imap import Imap
from lumi.integrations.mailbox.oauth import mailbox_token
from lumi.integrations.mailbox.smtp import Smtp
from lumi.integrations.oauth.tokens import Grant, OAuthToken
from tests.integrations.mailbox.doors import at_home
from tests.integrations.mailbox.dovecot import ACCOUNT

PERSON = "ann@example.org"
MAIL = b"Subject: Hello\r\n\r\nHello\r\n"


@pytest.fixture
def grant(served: RunningTwin) -> Grant:
    settings = served.twin.settings
    refresh_token = SecretStr(served.twin.grants.grant(ACCOUNT))
    return Grant(served.token_url, settings.client_id, SecretStr(settings.client_secret), refresh_token)


@pytest.fixture
def tokens(http: Http, grant: Grant) -> OAuthToken:
    return mailbox_token(http, grant)


@pytest.fixture
def reader(http: Http, incoming: Server, tokens: OAuthToken) -> Imap:
    return Imap(http, replace(incoming, secret=SecretStr("")), allow=at_home, tokens=tokens)


@pytest.fixture
def writer(http: Http, outgoing: Server, tokens: OAuthToken) -> Smtp:
    return Smtp(http, replace(outgoing, secret=SecretStr("")), allow=at_home, tokens=tokens)


@pytest.fixture
async def control(served: RunningTwin) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(served.url) as session:
        yield session


async def test_reading_and_sending_share_a_token(served: RunningTwin, reader: Imap, writer: Smtp) -> None:
    await asyncio.gather(reader.probe(), writer.probe(), writer.send(MAIL, ACCOUNT, [PERSON]))

    assert (served.twin.counts["tokens"], served.twin.ledger.count) == (1, 1)


async def test_a_token_that_has_ended_is_exchanged_and_the_mail_sent_once(
    served: RunningTwin, reader: Imap, writer: Smtp
) -> None:
    await reader.probe()
    served.twin.grants.revoke(ACCOUNT, refresh_tokens=False)
    await writer.send(MAIL, ACCOUNT, [PERSON])
    await reader.probe()

    assert (served.twin.counts["tokens"], served.twin.ledger.count) == (2, 1)


async def test_a_connection_ends_with_its_token_and_the_next_has_another(served: RunningTwin, reader: Imap) -> None:
    async with reader.opened() as inbox:
        await inbox.fetch_since(inbox.end.uid_validity, inbox.end.last_uid)
        served.twin.grants.revoke(ACCOUNT, refresh_tokens=False)
        served.twin.mailboxes[ACCOUNT].stir()
        with pytest.raises(Unavailable):
            await inbox.wait(30)
    await reader.probe()

    assert served.twin.counts["tokens"] == 2


async def test_a_grant_that_was_taken_back_is_its_owners_matter(
    served: RunningTwin, reader: Imap, writer: Smtp
) -> None:
    await reader.probe()
    served.twin.grants.revoke(ACCOUNT, refresh_tokens=True)

    for attempt in (reader.probe(), writer.probe()):
        with pytest.raises(ReconnectRequired) as failure:
            await attempt
        assert (failure.value.reason, failure.value.of_account) == (Reason.AUTH, True)
        assert failure.value.details == "AADSTS700082: The refresh token has expired due to inactivity."
        assert "invalid_grant, AADSTS700082" in str(failure.value)


class Wrong:
    """A token source whose tokens nobody takes."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.forgotten: list[str] = []

    async def __call__(self) -> str:
        self.given.append(f"wrong-{len(self.given)}")
        return self.given[-1]

    def forget(self, token: str) -> None:
        self.forgotten.append(token)


@pytest.mark.parametrize("protocol", ["imap", "smtp"])
async def test_a_second_token_that_is_refused_too_is_the_last(
    http: Http, incoming: Server, outgoing: Server, protocol: str
) -> None:
    wrong = Wrong()
    reader, writer = (kind(http, at, allow=at_home, tokens=wrong) for kind, at in ((Imap, incoming), (Smtp, outgoing)))
    with pytest.raises(ReconnectRequired, match="just given for it is not taken"):
        await (reader if protocol == "imap" else writer).probe()

    assert (wrong.given, wrong.forgotten) == (["wrong-0", "wrong-1"],) * 2


async def test_what_is_no_matter_of_a_login_is_not_tried_again(
    served: RunningTwin, writer: Smtp, tokens: OAuthToken
) -> None:
    with pytest.raises(MailRejected) as failure:
        await writer.send(MAIL, ACCOUNT, ["nobody@twin.invalid"])

    assert failure.value.reason is Reason.RECIPIENT
    assert (served.twin.counts["refused"], await tokens()) == (1, await tokens())


@pytest.mark.parametrize("faults", [{"token_fail_rate": 1}, {"token_delay_ms": 400}], ids=["fails", "slow"])
async def test_a_token_endpoint_that_does_not_answer_well_is_unavailable_and_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch, served: RunningTwin, writer: Smtp, faults: dict[str, object]
) -> None:
    monkeypatch.setattr("lumi.integrations.oauth.tokens._TIMEOUT_SECONDS", 0.1)
    served.twin.faults = served.twin.faults.changed(faults)

    with pytest.raises(Unavailable) as failure:
        await writer.send(MAIL, ACCOUNT, [PERSON])

    assert (failure.value.target, served.twin.ledger.count) == ("mailbox_oauth", 0)


async def test_another_refresh_token_is_used_from_then_on_and_told(
    served: RunningTwin, tokens: OAuthToken, grant: Grant
) -> None:
    served.twin.faults = served.twin.faults.changed({"rotate_rate": 1})
    tokens.forget(await tokens())
    once = tokens.grant
    await tokens()

    assert len({each.refresh_token.get_secret_value() for each in (grant, once, tokens.grant)}) == 3
    assert all(tokens.serves(each) for each in (grant, once, tokens.grant))
    assert not tokens.serves(replace(grant, client_id="another"))
    assert list(served.twin.grants.refresh_tokens_of(ACCOUNT))[-1] == tokens.grant.refresh_token.get_secret_value()


async def test_a_public_client_shows_no_secret(http: Http, served: RunningTwin, grant: Grant) -> None:
    served.twin.settings.client_secret = ""

    assert await mailbox_token(http, replace(grant, client_secret=None))()
    assert "client_secret" not in replace(grant, client_secret=None).form


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"client_id": "another"}, "unauthorized_client"), ({"client_secret": SecretStr("wrong-one")}, "invalid_client")],
)
async def test_a_client_that_is_not_accepted_is_named_as_such(
    http: Http, grant: Grant, changes: dict[str, object], word: str
) -> None:
    with pytest.raises(ReconnectRequired, match="the client is not accepted") as failure:
        await mailbox_token(http, replace(grant, **changes))()  # pyright: ignore[reportArgumentType] - fields of Grant

    assert word in str(failure.value)
    assert "wrong-one" not in repr(vars(failure.value))


async def test_what_is_no_refusal_of_a_token_endpoint_is_asked_again_later(http: Http, grant: Grant) -> None:
    nowhere = replace(grant, token_url=grant.token_url.replace("/token", "/nowhere"))
    with pytest.raises(Unavailable):
        await mailbox_token(http, nowhere)()


async def test_somebody_takes_tokens_back_by_the_twins_control(
    control: aiohttp.ClientSession, served: RunningTwin, reader: Imap
) -> None:
    await reader.probe()
    async with control.post("/_twin/tokens/revoke", json={"account": ACCOUNT, "grant": True}) as answer:
        assert await answer.json() == {"revoked": ACCOUNT}

    with pytest.raises(ReconnectRequired):
        await reader.probe()


def test_tokens_of_microsoft_are_fetched_in_the_directory_that_is_named_or_in_any() -> None:
    login = "https://login.microsoftonline.com"
    own = "8f2d6f2e-0000-4000-8000-00000000c0de"
    for directory, place in [(None, "common"), ("Contoso.example", "contoso.example"), (own, own)]:
        who = granting("Outlook.Office365.com", directory, None)
        assert who is not None
        assert who.token_url == f"{login}/{place}/oauth2/v2.0/token"
        assert who.scope.split()[-1] == "offline_access"


def test_tokens_of_others_are_fetched_where_the_table_or_the_operator_says() -> None:
    google, named = granting("imap.gmail.com", None, None), Granting("https://id.example/token")
    assert google is not None
    assert (google.token_url, google.hosts) == (
        "https://oauth2.googleapis.com/token",
        {"imap.gmail.com", "smtp.gmail.com"},
    )
    assert granting("imap.example.org", None, named) is named
    assert granting("imap.example.org", None, None) is None
    assert granting("imap.gmail.com", None, named) == google


@pytest.mark.parametrize(
    "directory",
    [
        "../x",
        "a/b",
        "evil.example/..",
        "x@evil.example",
        "evil.example#",
        "evil.example?",
        "a b",
        "localhost",
        "-a.b",
        "",
    ],
)
def test_a_directory_leads_nowhere_else(directory: str) -> None:
    assert not is_directory(directory)
    if directory:
        with pytest.raises(ValueError, match="a directory is"):
            granting("outlook.office365.com", directory, None)


def test_a_directory_elsewhere_than_at_microsoft_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="only mailboxes at Microsoft"):
        granting("imap.gmail.com", "common", None)


@pytest.mark.parametrize("domain", ["outlook.com", "hotmail.com", "live.com"])
def test_private_mailboxes_at_microsoft_are_known(domain: str) -> None:
    hosts = hosts_of(f"ana@{domain}")
    assert (hosts.incoming, hosts.outgoing) == ("outlook.office365.com", "smtp-mail.outlook.com")

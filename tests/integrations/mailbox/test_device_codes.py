"""Access granted in a browser while a program waits: a code, patience, and a refresh token that opens the mailbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from lumi.core.http import Http, OutsideFailure, Rejected, Unavailable
from lumi.integrations.mailbox.fake.server import RunningTwin
from lumi.integrations.mailbox.oauth import mailbox_token
from lumi.integrations.oauth.device import Client, Invitation, answered, error_in, invite
from lumi.integrations.oauth.tokens import Grant
from lumi.integrations.twin.serving import served as on_a_port
from tests.integrations.mailbox.dovecot import ACCOUNT

TARGET = "mailbox_oauth"


@pytest.fixture
def client(served: RunningTwin) -> Client:
    settings = served.twin.settings
    return Client(
        settings.client_id, settings.client_secret, served.device_url, served.token_url, "imap offline_access"
    )


@pytest.fixture
async def invitation(http: Http, client: Client) -> Invitation:
    return await invite(http, client, target=TARGET)


@pytest.fixture
async def browser(served: RunningTwin) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(served.url) as session:
        yield session


async def decide(browser: aiohttp.ClientSession, **wishes: object) -> None:
    async with browser.post("/_twin/tokens/decide", json=wishes) as answer:
        assert answer.status == 200, await answer.text()


async def test_until_somebody_enters_the_code_the_same_invitation_stands(
    http: Http, client: Client, invitation: Invitation
) -> None:
    assert await answered(http, client, invitation, target=TARGET) == invitation
    assert (invitation.seconds, invitation.interval) == (900, 1)


async def test_what_was_granted_opens_the_mailbox_and_the_code_counts_once(
    http: Http, served: RunningTwin, client: Client, invitation: Invitation, browser: aiohttp.ClientSession
) -> None:
    await decide(browser, user_code=invitation.user_code, account=ACCOUNT)
    token = await answered(http, client, invitation, target=TARGET)

    assert isinstance(token, str)
    grant = Grant(served.token_url, client.client_id, SecretStr(client.client_secret), SecretStr(token))
    assert served.twin.grants.opened_by(await mailbox_token(http, grant)()) == ACCOUNT
    with pytest.raises(Rejected) as failure:
        await answered(http, client, invitation, target=TARGET)
    assert error_in(failure.value) == "expired_token"


async def test_who_declines_is_asked_no_more(
    http: Http, client: Client, invitation: Invitation, browser: aiohttp.ClientSession
) -> None:
    await decide(browser, user_code=invitation.user_code, decline=True)

    with pytest.raises(Rejected) as failure:
        await answered(http, client, invitation, target=TARGET)
    assert error_in(failure.value) == "authorization_declined"


async def test_an_app_that_nobody_knows_gets_no_code(http: Http, client: Client) -> None:
    with pytest.raises(Rejected):
        await invite(http, replace(client, client_id="another"), target=TARGET)


def test_what_opens_the_mailbox_is_in_no_picture_of_it(client: Client) -> None:
    invitation = Invitation("ABCD", "https://id.example", 900, 5, "the-device-code")

    assert "the-device-code" not in repr(invitation)
    assert client.client_secret not in repr(client)


class Odd:
    """An endpoint that answers what it is told."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []

    async def say(self, _: web.Request) -> web.Response:
        status, body = self.answers.pop(0)
        return web.Response(text=body, status=status, content_type="application/json")

    async def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
async def odd(client: Client) -> AsyncIterator[tuple[Odd, Client]]:
    says = Odd()
    app = web.Application()
    app.add_routes([web.post("/", says.say)])
    async with on_a_port(says, app, "127.0.0.1", 0) as url:
        yield says, replace(client, device_url=f"{url}/", token_url=f"{url}/")


async def test_who_asks_too_often_asks_less_often(http: Http, odd: tuple[Odd, Client], invitation: Invitation) -> None:
    says, client = odd
    says.answers = [(400, '{"error": "slow_down"}')]

    assert await answered(http, client, invitation, target=TARGET) == replace(invitation, interval=6.0)


@pytest.mark.parametrize(
    ("status", "said", "failure"),
    [
        (200, '{"access_token": "a"}', Rejected),
        (200, '{"refresh_token": "a\\nb"}', Rejected),
        (200, "no JSON", Unavailable),
        (400, '{"error": 7}', Rejected),
        (500, "", Unavailable),
        (502, "", Unavailable),
    ],
)
async def test_an_answer_that_grants_nothing_is_a_failure(
    http: Http,
    odd: tuple[Odd, Client],
    invitation: Invitation,
    status: int,
    said: str,
    failure: type[OutsideFailure],
) -> None:
    says, client = odd
    says.answers = [(status, said)]

    with pytest.raises(failure):
        await answered(http, client, invitation, target=TARGET)


@pytest.mark.parametrize(
    "said",
    ["[]", "{}", '{"device_code": "d"}', '{"device_code": "d", "user_code": "u\\u001b", "verification_uri": "x"}'],
)
async def test_an_answer_without_a_code_is_no_invitation(http: Http, odd: tuple[Odd, Client], said: str) -> None:
    says, client = odd
    says.answers = [(200, said)]

    with pytest.raises(Unavailable):
        await invite(http, client, target=TARGET)

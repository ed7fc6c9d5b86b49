"""What any server with the shape of Gmail's API has to do; the twin does.

Another mailbox is tried by GMAIL_CONTRACT_BASE, _TOKEN_URL, _CLIENT_ID, _CLIENT_SECRET, _REFRESH_TOKEN, _ADDRESS
and _TO: it is written to for real.
"""

import asyncio
import os
from dataclasses import dataclass

import aiohttp
import pytest

from lumi.core import clock
from lumi.core.http import Http
from lumi.integrations.gmail.client import Gmail
from lumi.integrations.gmail.errors import GoogleRejected, HistoryGone, Reason, ReconnectRequired
from lumi.integrations.gmail.fake.server import RunningTwin
from lumi.integrations.gmail.oauth import google_token
from lumi.integrations.gmail.shapes import SentMail
from lumi.integrations.mail.composing import compose, new_message_id
from lumi.integrations.mail.headers import Address
from lumi.integrations.mail.reader import read
from tests.integrations.gmail.salon import ADDRESS, GUEST

OWN_BASE = os.environ.get("GMAIL_CONTRACT_BASE")
SEARCH_LAG_SECONDS = 20.0


@dataclass(frozen=True)
class Server:
    """Where the server is and what it knows us by; `to` is somebody who may be written to."""

    base: str
    token_url: str
    client_id: str
    client_secret: str
    refresh_token: str
    address: str
    to: str

    def client(self, http: Http, *, refresh_token: str | None = None) -> Gmail:
        granted = refresh_token or self.refresh_token
        token = google_token(http, self.token_url, self.client_id, self.client_secret, granted)
        return Gmail(http, self.base, token, self.address)

    def mail(self, message_id: str, subject: str = "Contract", chain: tuple[str, ...] = ()) -> bytes:
        return compose(
            sender=Address(self.address), to=Address(self.to), subject=subject, text="Bonjour 🌻",
            message_id=message_id, at=clock.now(), chain=chain,
        )  # fmt: skip


@pytest.fixture(params=["twin", "own"] if OWN_BASE else ["twin"])
def server(request: pytest.FixtureRequest, served: RunningTwin) -> Server:
    if request.param == "own":
        names = ("TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "ADDRESS", "TO")
        return Server(OWN_BASE or "", *(os.environ[f"GMAIL_CONTRACT_{name}"] for name in names))
    known = served.twin.settings
    return Server(
        served.url, served.token_url, known.client_id, known.client_secret, known.mailboxes[ADDRESS], ADDRESS, GUEST
    )


async def test_the_mailbox_describes_itself(http: Http, server: Server) -> None:
    profile = await server.client(http).profile()
    assert profile.address == server.address.lower()
    assert profile.history_id > 0


async def test_a_mail_that_is_sent_lies_among_what_was_sent_and_in_history(http: Http, server: Server) -> None:
    client = server.client(http)
    since = (await client.profile()).history_id
    sent = await client.send(server.mail(new_message_id("lumi.example")))
    stored = await client.get_raw(sent.id)
    assert stored is not None
    assert "SENT" in stored.labels
    assert (read(stored.raw).subject, read(stored.raw).text) == ("Contract", "Bonjour 🌻")
    assert sent.id in {each.id for each in (await client.history(since, label=None)).added}


async def test_our_key_travels_with_the_mail(http: Http, server: Server) -> None:
    client, key = server.client(http), new_message_id("lumi.example")
    sent = await client.send(server.mail(key))
    stored = await client.get_raw(sent.id)
    assert stored is not None
    assert read(stored.raw).own_key == key
    assert await client.message_id_of(sent.id) == read(stored.raw).message_id


async def test_an_answer_with_thread_references_and_subject_stays_in_the_thread(http: Http, server: Server) -> None:
    client = server.client(http)
    first = await client.send(server.mail(new_message_id("lumi.example")))
    shown = await client.message_id_of(first.id)
    assert shown is not None
    second = await client.send(server.mail(new_message_id("lumi.example"), "Re: Contract", (shown,)), first.thread_id)
    assert second.thread_id == first.thread_id


async def test_two_identical_sends_are_two_mails(http: Http, server: Server) -> None:
    client, raw = server.client(http), server.mail(new_message_id("lumi.example"))
    assert (await client.send(raw)).id != (await client.send(raw)).id


async def test_an_unknown_send_is_looked_up_by_our_id(http: Http, server: Server) -> None:
    client, key, since = server.client(http), new_message_id("lumi.example"), clock.now()
    sent = await client.send(server.mail(key))
    found: SentMail | None = None
    async with asyncio.timeout(SEARCH_LAG_SECONDS):
        while found is None:
            found = await client.find_by_message_id(key, server.to, since)
    assert found.id == sent.id
    assert await client.find_by_message_id(new_message_id("lumi.example"), server.to, since) is None


async def test_a_mail_that_is_none_is_not_there(http: Http, server: Server) -> None:
    assert await server.client(http).get_raw("0000000000000000") is None


async def test_history_of_long_ago_is_gone(http: Http, server: Server) -> None:
    with pytest.raises(HistoryGone):
        await server.client(http).history(1)


async def test_a_thread_that_is_none_is_refused(http: Http, server: Server) -> None:
    with pytest.raises(GoogleRejected) as failure:
        await server.client(http).send(server.mail(new_message_id("lumi.example")), "0000000000000000")
    assert failure.value.reason in (Reason.GONE, Reason.PAYLOAD)


async def test_a_wrong_grant_asks_for_a_new_connection(http: Http, server: Server) -> None:
    with pytest.raises(ReconnectRequired):
        await server.client(http, refresh_token="not-the-token").profile()


@pytest.mark.parametrize(("path", "status"), [("profile", 401), ("messages/x?format=raw", 401), ("history", 401)])
async def test_without_a_token_everything_is_refused_in_the_documented_shape(
    server: Server, path: str, status: int
) -> None:
    url = f"{server.base}/gmail/v1/users/me/{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        said = (await answer.json())["error"]
    assert (answer.status, said["code"], said["status"]) == (status, status, "UNAUTHENTICATED")
    assert said["message"]


@pytest.mark.parametrize("body", [b"{}", b'{"raw":""}', b'{"raw":"%%%"}', b"not json"])
async def test_a_send_that_is_not_right_is_refused_with_a_reason(http: Http, server: Server, body: bytes) -> None:
    token = await google_token(http, server.token_url, server.client_id, server.client_secret, server.refresh_token)()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = f"{server.base}/gmail/v1/users/me/messages/send"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        said = (await answer.json())["error"]
    assert (answer.status, said["code"]) == (400, 400)
    assert said["errors"][0]["reason"]

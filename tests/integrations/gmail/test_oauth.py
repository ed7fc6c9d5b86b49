"""Access tokens: fetched when they are needed, kept while they are good, and never shown."""

import asyncio

import pytest

from lumi.core.http import Http, Silenced, Unavailable, only_while
from lumi.integrations.gmail.client import Gmail
from lumi.integrations.gmail.errors import GoogleRejected, Reason, ReconnectRequired
from lumi.integrations.gmail.fake.server import RunningTwin
from lumi.integrations.gmail.oauth import google_token
from lumi.integrations.oauth.tokens import OAuthToken
from tests.integrations.gmail.salon import ADDRESS, Writer


async def test_a_token_is_fetched_once_for_all_who_wait(token: OAuthToken, served: RunningTwin) -> None:
    tokens = await asyncio.gather(*(token() for _ in range(20)))
    assert len(set(tokens)) == 1
    assert served.twin.counts["tokens"] == 1


async def test_who_falls_silent_while_a_token_is_fetched_leaves_it_to_the_others_who_wait(
    token: OAuthToken, served: RunningTwin
) -> None:
    looks: list[bool] = []

    async def silenced() -> str:
        with only_while(lambda: bool(looks.append(False))):
            return await token()

    first, *others = await asyncio.gather(silenced(), token(), token(), return_exceptions=True)
    assert isinstance(first, Silenced)
    assert (len(set(others)), served.twin.counts["tokens"], len(looks)) == (1, 1, 1)
    assert await token() in others


@pytest.mark.parametrize(("seconds", "fetched"), [(3599, 1), (90, 1), (60, 2), (1, 2)])
async def test_a_token_is_used_until_a_minute_before_it_expires(
    token: OAuthToken, served: RunningTwin, seconds: int, fetched: int
) -> None:
    served.twin.settings.token_seconds = seconds
    await token()
    await token()
    assert served.twin.counts["tokens"] == fetched


async def test_a_forgotten_token_is_not_given_again(token: OAuthToken) -> None:
    first = await token()
    token.forget("another")
    assert await token() == first
    token.forget(first)
    assert await token() != first


async def test_a_permission_taken_back_asks_for_a_new_connection(
    gmail: Gmail, token: OAuthToken, writer: Writer
) -> None:
    assert (await gmail.profile()).address == ADDRESS
    await writer.post("tokens/revoke", {"grant": True})
    with pytest.raises(ReconnectRequired) as failure:
        await gmail.profile()
    assert (failure.value.status, failure.value.reason, failure.value.word) == (400, Reason.AUTH, "invalid_grant")


async def test_a_token_that_was_refused_is_exchanged_and_the_call_made(gmail: Gmail, writer: Writer) -> None:
    await gmail.profile()
    await writer.post("tokens/revoke", {})
    assert (await gmail.profile()).address == ADDRESS
    assert (await writer.get("counts"))["tokens"] == 2


class Fixed:
    """A token source that always gives the same one."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.asked = 0

    async def __call__(self) -> str:
        self.asked += 1
        return self.token

    def forget(self, token: str) -> None:
        assert token == self.token


async def test_a_token_that_stays_wrong_is_refused_after_the_second_attempt(http: Http, served: RunningTwin) -> None:
    source = Fixed("wrong")
    with pytest.raises(GoogleRejected) as failure:
        await Gmail(http, served.url, source, ADDRESS).profile()
    assert (failure.value.status, failure.value.reason, source.asked) == (401, Reason.AUTH, 2)


@pytest.mark.parametrize(("part", "word"), [("client_id", "invalid_client"), ("client_secret", "invalid_client")])
async def test_a_wrong_application_is_not_the_owners_matter(
    http: Http, served: RunningTwin, part: str, word: str
) -> None:
    settings = served.twin.settings
    keys = {"client_id": settings.client_id, "client_secret": settings.client_secret, part: "wrong"}
    with pytest.raises(GoogleRejected) as failure:
        await google_token(http, served.token_url, keys["client_id"], keys["client_secret"], "r")()
    assert (failure.value.word, failure.value.reason) == (word, Reason.APP)


async def test_a_token_endpoint_that_is_not_there_is_unavailable_and_never_an_unknown_send(
    http: Http, served: RunningTwin, unused_tcp_port: int
) -> None:
    gone = google_token(http, f"http://127.0.0.1:{unused_tcp_port}/token", "c", "s", "r")
    with pytest.raises(Unavailable):
        await Gmail(http, served.url, gone, ADDRESS).send(b"From: a@b.example\r\n\r\n")


@pytest.mark.parametrize("path", ["/_twin/inbound", "/_twin/nothing", "/oauth2/v3/certs"])
async def test_an_answer_without_a_token_is_a_failure(http: Http, served: RunningTwin, path: str) -> None:
    from lumi.core.http import OutsideFailure

    with pytest.raises(OutsideFailure):
        await google_token(http, f"{served.url}{path}", "c", "s", "r")()


async def test_no_secret_is_shown_anywhere(http: Http, served: RunningTwin, capsys: pytest.CaptureFixture[str]) -> None:
    settings = served.twin.settings
    source = google_token(http, served.token_url, settings.client_id, "secret-that-is-wrong", "refresh-that-is-wrong")
    client = Gmail(http, served.url, source, ADDRESS)
    with pytest.raises(GoogleRejected) as failure:
        await client.profile()
    wrong = Gmail(http, served.url, Fixed("token-that-is-wrong"), ADDRESS)
    with pytest.raises(GoogleRejected) as refused:
        await wrong.profile()
    shown = f"{source!r} {client!r} {wrong!r} {failure.value!r} {failure.value} {refused.value!r} {capsys.readouterr()}"
    assert "that-is-wrong" not in shown

"""Answers as they should not be: from something between us and Google, or from a Google that changed."""

from collections.abc import AsyncIterator, Callable

import orjson
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.core.http import Http, OutcomeUnknown, Response, Unavailable
from lumi.integrations.gmail import answers
from lumi.integrations.gmail.client import MOST_PAGES, Gmail
from lumi.integrations.gmail.errors import GoogleRejected
from lumi.integrations.gmail.oauth import google_token
from lumi.integrations.oauth.tokens import OAuthToken
from tests.integrations.gmail.salon import ADDRESS, answer
from tests.integrations.listening import serving

GRANTED = {"access_token": "ya29.invented", "expires_in": 3599}


class Odd:
    """A server that answers what it is told to."""

    def __init__(self) -> None:
        self.url = ""
        self.token: object = GRANTED
        self.answer: Callable[[web.Request], object] = lambda _request: {}
        self.status = 200
        self.breaks = False
        self.asked = 0

    async def handle(self, request: web.Request) -> web.Response:
        said = self.token if request.path == "/token" else self.answer(request)
        self.asked += 1
        if self.breaks and request.transport is not None:
            request.transport.abort()
        body = said if isinstance(said, bytes) else orjson.dumps(said)
        return web.Response(body=body, status=200 if request.path == "/token" else self.status)


@pytest.fixture
async def odd() -> AsyncIterator[Odd]:
    place = Odd()
    async with serving(place.handle) as place.url:
        yield place


@pytest.fixture
def source(http: Http, odd: Odd) -> OAuthToken:
    return google_token(http, f"{odd.url}/token", "c", "s", "r")


@pytest.fixture
def client(http: Http, odd: Odd, source: OAuthToken) -> Gmail:
    return Gmail(http, odd.url, source, ADDRESS)


@pytest.mark.parametrize(
    "said", [{}, b"<html>", [], {"access_token": ""}, {"access_token": "a\nb"}, {"access_token": 7}]
)
async def test_a_token_that_is_none_is_unavailable(source: OAuthToken, odd: Odd, said: object) -> None:
    odd.token = said
    with pytest.raises(Unavailable):
        await source()


@pytest.mark.parametrize("lifetime", [None, "3599", -1, 0, 1e300])
async def test_a_token_whose_lifetime_is_odd_is_used(source: OAuthToken, odd: Odd, lifetime: object) -> None:
    odd.token = {"access_token": "ya29.invented", "expires_in": lifetime}
    assert await source() == "ya29.invented"


async def test_a_token_that_was_never_answered_leaves_no_doubt_about_the_send(client: Gmail, odd: Odd) -> None:
    odd.breaks = True
    with pytest.raises(Unavailable):
        await client.send(answer())
    assert odd.asked == 1


async def test_a_page_that_names_itself_as_the_next_ends_the_paging(client: Gmail, odd: Odd) -> None:
    odd.answer = lambda _request: {"historyId": "7", "nextPageToken": "same"}
    assert (await client.history(5)).history_id == 7
    assert odd.asked == 3


async def test_pages_without_end_are_given_up(client: Gmail, odd: Odd) -> None:
    odd.answer = lambda _request: {"historyId": "7", "nextPageToken": str(odd.asked)}
    with pytest.raises(Unavailable):
        await client.history(5)
    assert odd.asked == MOST_PAGES + 1


async def test_a_history_id_never_goes_back(client: Gmail, odd: Odd) -> None:
    odd.answer = lambda _request: {"historyId": "3"}
    assert (await client.history(5)).history_id == 5
    odd.answer = lambda _request: {}
    assert (await client.history(5)).history_id == 5


async def test_what_is_no_json_is_unavailable_but_a_send_may_have_happened(client: Gmail, odd: Odd) -> None:
    odd.answer = lambda _request: b"<html>"
    with pytest.raises(Unavailable):
        await client.profile()
    with pytest.raises(OutcomeUnknown):
        await client.send(answer())


async def test_a_read_that_is_refused_is_not_taken_for_a_mail_that_is_gone(client: Gmail, odd: Odd) -> None:
    odd.status = 403
    odd.answer = lambda _request: {"error": {"code": 403, "errors": [{"reason": "domainPolicy"}]}}
    with pytest.raises(GoogleRejected) as failure:
        await client.get_raw("m1")
    assert failure.value.word == "domainPolicy"


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["id", "threadId", "labelIds", "raw", "internalDate", "historyId", "expiration", "emailAddress", "payload"]
FIELDS = st.dictionaries(st.sampled_from([*KEYS, "history", "messages", "messagesAdded", "headers"]), anything)


@settings(max_examples=120, deadline=None)
@given(FIELDS, FIELDS, anything)
def test_whatever_is_answered_is_read_or_left_out(
    mail: dict[str, object], page: dict[str, object], item: object
) -> None:
    told = {"messages": [mail, item], "history": [{"messagesAdded": [{"message": mail}, item]}, item], **page}
    listed = [*answers.added_in(told), *answers.listed_in(told)]
    assert all(each.id for each in listed)
    stored = answers.stored(mail)
    assert stored is None or isinstance(stored.raw, bytes)
    answers.headers_in({"payload": {"headers": [mail, {"name": item, "value": item}]}})
    answers.profile(mail)
    answers.watch(Response(200, {}, orjson.dumps(mail)))
    assert answers.history_id(mail) is None or answers.profile(mail).history_id >= 0

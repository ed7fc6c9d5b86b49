"""What any server with the shape of the Send API has to do; the twin does, on both surfaces and by both logins.

Other servers are tried by MESSENGER_CONTRACT_BASE, _TOKEN, _ACCOUNT and _TO, and by the same after INSTAGRAM:
the person is written to for real, and has to have written within the last day.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import pytest

from lumi.core.http import Http
from lumi.core.outside_json import as_object
from lumi.integrations.graph.send_api import SenderAction
from lumi.integrations.graph.send_errors import Reason, SendRejected
from lumi.integrations.instagram.client import Instagram
from lumi.integrations.messenger.client import Messenger
from tests.integrations.graph.surfaces import ACCOUNT, INSTAGRAM_KIND, MESSENGER_KIND, PAGE_KIND, PERSON, Kind

if TYPE_CHECKING:
    from lumi.integrations.messenger.fake.server import RunningTwin

TWINS = (MESSENGER_KIND, INSTAGRAM_KIND, PAGE_KIND)
OWN = [each for each in (MESSENGER_KIND, INSTAGRAM_KIND) if f"{each.name.upper()}_CONTRACT_BASE" in os.environ]


@dataclass(frozen=True)
class Place:
    """Where the server is and what it knows us by; `to` is somebody who wrote a moment ago."""

    kind: Kind
    base: str
    token: str
    account: str
    to: str

    def client(self, http: Http, *, token: str | None = None) -> Messenger | Instagram:
        return self.kind.client(http, self.base, token or self.token, account=self.account)


@pytest.fixture(params=TWINS, ids=str)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture(params=["twin", "own"] if OWN else ["twin"])
async def place(request: pytest.FixtureRequest, kind: Kind, served: "RunningTwin") -> AsyncIterator[Place]:
    if request.param == "own":
        if kind not in OWN:
            pytest.skip("no server of this kind was named")
        told = {each: os.environ[f"{kind.name.upper()}_CONTRACT_{each}"] for each in ("BASE", "TOKEN", "ACCOUNT", "TO")}
        yield Place(kind, told["BASE"], told["TOKEN"], told["ACCOUNT"], told["TO"])
        return
    async with aiohttp.ClientSession(served.url) as phone:
        await phone.post("/_twin/inbound", json={"from": PERSON, "text": "Hello?"})
    yield Place(kind, served.url, served.twin.settings.token, ACCOUNT, PERSON)


async def post(place: Place, message: object, *, in_query: bool = False) -> tuple[int, dict[str, object]]:
    url = f"{place.base}/v25.0/me/messages"
    headers = {} if in_query else {"Authorization": f"Bearer {place.token}"}
    query = {"access_token": place.token} if in_query else {}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=message, headers=headers, params=query) as answer,
    ):
        return answer.status, await answer.json()


def message(place: Place, **parts: object) -> dict[str, object]:
    plain = {"recipient": {"id": place.to}, "messaging_type": "RESPONSE", "message": {"text": "Yes"}}
    return plain | parts


async def test_a_text_is_taken_and_gets_an_id_of_its_own(http: Http, place: Place) -> None:
    client = place.client(http)
    first = await client.send_text(place.to, "Bonjour 🌻")
    second = await client.send_text(place.to, "Bonjour 🌻")
    assert first.id != second.id
    assert first.person_id == place.to


@pytest.mark.parametrize("in_query", [False, True])
async def test_the_answer_has_the_documented_shape(place: Place, in_query: bool) -> None:
    status, answer = await post(place, message(place), in_query=in_query)
    assert status == 200
    assert answer.keys() == {"recipient_id", "message_id"}
    assert answer["recipient_id"] == place.to


async def test_a_reply_may_quote_a_message_and_offer_answers(http: Http, place: Place) -> None:
    client = place.client(http)
    first = await client.send_text(place.to, "When?", quick_replies=[("Tuesday", "2"), ("Friday", "5")])
    assert (await client.send_text(place.to, "Or never?", reply_to=first.id)).id


async def test_a_text_of_the_greatest_length_is_taken(http: Http, place: Place) -> None:
    surface = place.kind.surface
    longest = "é" * (surface.longest_text // (2 if surface.counts_bytes else 1))
    assert (await place.client(http).send_text(place.to, longest)).id


async def test_a_longer_one_is_not(place: Place) -> None:
    longer = "x" * (place.kind.surface.longest_text + 1)
    status, answer = await post(place, message(place, message={"text": longer}))
    assert (status, code_of(answer)) == (400, 100)


async def test_actions_are_taken(http: Http, place: Place) -> None:
    client = place.client(http)
    for action in SenderAction:
        await client.sender_action(place.to, action)


async def test_the_account_describes_itself(http: Http, place: Place) -> None:
    found = await place.client(http).describe()
    assert found.id == place.account
    assert found.name


async def test_subscribing_is_remembered(http: Http, place: Place) -> None:
    client = place.client(http)
    await client.subscribe()
    assert "messages" in await client.subscribed_fields()


async def test_a_message_can_be_read_again(http: Http, place: Place) -> None:
    client = place.client(http)
    sent = await client.send_text(place.to, "Yes")
    found = await client.read_message(sent.id)
    assert (found.text, found.to_ids) == ("Yes", (place.to,))


async def test_a_wrong_token_is_refused_as_such(http: Http, place: Place) -> None:
    with pytest.raises(SendRejected) as failure:
        await place.client(http, token="notthetoken").send_text(place.to, "Yes")
    assert (failure.value.code, failure.value.reason) == (190, Reason.AUTH)


async def test_somebody_who_never_wrote_is_refused_as_such(http: Http, place: Place) -> None:
    with pytest.raises(SendRejected) as failure:
        await place.client(http).send_text("1000000000000000", "Yes")
    assert (failure.value.status, failure.value.reason) == (400, Reason.RECIPIENT)


@pytest.mark.parametrize(
    "wrong",
    [{"recipient": {}}, {"message": {}}, {"message": {"text": ""}}, {"messaging_type": "LETTER"}, {"tag": "LETTER"}],
)
async def test_a_message_that_is_not_right_is_refused_with_a_code(place: Place, wrong: dict[str, object]) -> None:
    status, answer = await post(place, message(place, **wrong))
    assert (status, code_of(answer)) == (400, 100)


def code_of(answer: dict[str, object]) -> object:
    error = as_object(answer["error"])
    assert error["fbtrace_id"]
    return error["code"]

"""What any server with the shape of the Graph API has to do; the twin does.

Another server is tried by WHATSAPP_CONTRACT_BASE, _TOKEN, _NUMBER, _ACCOUNT and _TO: it is written to for real,
and _TO has to have written within the last 24 hours.
"""

import os
from dataclasses import dataclass
from typing import cast
from uuid import uuid4

import aiohttp
import pytest

from lumi.core.http import Http, Rejected
from lumi.integrations.whatsapp.choices import Button, Row, Section
from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.errors import GraphRejected, Reason
from lumi.integrations.whatsapp.fake.server import RunningTwin
from lumi.integrations.whatsapp.outgoing import MediaKind

OWN_BASE = os.environ.get("WHATSAPP_CONTRACT_BASE")


@dataclass(frozen=True)
class Server:
    """Where the server is and what it knows us by; `to` is somebody who may be written to."""

    base: str
    token: str
    number: str
    account: str
    to: str

    def client(self, http: Http, *, token: str | None = None, number: str | None = None) -> WhatsApp:
        return WhatsApp(http, self.base, "v25.0", token or self.token, number or self.number)


@pytest.fixture(params=["twin", "own"] if OWN_BASE else ["twin"])
def server(request: pytest.FixtureRequest, served: RunningTwin) -> Server:
    if request.param == "own":
        told = {name: os.environ[f"WHATSAPP_CONTRACT_{name}"] for name in ("TOKEN", "NUMBER", "ACCOUNT", "TO")}
        return Server(OWN_BASE or "", told["TOKEN"], told["NUMBER"], told["ACCOUNT"], told["TO"])
    settings = served.twin.settings
    return Server(served.url, settings.token, next(iter(settings.numbers)), settings.waba_id, "33600000042")


async def post(server: Server, message: object, *, token: str | None = None) -> tuple[int, dict[str, object]]:
    url = f"{server.base}/v25.0/{server.number}/messages"
    headers = {"Authorization": f"Bearer {token or server.token}"}
    async with aiohttp.ClientSession() as session, session.post(url, json=message, headers=headers) as answer:
        return answer.status, await answer.json()


def message(server: Server, **parts: object) -> dict[str, object]:
    plain = {"messaging_product": "whatsapp", "to": f"+{server.to}", "type": "text", "text": {"body": "Hi"}}
    return {key: value for key, value in (plain | parts).items() if value is not None}


async def test_a_text_is_taken_and_gets_an_id_of_its_own(http: Http, server: Server) -> None:
    client = server.client(http)
    first = await client.send_text(server.to, "Bonjour 🌻", callback_data=str(uuid4()))
    second = await client.send_text(server.to, "Bonjour 🌻", callback_data=str(uuid4()))
    assert first.id.startswith("wamid.")
    assert first.id != second.id
    assert first.wa_id == server.to


async def test_the_answer_has_the_documented_shape(server: Server) -> None:
    status, answer = await post(server, message(server))
    assert status == 200
    assert answer["messaging_product"] == "whatsapp"
    [contact] = cast("list[dict[str, str]]", answer["contacts"])
    [taken] = cast("list[dict[str, str]]", answer["messages"])
    assert contact["input"] == f"+{server.to}"
    assert taken["id"].startswith("wamid.")


async def test_a_reply_may_quote_a_message(http: Http, server: Server) -> None:
    client = server.client(http)
    first = await client.send_text(server.to, "Bonjour", callback_data="1")
    assert (await client.send_text(server.to, "Encore", callback_data="2", reply_to=first.id)).id


async def test_the_number_describes_itself(http: Http, server: Server) -> None:
    assert (await server.client(http).describe_number()).display_phone_number


async def test_a_wrong_token_is_refused_as_such(http: Http, server: Server) -> None:
    with pytest.raises(GraphRejected) as failure:
        await server.client(http, token="not-the-token").send_text(server.to, "Hi", callback_data="1")
    assert (failure.value.status, failure.value.code, failure.value.reason) == (401, 190, Reason.AUTH)


async def test_an_unknown_number_is_refused_as_such(http: Http, server: Server) -> None:
    with pytest.raises(GraphRejected) as failure:
        await server.client(http, number="999999999999").send_text(server.to, "Hi", callback_data="1")
    assert (failure.value.status, failure.value.code) == (400, 100)
    assert b'"error_subcode":33' in failure.value.body.replace(b" ", b"")


@pytest.mark.parametrize(
    "wrong",
    [
        {"messaging_product": "sms"},
        {"text": {"body": "x" * 4097}},
        {"text": {"body": ""}},
        {"text": {"preview_url": False}},
        {"type": "hologram"},
        {"to": None},
        {"biz_opaque_callback_data": "x" * 513},
    ],
)
async def test_a_message_that_is_not_right_is_refused_with_a_code(server: Server, wrong: dict[str, object]) -> None:
    status, answer = await post(server, message(server, **wrong))
    error = answer["error"]
    assert status == 400
    assert isinstance(error, dict)
    assert error["code"] in (100, 131008, 131009)
    assert error["fbtrace_id"]


async def test_a_text_of_4096_characters_is_taken(http: Http, server: Server) -> None:
    assert (await server.client(http).send_text(server.to, "é" * 4096, callback_data="1")).id


async def test_buttons_and_lists_at_their_limits_are_taken(http: Http, server: Server) -> None:
    client = server.client(http)
    buttons = [Button("i" * 256, "x" * 20), Button("b", "B"), Button("c", "C")]
    assert (await client.send_buttons(server.to, "x" * 1024, buttons, callback_data="1")).id
    rows = tuple(Row(str(n) * 200, f"{n}" * 24, "d" * 72) for n in range(10))
    sections = [Section("A", rows[:5]), Section("x" * 24, rows[5:])]
    assert (await client.send_list(server.to, "Quoi ?", "x" * 20, sections, callback_data="1")).id


@pytest.mark.parametrize(
    "action",
    [
        {"buttons": []},
        {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "x" * 21}}]},
        {"buttons": [{"type": "reply", "reply": {"id": "i" * 257, "title": "Oui"}}]},
        {"buttons": [{"type": "reply", "reply": {"id": "a", "title": each}} for each in ("Oui", "Non")]},
        {"buttons": [{"type": "reply", "reply": {"id": each, "title": "Oui"}} for each in ("a", "b")]},
        {"buttons": [{"type": "reply", "reply": {"id": each, "title": each}} for each in "abcd"]},
    ],
)
async def test_buttons_beyond_the_limits_are_refused(server: Server, action: dict[str, object]) -> None:
    interactive = {"type": "button", "body": {"text": "Quand ?"}, "action": action}
    status, answer = await post(server, message(server, type="interactive", text=None, interactive=interactive))
    assert status == 400
    assert cast("dict[str, object]", answer["error"])["code"] in (100, 131008, 131009)


async def test_a_list_of_eleven_rows_is_refused(server: Server) -> None:
    rows = [{"id": str(n), "title": f"Rang {n}"} for n in range(11)]
    action = {"button": "Voir", "sections": [{"title": "A", "rows": rows}]}
    interactive = {"type": "list", "body": {"text": "Quoi ?"}, "action": action}
    status, _ = await post(server, message(server, type="interactive", text=None, interactive=interactive))
    assert status == 400


async def test_a_reaction_and_a_place_are_taken(http: Http, server: Server) -> None:
    client = server.client(http)
    sent = await client.send_text(server.to, "Bonjour", callback_data="1")
    assert (await client.send_reaction(server.to, sent.id, "👍", callback_data="2")).id
    assert (await client.send_location(server.to, 48.85, 2.35, name="Salon", callback_data="3")).id


async def test_a_file_goes_up_comes_back_the_same_and_is_sent(http: Http, server: Server) -> None:
    client = server.client(http)
    content = b"Carte du jour\n" * 100
    media_id = await client.upload_media(content, "text/plain", "carte.txt")
    info = await client.describe_media(media_id)
    assert (info.mime, info.size) == ("text/plain", len(content))
    assert await client.download_media(info.url, len(content), info.sha256) == content
    sent = await client.send_media(
        server.to, MediaKind.DOCUMENT, media_id=media_id, filename="carte.txt", callback_data="1"
    )
    assert sent.id
    await client.delete_media(media_id)


async def test_a_file_that_is_not_there_is_refused(http: Http, server: Server) -> None:
    with pytest.raises(GraphRejected) as failure:
        await server.client(http).describe_media("1")
    assert (failure.value.status, failure.value.code) == (400, 100)


async def test_a_file_is_only_for_who_has_the_token(http: Http, server: Server) -> None:
    media_id = await server.client(http).upload_media(b"Carte", "text/plain", "carte.txt")
    info = await server.client(http).describe_media(media_id)
    with pytest.raises(Rejected) as failure:
        await server.client(http, token="not-the-token").download_media(info.url, 1 << 20)
    assert failure.value.status in (401, 403, 404)


async def test_templates_are_listed_and_one_that_is_not_there_is_refused(http: Http, server: Server) -> None:
    client = server.client(http)
    assert all(each.name and each.language and each.status for each in await client.list_templates(server.account))
    with pytest.raises(GraphRejected) as failure:
        await client.send_template(server.to, "no_such_template_here", "fr", callback_data="1")
    assert (failure.value.status, failure.value.code, failure.value.reason) == (404, 132001, Reason.TEMPLATE)

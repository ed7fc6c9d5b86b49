"""What any server with the shape of the Bot API has to do; the twin does.

Another server is tried by TELEGRAM_CONTRACT_BASE, _TOKEN and _TO (somebody who has started the bot): it is
written to for real, and its webhook is taken away.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import aiohttp
import pytest

from lumi.core.http import Http
from lumi.integrations.telegram.client import Telegram
from lumi.integrations.telegram.errors import Reason, TelegramRejected
from lumi.integrations.telegram.fake.server import RunningTwin
from tests.integrations.telegram.conftest import TOKEN, Phone

OWN_BASE = os.environ.get("TELEGRAM_CONTRACT_BASE")


@dataclass(frozen=True)
class Server:
    """Where the server is and what it knows us by; `to` is somebody who may be written to."""

    base: str
    token: str
    to: int

    def client(self, http: Http, *, token: str | None = None) -> Telegram:
        return Telegram(http, self.base, token or self.token)

    async def ask(
        self, method: str, fields: Mapping[str, object] | None = None, *, token: str | None = None
    ) -> tuple[int, dict[str, object]]:
        url = f"{self.base}/bot{token or self.token}/{method}"
        async with aiohttp.ClientSession() as session, session.post(url, json=dict(fields or {})) as answer:
            assert answer.content_type == "application/json"
            return answer.status, await answer.json()


@pytest.fixture(params=["twin", "own"] if OWN_BASE else ["twin"])
async def server(request: pytest.FixtureRequest, served: RunningTwin, phone: Phone) -> Server:
    if request.param == "own":
        told = {name: os.environ[f"TELEGRAM_CONTRACT_{name}"] for name in ("TOKEN", "TO")}
        return Server(OWN_BASE or "", told["TOKEN"], int(told["TO"]))
    await phone.write("/start")
    return Server(served.url, TOKEN, 610000042)


async def test_the_bot_describes_itself(http: Http, server: Server) -> None:
    found = await server.client(http).get_me()
    assert found.id == server.token.partition(":")[0]
    assert found.username


async def test_a_text_is_taken_and_gets_an_id_of_its_own(http: Http, server: Server) -> None:
    client = server.client(http)
    first = await client.send_text(server.to, "Bonjour 🌻")
    second = await client.send_text(server.to, "Bonjour 🌻", reply_to=first.id)
    assert first.id != second.id
    assert first.chat_id == str(server.to)


async def test_the_answer_has_the_documented_shape(server: Server) -> None:
    status, answer = await server.ask("SendMessage", {"chat_id": str(server.to), "text": "  Bonjour  "})
    assert (status, answer["ok"]) == (200, True)
    taken = cast("dict[str, dict[str, object]]", answer["result"])
    assert isinstance(taken["message_id"], int)
    assert isinstance(taken["date"], int)
    assert (taken["chat"]["id"], taken["chat"]["type"], taken["from"]["is_bot"]) == (server.to, "private", True)
    assert taken["text"] == "Bonjour"


async def test_markup_becomes_entities_measured_in_utf16(server: Server) -> None:
    _, answer = await server.ask(
        "sendMessage", {"chat_id": server.to, "text": "🌻 <b>é &amp; x</b>", "parse_mode": "HTML"}
    )
    taken = cast("dict[str, object]", answer["result"])
    assert taken["text"] == "🌻 é & x"
    assert taken["entities"] == [{"type": "bold", "offset": 3, "length": 5}]


async def test_a_text_of_4096_units_is_taken(http: Http, server: Server) -> None:
    assert (await server.client(http).send_text(server.to, "é" * 4096)).id


async def test_an_edit_that_changes_nothing_is_refused_in_words_we_know(http: Http, server: Server) -> None:
    client = server.client(http)
    sent = await client.send_text(server.to, "Bonjour")
    place = {"chat_id": server.to, "message_id": int(sent.id.partition(":")[2])}
    status, answer = await server.ask("editMessageText", {"text": "Bonjour", **place})
    assert status == 400
    assert "message is not modified" in cast("str", answer["description"])
    await client.edit_text(sent.id, "Bonjour")
    await client.edit_text(sent.id, "Bonsoir", buttons=[[("Oui", "1")]])


async def test_typing_is_taken(http: Http, server: Server) -> None:
    await server.client(http).typing(server.to)


async def test_a_document_is_taken_found_and_downloaded(http: Http, server: Server) -> None:
    form = aiohttp.FormData({"chat_id": str(server.to)})
    form.add_field("document", b"a,b\n1,2\n", filename="table.csv", content_type="text/csv")
    async with aiohttp.ClientSession() as session:
        answer = await (await session.post(f"{server.base}/bot{server.token}/sendDocument", data=form)).json()
    file = answer["result"]["document"]
    assert file["file_name"] == "table.csv"
    client = server.client(http)
    found = await client.get_file(file["file_id"])
    assert await client.download(found.path) == b"a,b\n1,2\n"


async def test_a_wrong_token_is_refused_as_such(http: Http, server: Server) -> None:
    wrong = server.token.partition(":")[0] + ":AA_not-the-token-of-this-bot-at-all"
    with pytest.raises(TelegramRejected) as failure:
        await server.client(http, token=wrong).get_me()
    assert (failure.value.status, failure.value.reason) == (401, Reason.AUTH)
    status, answer = await server.ask("getMe", token=wrong)
    assert (status, answer) == (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})


async def test_a_token_that_is_none_is_not_found(server: Server) -> None:
    status, answer = await server.ask("getMe", token="7")
    assert (status, answer) == (404, {"ok": False, "error_code": 404, "description": "Not Found"})


async def test_somebody_who_never_started_the_bot_is_not_found(http: Http, server: Server) -> None:
    with pytest.raises(TelegramRejected) as failure:
        await server.client(http).send_text(1, "Bonjour")
    assert (failure.value.status, failure.value.reason) == (400, Reason.RECIPIENT)


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("sendMessage", {"text": ""}),
        ("sendMessage", {"text": "x" * 4097}),
        ("sendMessage", {"text": "<b>x", "parse_mode": "HTML"}),
        (
            "sendMessage",
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "é" * 33}]]}},
        ),
        ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}}),
        ("sendMessage", {"text": "x", "reply_parameters": {"message_id": 2_000_000_000}}),
        ("sendMessage", {"text": "x", "chat_id": ""}),
        ("sendVoice", {}),
        ("sendVoice", {"voice": "unknown"}),
        ("sendChatAction", {"action": "dancing"}),
        ("editMessageText", {"text": "x", "message_id": 2_000_000_000}),
        ("answerCallbackQuery", {"callback_query_id": "17"}),
        ("getFile", {"file_id": "unknown"}),
        ("setWebhook", {"url": "http://lumi.example"}),
        ("setWebhook", {"url": "https://lumi.example:8000"}),
        ("setWebhook", {"url": "https://lumi.example", "secret_token": "with space"}),
    ],
)
async def test_what_is_not_right_is_refused_with_a_description(
    server: Server, method: str, fields: dict[str, object]
) -> None:
    status, answer = await server.ask(method, {"chat_id": server.to, **fields})
    assert (status, answer["ok"], answer["error_code"]) == (400, False, 400)
    assert cast("str", answer["description"]).startswith("Bad Request: ")


async def test_a_method_that_is_none_is_not_found(server: Server) -> None:
    status, answer = await server.ask("sendHologram")
    assert (status, answer["description"]) == (404, "Not Found: method not found")


async def test_a_webhook_and_reading_updates_exclude_each_other(http: Http, server: Server) -> None:
    client = server.client(http)
    await client.set_webhook("https://lumi.example/hooks/telegram", "a-secret", allowed_updates=["poll_answer"])
    try:
        status, answer = await server.ask("getUpdates")
        assert (status, answer["error_code"]) == (409, 409)
        assert cast("str", answer["description"]).startswith("Conflict: can't use getUpdates method")
    finally:
        await client.delete_webhook()
    status, answer = await server.ask("getUpdates", {"limit": 1, "offset": -1})
    assert (status, answer["ok"]) == (200, True)

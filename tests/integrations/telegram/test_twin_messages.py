"""What the twin takes and what it refuses, to the character, as the Bot API does."""

import struct
from collections.abc import Mapping
from io import BytesIO

import aiohttp
import pytest

from lumi.integrations.telegram.fake.arguments import Arguments, File
from lumi.integrations.telegram.fake.files import Files
from lumi.integrations.telegram.fake.markup import flaw_in_keyboard, read_text
from lumi.integrations.telegram.fake.outgoing import read_document
from lumi.integrations.telegram.fake.pictures import size_of
from lumi.integrations.telegram.fake.refusal import ApiError
from lumi.integrations.telegram.fake.server import RunningTwin
from lumi.integrations.telegram.shapes import MessageType
from tests.integrations.telegram.conftest import PERSON, TOKEN, Phone, Seen


async def call(
    served: RunningTwin,
    method: str,
    *,
    json: object = None,
    data: object = None,
    params: Mapping[str, str] | None = None,
    content_type: str | None = None,
) -> tuple[int, Seen]:
    headers = {"Content-Type": content_type} if content_type else None
    url = f"{served.url}/bot{TOKEN}/{method}"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=json, data=data, params=params, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def test_arguments_may_come_in_the_address_as_json_or_as_a_form(served: RunningTwin, person: int) -> None:
    wishes = {"chat_id": str(person), "text": "Bonjour"}
    form = aiohttp.FormData(wishes, default_to_multipart=True)
    answers = [
        await call(served, "sendMessage", params=wishes),
        await call(served, "sendMessage", json=wishes),
        await call(served, "sendMessage", data=wishes),
        await call(served, "sendMessage", data=form),
    ]
    assert [(status, answer["ok"]) for status, answer in answers] == [(200, True)] * 4
    async with aiohttp.ClientSession(served.url) as session, session.get(f"/bot{TOKEN}/GETME") as answer:
        assert answer.status == 200


async def test_objects_may_come_as_json_in_a_form(served: RunningTwin, person: int, phone: Phone) -> None:
    markup = '{"inline_keyboard":[[{"text":"Oui","callback_data":"1"}]]}'
    await call(served, "sendMessage", data={"chat_id": person, "text": "Sûr ?", "reply_markup": markup})
    assert "reply_markup" in await phone.content()
    status, _ = await call(served, "sendMessage", data={"chat_id": person, "text": "Sûr ?", "reply_markup": "{"})
    assert status == 400


@pytest.mark.parametrize("body", [b"{", b"\xff"])
async def test_a_body_that_is_no_json_is_refused(served: RunningTwin, body: bytes) -> None:
    status, answer = await call(served, "sendMessage", data=body, content_type="application/json")
    assert (status, answer["ok"]) == (400, False)


async def test_a_file_that_is_empty_is_refused(served: RunningTwin, person: int) -> None:
    form = aiohttp.FormData({"chat_id": str(person)})
    form.add_field("document", b"", filename="a.txt")
    status, answer = await call(served, "sendDocument", data=form)
    assert (status, answer["description"]) == (400, "Bad Request: file must be non-empty")


async def test_a_file_is_sent_again_by_its_id(served: RunningTwin, person: int, phone: Phone) -> None:
    form = aiohttp.FormData({"chat_id": str(person)})
    form.add_field("voice", b"OggS", filename="a.ogg", content_type="audio/ogg")
    await call(served, "sendVoice", data=form)
    file_id = (await phone.content())["voice"]["file_id"]
    status, _ = await call(served, "sendVoice", json={"chat_id": person, "voice": file_id})
    assert status == 200
    assert (await phone.content())["voice"]["file_id"] == file_id


async def test_what_is_nowhere_is_not_found_in_json(served: RunningTwin) -> None:
    async with aiohttp.ClientSession(served.url) as session:
        for path in ("/", "/bot", f"/file/bot{TOKEN}/nothing", "/file/bot7/x", f"/bot{TOKEN}x/getMe/more"):
            async with session.get(path) as answer:
                assert await answer.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_a_throttle_says_how_long_in_body_and_header(phone: Phone, person: int) -> None:
    await phone.post("faults", {"rate_limit_rate": 1, "retry_after": 35})
    wishes = {"chat_id": person, "text": "x"}
    async with phone.session.post(f"/bot{TOKEN}/sendMessage", json=wishes) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "35")
        assert await answer.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 35",
            "parameters": {"retry_after": 35},
        }


async def test_setting_the_same_webhook_twice_says_so(served: RunningTwin) -> None:
    wishes = {"url": "https://lumi.example/hook", "secret_token": "a-secret"}
    notes = [(await call(served, "setWebhook", json=wishes))[1]["description"] for _ in range(2)]
    notes += [(await call(served, "setWebhook", json={"url": ""}))[1]["description"]]
    notes += [(await call(served, "deleteWebhook"))[1]["description"]]
    assert notes == [
        "Webhook was set",
        "Webhook is already set",
        "Webhook was deleted",
        "Webhook is already deleted",
    ]


@pytest.mark.parametrize(
    ("method", "wishes", "why"),
    [
        ("getFile", {}, "file_id not specified"),
        ("sendChatAction", {"chat_id": 1, "action": "typing"}, "chat not found"),
        ("setWebhook", {"url": "https://a.example", "secret_token": "x" * 257}, "secret token is too long"),
        ("setWebhook", {"url": "https://a.example:port"}, "invalid webhook URL specified"),
        ("setWebhook", {"url": "nowhere"}, "invalid webhook URL specified"),
        ("setWebhook", {"url": "http://a.example"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ("sendMessage", {"chat_id": PERSON, "text": "x", "reply_markup": 7}, "object expected as reply markup"),
        ("editMessageText", {"chat_id": PERSON, "message_id": 1, "text": "x"}, "message to edit not found"),
        ("sendPhoto", {"chat_id": PERSON}, "there is no photo in the request"),
    ],
)
async def test_a_refusal_has_the_words_of_the_original(
    served: RunningTwin, person: int, method: str, wishes: Seen, why: str
) -> None:
    assert person
    status, answer = await call(served, method, json=wishes)
    assert (status, answer["description"]) == (400, f"Bad Request: {why}")


async def test_an_answer_to_a_press_may_be_too_long(served: RunningTwin, phone: Phone, person: int) -> None:
    pressed = (await phone.post("press", {"from": person, "data": "k7"}))["id"]
    wishes = {"callback_query_id": pressed, "text": "x" * 201}
    status, answer = await call(served, "answerCallbackQuery", json=wishes)
    assert (status, answer["description"]) == (400, "Bad Request: MESSAGE_TOO_LONG")


def file_form(person: int, key: str, content: bytes, **fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData({"chat_id": str(person), **fields})
    form.add_field(key, BytesIO(content), filename="a.bin")
    return form


@pytest.mark.parametrize(
    ("content", "caption", "why"),
    [
        (b"GIF89a" + struct.pack("<HH", 9000, 2000), "", "PHOTO_INVALID_DIMENSIONS"),
        (b"GIF89a" + struct.pack("<HH", 210, 10), "", "PHOTO_INVALID_DIMENSIONS"),
        (b"GIF89a" + struct.pack("<HH", 5, 5) + bytes(10 << 20), "", "file is too big"),
        (b"GIF89a" + struct.pack("<HH", 5, 5), "x" * 1025, "message caption is too long"),
    ],
)
async def test_a_picture_beyond_the_limits_is_refused(
    served: RunningTwin, person: int, content: bytes, caption: str, why: str
) -> None:
    status, answer = await call(served, "sendPhoto", data=file_form(person, "photo", content, caption=caption))
    assert (status, answer["description"]) == (400, f"Bad Request: {why}")


def test_a_file_of_more_than_50_mb_is_too_large() -> None:
    file = File("a.bin", "application/octet-stream", bytes((50 << 20) + 1))
    with pytest.raises(ApiError, match="Request Entity Too Large") as refused:
        read_document(Arguments({}, {"document": file}), Files())
    assert refused.value.status == 413


async def test_a_call_of_more_than_50_mb_is_too_large(served: RunningTwin) -> None:
    body = BytesIO(bytes(52 << 20))
    status, answer = await call(served, "sendDocument", data=body, content_type="application/json")
    assert (status, answer["description"]) == (413, "Request Entity Too Large")


async def test_a_file_of_more_than_20_mb_cannot_be_fetched(served: RunningTwin) -> None:
    kept = served.twin.files.keep(MessageType.VIDEO, bytes((20 << 20) + 1))
    status, answer = await call(served, "getFile", json={"file_id": kept.id})
    assert (status, answer["description"]) == (400, "Bad Request: file is too big")


def test_the_oldest_files_make_room() -> None:
    files = Files(room=5)
    kept = [files.keep(MessageType.DOCUMENT, b"123", "a.txt") for _ in range(2)]
    assert [files.find(each.id) for each in kept] == [None, kept[1]]
    assert [files.at(each.path) for each in kept] == [None, kept[1]]
    assert kept[1].path == "documents/file_1.txt"


async def test_what_a_person_wrote_cannot_be_edited(served: RunningTwin, phone: Phone) -> None:
    written = await phone.write("Allô ?")
    place = {"chat_id": PERSON, "message_id": int(written.partition(":")[2])}
    status, answer = await call(served, "editMessageText", json={**place, "text": "Non"})
    assert (status, answer["description"]) == (400, "Bad Request: message can't be edited")


@pytest.mark.parametrize(
    ("markup", "words", "kinds"),
    [
        ("plain", "plain", []),
        ("<b>a</b> <i>b</i>", "a b", ["bold", "italic"]),
        ("<b><i>a</i></b>", "a", ["italic", "bold"]),
        ('<a href="https://a.example">x</a>', "x", ["text_link"]),
        ("&lt;&amp;&gt;&quot;&#233;&unknown;", '<&>"é&unknown;', []),
        ('<pre>x</pre><code class="language-py">y</code>', "xy", ["pre", "code"]),
    ],
)
def test_html_is_understood(markup: str, words: str, kinds: list[str]) -> None:
    found, entities = read_text(markup, "HTML")
    assert (found, [each["type"] for each in entities]) == (words, kinds)


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("é<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ],
)
def test_html_that_is_none_is_refused(markup: str, why: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_text(markup, "HTML")
    assert str(refused.value) == f"Bad Request: can't parse entities: {why}"


def test_a_way_of_marking_up_that_the_twin_does_not_know_is_refused() -> None:
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        read_text("*x*", "MarkdownV2")


@pytest.mark.parametrize(
    "rows",
    [
        [[{"text": "Oui", "callback_data": "1"}]],
        [[{"text": "Oui", "callback_data": "é" * 32}]],
        [[{"text": "Site", "url": "https://a.example"}]],
        [[{"text": "x", "callback_data": "1"}] * 8] * 12,
    ],
)
def test_buttons_within_the_limits_are_taken(rows: list[object]) -> None:
    assert flaw_in_keyboard({"inline_keyboard": rows}) is None


@pytest.mark.parametrize(
    "rows",
    [
        "x",
        ["x"],
        [[{"callback_data": "1"}]],
        [[{"text": "x", "callback_data": ""}]],
        [[{"text": "x", "callback_data": "x" * 65}]],
        [[{"text": "x", "callback_data": "1"}] * 101],
    ],
)
def test_buttons_beyond_the_limits_are_refused(rows: object) -> None:
    assert flaw_in_keyboard({"inline_keyboard": rows})


def test_arguments_are_read_whatever_they_came_as() -> None:
    asked = Arguments({"a": 5, "b": "5", "c": True, "d": "true", "e": "[1]", "f": [1], "g": None})
    assert (asked.whole("a"), asked.whole("b"), asked.whole("g")) == (5, 5, None)
    assert (asked.text("a"), asked.text("c"), asked.text("missing")) == ("5", "true", "")
    assert (asked.flag("c"), asked.flag("d"), asked.flag("a")) == (True, True, False)
    assert (asked.list("e"), asked.list("f"), asked.list("g")) == ([1], [1], None)


JPEG = b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"\x00\x00\xff\xc2" + struct.pack(">HBHH", 17, 8, 853, 1280)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (JPEG, (1280, 853)),
        (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 3, 4), (3, 4)),
        (b"GIF89a" + struct.pack("<HH", 5, 6), (5, 6)),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + struct.pack("<HBHB", 6, 0, 7, 0), (7, 8)),
        (b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"\x2f" + struct.pack("<I", 8 | 9 << 14), (9, 10)),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 11, 12), (11, 12)),
        (b"\xff\xd8\xff", None),
        (b"\xff\xd8\x00\x00\x00\x00", None),
        (b"GIF89a", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_the_size_of_a_picture_is_told_from_its_first_bytes(content: bytes, size: tuple[int, int] | None) -> None:
    assert size_of(content) == size

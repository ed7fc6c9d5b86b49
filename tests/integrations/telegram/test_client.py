"""Our calls to Telegram, against the twin."""

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from lumi.integrations.telegram.client import ALLOWED_UPDATES, Action, ParseMode, Telegram, utf16_length
from lumi.integrations.telegram.errors import Reason
from lumi.integrations.telegram.fake.server import RunningTwin
from tests.integrations.telegram.conftest import PERSON, Phone, Seen, refusal_of, taken

OGG = b"OggS\x00\x02" + bytes(range(256)) + b"\r\n--\r\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FLOWER = "🌻"


async def test_a_text_reaches_the_person(telegram: Telegram, served: RunningTwin, person: int, phone: Phone) -> None:
    sent = await telegram.send_text(person, "Bonjour 🌻")
    [message] = taken(served)
    assert (message.id, message.to, message.text, message.bot_id) == (sent.id, str(PERSON), "Bonjour 🌻", "7000000001")
    assert (sent.chat_id, sent.id.partition(":")[0]) == (str(PERSON), str(PERSON))
    assert await phone.texts() == ["/start", "Bonjour 🌻"]


async def test_a_chat_may_be_named_by_a_text(telegram: Telegram, served: RunningTwin, person: int) -> None:
    await telegram.send_text(str(person), "Bonjour")
    assert taken(served)[0].to == str(person)


async def test_two_identical_calls_are_two_messages(telegram: Telegram, served: RunningTwin, person: int) -> None:
    first, second = [await telegram.send_text(person, "Bonjour") for _ in range(2)]
    assert first.id != second.id
    assert [each.n for each in taken(served)] == [1, 2]


async def test_a_reply_quotes_and_is_sent_even_when_the_message_is_gone(
    telegram: Telegram, served: RunningTwin, phone: Phone
) -> None:
    written = await phone.write("Allô ?")
    await telegram.send_text(PERSON, "Oui", reply_to=written)
    await telegram.send_text(PERSON, "Oui", reply_to=f"{PERSON}:999")
    assert [each.reply_to for each in taken(served)] == [int(written.partition(":")[2]), None]


async def test_buttons_stand_in_rows_and_carry_their_data(telegram: Telegram, person: int, phone: Phone) -> None:
    await telegram.send_text(person, "Quand ?", buttons=[[("Lundi", "a"), ("Mardi", "é" * 32)], [("Autre", "c")]])
    shown = (await phone.entries())[-1]["content"]
    assert shown == {
        "text": "Quand ?",
        "reply_markup": {
            "inline_keyboard": [
                [{"text": "Lundi", "callback_data": "a"}, {"text": "Mardi", "callback_data": "é" * 32}],
                [{"text": "Autre", "callback_data": "c"}],
            ]
        },
    }


async def test_a_marked_up_text_is_measured_without_its_markup(telegram: Telegram, person: int, phone: Phone) -> None:
    await telegram.send_text(person, f"<b>{'x' * 4096}</b>", parse_mode=ParseMode.HTML)
    assert (await phone.texts())[-1] == "x" * 4096


async def test_a_markup_that_is_none_is_refused(telegram: Telegram, person: int) -> None:
    refusal = await refusal_of(telegram.send_text(person, "1 < 2", parse_mode=ParseMode.HTML))
    assert (refusal.status, refusal.reason) == (400, Reason.PAYLOAD)
    assert "can't parse entities" in refusal.details


@pytest.mark.parametrize(("text", "length"), [("", 0), ("é", 1), (FLOWER, 2), ("a👩‍🦰", 6), ("\uffff", 1)])
def test_length_is_counted_as_telegram_counts(text: str, length: int) -> None:
    assert utf16_length(text) == length
    assert len(text.encode("utf-16-le")) == length * 2


async def test_the_longest_text_is_taken_and_one_unit_more_is_not(
    telegram: Telegram, served: RunningTwin, person: int
) -> None:
    await telegram.send_text(person, FLOWER * 2048)
    refusal = await refusal_of(telegram.send_text(person, FLOWER * 2048 + "x"))
    assert (refusal.status, refusal.reason) == (0, Reason.PAYLOAD)
    assert len(taken(served)) == 1


@pytest.mark.parametrize("text", ["", "  \n", "half of \ud83d"])
async def test_what_is_no_text_is_refused_without_a_call(telegram: Telegram, served: RunningTwin, text: str) -> None:
    refusal = await refusal_of(telegram.send_text(PERSON, text))
    assert (refusal.status, refusal.reason, served.twin.counts["refused"]) == (0, Reason.PAYLOAD, 0)


@pytest.mark.parametrize(
    "rows",
    [
        [[("", "a")]],
        [[("Lundi", "")]],
        [[("Lundi", "x" * 65)]],
        [[("Lundi", "é" * 33)]],
        [[("x", "y")] * 9],
        [[("x", "y")]] * 101,
    ],
)
async def test_buttons_beyond_the_limits_are_refused_without_a_call(
    telegram: Telegram, served: RunningTwin, rows: list[list[tuple[str, str]]]
) -> None:
    refusal = await refusal_of(telegram.send_text(PERSON, "Quand ?", buttons=rows))
    assert (refusal.status, refusal.reason, served.twin.counts["refused"]) == (0, Reason.PAYLOAD, 0)


@pytest.mark.parametrize("chat_id", ["@somebody", "", "1/2", "9" * 20])
async def test_a_chat_that_is_no_number_is_nobody(telegram: Telegram, chat_id: str) -> None:
    refusal = await refusal_of(telegram.send_text(chat_id, "Bonjour"))
    assert (refusal.status, refusal.reason) == (0, Reason.RECIPIENT)


async def test_a_voice_message_arrives_byte_for_byte(telegram: Telegram, served: RunningTwin, person: int) -> None:
    sent = await telegram.send_voice(person, OGG, seconds=4, caption="Écoutez")
    [message] = taken(served)
    assert (message.id, message.type, message.text) == (sent.id, "voice", "Écoutez")
    [kept] = [each for each in [served.twin.files.at("voice/file_0.oga")] if each]
    assert kept.content == OGG


@pytest.mark.parametrize("mime", ["audio/ogg; codecs=opus", "audio/mpeg", "audio/mp4"])
async def test_a_voice_message_keeps_its_type(telegram: Telegram, person: int, phone: Phone, mime: str) -> None:
    await telegram.send_voice(person, OGG, mime=mime)
    assert (await phone.content())["voice"]["mime_type"] == mime.partition(";")[0]


async def test_a_picture_arrives_with_its_size(telegram: Telegram, person: int, phone: Phone) -> None:
    await telegram.send_photo(person, PNG, mime="image/png", caption="Voilà")
    shown = (await phone.entries())[-1]
    content = shown["content"]
    assert (shown["type"], shown["text"]) == ("photo", "Voilà")
    assert isinstance(content, dict)
    assert (content["photo"][0]["width"], content["photo"][0]["height"]) == (1, 1)


async def test_what_is_no_picture_is_refused(telegram: Telegram, person: int) -> None:
    refusal = await refusal_of(telegram.send_photo(person, b"not a picture"))
    assert (refusal.status, refusal.reason) == (400, Reason.PAYLOAD)


async def test_a_film_and_a_piece_of_music_are_what_they_are_and_anything_else_a_document(
    telegram: Telegram, person: int, phone: Phone
) -> None:
    await telegram.send_video(person, b"film", "tour.mp4", mime="video/mp4", caption="Voilà")
    assert (await phone.content())["video"]["file_name"] == "tour.mp4"
    await telegram.send_audio(person, b"music", "song.mp3", mime="audio/mpeg")
    assert (await phone.content())["audio"]["mime_type"] == "audio/mpeg"
    await telegram.send_audio(person, b"music", "song.wav", mime="audio/wav")
    assert (await phone.content())["document"]["file_name"] == "song.wav"


async def test_a_file_is_sent_from_where_it_lies(
    telegram: Telegram, person: int, served: RunningTwin, tmp_path: Path
) -> None:
    place = tmp_path / "plan.pdf"
    place.write_bytes(b"%PDF-" + bytes(700_000))
    await telegram.send_document(person, place, "plan.pdf", mime="application/pdf")

    kept = served.twin.files.at("documents/file_0.pdf")
    assert kept is not None
    assert kept.content == place.read_bytes()


async def test_a_document_keeps_its_name_and_type(telegram: Telegram, phone: Phone, person: int) -> None:
    name = 'Devis "été"\r\nX: 1.pdf'
    written = await phone.write("Le devis ?")
    await telegram.send_document(person, b"%PDF-1.7", name, mime="application/pdf", reply_to=written)
    document = (await phone.content())["document"]
    assert document["mime_type"] == "application/pdf"
    assert str(document["file_name"]).startswith("Devis")
    assert "\n" not in str(document["file_name"])
    assert (await phone.entries())[-1]["reply_to"] == int(written.partition(":")[2])


@pytest.mark.parametrize(("size", "reason"), [(0, Reason.FILE), ((10 << 20) + 1, Reason.FILE)])
async def test_a_file_of_a_wrong_size_is_refused_without_a_call(telegram: Telegram, size: int, reason: Reason) -> None:
    refusal = await refusal_of(telegram.send_photo(PERSON, bytes(size)))
    assert (refusal.status, refusal.reason) == (0, reason)


async def test_a_caption_that_is_too_long_is_refused_without_a_call(telegram: Telegram) -> None:
    refusal = await refusal_of(telegram.send_photo(PERSON, PNG, caption=FLOWER * 513))
    assert (refusal.status, refusal.reason) == (0, Reason.PAYLOAD)


async def test_typing_is_shown_until_we_write(telegram: Telegram, person: int, phone: Phone) -> None:
    await telegram.typing(person)
    assert (await phone.get("messages", peer=person))["typing"] is True
    await telegram.send_text(person, "Oui")
    assert (await phone.get("messages", peer=person))["typing"] is False
    await telegram.typing(person, Action.RECORDING_VOICE)
    assert (await phone.get("messages", peer=person))["action"] == "record_voice"


async def test_a_press_is_answered_once_it_is_known(telegram: Telegram, person: int, phone: Phone) -> None:
    pressed = str((await phone.post("press", {"from": person, "data": "k7"}))["id"])
    await telegram.answer_callback(pressed, "Noté")
    presses = (await phone.get("messages", peer=person))["presses"]
    assert presses == {pressed: {"data": "k7", "is_answered": True, "answer": "Noté"}}


async def test_a_press_answered_too_late_has_expired(telegram: Telegram) -> None:
    refusal = await refusal_of(telegram.answer_callback("17"))
    assert (refusal.status, refusal.reason) == (400, Reason.EXPIRED)
    assert (await refusal_of(telegram.answer_callback("17", "x" * 201))).status == 0


async def test_an_edit_replaces_words_and_buttons(telegram: Telegram, person: int, phone: Phone) -> None:
    sent = await telegram.send_text(person, "Quand ?", buttons=[[("Lundi", "a")]])
    await telegram.edit_text(sent.id, "Lundi, c'est noté")
    assert (await phone.entries())[-1]["content"] == {"text": "Lundi, c'est noté"}


async def test_an_edit_that_changes_nothing_is_fine(telegram: Telegram, person: int) -> None:
    sent = await telegram.send_text(person, "Quand ?")
    await telegram.edit_text(sent.id, "Quand ?")


@pytest.mark.parametrize("message", [f"{PERSON}:999", "999", "x:y", f"{PERSON}:y"])
async def test_a_message_that_is_not_there_cannot_be_edited(telegram: Telegram, person: int, message: str) -> None:
    refusal = await refusal_of(telegram.edit_text(message, "Quand ?"))
    assert refusal.reason in (Reason.PAYLOAD, Reason.RECIPIENT)


async def test_a_file_somebody_sent_is_found_and_downloaded(
    telegram: Telegram, served: RunningTwin, phone: Phone
) -> None:
    spoken: Seen = {"from": PERSON, "type": "voice", "file": base64.b64encode(OGG).decode(), "content": {"duration": 4}}
    await phone.post("inbound", spoken)
    found = await telegram.get_file(str((await phone.content())["voice"]["file_id"]))
    assert found.size == len(OGG)
    assert await telegram.download(found.path) == OGG
    assert (await refusal_of(telegram.download(found.path, limit=10))).reason is Reason.FILE
    assert served.twin.counts["refused"] == 0


async def test_a_file_nobody_knows_is_refused(telegram: Telegram) -> None:
    refusal = await refusal_of(telegram.get_file("AwAC-unknown"))
    assert (refusal.status, refusal.reason) == (400, Reason.FILE)
    refusal = await refusal_of(telegram.download("voice/file_99.oga"))
    assert (refusal.status, refusal.reason) == (404, Reason.FILE)


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../b", "a/..", "a?b", "a#b", "a%2e", "a\\b", "a b"])
async def test_a_path_that_leads_elsewhere_is_refused_without_a_call(telegram: Telegram, path: str) -> None:
    refusal = await refusal_of(telegram.download(path))
    assert (refusal.status, refusal.reason) == (0, Reason.FILE)


async def test_the_bot_describes_itself(telegram: Telegram) -> None:
    found = await telegram.get_me()
    assert (found.id, found.username) == ("7000000001", "twin_000001_bot")


async def test_a_webhook_is_set_told_of_and_taken_away(telegram: Telegram) -> None:
    await telegram.set_webhook("https://lumi.example/hooks/telegram/1", SecretStr("a-secret"), max_connections=10)
    info = await telegram.webhook_info()
    assert (info.url, info.allowed_updates) == ("https://lumi.example/hooks/telegram/1", ALLOWED_UPDATES)
    assert (info.pending, info.last_error, info.last_error_at) == (0, None, None)
    await telegram.delete_webhook(drop_pending=True)
    assert (await telegram.webhook_info()).url == ""


@pytest.mark.parametrize(("url", "secret"), [("", "s"), ("https://a.example", ""), ("https://a.example", "no spaces")])
async def test_a_webhook_without_address_or_secret_is_refused_without_a_call(
    telegram: Telegram, url: str, secret: str
) -> None:
    assert (await refusal_of(telegram.set_webhook(url, secret))).status == 0


async def test_a_webhook_that_telegram_cannot_reach_is_refused(telegram: Telegram) -> None:
    refusal = await refusal_of(telegram.set_webhook("http://lumi.example/hook", "a-secret"))
    assert (refusal.status, refusal.reason) == (400, Reason.PAYLOAD)

"""Updates as they arrive: the shapes Telegram is known to send."""

from datetime import UTC, datetime

import pytest

from lumi.integrations.telegram.payloads import Batch, Media, MessageType, Person
from tests.integrations.telegram.bodies import (
    BOT,
    CHAT,
    GROUP,
    Part,
    membership,
    message,
    press,
    read,
    read_message,
    update,
)

VOICE: Part = {
    "duration": 4,
    "mime_type": "audio/ogg",
    "file_id": "AwAC-1",
    "file_unique_id": "AgAD1",
    "file_size": 9120,
}


def size(file_id: str, width: int, height: int) -> Part:
    return {"file_id": file_id, "file_unique_id": "u" + file_id, "file_size": width, "width": width, "height": height}


def test_a_text_is_read_with_its_sender_chat_and_time() -> None:
    found = read_message()
    assert (found.update_id, found.id, found.chat_id) == ("880000017", "610000042:31", "610000042")
    assert (found.type, found.text) == (MessageType.TEXT, "Vous êtes ouverts ?")
    assert found.sender == Person("610000042", "Anaïs Petit", "anais_p", "fr", is_bot=False)
    assert found.timestamp == datetime.fromtimestamp(1795000000, UTC)
    assert (found.edited_at, found.reply_to, found.start_payload, found.media) == (None, None, None, None)
    assert found.raw["message_id"] == 31


def test_an_edit_has_the_new_words_the_old_id_and_both_times() -> None:
    batch = read(update("edited_message", message(text="À 19 h 30", edit_date=1795000060)))
    [edit] = batch.edits
    assert (edit.id, edit.text, batch.messages) == ("610000042:31", "À 19 h 30", [])
    assert edit.edited_at == datetime.fromtimestamp(1795000060, UTC)
    assert edit.timestamp == datetime.fromtimestamp(1795000000, UTC)


def test_a_reply_names_the_message_it_answers() -> None:
    assert read_message(reply_to_message={"message_id": 12, "chat": CHAT, "date": 1}).reply_to == "610000042:12"


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("/start Rdv_42-x", "Rdv_42-x"),
        ("/start@salon_bot Rdv_42-x", "Rdv_42-x"),
        ("/start", None),
        ("/start " + "x" * 65, None),
        ("/start two words", None),
        ("/start é", None),
        ("start Rdv_42", None),
        ("Say /start Rdv_42", None),
    ],
)
def test_what_a_link_to_the_bot_carried_is_kept(text: str, payload: str | None) -> None:
    found = read_message(text=text)
    assert (found.start_payload, found.text) == (payload, text)


def test_a_voice_message_names_its_file_and_says_that_it_is_one() -> None:
    found = read_message(text=None, voice=VOICE, caption="Écoutez")
    assert (found.type, found.text) == (MessageType.VOICE, "Écoutez")
    assert found.media == Media("AwAC-1", "AgAD1", "audio/ogg", 9120, None, 4, is_voice=True)


def test_a_picture_is_named_in_its_largest_size_wherever_that_stands() -> None:
    sizes = [size("small", 90, 60), size("large", 1280, 853), size("middle", 320, 213)]
    found = read_message(text=None, photo=sizes, caption="Cette couleur", media_group_id="13579")
    assert (found.type, found.text, found.media_group_id) == (MessageType.PHOTO, "Cette couleur", "13579")
    assert found.media is not None
    assert (found.media.file_id, found.media.mime, found.media.is_voice) == ("large", "image/jpeg", False)


@pytest.mark.parametrize(
    ("key", "item", "kind", "mime"),
    [
        ("audio", {"file_id": "A", "mime_type": "audio/mpeg", "duration": 61}, MessageType.AUDIO, "audio/mpeg"),
        ("video", {"file_id": "A", "mime_type": "video/mp4"}, MessageType.VIDEO, "video/mp4"),
        ("video_note", {"file_id": "A", "length": 240}, MessageType.VIDEO_NOTE, "video/mp4"),
        ("document", {"file_id": "A", "mime_type": "text/csv", "file_name": "a.csv"}, MessageType.DOCUMENT, "text/csv"),
        ("document", {"file_id": "A"}, MessageType.DOCUMENT, None),
        ("sticker", {"file_id": "A", "emoji": "👍"}, MessageType.STICKER, "image/webp"),
        ("sticker", {"file_id": "A", "is_video": True}, MessageType.STICKER, "video/webm"),
        ("sticker", {"file_id": "A", "is_animated": True}, MessageType.STICKER, "application/x-tgsticker"),
    ],
)
def test_other_files_are_read_with_their_usual_type(key: str, item: Part, kind: MessageType, mime: str | None) -> None:
    found = read_message(text=None, **{key: item})
    assert found.media is not None
    assert (found.type, found.text, found.media.file_id, found.media.mime) == (kind, None, "A", mime)


def test_an_animation_is_not_the_document_that_comes_with_it() -> None:
    found = read_message(text=None, document={"file_id": "D"}, animation={"file_id": "A"})
    assert (found.type, found.media and found.media.file_id) == (MessageType.ANIMATION, "A")


def test_a_location_has_coordinates() -> None:
    found = read_message(text=None, location={"latitude": 48.85, "longitude": 2})
    assert found.type is MessageType.LOCATION
    assert found.place is not None
    assert (found.place.latitude, found.place.longitude, found.place.title) == (48.85, 2.0, None)


def test_a_venue_is_not_the_location_that_comes_with_it() -> None:
    spot = {"latitude": 48.85, "longitude": 2.35}
    found = read_message(text=None, location=spot, venue={"location": spot, "title": "Salon", "address": "Rue X"})
    assert found.type is MessageType.VENUE
    assert found.place is not None
    assert (found.place.longitude, found.place.title, found.place.address) == (2.35, "Salon", "Rue X")


@pytest.mark.parametrize(("user_id", "expected"), [(610000043, "610000043"), (None, None)])
def test_a_contact_may_be_somebody_who_is_not_on_telegram(user_id: int | None, expected: str | None) -> None:
    card = {"phone_number": "33600000042", "first_name": "Zoé", "user_id": user_id}
    found = read_message(text=None, contact=card)
    assert found.contact is not None
    assert (found.contact.phone, found.contact.name, found.contact.user_id) == ("33600000042", "Zoé", expected)


@pytest.mark.parametrize("key", ["poll", "dice", "story", "checklist", "game"])
def test_what_holds_no_words_and_no_file_is_a_message_all_the_same(key: str) -> None:
    found = read_message(text=None, **{key: {"value": 3}})
    assert (found.type, found.text, found.media) == (MessageType.WORDLESS, None, None)


def test_a_press_names_the_message_the_person_and_the_data() -> None:
    [found] = read(update("callback_query", press())).presses
    assert (found.id, found.data, found.update_id) == ("4382bfdwdsb323b2d9", "k7", "880000017")
    assert (found.chat_id, found.message_id, found.message_text) == ("610000042", "610000042:30", "Quand ?")
    assert found.sender.name == "Anaïs Petit"


def test_a_press_under_a_message_that_is_gone_still_names_it() -> None:
    [found] = read(update("callback_query", press(message={"chat": CHAT, "message_id": 30, "date": 0}))).presses
    assert (found.message_id, found.message_text) == ("610000042:30", None)


def test_a_press_without_a_message_names_the_person_alone() -> None:
    [found] = read(update("callback_query", press(message=None, inline_message_id="AbC"))).presses
    assert (found.sender.id, found.chat_id, found.message_id, found.data) == ("610000042", None, None, "k7")


@pytest.mark.parametrize(("status", "is_blocked"), [("kicked", True), ("member", False)])
def test_blocking_and_unblocking_are_told(status: str, is_blocked: bool) -> None:
    [found] = read(update("my_chat_member", membership(status))).memberships
    assert (found.chat_id, found.sender.id, found.is_blocked) == ("610000042", "610000042", is_blocked)
    assert found.timestamp == datetime.fromtimestamp(1795000000, UTC)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (update("message", message(chat=GROUP)), "message.group"),
        (update("message", message(chat=GROUP | {"type": "channel"}, **{"from": None})), "message.group"),
        (update("edited_message", message(chat=GROUP)), "edit.group"),
        (update("callback_query", press(message={"chat": GROUP, "message_id": 1, "date": 0})), "press.group"),
        (update("my_chat_member", membership(chat=GROUP)), "member.group"),
        (update("my_chat_member", membership("administrator")), "member.administrator"),
        (update("message", message(**{"from": BOT})), "message.bot"),
        (update("message", message(text=None, pinned_message={"message_id": 3})), "message.pinned_message"),
        (update("message", message(text=None, hologram={"a": 1})), "message.hologram"),
        (update("message", message(text=None)), "message.empty"),
        (update("message_reaction", {"chat": CHAT, "message_id": 3}), "update.message_reaction"),
        (update("channel_post", message(chat=GROUP)), "update.channel_post"),
        (update("what a person wrote", {}), "update.other"),
        (update("x" * 41, {}), "update.other"),
        ({"update_id": 5}, "update.none"),
        ({}, "update.none"),
    ],
)
def test_what_is_authentic_and_not_for_us_is_counted_and_nothing_else(body: Part, kind: str) -> None:
    batch = read(body)
    assert batch == Batch(ignored=batch.ignored)
    assert batch.ignored == {kind: 1}

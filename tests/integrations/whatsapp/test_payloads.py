"""Webhooks as they arrive: the shapes WhatsApp is known to send."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from lumi.integrations.whatsapp.payloads import Batch, ErrorNote, Message, Status, parse

Body = Callable[[str], bytes]


def only_message(batch: Batch) -> Message:
    assert (batch.statuses, batch.ignored, batch.broken) == ([], {}, [])
    [message] = batch.messages
    return message


def only_status(batch: Batch) -> Status:
    assert (batch.messages, batch.ignored, batch.broken) == ([], {}, [])
    [status] = batch.statuses
    return status


def test_a_text_is_read_with_its_sender_number_and_time(body: Body) -> None:
    message = only_message(parse(body("text")))
    assert (message.phone_number_id, message.waba_id) == ("551200000000042", "445900000000017")
    assert (message.id, message.type) == ("wamid.TEST_TEXT_0001", "text")
    assert message.text == "Vous êtes ouverts à 19 h ? 😊"
    assert (message.from_phone, message.from_user_id) == ("33600000042", None)
    assert (message.profile_name, message.username) == ("Anaïs 🌻", None)
    assert message.timestamp == datetime.fromtimestamp(1795000000, UTC)
    assert message.raw["id"] == message.id


def test_a_person_with_a_username_has_a_user_id_and_no_phone(body: Body) -> None:
    message = only_message(parse(body("text_without_phone")))
    assert (message.from_phone, message.from_user_id) == (None, "DE.7001002003004005")
    assert message.parent_user_id == "DE.ENT.9001002003"
    assert (message.profile_name, message.username) == ("Lena", "lena.reist")


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("voice_note", "audio", None),
        ("button_reply", "interactive", "Mardi 10 h"),
        ("flow_reply", "interactive", "Sent"),
        ("image_with_caption", "image", "Cette couleur"),
        ("reaction_removed", "reaction", None),
        ("number_changed", "system", None),
        ("unsupported", "unsupported", None),
    ],
)
def test_the_words_of_a_message_are_found_whatever_its_type(body: Body, name: str, kind: str, text: str | None) -> None:
    message = only_message(parse(body(name)))
    assert (message.type, message.text) == (kind, text)
    assert message.from_phone == "33600000042"


def test_a_reply_names_the_message_it_answers(body: Body) -> None:
    assert only_message(parse(body("button_reply"))).context_id == "wamid.TEST_SENT_0001"


def test_a_reaction_names_the_message_it_is_about(body: Body) -> None:
    assert only_message(parse(body("reaction_removed"))).target_id == "wamid.TEST_SENT_0003"


def test_a_status_brings_our_own_key_back(body: Body) -> None:
    status = only_status(parse(body("status_delivered")))
    assert (status.id, status.status) == ("wamid.TEST_SENT_0004", "delivered")
    assert status.callback_data == "0199c0de-0000-7000-8000-000000000001"
    assert (status.recipient_phone, status.recipient_user_id) == ("4915100000042", "DE.7001002003004005")
    assert status.recipient_parent_id == "DE.ENT.9001002003"
    assert status.timestamp == datetime.fromtimestamp(1795000009, UTC)
    assert status.errors == ()


def test_a_failed_status_says_why(body: Body) -> None:
    status = only_status(parse(body("status_failed")))
    details = "More than 24 hours have passed since the person last wrote."
    assert status.errors == (ErrorNote(131047, "Re-engagement message", details),)


def test_what_is_no_message_and_no_status_is_counted_by_its_kind(body: Body) -> None:
    batch = parse(body("rate_limit_notice"))
    assert (batch.messages, batch.statuses, batch.broken) == ([], [], [])
    assert batch.ignored == {"error.130429": 1}

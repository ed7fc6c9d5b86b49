"""Webhooks as they arrive: the shapes both surfaces are known to send."""

from datetime import UTC, datetime

import pytest

from lumi.integrations.graph.messaging_shapes import (
    Attachment,
    Batch,
    Message,
    MessageKind,
    ReceiptState,
    Referral,
)
from tests.integrations.graph.bodies import MOMENT_MS, Part, body, by_account, entry, item, of, text
from tests.integrations.graph.surfaces import ACCOUNT, PERSON, Kind

MOMENT = datetime.fromtimestamp(MOMENT_MS / 1000, UTC)


def only_message(kind: Kind, one: object) -> Message:
    batch = kind.parse(body(kind, one))
    assert batch == Batch(messages=batch.messages)
    [message] = batch.messages
    return message


def only_attachment(kind: Kind, *attachments: Part) -> Attachment:
    [found] = only_message(kind, text(text=None, attachments=list(attachments))).attachments
    return found


def test_a_text_is_read_with_its_account_person_and_time(kind: Kind) -> None:
    message = only_message(kind, text(text="Haben Sie um 19 Uhr einen Tisch? 😊"))
    assert (message.account_id, message.person_id, message.id) == (ACCOUNT, PERSON, "m_A")
    assert (message.kind, message.text) == (MessageKind.MESSAGE, "Haben Sie um 19 Uhr einen Tisch? 😊")
    assert (message.at, message.attachments, message.payload) == (MOMENT, (), None)
    assert message.raw == text(text="Haben Sie um 19 Uhr einen Tisch? 😊")


def test_a_quick_reply_has_its_title_and_our_payload(kind: Kind) -> None:
    message = only_message(kind, text(text="Tuesday", quick_reply={"payload": "day:2"}))
    assert (message.kind, message.text, message.payload) == (MessageKind.QUICK_REPLY, "Tuesday", "day:2")


def test_a_button_is_a_message_of_its_title(kind: Kind) -> None:
    pressed = {"mid": "m_B", "title": "Begin", "payload": "begin", "referral": {"ref": "flyer"}}
    message = only_message(kind, item(postback=pressed))
    assert (message.kind, message.id, message.text, message.payload) == (MessageKind.POSTBACK, "m_B", "Begin", "begin")
    assert message.referral == Referral("flyer", None, None, None, None)


def test_a_button_without_an_id_gets_the_same_one_each_time_it_comes(kind: Kind) -> None:
    pressed = item(postback={"title": "Begin", "payload": "begin"})
    later = item(postback={"title": "Begin", "payload": "begin"}, timestamp=MOMENT_MS + 1)
    first, again, other = (only_message(kind, each).id for each in (pressed, pressed, later))
    assert first == again
    assert first != other


def test_a_reply_names_the_message_it_answers(kind: Kind) -> None:
    assert only_message(kind, text(reply_to={"mid": "m_OLD"})).reply_to == "m_OLD"


def test_an_answer_to_a_story_has_the_story(kind: Kind) -> None:
    message = only_message(kind, text(reply_to={"story": {"id": 1789, "url": "https://x.example/story.jpg"}}))
    assert (message.story_id, message.story_url) == ("1789", "https://x.example/story.jpg")
    assert message.reply_to is None


def test_a_message_that_is_kept_from_us_says_so(kind: Kind) -> None:
    message = only_message(kind, text(text=None, is_unsupported=True))
    assert (message.kind, message.text) == (MessageKind.UNSUPPORTED, None)


def test_a_question_in_a_shop_names_the_product(kind: Kind) -> None:
    message = only_message(kind, text(referral={"product": {"id": "P-7"}}))
    assert message.referral is not None
    assert message.referral.product_id == "P-7"


@pytest.mark.parametrize(
    ("given", "known", "url", "found_id"),
    [
        ({"type": "image", "payload": {"url": "https://x.example/1"}}, "image", "https://x.example/1", None),
        ({"type": "video", "payload": {"url": "https://x.example/2"}}, "video", "https://x.example/2", None),
        ({"type": "story_mention", "payload": {"url": "https://x.ex"}}, "story_mention", "https://x.ex", None),
        ({"type": "share", "payload": {"url": "https://x.example/4"}}, "share", "https://x.example/4", None),
        ({"type": "image", "payload": {"url": "https://x.ex", "sticker_id": 3}}, "sticker", "https://x.ex", "3"),
        ({"type": "sticker", "payload": {"sticker_id": "369"}}, "sticker", None, "369"),
        ({"type": "ig_reel", "payload": {"reel_video_id": 18}}, "ig_reel", None, "18"),
        ({"type": "like_heart"}, "like_heart", None, None),
        ({"type": "ephemeral", "payload": None}, "ephemeral", None, None),
        ({"payload": {}}, "unknown", None, None),
    ],
)  # fmt: skip
def test_whatever_is_attached_is_told(
    kind: Kind, given: Part, known: str, url: str | None, found_id: str | None
) -> None:
    found = only_attachment(kind, given)
    assert (found.kind, found.url, found.id, found.voice) == (known, url, found_id, False)


def test_every_audio_counts_as_voice(kind: Kind) -> None:
    assert only_attachment(kind, {"type": "audio", "payload": {"url": "https://x.example/a"}}).voice


@pytest.mark.parametrize(
    "given",
    [
        {"type": "fallback", "payload": {"title": "Our menu", "url": "https://example.org/menu"}},
        {"type": "fallback", "title": "Our menu", "URL": "https://example.org/menu", "payload": None},
    ],
)
def test_a_shared_link_has_its_title_wherever_that_stands(kind: Kind, given: Part) -> None:
    found = only_attachment(kind, given)
    assert (found.kind, found.title, found.url) == ("fallback", "Our menu", "https://example.org/menu")


@pytest.mark.parametrize(
    ("coordinates", "place"),
    [({"lat": 31.5, "long": -7}, (31.5, -7.0)), ({"lat": 91, "long": "east"}, (None, None)), (None, (None, None))],
)
def test_a_place_has_its_coordinates_when_they_are_on_earth(
    kind: Kind, coordinates: object, place: tuple[float | None, float | None]
) -> None:
    found = only_attachment(kind, {"type": "location", "payload": {"coordinates": coordinates}})
    assert (found.latitude, found.longitude) == place


def test_what_the_account_sent_is_an_echo_to_the_person(kind: Kind) -> None:
    sent = {"mid": "m_E", "is_echo": True, "text": "Yes, at 7.", "app_id": 2203, "metadata": "key-1"}
    [echo] = kind.parse(body(kind, by_account(message=sent))).echoes
    assert (echo.account_id, echo.person_id, echo.id, echo.text) == (ACCOUNT, PERSON, "m_E", "Yes, at 7.")
    assert (echo.app_id, echo.metadata, echo.at) == ("2203", "key-1", MOMENT)


def test_a_message_from_the_account_is_an_echo_though_it_does_not_say_so(kind: Kind) -> None:
    batch = kind.parse(body(kind, by_account(message={"mid": "m_E", "text": "Yes."})))
    assert ([each.id for each in batch.echoes], batch.messages) == (["m_E"], [])


@pytest.mark.parametrize(("who", "by_us"), [(item, False), (by_account, True)])
def test_a_message_taken_back_names_its_id_and_nothing_else(kind: Kind, who: object, by_us: bool) -> None:
    taken_back = {"mid": "m_A", "is_deleted": True, "is_echo": by_us}
    one = by_account(message=taken_back) if by_us else item(message=taken_back)
    batch = kind.parse(body(kind, one))
    [deletion] = batch.deletions
    assert (deletion.message_id, deletion.person_id, deletion.by_us) == ("m_A", PERSON, by_us)
    assert (deletion.key, batch.messages, batch.echoes) == ("m_A:deleted", [], [])


def test_a_reaction_comes_and_goes(kind: Kind) -> None:
    come: Part = {"mid": "m_E", "action": "react", "reaction": "love", "emoji": "❤️"}
    gone: Part = {"mid": "m_E", "action": "unreact"}
    batch = kind.parse(body(kind, item(reaction=come), item(reaction=gone, timestamp=MOMENT_MS + 5)))
    assert [(each.message_id, each.emoji, each.name) for each in batch.reactions] == [
        ("m_E", "❤️", "love"),
        ("m_E", None, None),
    ]
    assert len({each.key for each in batch.reactions}) == 2


@pytest.mark.parametrize("number", [2, "2"])
def test_an_edit_has_the_new_words_and_its_number(kind: Kind, number: object) -> None:
    [edit] = kind.parse(body(kind, item(message_edit={"mid": "m_A", "text": "At 8.", "num_edit": number}))).edits
    assert (edit.message_id, edit.person_id, edit.text, edit.number) == ("m_A", PERSON, "At 8.", 2)
    assert (edit.by_us, edit.key) == (False, "m_A:edit:2")


def test_an_edit_that_names_nobody_is_an_announcement_and_not_broken(kind: Kind) -> None:
    announced = item(sender=None, recipient=None, message_edit={"mid": "m_A", "num_edit": 0})
    batch = kind.parse(body(kind, announced))
    [edit] = batch.edits
    assert (edit.account_id, edit.person_id, edit.number, edit.text) == (ACCOUNT, None, 0, None)
    assert batch.broken == []


def test_a_message_was_read_by_its_id(kind: Kind) -> None:
    [receipt] = kind.parse(body(kind, item(read={"mid": "m_E"}))).receipts
    assert (receipt.state, receipt.message_ids, receipt.watermark) == (ReceiptState.READ, ("m_E",), None)


def test_messages_were_read_up_to_a_moment(kind: Kind) -> None:
    [receipt] = kind.parse(body(kind, item(read={"watermark": MOMENT_MS - 1000}))).receipts
    assert (receipt.message_ids, receipt.person_id) == ((), PERSON)
    assert receipt.watermark == datetime.fromtimestamp((MOMENT_MS - 1000) / 1000, UTC)


def test_a_delivery_names_messages_and_a_moment(kind: Kind) -> None:
    told = {"mids": ["m_1", 7, "m_2"], "watermark": MOMENT_MS}
    [receipt] = kind.parse(body(kind, item(delivery=told))).receipts
    assert (receipt.state, receipt.message_ids, receipt.watermark) == (
        ReceiptState.DELIVERED, ("m_1", "7", "m_2"), MOMENT
    )  # fmt: skip


def test_that_we_read_is_no_receipt(kind: Kind) -> None:
    batch = kind.parse(body(kind, by_account(read={"mid": "m_A"})))
    assert (batch.receipts, batch.ignored) == ([], {"item.own_receipt": 1})


@pytest.mark.parametrize("noun", ["referral", "optin"])
def test_somebody_who_came_and_wrote_nothing_is_an_arrival(kind: Kind, noun: str) -> None:
    [arrival] = kind.parse(
        body(kind, item(**{noun: {"ref": "flyer", "source": "ADS", "type": "OPEN_THREAD"}}))
    ).arrivals
    assert (arrival.kind, arrival.person_id) == (noun, PERSON)
    assert arrival.referral == Referral("flyer", "ADS", "OPEN_THREAD", None, None)


def test_a_thread_that_another_app_answers_is_counted_and_nothing_else(kind: Kind) -> None:
    batch = kind.parse(of(kind, entry(messaging=None, standby=[text(), item(read={"mid": "m_E"})])))
    assert batch == Batch(ignored=batch.ignored)
    assert batch.ignored == {"standby.message": 1, "standby.read": 1}


def test_comments_are_counted(kind: Kind) -> None:
    told: Part = {"field": "comments", "value": {"id": "1", "text": "Nice place", "message": "Nice place"}}
    on_the_entry = entry(messaging=None, **told)
    batch = kind.parse(of(kind, entry(messaging=None, changes=[told]), on_the_entry))
    assert batch == Batch(ignored=batch.ignored)
    assert batch.ignored == {"field.comments": 2}


def test_the_test_button_of_the_dashboard_sends_a_message(kind: Kind) -> None:
    change = {"field": "messages", "value": text()}
    batch = kind.parse(of(kind, entry(messaging=None, changes=[change], id="0")))
    assert [(each.account_id, each.person_id, each.id) for each in batch.messages] == [(ACCOUNT, PERSON, "m_A")]


def test_several_accounts_in_one_body_keep_their_messages(kind: Kind) -> None:
    other = text("m_B") | {"recipient": {"id": "520000000000001"}}
    batch = kind.parse(of(kind, entry(text()), entry(other, id="520000000000001")))
    assert [(each.id, each.account_id) for each in batch.messages] == [("m_A", ACCOUNT), ("m_B", "520000000000001")]


def test_an_entry_without_an_id_is_about_whom_its_items_name(kind: Kind) -> None:
    sent = by_account(message={"mid": "m_E", "is_echo": True})
    batch = kind.parse(of(kind, entry(text(), sent, id=None)))
    assert [each.account_id for each in (*batch.messages, *batch.echoes)] == [ACCOUNT, ACCOUNT]


def test_a_note_to_oneself_is_an_echo(kind: Kind) -> None:
    self_made = item(sender={"id": ACCOUNT}, message={"mid": "m_S", "is_echo": True, "is_self": True})
    assert [each.id for each in kind.parse(body(kind, self_made)).echoes] == ["m_S"]


@pytest.mark.parametrize(
    "stamp",
    [
        1795000000123,
        "1795000000123",
        1795000000.123,
        "2026-11-18T11:06:40.123Z",
        "2026-11-18T11:06:40.123",
        "2026-11-18T13:06:40.123+0200",
    ],
)
def test_a_time_is_understood_however_it_is_written(kind: Kind, stamp: object) -> None:
    at = only_message(kind, text() | {"timestamp": stamp}).at
    assert at is not None
    assert abs((at - MOMENT).total_seconds()) < 0.001


@pytest.mark.parametrize("stamp", [1795000000, "1795000000"])
def test_some_times_are_seconds(kind: Kind, stamp: object) -> None:
    assert only_message(kind, text() | {"timestamp": stamp}).at == datetime.fromtimestamp(1795000000, UTC)


@pytest.mark.parametrize("stamp", [None, "soon", True, {}, -5, "9" * 400, "nan", 1e300, "0001-01-01T00:00:00+14:00"])
def test_a_message_without_a_usable_time_has_that_of_its_entry(kind: Kind, stamp: object) -> None:
    batch = kind.parse(of(kind, entry(text() | {"timestamp": stamp}), entry(text() | {"timestamp": stamp}, time="?")))
    at = [each.at for each in batch.messages]
    assert at == [datetime.fromtimestamp((MOMENT_MS + 9000) / 1000, UTC), None]

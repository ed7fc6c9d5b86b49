"""Webhooks as they should not be: authentic, and yet odd, incomplete or wrong."""

import json
from typing import cast

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.integrations.whatsapp.payloads import Batch, Message, Unreadable, parse
from tests.integrations.whatsapp.events import NUMBER, PERSON, USER_ID, event, read, status, text, value


def read_one(**changes: object) -> Message:
    [message] = read(event(value(contacts=[PERSON], messages=[text(**changes)]))).messages
    return message


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b'"text"', b"1", b"null", b"\xff\xfe{}", b'{"a":NaN}', b'{"a":' * 5000]
)
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(body)


def test_messages_of_several_accounts_in_one_body_keep_their_account() -> None:
    other = value(messages=[text("wamid.B")]) | {"metadata": {"phone_number_id": "551200000000043"}}
    batch = read(event(value(messages=[text()]), other))
    assert [(each.id, each.phone_number_id, each.waba_id) for each in batch.messages] == [
        ("wamid.A", NUMBER, "445900000000000"),
        ("wamid.B", "551200000000043", "445900000000001"),
    ]


def test_one_broken_item_does_not_block_the_others() -> None:
    broken = text("wamid.broken", timestamp="yesterday")
    batch = read(event(value(messages=[text("wamid.A"), broken, 7, text("wamid.C")], statuses=[status(), "x"])))
    assert [each.id for each in batch.messages] == ["wamid.A", "wamid.C"]
    assert [each.id for each in batch.statuses] == ["wamid.S"]
    assert [each.phone_number_id for each in batch.broken] == [NUMBER] * 3
    assert json.loads(batch.broken[0].raw) == broken


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": ""},
        {"id": "x" * 257},
        {"id": {"nested": 1}},
        {"timestamp": None},
        {"timestamp": "9" * 40},
        {"timestamp": True},
        {"timestamp": 1.5},
        {"text": None},
        {"text": "Bonjour"},
        {"text": {"body": 5}},
        {"type": None},
        {"type": 7},
    ],
)
def test_a_message_that_lacks_what_is_vital_is_broken(changes: dict[str, object]) -> None:
    batch = read(event(value(contacts=[PERSON], messages=[text() | {"id": "wamid.A"} | changes])))
    assert batch.messages == []
    assert len(batch.broken) == 1


def test_a_message_from_nobody_is_broken() -> None:
    batch = read(event(value(messages=[text(**{"from": None})])))
    assert [each.reason for each in batch.broken] == ["it names no sender"]


@pytest.mark.parametrize("changes", [{"id": None}, {"timestamp": "soon"}, {"status": None}])
def test_a_status_that_lacks_what_is_vital_is_broken(changes: dict[str, object]) -> None:
    batch = read(event(value(statuses=[status(**changes)])))
    assert (len(batch.statuses), len(batch.broken)) == (0, 1)


def test_reasons_say_nothing_of_the_content() -> None:
    batch = read(event(value(messages=[text(timestamp="my secret", text={"body": "my secret"})])))
    assert "secret" not in batch.broken[0].reason


@pytest.mark.parametrize(
    ("event_", "kind"),
    [
        ({"object": "page", "entry": []}, "object.page"),
        ({}, "object.none"),
        ({"object": "whatsapp_business_account"}, "entry.no_entry"),
        ({"object": "whatsapp_business_account", "entry": [{"id": "1"}]}, "entry.no_changes"),
        (event({"anything": 1}, field="flows"), "field.flows"),
        (event({"anything": 1}, field=None), "field.none"),
        (event({"anything": 1}, field="what a person wrote"), "field.other"),
        (event(value(calls=[1])), "value.calls"),
        (event(value(messages=[text(type="hologram")])), "message.hologram"),
        (event(value(messages=[text(type="request_welcome", text=None)])), "message.request_welcome"),
        (event(value(statuses=[status(status="beamed")])), "status.beamed"),
        (event(value(errors=[{"code": 131000}])), "error.131000"),
    ],
)
def test_what_is_authentic_and_unknown_is_counted_and_nothing_else(event_: dict[str, object], kind: str) -> None:
    batch = read(event_)
    assert batch == Batch(ignored=batch.ignored)
    assert batch.ignored == {kind: 1}


@pytest.mark.parametrize(
    "event_",
    [
        {"object": "whatsapp_business_account", "entry": "x"},
        {"object": "whatsapp_business_account", "entry": ["x"]},
        {"object": "whatsapp_business_account", "entry": [{"changes": "x"}]},
        {"object": "whatsapp_business_account", "entry": [{"changes": [1]}]},
        event("x"),
        event({"messages": [text()]}),
        event(value(messages="x")),
        event(value(statuses={"id": 1})),
    ],
)
def test_a_wrong_structure_is_handed_back_as_broken(event_: dict[str, object]) -> None:
    batch = read(event_)
    assert (batch.messages, batch.statuses, len(batch.broken)) == ([], [], 1)


def test_messages_and_errors_come_together() -> None:
    batch = read(event(value(messages=[text()], errors=[{"code": 131000}])))
    assert (len(batch.messages), batch.ignored) == (1, {"error.131000": 1})


def test_an_interactive_message_without_its_object_is_a_message_without_words() -> None:
    message = read_one(type="interactive", text=None)
    assert (message.type, message.text) == ("interactive", None)


def test_a_user_id_in_the_place_of_the_phone_is_recognised() -> None:
    batch = read(
        event(
            value(
                contacts=[{"wa_id": USER_ID, "profile": {"name": "Zoé"}}],
                messages=[text(**{"from": USER_ID})],
            )
        )
    )
    message = batch.messages[0]
    assert (message.from_phone, message.from_user_id, message.profile_name) == (None, USER_ID, "Zoé")


def test_contacts_are_matched_by_id_and_not_by_place() -> None:
    zoe = {"profile": {"name": "Zoé"}, "wa_id": "33600000099", "user_id": USER_ID}
    batch = read(
        event(value(contacts=[zoe, PERSON], messages=[text("wamid.A"), text("wamid.B", **{"from": "33600000099"})]))
    )
    assert [(each.profile_name, each.from_user_id) for each in batch.messages] == [
        ("Anaïs", None),
        ("Zoé", USER_ID),
    ]


def test_a_contact_adds_the_phone_that_the_message_omits() -> None:
    both = {"wa_id": "33600000099", "user_id": USER_ID}
    batch = read(event(value(contacts=[both], messages=[text(**{"from": None, "from_user_id": USER_ID})])))
    assert (batch.messages[0].from_phone, batch.messages[0].from_user_id) == ("33600000099", USER_ID)


def test_milliseconds_and_numbers_are_understood_as_times() -> None:
    seconds = read_one().timestamp
    assert read_one(timestamp=1795000000).timestamp == seconds
    assert read_one(timestamp="1795000000000").timestamp == seconds


def test_ids_sent_as_numbers_are_texts() -> None:
    assert read_one(**{"from": 33600000042}).from_phone == "33600000042"


def test_a_group_message_says_so() -> None:
    assert read_one(group_id="group-7").group_id == "group-7"


def test_a_group_status_names_the_participant() -> None:
    entry = status(recipient_type="group", recipient_id="group-7", recipient_participant_id="33600000099")
    assert read(event(value(statuses=[entry]))).statuses[0].recipient_phone == "33600000099"


@pytest.mark.parametrize("key", ["parent_recipient_user_id", "recipient_parent_user_id", "parent_user_id"])
def test_all_spellings_of_the_parent_id_are_read(key: str) -> None:
    [entry] = read(event(value(statuses=[status(**{key: "FR.ENT.1"})]))).statuses
    assert entry.recipient_parent_id == "FR.ENT.1"


def test_an_edit_has_the_new_words_and_names_the_old_message() -> None:
    edit = {"original_message_id": "wamid.OLD", "message": {"type": "text", "text": {"body": "19 h 30"}}}
    message = read_one(type="edit", text=None, edit=edit)
    assert (message.text, message.target_id) == ("19 h 30", "wamid.OLD")


def test_nul_characters_are_taken_out_and_nothing_else() -> None:
    message = read_one(text={"body": "a\0b\\u0000c \u200b\u202e👩‍🦰"}, extra={"deep\0": ["\0x"]})
    assert message.text == "ab\\u0000c \u200b\u202e👩‍🦰"
    assert "\\u0000" not in orjson.dumps(message.raw["extra"]).decode()


def test_half_an_emoji_in_one_message_costs_only_itself() -> None:
    body = orjson.dumps(event(value(messages=[text("wamid.A"), text("wamid.B")])))
    halved = body.replace(b"Bonjour", rb"Bonjour \ud83d", 1)
    batch = parse(halved)
    assert [each.text for each in batch.messages] == ["Bonjour \ufffd", "Bonjour"]
    orjson.dumps(batch.messages[0].raw)


def test_a_text_of_65536_characters_is_read_whole() -> None:
    assert read_one(text={"body": "é" * 65_536}).text == "é" * 65_536


def test_a_batch_of_three_megabytes_is_read_whole() -> None:
    many = [text(f"wamid.{n}", text={"body": "x" * 3000}) for n in range(1000)]
    assert len(read(event(value(contacts=[PERSON], messages=many))).messages) == 1000


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = [*text(), "context", "interactive", "group_id", "from_user_id", "status", "errors", "recipient_id"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), anything), anything)
def test_whatever_stands_in_a_message_the_next_one_is_read(odd: dict[str, object], contact: object) -> None:
    batch = read(event(value(contacts=[contact], messages=[text() | odd, text("wamid.next")], statuses=[odd])))
    assert batch.messages[-1].id == "wamid.next"
    counted = len(batch.messages) + len(batch.statuses) + len(batch.broken) + sum(batch.ignored.values())
    assert counted == 3
    assert all(cast("dict[str, object]", orjson.loads(orjson.dumps(each.raw))) for each in batch.messages)


EMPTY: list[tuple[dict[str, object], str]] = [
    ({"entry": []}, "entry.no_entry"),
    ({"entry": None}, "entry.no_entry"),
    ({"entry": [{"id": "1", "changes": []}]}, "entry.no_changes"),
    (event(value(contacts=[PERSON])), "value.nothing"),
    (event(value(messages=[], statuses=None)), "value.nothing"),
]


@pytest.mark.parametrize(("body", "counted"), EMPTY)
def test_a_body_with_nothing_in_it_is_counted(body: dict[str, object], counted: str) -> None:
    batch = parse(orjson.dumps({"object": "whatsapp_business_account", **body}))
    assert (batch.ignored, batch.broken) == ({counted: 1}, [])

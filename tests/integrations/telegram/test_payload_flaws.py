"""Updates as they should not be: authentic, and yet odd, incomplete or wrong."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.integrations.telegram.payloads import Batch, MessageType, Unreadable, parse
from tests.integrations.telegram.bodies import CHAT, Part, membership, message, press, read, read_message, update


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b'"text"', b"1", b"null", b"\xff\xfe{}", b'{"a":NaN}', b'{"a":' * 5000]
)
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": None},
        {"message_id": "x"},
        {"message_id": True},
        {"chat": None},
        {"chat": "610000042"},
        {"chat": {"type": "private"}},
        {"chat": {"id": "x"}},
        {"from": {"first_name": "Anaïs"}},
        {"text": 5},
        {"text": None, "photo": []},
        {"text": None, "photo": [{"width": 90}, 7]},
        {"text": None, "photo": {"file_id": "A"}},
        {"text": None, "voice": {"duration": 4}},
        {"text": None, "voice": "AwAC"},
        {"text": None, "document": {"file_id": ""}},
        {"text": None, "location": {"latitude": "north", "longitude": 2}},
        {"text": None, "location": {"latitude": 91, "longitude": 2}},
        {"text": None, "venue": {"title": "Salon"}},
        {"text": None, "contact": {"first_name": "Zoé"}},
    ],
)
def test_a_message_that_lacks_what_is_vital_is_broken(changes: Part) -> None:
    body = orjson.dumps(update("message", message(**changes)))
    batch = parse(body)
    assert (batch.messages, batch.ignored, len(batch.broken)) == ([], {}, 1)
    assert batch.broken[0].raw == body


@pytest.mark.parametrize("item", [press(id=None), press(id={"a": 1}), press(**{"from": None}), "x", 7, ["x"]])
def test_a_press_that_lacks_what_is_vital_is_broken(item: object) -> None:
    batch = read(update("callback_query", item))
    assert (batch.presses, len(batch.broken)) == ([], 1)


@pytest.mark.parametrize(
    "item",
    [
        membership(None),
        membership(chat=None),
        membership(new_chat_member="kicked"),
        membership(**{"from": {"id": "x"}}),
        1,
    ],
)
def test_a_membership_that_lacks_what_is_vital_is_broken(item: object) -> None:
    batch = read(update("my_chat_member", item))
    assert (batch.memberships, len(batch.broken)) == ([], 1)


@pytest.mark.parametrize("update_id", [None, "x", True, 1.5, [1]])
def test_an_update_that_cannot_be_told_from_others_is_broken(update_id: object) -> None:
    batch = read(update("message", message(), update_id))
    assert [each.reason for each in batch.broken] == ["it has no usable update_id"]


def test_reasons_say_nothing_of_the_content() -> None:
    batch = read(update("message", message(message_id="my secret", text="my secret")))
    assert "secret" not in batch.broken[0].reason


def test_a_message_without_a_sender_is_from_the_person_whose_chat_it_is() -> None:
    found = read_message(**{"from": None})
    assert (found.sender.id, found.sender.name) == ("610000042", "Anaïs Petit")


def test_a_chat_that_does_not_say_its_type_is_told_by_its_id() -> None:
    assert read_message(chat={"id": 610000042}).chat_id == "610000042"
    assert read(update("message", message(chat={"id": -100170}))).ignored == {"message.group": 1}


def test_ids_sent_as_texts_are_the_same_ids() -> None:
    found = read(update("message", message(message_id="31", chat={"id": "610000042"}), "880000017")).messages[0]
    assert (found.update_id, found.id) == ("880000017", "610000042:31")


NOW = datetime.fromtimestamp(1795000000, UTC)


@pytest.mark.parametrize(
    "date",
    [
        1795000000,
        "1795000000",
        1795000000.0,
        1795000000000,
        "1795000000000",
        NOW.isoformat(),
        NOW.astimezone(timezone(timedelta(hours=9))).isoformat(),
        NOW.isoformat().removesuffix("+00:00"),
        NOW.isoformat().replace("+00:00", "Z"),
    ],
)
def test_times_are_understood_in_every_form(date: object) -> None:
    found = read_message(date=date).timestamp
    assert found == NOW
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "date", [None, 0, -5, "soon", "", True, [1], 10**18, 1e300, "9" * 400, "nan", "0001-01-01T00:00+09:00"]
)
def test_a_time_that_is_none_costs_only_itself(date: object) -> None:
    assert read_message(date=date).timestamp is None


def test_a_type_that_is_no_text_is_taken_as_missing() -> None:
    assert read_message(chat=CHAT | {"type": 5}).type is MessageType.TEXT


def test_nul_characters_are_taken_out_and_nothing_else() -> None:
    found = read_message(text="a\0b\\u0000c \u200b\u202e👩‍🦰", extra={"deep\0": ["\0x"]})
    assert found.text == "ab\\u0000c \u200b\u202e👩‍🦰"
    assert "\\u0000" not in orjson.dumps(found.raw["extra"]).decode()


def test_half_an_emoji_costs_only_itself() -> None:
    body = orjson.dumps(update("message", message(text="Bonjour"))).replace(b"Bonjour", rb"Bonjour \ud83d")
    [found] = parse(body).messages
    assert found.text == "Bonjour \ufffd"


def test_an_update_too_deep_to_be_kept_is_unreadable_as_a_whole() -> None:
    deep = b'{"a":' * 300 + b"1" + b"}" * 300
    body = orjson.dumps(update("message", message(extra=0))).replace(b'"extra":0', b'"extra":' + deep)
    with pytest.raises(Unreadable, match="nested too deeply"):
        parse(body)


def test_many_brackets_side_by_side_are_not_too_deep() -> None:
    assert read_message(entities=[{"offset": n} for n in range(400)]).text


def test_two_things_in_one_update_are_both_read() -> None:
    both = update("message", message(message_id=None)) | update("callback_query", press())
    batch = read(both)
    assert (len(batch.broken), len(batch.presses)) == (1, 1)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
RICH = message(
    reply_to_message=message(), photo=[{"file_id": "A", "width": 1}], voice={"file_id": "V"}, edit_date=1,
    location={"latitude": 1, "longitude": 2}, contact={"phone_number": "1"}, media_group_id="7", caption="c",
)  # fmt: skip
WHOLE = {
    "message": RICH,
    "edited_message": {key: each for key, each in RICH.items() if key != "text"},
    "callback_query": press(),
    "my_chat_member": membership(),
}


Step = str | int
Change = Callable[[Step, object], list[tuple[Step, object]]]


def parts(value: object) -> list[tuple[Step, object]]:
    """What lies directly in this value, and where."""
    if isinstance(value, dict):
        return list(cast("dict[Step, object]", value).items())
    return list(enumerate(cast("list[object]", value))) if isinstance(value, list) else []


def paths(value: object) -> Iterator[list[Step]]:
    """The way to every place in this value."""
    for step, inner in parts(value):
        yield [step]
        yield from ([step, *rest] for rest in paths(inner))


def changed(value: object, way: Sequence[Step], change: Change) -> object:
    """A copy in which the end of the way is changed."""
    first, *rest = way
    copied: list[tuple[Step, object]] = []
    for step, inner in parts(value):
        if step != first:
            copied.append((step, inner))
        else:
            copied += [(step, changed(inner, rest, change))] if rest else change(step, inner)
    return dict(copied) if isinstance(value, dict) else [inner for _, inner in copied]


CHANGES: dict[str, Callable[[object, str], Change]] = {
    "drop": lambda _new, _name: lambda _step, _old: [],
    "rename": lambda _new, name: lambda _step, old: [(name, old)],
    "retype": lambda new, _name: lambda step, _old: [(step, new)],
    "nest": lambda _new, _name: lambda step, old: [(step, [{"inner": old}])],
}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_whatever_is_dropped_renamed_retyped_or_nested_is_read_counted_or_broken(
    kind: str, data: st.DataObject
) -> None:
    body: object = update(kind, WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        if ways := list(paths(body)):
            change = CHANGES[data.draw(st.sampled_from(sorted(CHANGES)))]
            how = change(data.draw(anything), data.draw(st.text(max_size=8)))
            body = changed(body, data.draw(st.sampled_from(ways)), how)
    batch = parse(orjson.dumps(body))
    found = [*batch.messages, *batch.edits, *batch.presses, *batch.memberships]
    assert len(found) + len(batch.broken) + sum(batch.ignored.values()) >= 1
    assert all(orjson.dumps(each.raw) for each in found)
    assert all(each.update_id for each in found)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | anything.map(orjson.dumps))
def test_any_bytes_are_a_batch_or_unreadable(body: bytes) -> None:
    try:
        assert isinstance(parse(body), Batch)
    except Unreadable:
        assert not body.lstrip().startswith(b"{}")

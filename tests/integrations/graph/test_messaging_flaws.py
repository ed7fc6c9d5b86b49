"""Webhooks that are authentic and incomplete or wrong."""

import json
from typing import cast

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumi.core.outside_json import Unreadable
from lumi.integrations.graph import messaging
from lumi.integrations.graph.messaging_shapes import Batch
from tests.integrations.graph.bodies import body, by_account, entry, item, of, text
from tests.integrations.graph.surfaces import ACCOUNT, INSTAGRAM_KIND, MESSENGER_KIND, Kind


@pytest.mark.parametrize(
    "raw", [b"", b"nonsense", b"[]", b'"text"', b"1", b"null", b"\xff\xfe{}", b'{"a":NaN}', b'{"a":' * 5000]
)
def test_what_is_no_json_object_is_unreadable(kind: Kind, raw: bytes) -> None:
    with pytest.raises(Unreadable):
        kind.parse(raw)


def test_a_body_of_the_other_surface_is_counted(kind: Kind) -> None:
    other = INSTAGRAM_KIND if kind is MESSENGER_KIND else MESSENGER_KIND
    batch = kind.parse(body(other, text()))
    assert batch == Batch(ignored=batch.ignored)
    assert batch.ignored == {f"object.{other.surface.object}": 1}


def test_one_broken_item_does_not_block_the_others(kind: Kind) -> None:
    broken = text(None)
    batch = kind.parse(body(kind, text("m_A"), broken, 7, "x", text("m_C"), item(read=None, message="Hello")))
    assert [each.id for each in batch.messages] == ["m_A", "m_C"]
    assert [each.account_id for each in batch.broken] == [ACCOUNT] * 4
    assert json.loads(batch.broken[0].raw) == broken


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (text(None), "it has no usable id"),
        (text(""), "it has no usable id"),
        (text("x" * 513), "it has no usable id"),
        (text({"nested": 1}), "it has no usable id"),
        (text() | {"sender": None}, "it names no sender"),
        (text() | {"sender": "me"}, "it names no sender"),
        (text(text=5), "its text is not a text"),
        (text(attachments={"type": "image"}), "its attachments are not a list"),
        (text(attachments=[{"type": "image"}, 7]), "one of its attachments is not an object"),
        (by_account(message={"mid": "m_E", "is_echo": True}) | {"recipient": None}, "it names no sender"),
        (item(message=["Hello"]), "its message is not an object"),
        (item(postback="begin"), "its postback is not an object"),
        (item(postback={"mid": "m_B"}, sender=None), "it names no sender"),
        (item(reaction={"mid": "m_A"}), "it does not say what was done"),
        (item(reaction={"action": "react"}), "it has no usable id"),
        (item(read={}), "it names no message and no moment"),
        (item(delivery={"mids": "m_A", "watermark": "soon"}), "it names no message and no moment"),
        (item(message_edit={"text": "At 8."}), "it has no usable id"),
        (item(referral={}, sender=None), "it names no sender"),
    ],
)
def test_an_item_that_lacks_what_is_vital_is_broken(kind: Kind, one: object, reason: str) -> None:
    batch = kind.parse(body(kind, one))
    assert batch == Batch(broken=batch.broken)
    assert [each.reason for each in batch.broken] == [reason]


def test_an_item_that_names_no_account_is_broken(kind: Kind) -> None:
    batch = kind.parse(of(kind, entry(text() | {"recipient": None}, id=None)))
    assert [(each.reason, each.account_id) for each in batch.broken] == [("it names no account", None)]


def test_reasons_say_nothing_of_the_content(kind: Kind) -> None:
    batch = kind.parse(body(kind, text(None, text="my secret"), item(reaction={"mid": "my secret"})))
    assert len(batch.broken) == 2
    assert not any("secret" in each.reason for each in batch.broken)


@pytest.mark.parametrize(
    ("entries", "counted"),
    [
        ([entry(messaging=None)], "entry.no_messaging"),
        ([entry(item(pass_thread_control={"new_owner_app_id": "1"}))], "item.pass_thread_control"),
        ([entry(item(what_a_person_wrote_about_the_house_and_garden=1))], "item.other"),
        ([entry(item(wörd=1))], "item.other"),
        ([entry(item())], "item.none"),
        ([entry(messaging=None, standby=[7])], "standby.none"),
        ([entry(messaging=None, changes=[{"field": "what a person wrote"}])], "field.other"),
        ([entry(messaging=None, changes=[{"value": text()}])], "field.none"),
        ([entry(messaging=None, changes=[{"field": "messages", "value": "Hello"}])], "field.messages"),
    ],
)
def test_what_is_authentic_and_unknown_is_counted_and_nothing_else(
    kind: Kind, entries: list[object], counted: str
) -> None:
    batch = kind.parse(of(kind, *entries))
    assert batch == Batch(ignored=batch.ignored)
    assert batch.ignored == {counted: 1}


def test_a_body_without_entries_is_counted(kind: Kind) -> None:
    assert kind.parse(orjson.dumps({"object": kind.surface.object})).ignored == {"entry.no_entry": 1}


@pytest.mark.parametrize(
    "entries", ["x", ["x"], [entry(messaging="x")], [entry(messaging=None, changes=["x"])], [entry(standby={})]]
)
def test_a_wrong_structure_is_handed_back_as_broken(kind: Kind, entries: object) -> None:
    batch = kind.parse(orjson.dumps({"object": kind.surface.object, "entry": entries}))
    assert (batch.messages, len(batch.broken)) == ([], 1)


def test_nul_characters_and_half_emojis_cost_only_themselves(kind: Kind) -> None:
    raw = body(kind, text("m_A"), text("m_B", text="a\0b")).replace(b"table", rb"table \ud83d")
    batch = kind.parse(raw)
    assert [each.text for each in batch.messages] == ["Do you have a table \ufffd?", "ab"]
    orjson.dumps(batch.messages[0].raw)


def test_a_batch_of_three_megabytes_is_read_whole(kind: Kind) -> None:
    many = [text(f"m_{n}", text="x" * 3000) for n in range(1000)]
    assert len(kind.parse(body(kind, *many)).messages) == 1000


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
IMAGE = {"type": "image", "payload": {"url": "u", "coordinates": {"lat": 1, "long": 2}}}
ITEMS = (
    text(reply_to={"mid": "m_OLD", "story": {"id": 1}}, quick_reply={"payload": "p"}, attachments=[IMAGE]),
    by_account(message={"mid": "m_E", "is_echo": True, "app_id": 1, "text": "Yes"}),
    item(message={"mid": "m_D", "is_deleted": True}),
    item(postback={"mid": "m_B", "title": "Begin", "payload": "p", "referral": {"ref": "r"}}),
    item(reaction={"mid": "m_A", "action": "react", "emoji": "❤️"}),
    item(read={"mid": "m_A", "watermark": 1}),
    item(delivery={"mids": ["m_A"], "watermark": 1}),
    item(message_edit={"mid": "m_A", "text": "x", "num_edit": 1}),
    item(referral={"ref": "r", "product": {"id": "1"}}),
    item(optin={"ref": "r"}),
)
STEPS = st.sampled_from(["drop", "rename", "retype", "nest"])


def _holders(value: object) -> list[dict[str, object] | list[object]]:
    """Every object and every list that is not empty, from here down."""
    if not isinstance(value, dict | list) or not value:
        return []
    holder = cast("dict[str, object] | list[object]", value)
    inside = holder.values() if isinstance(holder, dict) else holder
    return [holder, *(found for each in inside for found in _holders(each))]


def _spoil(root: object, draw: st.DataObject) -> None:
    """Drop, rename, retype or nest one thing somewhere below."""
    holders = _holders(root)
    if not holders:
        return
    holder = draw.draw(st.sampled_from(holders))
    step = draw.draw(STEPS)
    if isinstance(holder, list):
        holder[0] = [holder[0]] if step == "nest" else draw.draw(anything)
        return
    key = draw.draw(st.sampled_from(sorted(holder)))
    old = holder.pop(key)
    if step == "rename":
        holder[draw.draw(st.text(max_size=8))] = old
    elif step == "retype":
        holder[key] = draw.draw(anything)
    elif step == "nest":
        holder[key] = {key: old}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(ITEMS), st.sampled_from(["page", "instagram"]))
def test_however_a_body_is_spoilt_it_is_read_or_unreadable(draw: st.DataObject, one: object, surface: str) -> None:
    root: object = orjson.loads(orjson.dumps({"object": surface, "entry": [entry(one)]}))
    for _ in range(draw.draw(st.integers(1, 3))):
        _spoil(root, draw)
    batch = messaging.parse(orjson.dumps(root), surface)
    for each in (*batch.messages, *batch.echoes, *batch.edits, *batch.deletions, *batch.reactions, *batch.receipts):
        orjson.dumps(each.raw)
        assert each.account_id
        assert each.at is None or each.at.utcoffset() is not None


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*text(), "postback", "reaction", "read", "delivery", "optin"]), anything))
def test_whatever_stands_in_an_item_the_next_one_is_read(odd: dict[str, object]) -> None:
    batch = messaging.parse(body(MESSENGER_KIND, text() | odd, text("m_next")), "page")
    assert batch.messages[-1].id == "m_next"
    lists = (batch.messages, batch.echoes, batch.edits, batch.deletions, batch.reactions, batch.receipts)
    read = sum(len(each) for each in (*lists, batch.arrivals, batch.broken))
    assert read + sum(batch.ignored.values()) == 2


@pytest.mark.parametrize("empty", [[], None])
def test_a_body_with_nothing_in_it_is_counted(kind: Kind, empty: object) -> None:
    whole = kind.parse(orjson.dumps({"object": kind.surface.object, "entry": empty}))
    assert whole.ignored == {"entry.no_entry": 1}
    assert kind.parse(of(kind, entry() | {"messaging": empty})).ignored == {"entry.no_messaging": 1}

"""What Pub/Sub posts, as it should be and as it should not."""

import base64

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.integrations.gmail.push import Push, Unreadable, read_push


def encoded(data: object) -> str:
    return base64.b64encode(data if isinstance(data, bytes) else orjson.dumps(data)).decode()


def body_of(text: str) -> bytes:
    return orjson.dumps({"message": {"data": text}})


def body(data: object = None, **parts: object) -> bytes:
    said = {"emailAddress": "Salon@lumi.example", "historyId": 4711} if data is None else data
    message = {"data": encoded(said), "messageId": "9001"} | parts
    return orjson.dumps({"message": message, "subscription": "projects/p/subscriptions/s"})


def test_a_push_names_the_mailbox_and_its_history() -> None:
    assert read_push(body()) == Push("salon@lumi.example", 4711, "9001", "projects/p/subscriptions/s")


@pytest.mark.parametrize("history_id", [4711, "4711"])
def test_a_history_id_is_a_number_or_a_text(history_id: object) -> None:
    assert read_push(body({"emailAddress": "a@b.example", "historyId": history_id})).history_id == 4711


@pytest.mark.parametrize("change", ["standard", "url_safe", "unpadded", "folded"])
def test_both_alphabets_of_base64_are_read_with_and_without_padding(change: str) -> None:
    data = orjson.dumps({"emailAddress": "ÿÿÿÿÿ@b.example", "historyId": 1})
    text = base64.b64encode(data).decode()
    assert "/" in text
    assert text.endswith("=")
    match change:
        case "url_safe":
            text = text.replace("+", "-").replace("/", "_")
        case "unpadded":
            text = text.rstrip("=")
        case "folded":
            text = text[:20] + "\r\n" + text[20:]
        case _:
            pass
    assert read_push(body_of(text)).history_id == 1


@pytest.mark.parametrize(
    ("parts", "found"),
    [({"messageId": None}, None), ({"messageId": None, "message_id": "7"}, "7"), ({"messageId": 7}, "7")],
)
def test_a_push_may_lack_its_own_id(parts: dict[str, object], found: str | None) -> None:
    assert read_push(body(None, **parts)).message_id == found


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"message":7}',
        b'{"message":{"data":7}}',
        b'{"message":{"data":"!!!"}}',
        b'{"message":{"data":"YQ"}}',
        body(b"not json"),
        body([1]),
        body({}),
        body({"emailAddress": "a@b.example"}),
        body({"emailAddress": "a@b.example", "historyId": True}),
        body({"emailAddress": "a@b.example", "historyId": -1}),
        body({"emailAddress": "a@b.example", "historyId": 1.5}),
        body({"emailAddress": "a@b.example", "historyId": "9" * 30}),
        body({"emailAddress": "a@b.example", "historyId": "²"}),
        body({"emailAddress": "", "historyId": 1}),
        body({"emailAddress": "a b@c", "historyId": 1}),
        body({"emailAddress": 7, "historyId": 1}),
    ],
)
def test_what_is_no_push_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_push(raw)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["emailAddress", "historyId", "email_address", "x"])


@settings(max_examples=120, deadline=None)
@given(
    st.dictionaries(KEYS, anything),
    st.dictionaries(st.sampled_from(["data", "messageId", "message_id"]), anything),
    st.dictionaries(st.sampled_from(["message", "subscription"]), anything),
)
def test_whatever_is_posted_is_a_push_or_unreadable(
    data: dict[str, object], parts: dict[str, object], outer: dict[str, object]
) -> None:
    said = {"emailAddress": "a@b.example", "historyId": 1} | data
    whole = {"message": {"data": encoded(said), **parts}, **outer}
    try:
        push = read_push(orjson.dumps(whole))
    except Unreadable:
        return
    assert "@" in push.address
    assert push.history_id >= 0

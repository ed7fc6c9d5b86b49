"""What the twin takes and what it refuses, to the character, as the Graph API does."""

from typing import cast

import orjson
import pytest

from lumi.integrations.whatsapp.fake.graph import GraphError, Outgoing, ReadNotice, read_post

Part = dict[str, object]


def post(**parts: object) -> Outgoing | ReadNotice:
    whole = {"messaging_product": "whatsapp", "to": "+33600000042"} | parts
    return read_post(orjson.dumps({key: value for key, value in whole.items() if value is not None}))


def taken(**parts: object) -> Outgoing:
    found = post(**parts)
    assert isinstance(found, Outgoing)
    return found


def refusal(**parts: object) -> int:
    with pytest.raises(GraphError) as refused:
        post(**parts)
    return refused.value.code


def buttons(*titles: str, **changes: object) -> Part:
    each = [{"type": "reply", "reply": {"id": str(n), "title": title}} for n, title in enumerate(titles)]
    return {"type": "button", "body": {"text": "Quand ?"}, "action": {"buttons": each}, **changes}


def rows(count: int, **row: object) -> Part:
    each = [{"id": str(n), "title": f"Rang {n}", **row} for n in range(count)]
    return {
        "type": "list",
        "body": {"text": "Quoi ?"},
        "action": {"button": "Voir", "sections": [{"rows": each}]},
    }


def test_the_phone_number_wins_over_the_user_id() -> None:
    assert taken(recipient="FR.123", text={"body": "Hi"}).address == "33600000042"
    assert taken(to=None, recipient="FR.123", text={"body": "Hi"}).address == "FR.123"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"to": None}, 131008),
        ({"to": "FR.123"}, 131009),
        ({"to": "12"}, 131009),
        ({"to": None, "recipient": "33600000042"}, 131009),
    ],
)
def test_a_recipient_that_is_none_is_refused(parts: Part, code: int) -> None:
    assert refusal(text={"body": "Hi"}, **parts) == code


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("interactive", buttons("Oui", "Non", "Plus tard")),
        ("interactive", buttons("x" * 20)),
        ("interactive", rows(10)),
        ("interactive", rows(1, description="d" * 72)),
        (
            "interactive",
            {
                "type": "cta_url",
                "body": {"text": "Voir"},
                "action": {
                    "name": "cta_url",
                    "parameters": {"display_text": "Site", "url": "https://a.example"},
                },
            },
        ),
        (
            "interactive",
            {
                "type": "location_request_message",
                "body": {"text": "Où ?"},
                "action": {"name": "send_location"},
            },
        ),
        ("template", {"name": "rappel", "language": {"code": "fr"}}),
        ("image", {"link": "https://a.example/a.jpg", "caption": "c" * 1024}),
        ("reaction", {"message_id": "wamid.A", "emoji": ""}),
        ("location", {"latitude": 48.85, "longitude": 2}),
    ],
)
def test_messages_within_the_limits_are_taken(kind: str, content: Part) -> None:
    assert taken(type=kind, **{kind: content}).type == kind


def test_contacts_are_a_list() -> None:
    assert taken(type="contacts", contacts=[{"name": {"formatted_name": "Zoé"}}]).type == "contacts"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("interactive", buttons()),
        ("interactive", buttons("1", "2", "3", "4")),
        ("interactive", buttons("x" * 21)),
        ("interactive", buttons("Oui", "Oui")),
        ("interactive", buttons("Oui", body={"text": "x" * 1025})),
        ("interactive", buttons("Oui", body={})),
        ("interactive", buttons("Oui", footer={"text": "x" * 61})),
        ("interactive", rows(0)),
        ("interactive", rows(11)),
        ("interactive", rows(1, title="x" * 25)),
        ("interactive", rows(1, description="d" * 73)),
        ("interactive", rows(2, id="same")),
        ("interactive", {"type": "hologram", "body": {"text": "Hi"}}),
        ("template", {"name": "rappel"}),
        ("image", {"caption": "no image"}),
        ("image", {"id": "1", "caption": "c" * 1025}),
        ("reaction", {"emoji": "👍"}),
        ("location", {"latitude": "north"}),
    ],
)
def test_messages_beyond_the_limits_are_refused(kind: str, content: Part) -> None:
    assert refusal(type=kind, **{kind: content}) == 100


def test_a_message_without_its_content_is_refused() -> None:
    assert refusal(type="image") == 131008


def test_read_notices_say_whether_the_business_types() -> None:
    notice = {"status": "read", "message_id": "wamid.A"}
    assert post(**notice) == ReadNotice("wamid.A", typing=False)
    assert post(**notice, typing_indicator={"type": "text"}) == ReadNotice("wamid.A", typing=True)


@pytest.mark.parametrize(
    "notice",
    [
        {"status": "seen", "message_id": "wamid.A"},
        {"status": "read"},
        {"status": "read", "message_id": "A"},
        {"status": "read", "message_id": "wamid.A", "typing_indicator": {"type": "voice"}},
    ],
)
def test_read_notices_that_are_not_right_are_refused(notice: Part) -> None:
    assert refusal(**notice) in (100, 131009)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nonsense"])
def test_what_is_no_message_at_all_is_refused(body: bytes) -> None:
    with pytest.raises(GraphError) as refused:
        read_post(body)
    error = cast("dict[str, dict[str, object]]", orjson.loads(refused.value.body))["error"]
    assert (error["code"], error["type"]) == (100, "OAuthException")

"""What the twin takes and what it refuses, as the Send API does."""

import orjson
import pytest

from lumi.integrations.messenger.fake.graph_error import GraphError
from lumi.integrations.messenger.fake.send import Action, Outgoing, read_post
from tests.integrations.graph.surfaces import INSTAGRAM_KIND, MESSENGER_KIND, PERSON, Kind

Part = dict[str, object]


def post(kind: Kind, **parts: object) -> Outgoing | Action:
    whole: Part = {"recipient": {"id": PERSON}, "messaging_type": "RESPONSE", "message": {"text": "Yes"}} | parts
    return read_post(orjson.dumps({key: each for key, each in whole.items() if each is not None}), kind.surface)


def taken(kind: Kind, **parts: object) -> Outgoing:
    found = post(kind, **parts)
    assert isinstance(found, Outgoing)
    return found


def refusal(kind: Kind, **parts: object) -> GraphError:
    with pytest.raises(GraphError) as refused:
        post(kind, **parts)
    return refused.value


def reply(**changes: object) -> Part:
    return {"content_type": "text", "title": "Yes", "payload": "y"} | changes


@pytest.mark.parametrize(
    "parts",
    [
        {"recipient": None},
        {"recipient": {}},
        {"recipient": {"id": ""}},
        {"message": None},
        {"message": {}},
        {"message": {"text": " "}},
        {"message": {"text": 5}},
        {"message": {"text": "Yes", "attachment": {"type": "image", "payload": {"url": "https://x.example"}}}},
        {"message": {"attachment": {"type": "hologram", "payload": {"url": "https://x.example"}}}},
        {"message": {"attachment": {"type": "image", "payload": {"url": "http://x.example"}}}},
        {"message": {"attachment": {"type": "image"}}},
        {"message": {"attachment": "image"}},
        {"message": {"text": "Yes", "metadata": "x" * 1000}},
        {"message": {"text": "Yes", "quick_replies": "Yes"}},
        {"message": {"text": "Yes", "quick_replies": [reply()] * 14}},
        {"message": {"text": "Yes", "quick_replies": [reply(title="")]}},
        {"message": {"text": "Yes", "quick_replies": [reply(payload="p" * 1001)]}},
        {"message": {"text": "Yes", "quick_replies": [reply(content_type="poem")]}},
        {"messaging_type": "LETTER"},
        {"messaging_type": "MESSAGE_TAG"},
        {"tag": "HUMAN_AGENT"},
        {"messaging_type": "MESSAGE_TAG", "tag": "URGENT"},
        {"reply_to": "m_1"},
        {"reply_to": {"mid": ""}},
        {"sender_action": "typing_on"},
        {"message": None, "sender_action": "dance"},
    ],
)
def test_a_message_that_is_not_right_is_refused(kind: Kind, parts: Part) -> None:
    error = refusal(kind, **parts)
    told = orjson.loads(error.body)["error"]
    assert (error.status, error.code, told["type"]) == (400, 100, "OAuthException")
    assert told["message"].startswith("(#100) ")
    assert told["fbtrace_id"]


def test_a_body_that_is_no_json_is_refused(kind: Kind) -> None:
    with pytest.raises(GraphError):
        read_post(b"text=Yes", kind.surface)


def test_a_long_title_is_cut_as_phones_show_it(kind: Kind) -> None:
    message = taken(kind, message={"text": "When?", "quick_replies": [reply(title="x" * 30)]})
    assert message.content["quick_replies"] == [reply(title="x" * 20)]


def test_a_person_may_answer_late(kind: Kind) -> None:
    assert taken(kind, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT").tag == "HUMAN_AGENT"


@pytest.mark.parametrize("action", ["typing_on", "TYPING_OFF", "mark_seen"])
def test_actions_are_told_from_messages(kind: Kind, action: str) -> None:
    assert post(kind, message=None, sender_action=action) == Action(PERSON, action.lower())


def test_an_attachment_uploaded_before_is_named_by_its_id(kind: Kind) -> None:
    message = taken(kind, message={"attachment": {"type": "video", "payload": {"attachment_id": "7"}}})
    assert (message.type, message.text) == ("video", None)


def test_messenger_counts_characters() -> None:
    assert taken(MESSENGER_KIND, message={"text": "é" * 2000}).text
    assert refusal(MESSENGER_KIND, message={"text": "é" * 2001}).code == 100


def test_instagram_counts_bytes() -> None:
    assert taken(INSTAGRAM_KIND, message={"text": "é" * 500}).text
    assert refusal(INSTAGRAM_KIND, message={"text": "é" * 500 + "e"}).code == 100


def test_only_messenger_demands_the_type_of_messaging() -> None:
    assert refusal(MESSENGER_KIND, messaging_type=None).code == 100
    assert taken(INSTAGRAM_KIND, messaging_type=None).text == "Yes"


def test_only_instagram_sends_hearts() -> None:
    heart = {"attachment": {"type": "like_heart"}}
    assert taken(INSTAGRAM_KIND, message=heart).type == "like_heart"
    assert refusal(MESSENGER_KIND, message=heart).code == 100

"""What the Send API demands of a post to `/messages`."""

from dataclasses import dataclass
from typing import cast

import orjson

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.graph.messaging_content import identifier
from lumi.integrations.messenger.fake.graph_error import GraphError, invalid
from lumi.integrations.messenger.fake.surface import Surface

HUMAN_AGENT = "HUMAN_AGENT"
_TAGGED = "MESSAGE_TAG"
_MESSAGING_TYPES = ("RESPONSE", "UPDATE", _TAGGED, "UTILITY")
_ACTIONS = ("mark_seen", "typing_on", "typing_off")
_MOST_QUICK_REPLIES = 13
_LONGEST_TITLE = 20
_LONGEST_PAYLOAD = 1000
_LONGEST_METADATA = 999


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message the twin will take. `content` is what the person sees, `tag` why it may be late."""

    person_id: str
    type: str
    text: str | None
    content: dict[str, object]
    tag: str | None
    reply_to: str | None
    metadata: str | None


@dataclass(frozen=True, slots=True)
class Action:
    """The account has read what the person wrote, or types."""

    person_id: str
    action: str


def read_post(body: bytes, surface: Surface) -> Outgoing | Action:
    """What a post to `/messages` asks for; GraphError when it is not right."""
    fields = _object_in(body)
    person_id = identifier(as_object(fields.get("recipient")).get("id"))
    if person_id is None:
        raise invalid("The parameter recipient is required")
    if "sender_action" in fields:
        if "message" in fields:
            raise invalid("Cannot send both message and state at the same time.")
        action = (as_text(fields.get("sender_action")) or "").lower()
        if action not in _ACTIONS:
            raise invalid(f"Param sender_action must be one of {{{', '.join(_ACTIONS)}}}")
        return Action(person_id, action)
    return _read_message(fields, person_id, surface)


def _object_in(body: bytes) -> dict[str, object]:
    try:
        return as_object(cast("object", orjson.loads(body)))
    except orjson.JSONDecodeError as error:
        raise GraphError(400, 100, "(#100) The body is not JSON") from error


def _read_message(fields: dict[str, object], person_id: str, surface: Surface) -> Outgoing:
    tag = _tag_of(fields, surface)
    message = as_object(fields.get("message"))
    text, attachment = message.get("text"), message.get("attachment")
    if text is not None and attachment is not None:
        raise invalid("Only one of the text, attachment, and dynamic_text fields can be specified")
    reply = fields.get("reply_to")
    reply_to = identifier(as_object(reply).get("mid"))
    if reply is not None and reply_to is None:
        raise invalid("Param reply_to must be an object with a mid")
    metadata = message.get("metadata")
    if metadata is not None and not _is_text(metadata, _LONGEST_METADATA):
        raise invalid("Length of param message[metadata] must be less than 1000")
    kind, content = ("text", _text(text, surface)) if attachment is None else _attachment(attachment, surface)
    replies = _quick_replies(message.get("quick_replies"))
    if replies:
        content["quick_replies"] = replies
    return Outgoing(person_id, kind, as_text(text), content, tag, reply_to, as_text(metadata))


def _tag_of(fields: dict[str, object], surface: Surface) -> str | None:
    kind = fields.get("messaging_type")
    if kind is None and surface.needs_messaging_type:
        raise invalid("The parameter messaging_type is required")
    if kind is not None and kind not in _MESSAGING_TYPES:
        raise invalid(f"Param messaging_type must be one of {{{', '.join(_MESSAGING_TYPES)}}}")
    tag = fields.get("tag")
    if tag is not None and tag != HUMAN_AGENT:
        raise invalid(f"Param tag must be one of {{{HUMAN_AGENT}}}")
    if (kind == _TAGGED) != (tag is not None):
        raise invalid("Param tag must be given with messaging_type MESSAGE_TAG, and only then")
    return as_text(tag)


def _text(text: object, surface: Surface) -> dict[str, object]:
    if not isinstance(text, str) or not text.strip():
        raise invalid("Message cannot be empty, must provide valid attachment or text", 2018034)
    if surface.length_of(text) > surface.longest_text:
        raise invalid(f"Length of param message[text] must be less than or equal to {surface.longest_text}")
    return {"text": text}


def _attachment(attachment: object, surface: Surface) -> tuple[str, dict[str, object]]:
    fields = as_object(attachment)
    kind = (as_text(fields.get("type")) or "").lower()
    if kind not in surface.attachment_types:
        types = ", ".join(surface.attachment_types)
        raise invalid(f"Param message[attachment][type] must be one of {{{types}}}")
    payload = as_object(fields.get("payload"))
    if kind == "like_heart":
        return kind, {}
    if not (as_text(payload.get("url")) or "").startswith("https://") and not identifier(payload.get("attachment_id")):
        raise invalid("Upload attachment failure.", 2018047)
    return kind, {"payload": payload}


def _quick_replies(given: object) -> list[dict[str, object]]:
    """The quick replies as a phone shows them: a title that is too long is cut."""
    replies = [as_object(each) for each in as_list(given)]
    if given is not None and not replies:
        raise invalid("Param message[quick_replies] must be an array.")
    if len(replies) > _MOST_QUICK_REPLIES:
        raise invalid(f"Param message[quick_replies] must have at most {_MOST_QUICK_REPLIES} elements")
    shown: list[dict[str, object]] = []
    for each in replies:
        title, payload = as_text(each.get("title")), each.get("payload")
        if each.get("content_type") != "text" or not title or not _is_text(payload, _LONGEST_PAYLOAD):
            raise invalid("Param message[quick_replies] needs content_type text, a title and a payload")
        shown.append({"content_type": "text", "title": title[:_LONGEST_TITLE], "payload": payload})
    return shown


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest

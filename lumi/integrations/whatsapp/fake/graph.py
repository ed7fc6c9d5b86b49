"""What the Graph API demands of a message and how it refuses one."""

import secrets
from dataclasses import dataclass
from typing import cast

import orjson

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.whatsapp.fake.interactive import flaw_in_interactive
from lumi.integrations.whatsapp.identity import is_user_id

INVALID = 100
MISSING = 131008
WRONG_VALUE = 131009
_LONGEST_TEXT = 4096
_LONGEST_CAPTION = 1024
_LONGEST_CALLBACK_DATA = 512
_PHONE_DIGITS = range(7, 16)
_MEDIA = frozenset({"image", "audio", "video", "document", "sticker"})


class GraphError(Exception):
    """A refusal in the shape the Graph API gives it."""

    def __init__(self, status: int, code: int, details: str, subcode: int | None = None) -> None:
        super().__init__(details)
        self.status = status
        self.code = code
        error: dict[str, object] = {
            "message": f"(#{code}) {details}",
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": details},
            "fbtrace_id": secrets.token_urlsafe(12),
        }
        if subcode is not None:
            error["error_subcode"] = subcode
        self.body = orjson.dumps({"error": error})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message the twin will take: `address` is digits or a BSUID, `given` what the caller wrote."""

    address: str
    given: str
    type: str
    content: dict[str, object]
    callback_data: str | None
    reply_to: str | None

    @property
    def is_template(self) -> bool:
        """Whether it may be sent whenever the business likes."""
        return self.type == "template"

    @property
    def media_id(self) -> str | None:
        """The uploaded file it is made of, if it is."""
        return as_text(self.content.get("id")) if self.type in _MEDIA else None

    @property
    def is_voice(self) -> bool:
        """Whether it can be played as a voice note."""
        return self.content.get("voice") is True


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """The business has read a person's message and may be typing."""

    message_id: str
    typing: bool


def wrong_token() -> GraphError:
    """The answer to a missing or unknown access token."""
    return GraphError(401, 190, "Invalid OAuth access token - Cannot parse access token")


def unknown_object(name: str) -> GraphError:
    """The answer to an id that is none of ours."""
    return GraphError(400, INVALID, f"Unsupported request. Object with ID '{name}' does not exist", subcode=33)


def unknown_media(kind: str) -> GraphError:
    """The answer to a message made of a file that is not there."""
    details = f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
    return GraphError(400, INVALID, details)


def read_post(body: bytes) -> Outgoing | ReadNotice:
    """What a post to `/messages` asks for; GraphError when it is not right."""
    try:
        loaded: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise GraphError(400, INVALID, "The body is not JSON") from error
    fields = as_object(loaded)
    if fields.get("messaging_product") != "whatsapp":
        raise GraphError(400, INVALID, "Param messaging_product must be one of {WHATSAPP}")
    if "status" in fields:
        return _read_notice(fields)
    return _read_message(fields)


def _read_notice(fields: dict[str, object]) -> ReadNotice:
    message_id = as_text(fields.get("message_id"))
    if fields.get("status") != "read" or not message_id:
        raise GraphError(400, INVALID, "Param status must be read, with the message_id of a message")
    if not message_id.startswith("wamid."):
        raise GraphError(400, WRONG_VALUE, "Parameter value is not valid: message_id")
    indicator = fields.get("typing_indicator")
    if indicator is not None and as_object(indicator).get("type") != "text":
        raise GraphError(400, INVALID, "Param typing_indicator['type'] must be text")
    return ReadNotice(message_id, indicator is not None)


def _read_message(fields: dict[str, object]) -> Outgoing:
    given, address = _recipient(fields)
    kind = as_text(fields.get("type")) or "text"
    content = fields.get(kind)
    if kind == "contacts" and isinstance(content, list) and content:
        content = {"contacts": cast("list[object]", content)}
    if not isinstance(content, dict):
        raise GraphError(400, MISSING, f"Required parameter is missing: {kind}")
    inner = cast("dict[str, object]", content)
    flaw = _flaw_in(kind, inner)
    if flaw is not None:
        raise GraphError(400, INVALID, flaw)
    callback_data = fields.get("biz_opaque_callback_data")
    if callback_data is not None and not _is_text(callback_data, _LONGEST_CALLBACK_DATA):
        raise GraphError(400, INVALID, "Param biz_opaque_callback_data must be at most 512 characters long")
    reply_to = as_text(as_object(fields.get("context")).get("message_id"))
    return Outgoing(address, given, kind, inner, as_text(callback_data), reply_to)


def _recipient(fields: dict[str, object]) -> tuple[str, str]:
    """What was given and whom it means: `to` is a phone number and wins over `recipient`, a BSUID."""
    to, recipient = fields.get("to"), fields.get("recipient")
    if isinstance(to, str) and to:
        digits = "".join(each for each in to if each.isdecimal())
        if is_user_id(to) or len(digits) not in _PHONE_DIGITS:
            raise GraphError(400, WRONG_VALUE, "Parameter value is not valid: to")
        return to, digits
    if isinstance(recipient, str) and recipient:
        if not is_user_id(recipient):
            raise GraphError(400, WRONG_VALUE, "Parameter value is not valid: recipient")
        return recipient, recipient
    raise GraphError(400, MISSING, "Required parameter is missing: to or recipient")


def _flaw_in(kind: str, content: dict[str, object]) -> str | None:
    if kind == "text":
        return _flaw_in_text(content)
    if kind == "interactive":
        return flaw_in_interactive(content)
    if kind == "template":
        language = as_object(content.get("language")).get("code")
        named = _is_text(content.get("name"), 512) and _is_text(language, 20)
        return None if named else "Param template must have a name and a language['code']"
    if kind in _MEDIA:
        return _flaw_in_media(kind, content)
    if kind == "reaction":
        target, emoji = content.get("message_id"), content.get("emoji")
        return None if _is_text(target, 256) and isinstance(emoji, str) else "Param reaction is not valid"
    if kind == "location":
        there = isinstance(content.get("latitude"), int | float) and isinstance(content.get("longitude"), int | float)
        return None if there else "Param location must have latitude and longitude"
    return None if kind == "contacts" else f"Param type must not be {kind[:40]}"


def _flaw_in_text(content: dict[str, object]) -> str | None:
    body = content.get("body")
    if not isinstance(body, str) or not body.strip():
        return "The parameter text['body'] is required."
    return None if len(body) <= _LONGEST_TEXT else "Param text['body'] must be at most 4096 characters long."


def _flaw_in_media(kind: str, content: dict[str, object]) -> str | None:
    caption = content.get("caption")
    if isinstance(caption, str) and len(caption) > _LONGEST_CAPTION:
        return f"Param {kind}['caption'] must be at most 1024 characters long."
    return None if as_text(content.get("id")) or as_text(content.get("link")) else f"Param {kind} needs id or link"


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest

"""What a person does, in the terms of a webhook: from a kind and its content to the event that is posted."""

from dataclasses import dataclass

from lumi.core.outside_json import as_object, as_text

_EVENTS = frozenset({"reaction", "read", "referral", "optin", "message_edit"})


@dataclass(frozen=True, slots=True)
class Deed:
    """What the person did. `key` names the event, `content` is in it; `text` shows on the phone.

    `writes`: a new message, which opens the window. `announced`: told only as an edit that names nobody.
    """

    key: str
    content: dict[str, object]
    text: str | None
    writes: bool
    announced: bool = False


def deed_of(kind: str, text: str | None, content: object, message_id: str, reply_to: str | None) -> Deed:
    """A text, an event by its name, a deletion (`deleted`), an announcement, or an attachment of this type."""
    fields = as_object(content)
    if kind in _EVENTS:
        return Deed(kind, fields, None, writes=False)
    if kind == "postback":
        return Deed(kind, {"mid": message_id, **fields}, as_text(fields.get("title")), writes=True)
    if kind == "deleted":
        return Deed("message", {**fields, "is_deleted": True}, None, writes=False)
    if kind == "announcement":
        return Deed("message_edit", {"mid": message_id, "num_edit": 0}, text, writes=True, announced=True)
    message: dict[str, object] = {"mid": message_id}
    if text is not None:
        message["text"] = text
    if reply_to is not None:
        message["reply_to"] = {"mid": reply_to}
    if kind == "quick_reply":
        message["quick_reply"] = fields
    elif kind == "unsupported":
        message["is_unsupported"] = True
    elif kind != "text":
        attachment: dict[str, object] = {"type": kind}
        if content is not None:
            attachment["payload"] = content
        message["attachments"] = [attachment]
    return Deed("message", message, text, writes=True)

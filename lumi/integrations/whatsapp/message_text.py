"""The words in a message, whatever its type, and the earlier message it is about."""

from lumi.core.outside_json import as_object, as_text

WORDLESS_TYPES = frozenset(
    {"audio", "voice", "sticker", "location", "contacts", "reaction", "revoke", "system", "unsupported"}
)
KNOWN_TYPES = WORDLESS_TYPES | {
    "text", "image", "video", "document", "interactive", "button", "order", "edit"
}  # fmt: skip

# Where the words lie inside the object that is named like the type.
_WORDS_KEY = {
    "text": "body",
    "image": "caption",
    "video": "caption",
    "document": "caption",
    "button": "text",
    "order": "text",
}
_REPLY_KEY = {"button_reply": "title", "list_reply": "title", "nfm_reply": "body"}


def text_of(kind: str, item: dict[str, object]) -> str | None:
    """What the person wrote or chose, or None when the message has no words."""
    key = _WORDS_KEY.get(kind)
    if key is not None:
        return as_text(as_object(item.get(kind)).get(key))
    if kind == "interactive":
        return _chosen(as_object(item.get(kind)))
    if kind == "edit":
        message = as_object(as_object(item.get(kind)).get("message"))
        return text_of(inner, message) if (inner := as_text(message.get("type"))) in _WORDS_KEY else None
    return None


def target_of(kind: str, item: dict[str, object]) -> str | None:
    """The id of the message that a reaction, an edit or a revocation is about."""
    if kind == "reaction":
        return as_text(as_object(item.get("reaction")).get("message_id"))
    if kind in ("edit", "revoke"):
        return as_text(as_object(item.get(kind)).get("original_message_id"))
    return None


def _chosen(interactive: dict[str, object]) -> str | None:
    """The title of the button or row. The object itself may be missing; the message is there all the same."""
    kind = as_text(interactive.get("type"))
    return as_text(as_object(interactive.get(kind)).get(_REPLY_KEY.get(kind, ""))) if kind else None

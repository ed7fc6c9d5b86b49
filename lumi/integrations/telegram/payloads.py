"""What Telegram posts to a webhook, read from the raw bytes.

Authentic is not the same as well-formed: what is unknown is counted, what is broken is handed back as bytes."""

from collections.abc import Callable

from lumi.core.outside_json import Unreadable, load_object
from lumi.integrations.telegram.content import Broken
from lumi.integrations.telegram.identity import whole
from lumi.integrations.telegram.items import Unwanted, read_membership, read_message, read_press
from lumi.integrations.telegram.shapes import Batch, BrokenItem, Media, Membership, Message, MessageType, Person, Press

__all__ = [
    "Batch",
    "BrokenItem",
    "Media",
    "Membership",
    "Message",
    "MessageType",
    "Person",
    "Press",
    "Unreadable",
    "parse",
]

# For each kind of update, the word under which it is counted when it is not wanted, and who reads it.
_READERS: dict[str, tuple[str, Callable[[Batch, str, object], None]]] = {
    "message": ("message", lambda batch, update_id, item: batch.messages.append(read_message(update_id, item))),
    "edited_message": ("edit", lambda batch, update_id, item: batch.edits.append(read_message(update_id, item))),
    "callback_query": ("press", lambda batch, update_id, item: batch.presses.append(read_press(update_id, item))),
    "my_chat_member": (
        "member",
        lambda batch, update_id, item: batch.memberships.append(read_membership(update_id, item)),
    ),
}
_LONGEST_KIND = 40


def parse(body: bytes) -> Batch:
    """Everything in a verified body; Unreadable when the bytes are no JSON object."""
    root = load_object(body)
    batch = Batch()
    kinds = [key for key in root if key != "update_id"]
    known = [key for key in kinds if key in _READERS]
    if not known:
        _ignore(batch, "update", kinds[0] if kinds else "none")
    for kind in known:
        noun, read = _READERS[kind]
        try:
            read(batch, _update_id(root), root[kind])
        except Unwanted as unwanted:
            _ignore(batch, noun, str(unwanted))
        except Broken as reason:
            batch.broken.append(BrokenItem(str(reason), body))
    return batch


def _update_id(root: dict[str, object]) -> str:
    found = whole(root.get("update_id"))
    if found is None:
        raise Broken("it has no usable update_id")
    return str(found)


def _ignore(batch: Batch, noun: str, kind: str) -> None:
    """Count it by its kind, never with anything that could be somebody's words."""
    plain = len(kind) <= _LONGEST_KIND and kind.replace("_", "").isalnum() and kind.isascii()
    batch.ignored[f"{noun}.{kind if plain else 'other'}"] += 1

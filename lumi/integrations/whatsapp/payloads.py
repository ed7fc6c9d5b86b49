"""What WhatsApp posts to a webhook, read from the raw bytes.

Authentic is not the same as well-formed: what is unknown is counted, what is broken is handed back as bytes,
and neither keeps the rest of the body from being read."""

from collections.abc import Iterator, Sequence
from typing import cast

from lumi.core.outside_json import Unreadable, as_object, as_text, dump, load_object
from lumi.integrations.whatsapp.items import Broken, Fields, identifier, read_message, read_status
from lumi.integrations.whatsapp.message_text import KNOWN_TYPES
from lumi.integrations.whatsapp.shapes import Batch, BrokenItem, ErrorNote, Message, Status

__all__ = ["Batch", "BrokenItem", "ErrorNote", "Message", "Status", "Unreadable", "parse"]

KNOWN_STATUSES = frozenset({"sent", "delivered", "read", "played", "failed", "deleted", "warning"})
_KNOWN_KEYS = frozenset({"messaging_product", "metadata", "contacts", "messages", "statuses", "errors"})
_LONGEST_KIND = 40


def parse(body: bytes) -> Batch:
    """Everything in a verified body; Unreadable when the bytes are no JSON object."""
    root = load_object(body)
    batch = Batch()
    kind = root.get("object")
    if kind != "whatsapp_business_account":
        _ignore(batch, "object", kind)
        return batch
    for entry in _objects(batch, root, "entry"):
        waba_id = identifier(entry.get("id")) or ""
        for change in _objects(batch, entry, "changes"):
            _read_change(batch, change, waba_id)
    return batch


def _read_change(batch: Batch, change: Fields, waba_id: str) -> None:
    if change.get("field") != "messages":
        _ignore(batch, "field", change.get("field"))
        return
    value = as_object(change.get("value"))
    number = identifier(as_object(value.get("metadata")).get("phone_number_id"))
    if number is None:
        batch.broken.append(BrokenItem("it names no phone_number_id", dump(change), None))
        return
    for key in value.keys() - _KNOWN_KEYS:
        _ignore(batch, "value", key)
    if "messages" in value:
        contacts = [as_object(each) for each in _items(batch, value, "contacts", number)]
        for item in _items(batch, value, "messages", number):
            _take_message(batch, item, contacts, waba_id, number)
    for item in _items(batch, value, "statuses", number):
        _take_status(batch, item, waba_id, number)
    for error in _items(batch, value, "errors", number):
        _ignore(batch, "error", as_object(error).get("code"))


def _take_message(batch: Batch, item: object, contacts: Sequence[Fields], waba_id: str, number: str) -> None:
    fields = as_object(item)
    kind = as_text(fields.get("type"))
    if kind is not None and kind not in KNOWN_TYPES:
        _ignore(batch, "message", kind)
        return
    try:
        if kind is None:
            raise Broken("it has no type")
        batch.messages.append(read_message(kind, fields, contacts, waba_id, number))
    except Broken as reason:
        batch.broken.append(BrokenItem(str(reason), dump(item), number))


def _take_status(batch: Batch, item: object, waba_id: str, number: str) -> None:
    fields = as_object(item)
    kind = as_text(fields.get("status"))
    if kind is not None and kind not in KNOWN_STATUSES:
        _ignore(batch, "status", kind)
        return
    try:
        if kind is None:
            raise Broken("it has no status")
        batch.statuses.append(read_status(fields, waba_id, number))
    except Broken as reason:
        batch.broken.append(BrokenItem(str(reason), dump(item), number))


def _objects(batch: Batch, fields: Fields, key: str) -> Iterator[Fields]:
    """The objects in the list under this key; anything else there is broken, no list at all is counted."""
    if key not in fields:
        _ignore(batch, "entry", f"no_{key}")
    for item in _items(batch, fields, key, None):
        if isinstance(item, dict):
            yield cast("Fields", item)
        else:
            batch.broken.append(BrokenItem(f"one of its {key} is not an object", dump(item), None))


def _items(batch: Batch, fields: Fields, key: str, number: str | None) -> Sequence[object]:
    """The list under this key, empty when it is not there; something else in its place is broken."""
    found = fields.get(key)
    if isinstance(found, list):
        return cast("list[object]", found)
    if found is not None:
        batch.broken.append(BrokenItem(f"its {key} are not a list", dump(fields), number))
    return ()


def _ignore(batch: Batch, noun: str, kind: object) -> None:
    """Count it by its kind, never with anything that could be somebody's words."""
    word = str(kind) if isinstance(kind, str | int) else "none"
    plain = len(word) <= _LONGEST_KIND and word.replace("_", "").isalnum() and word.isascii()
    batch.ignored[f"{noun}.{word if plain else 'other'}"] += 1

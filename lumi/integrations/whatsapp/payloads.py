"""What WhatsApp posts to a webhook, read from the raw bytes.

Authentic is not the same as well-formed: what is unknown is counted, what is broken is handed back as bytes,
and neither keeps the rest of the body from being read."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

from lumi.core.outside_json import Unreadable, as_object, as_text, dump, load_object
from lumi.integrations.whatsapp.content_items import Fields
from lumi.integrations.whatsapp.identity import identifier
from lumi.integrations.whatsapp.items import Broken, read_echo, read_message, read_status
from lumi.integrations.whatsapp.message_text import KNOWN_TYPES
from lumi.integrations.whatsapp.notices import read_notices
from lumi.integrations.whatsapp.people import People
from lumi.integrations.whatsapp.shapes import (
    AccountNotice,
    Batch,
    BrokenItem,
    Echo,
    ErrorNote,
    Message,
    NoticeKind,
    Status,
)

__all__ = [
    "AccountNotice",
    "Batch",
    "BrokenItem",
    "Echo",
    "ErrorNote",
    "Message",
    "NoticeKind",
    "Status",
    "Unreadable",
    "parse",
]

KNOWN_STATUSES = frozenset({"sent", "delivered", "read", "played", "failed", "deleted", "warning"})
_MESSAGES = "messages"
_ECHOES = "smb_message_echoes"
_KNOWN_KEYS = {
    _MESSAGES: frozenset({"messaging_product", "metadata", "contacts", "messages", "statuses", "errors"}),
    _ECHOES: frozenset({"messaging_product", "metadata", "contacts", "message_echoes", "errors"}),
}
_AROUND = frozenset({"messaging_product", "metadata", "contacts"})
_NOTHING: tuple[object, ...] = (None, [])
_NOTICES = {each.value: each for each in NoticeKind}
_LONGEST_KIND = 40

T = TypeVar("T", Message, Echo)


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
            _read_change(batch, change, waba_id, entry.get("time"))
    return batch


def _read_change(batch: Batch, change: Fields, waba_id: str, time: object) -> None:
    field = as_text(change.get("field")) or ""
    if field in _KNOWN_KEYS:
        _read_value(batch, change, field, waba_id)
    elif field in _NOTICES:
        for found in read_notices(_NOTICES[field], change.get("value"), time, waba_id):
            if isinstance(found, Broken):
                batch.broken.append(BrokenItem(str(found), dump(change), None))
            else:
                batch.notices.append(found)
    else:
        _ignore(batch, "field", change.get("field"))


def _read_value(batch: Batch, change: Fields, field: str, waba_id: str) -> None:
    value = as_object(change.get("value"))
    number = identifier(as_object(value.get("metadata")).get("phone_number_id"))
    if number is None:
        batch.broken.append(BrokenItem("it names no phone_number_id", dump(change), None))
        return
    for key in value.keys() - _KNOWN_KEYS[field]:
        _ignore(batch, "value", key)
    if all(value[key] in _NOTHING for key in value.keys() - _AROUND):
        _ignore(batch, "value", "nothing")
    if field == _ECHOES or _MESSAGES in value:
        people = People(_items(batch, value, "contacts", number))
        if field == _ECHOES:
            for item in _items(batch, value, "message_echoes", number):
                _take(batch, batch.echoes, read_echo, "echo", item, people, waba_id, number)
        else:
            for item in _items(batch, value, _MESSAGES, number):
                _take(batch, batch.messages, read_message, "message", item, people, waba_id, number)
    if field == _MESSAGES:
        for item in _items(batch, value, "statuses", number):
            _take_status(batch, item, waba_id, number)
    for error in _items(batch, value, "errors", number):
        _ignore(batch, "error", as_object(error).get("code"))


def _take(
    batch: Batch,
    found: list[T],
    read: Callable[[str, Fields, People, str, str], T],
    noun: str,
    item: object,
    people: People,
    waba_id: str,
    number: str,
) -> None:
    fields = as_object(item)
    kind = as_text(fields.get("type"))
    if kind is not None and kind not in KNOWN_TYPES:
        _ignore(batch, noun, kind)
        return
    try:
        if kind is None:
            raise Broken("it has no type")
        found.append(read(kind, fields, people, waba_id, number))
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
    """The objects in the list under this key; anything else there is broken, no list or an empty one is counted."""
    if fields.get(key) in _NOTHING:
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

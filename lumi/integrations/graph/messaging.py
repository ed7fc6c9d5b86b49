"""What Messenger and Instagram post to a webhook, read from the raw bytes.

Authentic is not the same as well-formed: what is unknown is counted, what is broken is handed back as bytes,
and neither keeps the rest of the body from being read."""

from collections.abc import Iterator, Sequence
from typing import cast

from lumi.core.outside_json import Unreadable, as_object, dump, load_object
from lumi.integrations.graph.messaging_content import Broken, Fields, identifier
from lumi.integrations.graph.messaging_items import READERS, happening
from lumi.integrations.graph.messaging_shapes import Batch, BrokenItem

_ENVELOPE = frozenset({"sender", "recipient", "timestamp"})
_LISTS = ("messaging", "standby", "changes")
_NOTHING: tuple[object, ...] = (None, [])
_LONGEST_KIND = 40


def parse(body: bytes, surface: str) -> Batch:
    """Everything in a verified body whose `object` is this one; Unreadable when the bytes are no JSON object."""
    root = load_object(body)
    batch = Batch()
    if root.get("object") != surface:
        _ignore(batch, "object", root.get("object"))
        return batch
    if root.get("entry") in _NOTHING:
        _ignore(batch, "entry", "no_entry")
    for entry in _items(batch, root, "entry", None):
        if isinstance(entry, dict):
            _read_entry(batch, cast("Fields", entry))
        else:
            batch.broken.append(BrokenItem("one of its entry is not an object", dump(entry), None))
    return batch


def enveloped(part: bytes, surface: str, account: str) -> bytes:
    """The body in which this entry, change or item of an account comes; a whole body as it is."""
    try:
        item = load_object(part)
    except Unreadable:
        return part
    if "object" in item:
        return part
    if not any(key in item for key in _LISTS):
        item = {"id": account, "changes" if "field" in item else "messaging": [item]}
    return dump({"object": surface, "entry": [item]})


def _read_entry(batch: Batch, entry: Fields) -> None:
    account = identifier(entry.get("id"))
    if "field" in entry:  # some bodies have what belongs into `changes` on the entry itself
        _read_change(batch, entry, account, entry.get("time"))
    elif all(entry.get(key) in _NOTHING for key in _LISTS):
        _ignore(batch, "entry", "no_messaging")
    for item in _items(batch, entry, "messaging", account):
        _read_item(batch, item, account, entry.get("time"))
    for item in _items(batch, entry, "standby", account):
        _ignore(batch, "standby", _kind_of(as_object(item)))
    for change in _items(batch, entry, "changes", account):
        if isinstance(change, dict):
            _read_change(batch, cast("Fields", change), account, entry.get("time"))
        else:
            batch.broken.append(BrokenItem("one of its changes is not an object", dump(change), account))


def _read_change(batch: Batch, change: Fields, account: str | None, time: object) -> None:
    value = as_object(change.get("value"))
    if change.get("field") == "messages" and _kind_of(value) in READERS:
        _read_item(batch, value, account, time)
    else:
        _ignore(batch, "field", change.get("field"))


def _read_item(batch: Batch, item: object, account: str | None, time: object) -> None:
    if not isinstance(item, dict):
        batch.broken.append(BrokenItem("it is not an object", dump(item), account))
        return
    fields = cast("Fields", item)
    kind = _kind_of(fields)
    if kind not in READERS:
        _ignore(batch, "item", kind)
        return
    try:
        what = happening(fields, account, time)
        content = fields[kind]
        if not isinstance(content, dict):
            raise Broken(f"its {kind} is not an object")
        READERS[kind](batch, what, cast("Fields", content))
    except Broken as reason:
        batch.broken.append(BrokenItem(str(reason), dump(fields), account))


def _kind_of(item: Fields) -> str:
    """The key that says what the item is: one that we read, else the first that is no part of every item."""
    known = (key for key in READERS if key in item)
    return next(known, None) or next((key for key in item if key not in _ENVELOPE), "none")


def _items(batch: Batch, fields: Fields, key: str, account: str | None) -> Iterator[object]:
    """What is in the list under this key, nothing when it is not there; something else in its place is broken."""
    found = fields.get(key)
    if isinstance(found, list):
        yield from cast("Sequence[object]", found)
    elif found is not None:
        batch.broken.append(BrokenItem(f"its {key} is not a list", dump(fields), account))


def _ignore(batch: Batch, noun: str, kind: object) -> None:
    """Count it by its kind, never with anything that could be somebody's words."""
    word = str(kind) if isinstance(kind, str | int) else "none"
    plain = len(word) <= _LONGEST_KIND and word.replace("_", "").isalnum() and word.isascii()
    batch.ignored[f"{noun}.{word if plain else 'other'}"] += 1

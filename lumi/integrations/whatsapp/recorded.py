"""A recorded webhook body, told anew: for another number, as of now, under ids nobody has seen."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import cast

import orjson

from lumi.core import clock
from lumi.core.outside_json import as_list, as_object

_TIME = "timestamp"


def retold(body: bytes, *, phone_number_id: str, display_phone_number: str) -> bytes:
    """The body with this number, the present time and fresh message ids; raises ValueError for what is no JSON.

    Everything else stays, whatever its shape. A status keeps the id of the message it speaks of.
    """
    told: object = orjson.loads(body)
    now = str(int(clock.now().timestamp()))
    for value in _values(told):
        for metadata in _objects([value.get("metadata")]):
            metadata["phone_number_id"] = phone_number_id
            metadata["display_phone_number"] = display_phone_number
        for message in _objects(value.get("messages")):
            message["id"] = f"wamid.{secrets.token_hex(24)}"
            message[_TIME] = now
        for status in _objects(value.get("statuses")):
            status[_TIME] = now
    return orjson.dumps(told)


def _values(told: object) -> Iterator[dict[str, object]]:
    for entry in _objects(as_object(told).get("entry")):
        for change in _objects(entry.get("changes")):
            yield from _objects([change.get("value")])


def _objects(value: object) -> Iterator[dict[str, object]]:
    return (cast("dict[str, object]", each) for each in as_list(value) if isinstance(each, dict))

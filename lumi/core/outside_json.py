"""JSON from outside: from bytes to values that can be stored, and values whose shape nobody has checked."""

import json
import re
from typing import cast

import orjson

_ESCAPED_NUL = b"\\u0000"
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_LONGEST_INT_DIGITS = 18
_NOTHING: dict[str, object] = {}
# Reading takes more nesting than writing, and what came from outside is written again inside of other things.
_LEVELS_TO_SPARE = 54
_LEVELS_WRITTEN = 254


class Unreadable(ValueError):
    """The body is not a JSON object."""


def load_object(body: bytes) -> dict[str, object]:
    """The JSON object in these bytes, rid of characters no database keeps; Unreadable when there is none."""
    try:
        loaded: object = orjson.loads(body)
        if _ESCAPED_NUL in body:
            loaded = _storable(loaded)
    except orjson.JSONDecodeError:
        loaded = _load_leniently(body)
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    if not isinstance(loaded, dict):
        raise Unreadable("not a JSON object")
    if body.count(b"{") + body.count(b"[") > _LEVELS_WRITTEN - _LEVELS_TO_SPARE and _is_deep(
        cast("dict[str, object]", loaded)
    ):
        raise Unreadable("nested too deeply")
    return cast("dict[str, object]", loaded)


def dump(item: object) -> bytes:
    """The item as JSON again."""
    return orjson.dumps(item)


def as_object(value: object) -> dict[str, object]:
    """The value when it is a JSON object, else an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else _NOTHING


def as_list(value: object) -> list[object]:
    """The value when it is a JSON array, else an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """The value when it is a text, else None."""
    return value if isinstance(value, str) else None


def _is_deep(loaded: object) -> bool:
    """Whether it could not be written again, wrapped as it will be."""
    for _ in range(_LEVELS_TO_SPARE):
        loaded = [loaded]
    try:
        orjson.dumps(loaded)
    except TypeError:
        return True
    return False


def _load_leniently(body: bytes) -> object:
    """One emoji cut in half by a sender makes orjson refuse a whole batch; the standard library reads it."""
    try:
        loaded: object = json.loads(body.decode(), parse_int=_whole_number, parse_constant=_refuse_constant)
        return _storable(loaded)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INT_DIGITS else float(digits)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _storable(value: object) -> object:
    if isinstance(value, str):
        return _HALF_PAIR.sub("\ufffd", value.replace("\0", ""))
    if isinstance(value, list):
        return [_storable(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return {_HALF_PAIR.sub("\ufffd", key.replace("\0", "")): _storable(item) for key, item in pairs}
    return value

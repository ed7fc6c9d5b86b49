"""JSON as Telegram writes it: everything beyond ASCII is escaped."""

import json

import orjson


def to_bytes(value: object) -> bytes:
    """The value as it is answered or posted."""
    body = orjson.dumps(value)
    return body if body.isascii() else json.dumps(value, separators=(",", ":")).encode()

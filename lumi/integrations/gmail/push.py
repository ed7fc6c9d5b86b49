"""What Pub/Sub posts when something changed in a mailbox."""

import re

from lumi.core.outside_json import Unreadable, as_object, as_text, load_object
from lumi.integrations.gmail.base64url import from_base64
from lumi.integrations.gmail.shapes import Push

__all__ = ["Push", "Unreadable", "read_push"]

_LONGEST_DATA = 65_536
_LONGEST_ID = 256
_MOST_DIGITS = 20
_ADDRESS = re.compile(r"[^\s@]{1,128}@[^\s@]{1,255}")


def read_push(body: bytes) -> Push:
    """The push in a verified body; Unreadable when there is none, which is to be acknowledged all the same.

    The data may be in either alphabet of base64, with or without padding, and ids numbers or texts.
    """
    envelope = load_object(body)
    message = as_object(envelope.get("message"))
    data = load_object(_bytes_in(message.get("data")))
    address = (as_text(data.get("emailAddress")) or "").strip().lower()
    if not _ADDRESS.fullmatch(address):
        raise Unreadable("it names no mailbox")
    return Push(
        address=address,
        history_id=history_id_in(data.get("historyId")),
        message_id=_identifier(message.get("messageId")) or _identifier(message.get("message_id")),
        subscription=_identifier(envelope.get("subscription")),
    )


def history_id_in(value: object) -> int:
    """A history id, sent as a number or as digits; Unreadable for anything else."""
    if isinstance(value, str) and len(value) <= _MOST_DIGITS and value.isascii() and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 64:
        raise Unreadable("it names no history id")
    return value


def _bytes_in(data: object) -> bytes:
    if not isinstance(data, str) or len(data) > _LONGEST_DATA:
        raise Unreadable("it has no data")
    try:
        return from_base64(data)
    except ValueError as error:
        raise Unreadable("its data is no base64") from error


def _identifier(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID else None

"""IMAP's way of writing: responses read into values, dates, and what may be sent as it is."""

import base64
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias

Value: TypeAlias = "bytes | list[Value] | None"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TOKEN = re.compile(
    rb"\s*(?:(?P<open>\()|(?P<close>\))"
    rb'|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    rb"|(?P<literal>\{\d+\+?\}$)"
    rb'|(?P<atom>[^\s()"{}\[\]]+(?:\[[^\]]*\](?:<\d+>)?)?))'
)
_QUOTABLE = re.compile(rb"[\x20-\x7e]*")
_BEYOND_ASCII = re.compile("[^\x20-\x7e]+")
_DEEPEST = 32
# Of what is asked for here a response has a dozen.
_MOST_VALUES = 10_000


class Garbled(ValueError):
    """This is not IMAP. The message holds nothing of what was received."""


def values(parts: Sequence[bytes]) -> list[Value]:
    """The values of a response, whose `parts` are text and literals in turn; NIL is None, a list a list."""
    root: list[Value] = []
    stack = [root]
    for nth, (kind, value) in enumerate(_tokens(parts)):
        if nth >= _MOST_VALUES:
            raise Garbled("it has too many values")
        if kind == "open":
            inner: list[Value] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif kind == "close":
            stack.pop()
        else:
            stack[-1].append(value)
        if not 0 < len(stack) <= _DEEPEST:
            raise Garbled("its parentheses do not match")
    if len(stack) != 1:
        raise Garbled("its parentheses do not match")
    return root


def _tokens(parts: Sequence[bytes]) -> Iterator[tuple[str, Value]]:
    literals = iter(parts[1::2])
    for text in parts[::2]:
        at, end = 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at, end)
            if found is None or found.lastgroup is None:
                raise Garbled("a value cannot be read")
            at = found.end()
            value: Value = found[found.lastgroup]
            if found.lastgroup == "quoted":
                value = re.sub(rb"\\(.)", rb"\1", found["quoted"])
            elif found.lastgroup == "literal":
                value = next(literals, b"")
            elif found.lastgroup == "atom" and found["atom"].upper() == b"NIL":
                value = None
            yield found.lastgroup, value


def fields(items: Value) -> dict[bytes, Value]:
    """Names and values that alternate in a list, as in FETCH; names in capitals."""
    if not isinstance(items, list):
        raise Garbled("there is no list")
    return {
        name.upper(): value for name, value in zip(items[::2], items[1::2], strict=False) if isinstance(name, bytes)
    }


def whole(value: Value) -> int | None:
    """The number, if it is one."""
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) < 20 else None


def instant(value: Value) -> datetime | None:
    """The date of an INTERNALDATE, in UTC; None when it cannot be read."""
    try:
        text = value.decode("ascii").strip() if isinstance(value, bytes) else ""
        return parsedate_to_datetime(text[:11].replace("-", " ") + text[11:]).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def day(date: datetime) -> bytes:
    """The day as SINCE takes it."""
    return f"{date.day}-{_MONTHS[date.month - 1]}-{date.year}".encode()


def quoted(value: bytes) -> bytes | None:
    """The value between quotation marks, or None when it has to travel as a literal."""
    if not _QUOTABLE.fullmatch(value):
        return None
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def folder_name(name: str) -> bytes:
    """The name of a folder as it is asked for, between quotation marks: what is beyond ASCII in IMAP's own UTF-7."""
    coded = _BEYOND_ASCII.sub(_in_utf7, name.replace("&", "&-")).encode("ascii")
    return b'"' + coded.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _in_utf7(beyond: re.Match[str]) -> str:
    coded = base64.b64encode(beyond[0].encode("utf-16-be", "surrogatepass")).decode()
    return "&" + coded.rstrip("=").replace("/", ",") + "-"

"""The headers of a mail, read one by one: what is broken in one costs that one and nothing else.

The parser of `email.policy.default` reads headers while it takes the mail apart, and raises on some that exist.
So structure is read without it, and each header here, from its raw text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.utils import getaddresses, parsedate_to_datetime

from lumi.integrations.mail.charsets import decoded, storable, unescaped

BROKEN = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
)
"""What the standard library raises on mail that is not as it should be."""

_LONGEST_HEADER = 32_768
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 320
_LONGEST_ID = 900
_MOST_IDS = 200
_BRACKETED_ID = re.compile(rf"<([^<>\s]{{1,{_LONGEST_ID}}})>")
_BARE_ID = re.compile(rf"[^<>\s,;]{{1,{_LONGEST_ID // 2}}}@[^<>\s,;@]{{1,{_LONGEST_ID // 2}}}")
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@]{1,64}@[^\s<>()\[\]\",;:@]{1,253}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: `address` in lower case, `name` as its owner writes it, or empty."""

    address: str
    name: str = ""


class Headers:
    """The headers of one mail or part, by name without regard to case."""

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in items:
            plain = _CONTROLS.sub(" ", unescaped(str(value)[:_LONGEST_HEADER]))
            self._values.setdefault(name.lower(), []).append(plain.strip())

    def every(self, name: str) -> list[str]:
        """All values of this header, unfolded, still encoded."""
        return self._values.get(name.lower(), [])

    def first(self, name: str) -> str | None:
        """The first value of this header, or None when it is not there."""
        return next(iter(self.every(name)), None)

    def text(self, name: str) -> str:
        """The first value in words, on one line; empty when it is not there."""
        return in_words(self.first(name) or "")

    def ids(self, name: str) -> tuple[str, ...]:
        """The message ids in this header, each as `<id@host>`, in their order and once."""
        value = " ".join(self.every(name))[:_LONGEST_HEADER]
        found = _BRACKETED_ID.findall(value) or _BARE_ID.findall(value)
        return tuple(dict.fromkeys(f"<{each}>" for each in found))[:_MOST_IDS]

    def addresses(self, name: str) -> tuple[Address, ...]:
        """The mailboxes in this header; what is none is left out."""
        return tuple(each for value in self.every(name) for each in _addresses(value))

    def instant(self, name: str) -> datetime | None:
        """The time in this header, in UTC; None when there is none that can be read."""
        try:
            found = parsedate_to_datetime(self.first(name) or "")
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except BROKEN:
            return None


def in_words(value: str) -> str:
    """The words of a header that may hold encoded ones, on one line."""
    if "=?" in value:
        try:
            parts = decode_header(value)
            value = "".join(part if isinstance(part, str) else decoded(part, charset or "") for part, charset in parts)
        except BROKEN:
            pass  # words that cannot be decoded are shown as they came
    return _SPACES.sub(" ", _CONTROLS.sub(" ", storable(value))).strip()


def _addresses(value: str) -> list[Address]:
    try:
        pairs = getaddresses([value])
    except BROKEN:
        pairs = []
    found = [each for name, address in pairs if (each := _address(name, address))]
    if found:
        return found
    # Some programs encode name and address as one word, or forget every rule.
    loose = _ADDRESS.findall(in_words(value))
    return [each for address in loose if (each := _address("", address))]


def _address(name: str, address: str) -> Address | None:
    plain = address.strip().lower()
    if len(plain) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(plain):
        return None
    shown = in_words(name)
    if "=?" in shown:  # the encoded word ended behind the address
        shown = in_words(f"{name}?=")
    shown = shown.strip("\"' ")[:_LONGEST_NAME]
    return Address(plain, "" if shown.lower() == plain else shown)

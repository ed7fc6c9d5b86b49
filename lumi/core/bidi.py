"""Text put into a sentence that may run the other way."""

import unicodedata
from functools import lru_cache
from typing import Literal

from babel import Locale
from fluent.runtime.types import FluentType

Direction = Literal["ltr", "rtl"]

# Fluent refuses to format more than 2,500 characters; nothing meant for the middle of a sentence is so long.
LONGEST_CHARACTERS = 1_000
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"


class Embedded(FluentType):
    """A text variable: isolated in a sentence of the other direction, compared as it is in a selector."""

    __slots__ = ("_surrounding", "_text")

    def __init__(self, text: str, surrounding: Direction) -> None:
        self._text = text if len(text) <= LONGEST_CHARACTERS else f"{text[:LONGEST_CHARACTERS]}…"
        self._surrounding: Direction = surrounding

    def format(self, locale: Locale) -> str:
        """The text as it stands in the sentence."""
        if not _runs_against(self._text, self._surrounding):
            return self._text
        return f"{ISOLATE}{self._text}{END_OF_ISOLATE}"

    def __eq__(self, other: object) -> bool:
        return self._text == (other._text if isinstance(other, Embedded) else other)

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=4096)
def _runs_against(text: str, surrounding: Direction) -> bool:
    against = {"L"} if surrounding == "rtl" else {"R", "AL"}
    return any(unicodedata.bidirectional(letter) in against for letter in text)

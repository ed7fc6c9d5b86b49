"""Text into the words that are indexed and searched."""

import re
import unicodedata

from lumi.modules.knowledge.engine import arabic

_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"ё": "е", "œ": "oe", "æ": "ae"})
# Longer runs of letters are noise, and no index entry may grow with its input.
LONGEST_WORD_CHARACTERS = 64


def surface(text: str) -> list[str]:
    """The words of a text in order: lower case, compatibility forms and Arabic letters made one."""
    text = arabic.same_letters(unicodedata.normalize("NFKC", text).lower()).translate(_LETTERS)
    return [word[:LONGEST_WORD_CHARACTERS] for word in _WORD.findall(text)]


def root(word: str) -> str:
    """A word from `surface` as the index takes it: Arabic is stemmed here, all else by the database."""
    return arabic.stem(word) if arabic.is_arabic(word) else word

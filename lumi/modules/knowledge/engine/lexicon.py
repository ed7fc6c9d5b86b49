"""Concepts: what guests ask about, recognised by the words of eight languages (`lexicon.yaml`).

They are what lets a German question find a French answer. No word of a person's text is translated.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

import yaml

from lumi.modules.knowledge.engine import arabic, words

_HERE = Path(__file__).parent
_PARTICLES = "بلفكو"


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept named by `length` words from the word at `start`."""

    start: int
    length: int
    concept: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    concept: str
    rest: tuple[str, ...]


@dataclass(slots=True)
class _Shelf:
    """The phrases of one language by how their first word is recognised."""

    whole: dict[str, list[_Phrase]] = field(default_factory=dict[str, list[_Phrase]])
    beginning: dict[str, list[_Phrase]] = field(default_factory=dict[str, list[_Phrase]])
    ending: dict[str, list[_Phrase]] = field(default_factory=dict[str, list[_Phrase]])

    def starting_with(self, forms: Sequence[str]) -> Iterator[_Phrase]:
        for form in forms:
            yield from self.whole.get(form, ())
            begun = 0
            for size in range(2, len(form) + 1):
                phrases = self.beginning.get(form[:size], ())
                begun = size if phrases else begun
                yield from phrases
            # The end of a compound is read from what its beginning left over: Anzahlung is no Zahlung.
            for size in range(2, min(len(form), len(form) - begun + 1)):
                yield from self.ending.get(form[-size:], ())


def languages() -> tuple[str, ...]:
    """The languages the lexicon knows."""
    return tuple(_shelves())


@cache
def concepts() -> frozenset[str]:
    """Everything the lexicon has words for."""
    return frozenset(cast("dict[str, object]", _read("lexicon.yaml")))


def mentions(surfaces: Sequence[str], lang: str | None) -> list[Mention]:
    """The concepts a text names, in its own language, or in any when that is not known.

    `surfaces` come from `words.surface`. A concept is told once for each place it begins at.
    """
    used = [lang] if lang in _shelves() else list(_shelves()) if lang is None else []
    found: dict[tuple[int, str], int] = {}
    for start, word in enumerate(surfaces):
        for phrase in (phrase for shelf in used for phrase in _beginning_with(shelf, word)):
            length = 1 + len(phrase.rest)
            following = surfaces[start + 1 : start + length]
            if len(following) == len(phrase.rest) and all(map(_fits, phrase.rest, following)):
                found[start, phrase.concept] = max(length, found.get((start, phrase.concept), 0))
    return _longest([Mention(start, length, concept) for (start, concept), length in found.items()])


def _longest(found: list[Mention]) -> list[Mention]:
    """Without those that are a part of a longer one: a gift card is no card to pay with."""
    phrases = [one for one in found if one.length > 1]
    return [one for one in found if not any(_is_part(one, whole) for whole in phrases)]


def _is_part(one: Mention, whole: Mention) -> bool:
    return (
        one.length < whole.length and one.start >= whole.start and one.start + one.length <= whole.start + whole.length
    )


@cache
def fillers(lang: str | None) -> frozenset[str]:
    """Words of a question in this language, or in any, that say nothing about its subject."""
    listed = cast("dict[str, str]", _read("fillers.yaml"))
    texts = [listed[lang]] if lang in listed else listed.values() if lang is None else []
    return frozenset(word for text in texts for word in words.surface(text))


@lru_cache(maxsize=65_536)
def _beginning_with(lang: str, word: str) -> tuple[_Phrase, ...]:
    return tuple(_shelves()[lang].starting_with(_forms(word)))


def _fits(pattern: str, word: str) -> bool:
    forms = _forms(word)
    if pattern.endswith("*"):
        return any(form.startswith(pattern[:-1]) for form in forms)
    return pattern in forms


@lru_cache(maxsize=65_536)
def _forms(word: str) -> tuple[str, ...]:
    """How a word may stand in the lexicon: without accents; Arabic also without particle and article."""
    if not arabic.is_arabic(word):
        return (_plain(word),)
    forms = [word, arabic.stem(word)]
    if word[0] in _PARTICLES and len(word) >= 5:
        forms += [word[1:], arabic.stem(word[1:])]
    return tuple(dict.fromkeys(forms))


def _plain(word: str) -> str:
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@cache
def _shelves() -> dict[str, _Shelf]:
    shelves: dict[str, _Shelf] = {}
    for concept, languages_of in cast("dict[str, dict[str, str]]", _read("lexicon.yaml")).items():
        for lang, listed in languages_of.items():
            shelf = shelves.setdefault(lang, _Shelf())
            for written in listed.split(","):
                _put(shelf, concept, written.split())
    return shelves


def _put(shelf: _Shelf, concept: str, patterns: list[str]) -> None:
    first, *rest = [_pattern(word) for word in patterns]
    phrase = _Phrase(concept, tuple(rest))
    if first.startswith("*"):
        shelf.ending.setdefault(first[1:], []).append(phrase)
    elif first.endswith("*"):
        shelf.beginning.setdefault(first[:-1], []).append(phrase)
    else:
        shelf.whole.setdefault(first, []).append(phrase)


def _pattern(written: str) -> str:
    """One word of the lexicon in the form `_forms` gives, its stars kept."""
    bare = _plain("".join(words.surface(written.strip("*"))))
    if arabic.is_arabic(bare) and "*" not in written:
        bare = arabic.stem(bare)
    return ("*" if written.startswith("*") else "") + bare + ("*" if written.endswith("*") else "")


def _read(name: str) -> object:
    with (_HERE / name).open(encoding="utf-8") as file:
        return yaml.load(file, yaml.CSafeLoader)

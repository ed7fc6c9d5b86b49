"""How common a word is in each language, from the frequency lists of the `wordfreq` wheel.

The lists are read from the wheel's files without importing the package, which would load much that is not
needed here. Of each word only a number remains, so a language costs a few hundred kilobytes.
"""

import gzip
import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distribution
from typing import Protocol, cast
from zlib import crc32

from msgpack import Unpacker  # pyright: ignore[reportUnknownVariableType] -- it ships no types

# wordfreq counts in centibels: bucket 400 holds the words with a frequency of 10 ** -4.
CENTIBEL = math.log(10) / 100
_LEVEL_BITS = 10
_LOST_LETTERS = 120


class _Packed(Protocol):
    """What is used of an untyped unpacker: a file of buckets of words, read one by one."""

    def read_array_header(self) -> int: ...
    def skip(self) -> None: ...
    def unpack(self) -> list[str]: ...


def ranked(language: str, least: int) -> Iterator[tuple[str, int]]:
    """The words of a language, most common first, with their centibels below 1, down to `least`."""
    path = distribution("wordfreq").locate_file(f"wordfreq/data/large_{language}.msgpack.gz")
    with gzip.open(str(path)) as packed:
        unpacker = cast("_Packed", Unpacker(packed, raw=False, read_size=1 << 16))
        buckets = unpacker.read_array_header()
        unpacker.skip()  # the header of the format
        for level in range(min(buckets - 1, least)):
            for word in unpacker.unpack():
                yield word, level


class Lexicon:
    """The frequencies of some languages' words."""

    def __init__(self, languages: Sequence[str], *, least: int, chat: Mapping[str, Sequence[str]], common: int) -> None:
        """`chat` names words that are `common` (centibels) in messages, whatever the lists say."""
        self._levels = [_levels(language, least, chat.get(language, ()), common) for language in languages]

    def logs(self, word: str) -> Sequence[float | None]:
        """For each language the natural logarithm of the word's frequency; None where it is not known."""
        key = crc32(word.encode()) << _LEVEL_BITS
        return [_found(levels, key) for levels in self._levels]


def _levels(language: str, least: int, chat: Sequence[str], common: int) -> "array[int]":
    """Sorted numbers: the word's check sum and, in the lower bits, its level. Two words of one sum are rare (1 in
    40,000) and cost a wrong frequency of one word."""
    levels: dict[int, int] = {}
    lost: dict[int, int] = {}
    for word, level in ranked(language, least):
        levels.setdefault(crc32(word.encode()), level)
        if not word.isascii() and level + _LOST_LETTERS < least:
            lost.setdefault(crc32(_without_accented(word)), level + _LOST_LETTERS)
    for word in chat:
        key = crc32(word.encode())
        levels[key] = min(common, levels.get(key, common))
    return array("Q", sorted(key << _LEVEL_BITS | level for key, level in (lost | levels).items()))


def _without_accented(word: str) -> bytes:
    """As a word arrives from a gateway or an old mail program that drops what is not ASCII: `educacin`."""
    return word.encode("ascii", "ignore")


def _found(levels: "array[int]", key: int) -> float | None:
    index = bisect_left(levels, key)
    if index == len(levels) or levels[index] >> _LEVEL_BITS != key >> _LEVEL_BITS:
        return None
    return -(levels[index] & ((1 << _LEVEL_BITS) - 1)) * CENTIBEL

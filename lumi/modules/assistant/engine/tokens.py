"""The words of a message, each with its script and how much it says about the language of the whole."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

# A message shows its language within its first lines; the rest is not read.
LONGEST_TEXT = 1_200
MOST_WORDS = 150
LONGEST_WORD = 32


class Script(StrEnum):
    """The three scripts that the eight languages are written in."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    ARABIC = "arabic"


@dataclass(frozen=True, slots=True)
class Word:
    """One word in lower case. `weight` is below 1 where it is likely a name or quoted."""

    text: str
    script: Script
    weight: float


_QUOTED, _NAME = 0.25, 0.4
# What stands in lower case inside names: Casa de la Playa, House of Hair, Hotel zur Post.
_JOINT = re.compile(r"d[eiao]|des|du|dos|l[ae]s?|el|los|of|the|and|with|della?|e|et|y|zu[rm]|am|von|al")
_LONGEST_JOINT = 3
_ADDRESS = re.compile(r"@|://|^www\.|\w\.(?:com|org|net|io|app|eu|co)\b")
_WORD = re.compile(
    r"(?P<latin>[A-Za-zÀ-ÖØ-öø-\u024f\u1e00-\u1eff]+(?:'[A-Za-zÀ-ÖØ-öø-\u024f]+)*)"
    r"|(?P<cyrillic>[\u0400-\u052f]+)"
    r"|(?P<arabic>[\u0620-\u063f\u0641-\u064a\u0671-\u06d3\u06fa-\u06ff\u0750-\u077f]+)"
)
_QUOTES = re.compile(r'"[^"]{1,60}"|«[^»]{1,60}»|“[^”]{1,60}”|„[^“”]{1,60}[“”]')
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_UNSEEN = {"Cf", "Mn", "Cc"}


def words(text: str) -> Sequence[Word]:
    """The words of `text` in order, addresses and words with digits left out.

    No more than its first 150 words within its first 1,200 characters.
    """
    plain = _plain(text)
    quoted = [found.span() for found in _QUOTES.finditer(plain)]
    prose = (match for match in _WORD.finditer(plain) if not _beside_a_digit(plain, match))
    found = list(islice(prose, MOST_WORDS))
    names = _names(found)
    return [
        Word(_spelled(match.group()), Script(match.lastgroup or ""), _weight(match, quoted, index in names))
        for index, match in enumerate(found)
    ]


def _plain(text: str) -> str:
    """Compatibility forms made ordinary; what is not seen (direction marks, vowel signs, joiners) taken out."""
    composed = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])[:LONGEST_TEXT]
    seen = "".join(_visible(composed))
    return " ".join(chunk for chunk in seen.split() if not _ADDRESS.search(chunk))


def _visible(text: str) -> Iterator[str]:
    for letter in text:
        if letter.isascii():
            yield letter
        elif letter in "’ʼ‘`´":
            yield "'"
        elif unicodedata.category(letter) not in _UNSEEN and letter != "ـ":
            yield letter


def _beside_a_digit(text: str, match: re.Match[str]) -> bool:
    """Codes such as `K7P2` and `15h` are no words."""
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return before.isdigit() or after.isdigit()


def _names(found: Sequence[re.Match[str]]) -> set[int]:
    """Which words are likely names: capitals but for the first word, and what joins two of them.

    None where everything is shouted or titled, unless in a text of two scripts: there capitals are names.
    """
    capitals = [match.group()[0].isupper() for match in found]
    one_script = len({match.lastgroup for match in found}) == 1
    if len(found) < 3 or (one_script and sum(capitals) * 2 > len(found) + 1):
        return set()
    names = {index for index, capital in enumerate(capitals) if capital and index > 0}
    if not one_script:
        names |= {index for index, match in enumerate(found) if _in_compound(match)}
    for index in sorted(names):
        joined = next((gap for gap in range(1, _LONGEST_JOINT + 1) if index + gap in names), 0)
        between = range(index + 1, index + joined)
        if all(_JOINT.fullmatch(found[inner].group()) for inner in between):
            names.update(between)
    return names


def _in_compound(match: re.Match[str]) -> bool:
    """Whether a Latin word is joined to another by a hyphen, as terms are: `check-in`."""
    return match.lastgroup == Script.LATIN and "-" in match.string[max(0, match.start() - 1) : match.end() + 1]


def _weight(match: re.Match[str], quoted: Sequence[tuple[int, int]], name: bool) -> float:
    if any(start <= match.start() < end for start, end in quoted) and not _covers_all(match, quoted):
        return _QUOTED
    return _NAME if name else 1.0


def _covers_all(match: re.Match[str], quoted: Sequence[tuple[int, int]]) -> bool:
    """A message that is one quotation is not a quotation in something else."""
    return any(end - start >= 0.9 * len(match.string.strip()) for start, end in quoted)


def _spelled(word: str) -> str:
    """In lower case, as it is spelled: `hoooola` is `hola`."""
    return _DRAWN_OUT.sub(r"\1", word.lower())[:LONGEST_WORD]

"""How likely a spelling is in each language, for words that no list knows.

A letter is predicted from the three before it, learned from each language's most common words. Where a language
has not seen the three letters, it is judged by the two before, and so on (Witten and Bell's smoothing).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

_ORDER = 4
_START, _END = "^", "$"
_ALPHABET = 100
_SMOOTHING = 0.75
# A word counts by its frequency to this power: by type more than by use, or `the` would teach half of English.
_FLATTEN = 0.3
# Logarithms are kept as one byte each.
_STEP = 16.0

Grams = Mapping[str, float]


class Spelling:
    """What the spelling of a word says about its language."""

    def __init__(self, learned: "Learned") -> None:
        self._languages = learned.languages
        places = range(0, len(learned.rows), self._languages)
        grams = zip(learned.grams.split(" "), places, strict=True)
        self._steps = {gram: learned.rows[at : at + self._languages] for gram, at in grams}

    def logs(self, word: str) -> Sequence[float]:
        """For each language the natural logarithm of how likely this spelling is."""
        text = f"{_START}{word}{_END}"
        totals = [0] * self._languages
        for end in range(2, len(text) + 1):
            for language, step in enumerate(self._row(text, end)):
                totals[language] -= step
        return [total / _STEP for total in totals]

    def _row(self, text: str, end: int) -> bytes:
        """The letter before `end`, given as many letters before it as any language knows."""
        for start in range(max(0, end - _ORDER), end):
            row = self._steps.get(text[start:end])
            if row is not None:
                return row
        return b"\xff" * self._languages


@dataclass(frozen=True, slots=True)
class Learned:
    """The runs of letters that were seen, with spaces between them, and one byte a language for each."""

    languages: int
    grams: str
    rows: bytes


def learn(vocabularies: Sequence[Iterable[tuple[str, float]]], *, words: int) -> Learned:
    """From the first `words` entries (word, logarithm of its frequency) of each language's vocabulary.

    Two long texts, not yet a `Spelling`: among all that is counted here its many small parts would lie scattered.
    """
    steps = _steps([_counted(islice(_plain(vocabulary), words)) for vocabulary in vocabularies])
    return Learned(len(vocabularies), " ".join(steps), b"".join(steps.values()))


def _plain(vocabulary: Iterable[tuple[str, float]]) -> Iterable[tuple[str, float]]:
    return ((word, log) for word, log in vocabulary if word.isalpha())


def _counted(vocabulary: Iterable[tuple[str, float]]) -> Grams:
    """How often each run of one to four letters occurs; the average word weighs 1."""
    weighed = [(word, math.exp(log * _FLATTEN)) for word, log in vocabulary]
    longest: Counter[str] = Counter()
    unit = len(weighed) / sum(weight for _, weight in weighed)
    for word, weight in weighed:
        text = f"{_START}{word}{_END}"
        for end in range(2, len(text) + 1):
            longest[text[max(0, end - _ORDER) : end]] += weight * unit  # pyright: ignore[reportArgumentType] -- typed for int
    counts: dict[str, float] = defaultdict(float)
    for gram, count in longest.items():
        for start in range(len(gram)):
            counts[gram[start:]] += count
    return counts


def _steps(counted: Sequence[Grams]) -> Mapping[str, bytes]:
    """For every run of letters any language has seen, the minus logarithm of its last letter in each language."""
    likely: dict[str, list[float]] = {"": [1 / _ALPHABET] * len(counted)}
    contexts = [_contexts(counts) for counts in counted]
    for gram in sorted({gram for counts in counted for gram in counts}, key=len):
        shorter = likely.get(gram[1:], likely[""])
        likely[gram] = [
            _smoothed(counts.get(gram, 0.0), *context.get(gram[:-1], (0.0, 0)), below)
            for counts, context, below in zip(counted, contexts, shorter, strict=True)
        ]
    return {gram: bytes(min(255, round(-math.log(chance) * _STEP)) for chance in row) for gram, row in likely.items()}


def _contexts(counts: Grams) -> Mapping[str, tuple[float, int]]:
    """For each context how often it was seen and how many letters followed it."""
    contexts: dict[str, tuple[float, int]] = {}
    for gram, count in counts.items():
        total, kinds = contexts.get(gram[:-1], (0.0, 0))
        contexts[gram[:-1]] = (total + count, kinds + 1)
    return contexts


def _smoothed(count: float, total: float, kinds: int, below: float) -> float:
    if not kinds:
        return below
    share = _SMOOTHING * kinds
    return (count + share * below) / (total + share)

"""The last word on the order: what a question asks of its subject, and what titles say.

Only passages in the question's own language are weighed here: for others the words of titles cannot be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from lumi.modules.knowledge import rules
from lumi.modules.knowledge.engine import lexicon, words
from lumi.modules.knowledge.engine.question import KINDS
from lumi.modules.knowledge.values import Asked, Passage

# A title that asks the same kind of thing (how much, how long), and one that asks another kind.
_SAME_KIND, _OTHER_KIND = 1.15, 0.7
# What a title gains when all it says was asked.
_ALL_SAID = 0.2
# Passages are near when their scores are; the one with so much more evidence then goes first.
_NEAR, _MORE_EVIDENCE = 0.85, 0.08
_SHORTEST_ALIKE = 4


@dataclass(frozen=True, slots=True)
class _Title:
    roots: frozenset[str]
    kinds: frozenset[str]
    is_question: bool
    is_heading: bool


def ranked(question: str, lang: str | None, asked: Asked, found: Sequence[Passage]) -> list[Passage]:
    """The passages best first, with scores to match; evidence falls where a title asks another kind of thing."""
    if lang is None or not found:
        return list(found)
    kinds = _kinds(words.surface(question), lang)
    content = frozenset(asked.words)
    order = sorted((_weighed(one, lang, kinds, content) for one in found), key=lambda one: -one.score)
    return _with_more_evidence_first(order, lang, content)


def _weighed(passage: Passage, lang: str, kinds: frozenset[str], content: frozenset[str]) -> Passage:
    if passage.lang != lang:
        return passage
    title = _title(passage.title, lang)
    fit = 1.0
    if title.is_question and kinds and title.kinds:
        fit = _SAME_KIND if kinds & title.kinds else _OTHER_KIND
    said = 1.0
    if title.roots and (title.is_question or title.is_heading):
        said += _ALL_SAID * sum(_is_among(root, content) for root in title.roots) / len(title.roots)
    return replace(passage, score=passage.score * fit * said, evidence=passage.evidence * min(1.0, fit))


def _with_more_evidence_first(order: list[Passage], lang: str, content: frozenset[str]) -> list[Passage]:
    """Of near passages the one that speaks of more of what was asked, if its title carries no less of it."""
    top = order[0]
    if top.lang != lang:
        return order
    carried = _carried(content, top)
    near = [
        one
        for one in order[1:]
        if one.score >= _NEAR * top.score
        and one.evidence >= top.evidence + _MORE_EVIDENCE
        and one.lang == lang
        and _carried(content, one) >= carried
    ]
    if not near:
        return order
    best = max(near, key=lambda one: one.evidence)
    return [replace(best, score=top.score), *(one for one in order if one is not best)]


def _carried(content: frozenset[str], passage: Passage) -> int:
    roots = _title(passage.title, passage.lang, whole=True).roots
    return sum(_is_among(word, roots) for word in content)


def _is_among(word: str, others: frozenset[str]) -> bool:
    return word in others or any(_are_alike(word, other) for other in others)


def _are_alike(one: str, other: str) -> bool:
    """Whether two words begin alike for most of their length, as forms of one word do."""
    size = max(_SHORTEST_ALIKE, -(-7 * max(len(one), len(other)) // 10))
    return len(one) >= size and one[:size] == other[:size]


@lru_cache(maxsize=16_384)
def _title(title: str, lang: str, *, whole: bool = False) -> _Title:
    """What a title says; of a way to a section only the last heading, unless the whole is wanted."""
    heading = title if whole else title.rpartition(" › ")[2]
    fillers = lexicon.fillers(lang)
    return _Title(
        frozenset(words.root(word) for word in words.surface(heading) if word not in fillers),
        _kinds(words.surface(title), lang),
        rules.is_question(title),
        heading != title,
    )


def _kinds(surfaces: list[str], lang: str) -> frozenset[str]:
    return KINDS.intersection(mention.concept for mention in lexicon.mentions(surfaces, lang))

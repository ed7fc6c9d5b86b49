"""The last word on the order of what was found, and how surely each passage is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lumi.modules.knowledge.engine import judging, signs
from lumi.modules.knowledge.engine.signs import Signs
from lumi.modules.knowledge.values import Asked, Found, Passage


@dataclass(frozen=True, slots=True)
class _Judged:
    passage: Passage
    signs: Signs
    place: float


def ranked(lang: str | None, asked: Asked, found: Sequence[Found]) -> list[Passage]:
    """The passages best first, with scores to match and their evidence; `lang` is the question's."""
    if not found:
        return []
    judged = sorted(_judged(lang, asked, found), key=lambda one: -one.place)
    best = judged[0].place
    top = max(one.passage.score for one in found)
    return [
        replace(
            one.passage,
            score=top * judging.as_score(one.place - best),
            evidence=judging.evidence(one.signs, _lead(one, judged)),
        )
        for one in judged
    ]


def _judged(lang: str | None, asked: Asked, found: Sequence[Found]) -> list[_Judged]:
    question = signs.asking(asked, lang)
    top = max(one.passage.score for one in found)
    there = alike = 0
    for one in found:
        there |= one.exact | one.named
        alike |= one.alike
    read = [signs.signs(question, one, (there, alike), top) for one in found]
    return [_Judged(one.passage, each, judging.order(each)) for one, each in zip(found, read, strict=True)]


def _lead(one: _Judged, judged: Sequence[_Judged]) -> float:
    """How far a passage stands before the best of another document, among the question's language or the others.

    What says the same in another language is no rival.
    """
    others = (
        other.place
        for other in judged
        if other.signs.is_foreign == one.signs.is_foreign and other.passage.document_id != one.passage.document_id
    )
    return one.place - next(others, float("-inf"))

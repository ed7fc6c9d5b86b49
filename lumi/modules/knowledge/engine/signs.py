"""What can be read off a question and a passage that speaks for one being the answer to the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lumi.modules.knowledge.engine import lexicon, sought, titles
from lumi.modules.knowledge.engine.question import KINDS
from lumi.modules.knowledge.values import Asked, Found

# What is done with a subject: it says little of what a question is about.
_RELATIONS = frozenset(
    ("advice", "between_contact", "bring_own", "buy", "choose", "company", "contact", "enrol", "included", "repair",
     "today", "visitors", "wait", "waiting_list", "work_desk")
)  # fmt: skip
# The house one writes to, named in passing.
_HERE = frozenset(("hotel", "office", "salon"))
_LIGHT = KINDS | _RELATIONS | _HERE
# Of each of these a question means one: who asks for the one is not answered about the other.
_RIVALS = (
    frozenset(("check_in", "check_out")),
    frozenset(("woman", "man", "children", "teenager", "senior")),
    frozenset(("breakfast", "lunch", "dinner")),
    frozenset(("cancel", "reschedule", "no_show", "late", "cancelled_by_us")),
    frozenset(("metro", "bus", "train", "taxi", "airport", "car", "bicycle")),
)
# A place with a name is meant like nothing else.
_CITIES = frozenset(one for one in lexicon.concepts() if one.startswith("city_"))
_ANOTHER_CITY = 4.0
# Kinds that answer one another: where it is says how far.
_AKIN = (
    frozenset(("address", "distance", "how_to_get_there")),
    frozenset(("opening_hours", "start_date", "how_often")),
)
_LIGHTLY = 0.5
# How much a word proves that is there as it is, by its concept, as a part of another phrase, or as something alike.
_EXACT, _NAMED, _OTHERWISE, _ALIKE = 1.0, 0.9, 0.7, 0.5
_TOGETHER = 8
_OF_A_CLAUSE = 0.8


class Signs(NamedTuple):
    """What speaks for a passage and against it, or how much each sign weighs. Shares are 0 to 1, by weight.

    covered: of what was asked, the passage speaks of. nowhere: no passage speaks of, at home: in the question's
    language. titled: the title says.
    said: of the title, was asked. agreed: titled and said. same_kind, other_kind: the title asks the same kind of
    thing, or another. meant: same kind, as far as the title was asked. unfitting: no price where one was asked.
    near: to the best score. rival: the title is about the other of two. counting: it says how many where that was
    asked. close: what was asked stands together.
    """

    covered: float
    nowhere: float
    nowhere_at_home: float
    titled: float
    said: float
    agreed: float
    same_kind: float
    meant: float
    other_kind: float
    unfitting: float
    near: float
    is_question: float
    is_heading: float
    is_foreign: float
    covered_abroad: float
    rival: float
    counting: float
    close: float


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as it is judged by: of each word its concepts, and how much of its weight counts."""

    asked: Asked
    lang: str | None
    concepts: frozenset[str]
    begins: frozenset[str]
    of_word: tuple[frozenset[str], ...]
    share: tuple[float, ...]


def asking(asked: Asked, lang: str | None) -> Asking:
    """What is judged by, from a question taken apart."""
    of_unit: dict[int, set[str]] = {}
    for unit, concept in zip(asked.concept_units, asked.concepts, strict=True):
        of_unit.setdefault(unit, set()).add(concept)
    of_word = tuple(frozenset(of_unit.get(unit, ())) for unit in asked.units)
    share = tuple(_LIGHTLY if concepts and concepts <= _LIGHT else 1.0 for concepts in of_word)
    return Asking(asked, lang, frozenset(asked.concepts), frozenset(map(titles.begins, asked.words)), of_word, share)


def signs(question: Asking, one: Found, seen: tuple[int, int], top: float) -> Signs:
    """The signs of a passage; `seen` are the words that any passage has, or has alike; `top` is the best score."""
    weights = [share * (weight or 0.0) for share, weight in zip(question.share, one.weights, strict=False)]
    whole = sum(weights) or 1.0
    title = titles.read(one.passage.title, one.passage.lang)
    own = one.passage.lang == question.lang
    tells = title.is_question or title.is_heading
    covered = _covered(question, one, weights, whole)
    titled = _titled(question, title, weights, whole, own=own) if tells else 0.0
    said = _said(question, title, own=own) if tells else 0.0
    both = tells and bool(question.asked.kinds) and bool(title.kinds)
    same = float(both and not question.asked.kinds.isdisjoint(title.kinds))
    wanted, counted = question.asked.wanted, question.asked.counted
    holds = any(sought.has(kind, one.passage.text, one.concepts) for kind in wanted)
    is_foreign = float(question.lang is not None and not own)
    nowhere = sum(weight * (1.0 - _seen(seen, bit)) for bit, weight in enumerate(weights)) / whole
    return Signs(
        covered=covered,
        nowhere=nowhere,
        nowhere_at_home=nowhere * (1.0 - is_foreign),
        titled=titled,
        said=said,
        agreed=titled * said,
        same_kind=same,
        meant=same * said,
        other_kind=float(both and not same and not _are_akin(question.asked.kinds, title.kinds)),
        unfitting=float(bool(wanted) and not holds),
        near=math.log(max(one.passage.score, 1e-6) / max(top, 1e-6)),
        is_question=float(title.is_question),
        is_heading=float(title.is_heading and not title.is_question),
        is_foreign=is_foreign,
        covered_abroad=covered * is_foreign,
        rival=_rival(question.concepts, title.concepts),
        counting=float(counted is not None and sought.counts(one.passage.text, counted)),
        close=_close(one, weights) / whole,
    )


def _covered(question: Asking, one: Found, weights: Sequence[float], whole: float) -> float:
    """The share of what was asked that the passage speaks of; who asks by small words only asks for a kind."""
    if not question.asked.words:
        return float(not question.concepts.isdisjoint(one.concepts))
    concepts = question.of_word
    return sum(weight * _quality(one, bit, concepts[bit]) for bit, weight in enumerate(weights)) / whole


def _close(one: Found, weights: Sequence[float]) -> float:
    """The most weight of what was asked that stands together within a few words."""
    weight_of = {term: weight for term, weight in zip(one.terms, weights, strict=False) if term is not None and weight}
    here = [(place, stem) for place, stem in enumerate(one.stems.split()) if stem in weight_of]
    best, first = 0.0, 0
    for last, (place, _) in enumerate(here):
        while here[first][0] <= place - _TOGETHER:
            first += 1
        best = max(best, sum(weight_of[stem] for stem in {stem for _, stem in here[first : last + 1]}))
    return best


def _quality(one: Found, bit: int, concepts: frozenset[str]) -> float:
    if one.exact >> bit & 1:
        return _EXACT if not concepts or one.named >> bit & 1 or not one.concepts else _OTHERWISE
    if one.named >> bit & 1:
        return _NAMED
    return _ALIKE if one.alike >> bit & 1 else 0.0


def _seen(seen: tuple[int, int], bit: int) -> float:
    return 1.0 if seen[0] >> bit & 1 else _ALIKE if seen[1] >> bit & 1 else 0.0


def _titled(question: Asking, title: titles.Title, weights: Sequence[float], whole: float, *, own: bool) -> float:
    """The share of what was asked that the title says."""
    there = 0.0
    for word, concepts, weight in zip(question.asked.words, question.of_word, weights, strict=False):
        if not concepts.isdisjoint(title.concepts) or _says(title, word, concepts, own=own):
            there += weight
    return there / whole


def _says(title: titles.Title, word: str, concepts: frozenset[str], *, own: bool) -> bool:
    if titles.begins(word) not in title.begins:
        return False
    return any(_is_same(word, concepts, item, own=own) for item in title.items)


def _said(question: Asking, title: titles.Title, *, own: bool) -> float:
    """The share of the title that was asked, or of a clause of it that names a subject.

    A word of another language that has no concept may have been asked, and counts for less.
    """
    whole: dict[int, float] = {}
    there: dict[int, float] = {}
    subjects: set[int] = set()
    for item in title.items:
        is_light = item.concepts <= _LIGHT and bool(item.concepts or not own)
        share = _LIGHTLY if is_light else 1.0
        whole[item.clause] = whole.get(item.clause, 0.0) + share
        if _was_asked(item, question, own=own):
            there[item.clause] = there.get(item.clause, 0.0) + share
            if not is_light:
                subjects.add(item.clause)
    if not there:
        return 0.0
    of_all = sum(there.values()) / sum(whole.values())
    return max(of_all, *(_OF_A_CLAUSE * there[clause] / whole[clause] for clause in subjects), 0.0)


def _was_asked(item: titles.Item, question: Asking, *, own: bool) -> bool:
    if not item.concepts.isdisjoint(question.concepts):
        return True
    if titles.begins(item.root) not in question.begins:
        return False
    pairs = zip(question.asked.words, question.of_word, strict=True)
    return any(_is_same(word, concepts, item, own=own) for word, concepts in pairs)


def _is_same(word: str, concepts: frozenset[str], item: titles.Item, *, own: bool) -> bool:
    """Whether a title has a word of a question. The check of check-in is not that of check-out."""
    if word == item.root or (own and titles.are_alike(word, item.root)):
        return not (concepts and item.concepts and concepts.isdisjoint(item.concepts))
    return False


def _are_akin(asked: frozenset[str], titled: frozenset[str]) -> bool:
    return any(asked & akin and titled & akin for akin in _AKIN)


def _rival(asked: frozenset[str], titled: frozenset[str]) -> float:
    if asked & _CITIES and titled & _CITIES and not asked & titled & _CITIES:
        return _ANOTHER_CITY
    return float(any(asked & rivals and titled & rivals and not asked & titled & rivals for rivals in _RIVALS))

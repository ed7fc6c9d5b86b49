"""How surely a passage answers a question: its signs weighed together.

The weights are a logistic regression's over the demo organisations' own cases and the tests' fresh ones: one that
orders the passages of a question, and one that says whether the first is an answer at all. What they reach on cases
that took no part in it stands in the tests, under held out.
"""

from __future__ import annotations

import math
from operator import mul

from lumi.modules.knowledge.engine.signs import Signs

_FIRST = Signs(
    covered=2.38, nowhere=0.0, nowhere_at_home=0.0, titled=0.67, said=1.75, agreed=1.87, same_kind=1.41, meant=1.34,
    other_kind=-0.99, unfitting=-1.54, near=3.61, is_question=-0.36, is_heading=0.36, is_foreign=-0.99,
    covered_abroad=0.0, rival=-0.44, counting=0.10, close=0.88,
)  # fmt: skip
_SURE = Signs(
    covered=2.19, nowhere=-1.48, nowhere_at_home=-0.52, titled=1.05, said=1.24, agreed=1.25, same_kind=0.94, meant=0.0,
    other_kind=0.05, unfitting=0.0, near=-0.25, is_question=0.37, is_heading=0.24, is_foreign=-0.25,
    covered_abroad=0.82, rival=-0.50, counting=0.0, close=0.50,
)  # fmt: skip
# Titles of neither kind, as a document's over all of it, say little of each part: the words decide.
_PLAIN = Signs(
    covered=0.0, nowhere=0.0, nowhere_at_home=0.0, titled=0.0, said=0.0, agreed=0.0, same_kind=0.0, meant=0.0,
    other_kind=0.0, unfitting=0.0, near=3.61, is_question=0.0, is_heading=0.0, is_foreign=-0.99, covered_abroad=0.0,
    rival=0.0, counting=0.72, close=1.08,
)  # fmt: skip
_WIDEST_GAP = 3.0
_GAP, _BASE = 0.84, -3.02


def order(signs: Signs) -> float:
    """Where a passage stands among those of its question: more is earlier."""
    return sum(map(mul, signs, _FIRST if signs.is_question or signs.is_heading else _PLAIN))


def as_score(difference: float) -> float:
    """By what the score differs of two passages whose `order` does."""
    return math.exp(difference / _FIRST.near)


def evidence(signs: Signs, gap: float) -> float:
    """How surely a passage is an answer, 0 to 1; `gap` is its lead in `order` over what comes next."""
    gap = max(-_WIDEST_GAP, min(_WIDEST_GAP, gap))
    return 1.0 / (1.0 + math.exp(-(sum(map(mul, signs, _SURE)) + _GAP * gap + _BASE)))

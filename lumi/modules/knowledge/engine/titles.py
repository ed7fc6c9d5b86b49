"""What a title says: its words that carry something, and the concepts they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lumi.modules.knowledge import rules
from lumi.modules.knowledge.engine import lexicon, words
from lumi.modules.knowledge.engine.question import kinds

_SHORTEST_ALIKE = 4
# Where a title that asks two things asks the second.
_CLAUSE = re.compile(
    r",? (?:et|and|y|e|und|и) (?=(?:combien|comment|où|quand|quels?|quelles?|à quel|en quel|puis|peut|how|what|when|"
    r"where|which|who|can|cómo|cuándo|cuánt[oa]s?|dónde|qué|a qué|cada|wann|was|welche|wie|wo|come|dove|quali?|quando|"
    r"quant[oiae]|como|onde|где|как|какие|когда|сколько)\b)| و(?=كم|هل|أين|ما|متى|كيف|في أي|بكم|لماذا)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Item:
    """A word of a title, or a phrase that names a concept."""

    root: str
    concepts: frozenset[str]
    clause: int


@dataclass(frozen=True, slots=True)
class Title:
    """A title taken apart; `kinds` are what it asks of its subject, as how much or how long."""

    items: tuple[Item, ...]
    begins: frozenset[str]
    concepts: frozenset[str]
    kinds: frozenset[str]
    is_question: bool
    is_heading: bool


@lru_cache(maxsize=16_384)
def read(title: str, lang: str) -> Title:
    """What a title says; of a way to a section only the last heading, but all that the way asks."""
    heading = title.rpartition(" › ")[2]
    clauses = [words.surface(clause) for clause in _CLAUSE.split(heading)]
    surfaces = [word for clause in clauses for word in clause]
    clause_of = [number for number, clause in enumerate(clauses) for _ in clause]
    named = lexicon.mentions(surfaces, lang)
    fillers = lexicon.fillers(lang)
    items: list[Item] = []
    for place, word in enumerate(surfaces):
        here = frozenset(one.concept for one in named if one.start <= place < one.start + one.length)
        if word not in fillers or any(one.start == place and one.length > 1 for one in named):
            items.append(Item(words.root(word), here, clause_of[place]))
    concepts = frozenset(one.concept for one in named)
    every = concepts if heading == title else _concepts(title, lang)
    starts = frozenset(begins(item.root) for item in items)
    return Title(tuple(items), starts, concepts, kinds(surfaces, every), rules.is_question(title), heading != title)


def _concepts(text: str, lang: str) -> frozenset[str]:
    return frozenset(one.concept for one in lexicon.mentions(words.surface(text), lang))


def begins(word: str) -> str:
    """What words that are alike have in common at least."""
    return word[:_SHORTEST_ALIKE]


def are_alike(one: str, other: str) -> bool:
    """Whether two words begin alike for most of their length, as forms of one word do."""
    if one[:_SHORTEST_ALIKE] != other[:_SHORTEST_ALIKE]:
        return False
    size = max(_SHORTEST_ALIKE, -(-7 * max(len(one), len(other)) // 10))
    return len(one) >= size and one[:size] == other[:size]

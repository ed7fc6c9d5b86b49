"""A question taken apart: one unit a content word, with the word and the concepts it may be found by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lumi.modules.knowledge.engine import lexicon, words
from lumi.modules.knowledge.values import Asked

# A message of 4,000 characters is searched by its first words; more would only cost time.
MOST_UNITS = 40
MOST_NAMED = 20
# What a question asks of its subject, beside the subject itself.
_ASKING = frozenset(
    words.surface(
        "what how quel quelle combien qué cuánto cuánta wie wieviel che quanto quanti quantas que quantos كم أي"
        " сколько скольки"
    )
)
KINDS = frozenset(
    (
        "price",
        "duration",
        "opening_hours",
        "start_date",
        "how_often",
        "age",
        "address",
        "distance",
        "how_to_get_there",
        "who",
    )
)

# Words that ask where and when by themselves. Many also open a clause: who asks when says so early or last.
_WHERE = frozenset(words.surface("where où dónde adónde wo dove onde أين وين فين где"))
_WHEN = frozenset(words.surface("when quand cuándo wann quando متى امتى когда"))
_EARLY = 3
_HOW_MANY = frozenset(words.surface("many cuántos cuántas quanti quante quantos quantas viele كم сколько"))

# Those whose asking phrase is made of asking words alone; "how much is the price" names its subject besides.
_ASKED_ALONE = frozenset(("duration", "opening_hours"))


def read(question: str, lang: str | None) -> Asked:
    """The units of a question in `lang`, or of unknown language; none when it has no word."""
    surfaces = words.surface(question)
    fillers = lexicon.fillers(lang)
    named = lexicon.mentions(surfaces, lang)[:MOST_NAMED]
    asking = _asking(named, surfaces)
    content = [place for place, word in enumerate(surfaces) if word not in fillers and place not in asking]
    if not content and not named:
        content = list(range(len(surfaces)))
    kept = _first_of_each(surfaces, content)[:MOST_UNITS]
    spoken = {place: words.root(surfaces[place]) for place in kept}
    concepts: dict[tuple[int, str], None] = {}
    soft: dict[int, None] = {}
    for mention in named:
        span = range(mention.start, mention.start + mention.length)
        carriers = [place for place in kept if place in span]
        if not carriers and not any(place in content for place in span):
            carriers = [mention.start]
            if mention.concept in KINDS:
                soft[mention.start] = None
            else:
                spoken[mention.start] = "".join(surfaces[place] for place in span)
        for place in carriers:
            concepts[place, mention.concept] = None
    concepts_named = {one.concept for one in named}
    return Asked(
        units=tuple(spoken),
        words=tuple(spoken.values()),
        concept_units=tuple(place for place, _ in concepts),
        concepts=tuple(concept for _, concept in concepts),
        soft=tuple(soft),
        kinds=kinds(surfaces, concepts_named),
        wanted=kinds(surfaces, concepts_named) - ({"address"} - concepts_named),
        counted=_counted(surfaces, fillers),
    )


def _counted(surfaces: Sequence[str], fillers: frozenset[str]) -> str | None:
    """What is to be counted: the word that follows how many."""
    for place, word in enumerate(surfaces[:-1]):
        if word in _HOW_MANY or surfaces[place : place + 2] == ["combien", "de"]:
            after = surfaces[place + (2 if word == "combien" else 1)] if place + 2 < len(surfaces) else surfaces[-1]
            return after if after not in fillers else None
    return None


def kinds(surfaces: Sequence[str], concepts: Iterable[str]) -> frozenset[str]:
    """What is asked of a subject by words that name these concepts, and by where and when."""
    found = set(KINDS.intersection(concepts))
    if _WHERE.intersection(surfaces):
        found.add("address")
    if _WHEN.intersection(surfaces[:_EARLY]) or _WHEN.intersection(surfaces[-1:]):
        found |= {"opening_hours", "start_date"}
    return frozenset(found)


def _asking(named: list[lexicon.Mention], surfaces: list[str]) -> set[int]:
    """The places of phrases that only ask, as "what time": they have an asking word and nothing besides."""
    phrases = (
        one
        for one in named
        if one.length > 1
        and one.concept in _ASKED_ALONE
        and _ASKING.intersection(surfaces[one.start : one.start + one.length])
    )
    return {place for one in phrases for place in range(one.start, one.start + one.length)}


def _first_of_each(surfaces: list[str], places: list[int]) -> list[int]:
    seen: dict[str, int] = {}
    for place in places:
        seen.setdefault(surfaces[place], place)
    return list(seen.values())

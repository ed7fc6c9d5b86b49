"""A question taken apart: one unit a content word, with the word and the concepts it may be found by."""

from lumi.modules.knowledge.engine import lexicon, words
from lumi.modules.knowledge.values import Asked

# A message of 4,000 characters is searched by its first words; more would only cost time.
MOST_UNITS = 40


def read(question: str, lang: str | None) -> Asked:
    """The units of a question in `lang`, or of unknown language; none when it has no word."""
    surfaces = words.surface(question)
    fillers = lexicon.fillers(lang)
    content = [place for place, word in enumerate(surfaces) if word not in fillers]
    named = lexicon.mentions(surfaces, lang)
    if not content and not named:
        content = list(range(len(surfaces)))
    kept = _first_of_each(surfaces, content)[:MOST_UNITS]
    concepts: dict[tuple[int, str], None] = {}
    soft: dict[int, None] = {}
    for mention in named:
        span = range(mention.start, mention.start + mention.length)
        carriers = [place for place in kept if place in span]
        if not carriers and not any(place in content for place in span):
            carriers = [mention.start]
            soft[mention.start] = None
        for place in carriers:
            concepts[place, mention.concept] = None
    return Asked(
        units=tuple(kept),
        words=tuple(words.root(surfaces[place]) for place in kept),
        concept_units=tuple(place for place, _ in concepts),
        concepts=tuple(concept for _, concept in concepts),
        soft=tuple(soft),
    )


def _first_of_each(surfaces: list[str], places: list[int]) -> list[int]:
    seen: dict[str, int] = {}
    for place in places:
        seen.setdefault(surfaces[place], place)
    return list(seen.values())

"""A section as the index takes it: its words and concepts field by field."""

from collections.abc import Sequence
from dataclasses import dataclass

from lumi.modules.knowledge.engine import arabic, lexicon, words


@dataclass(frozen=True, slots=True)
class Passage:
    """Words and concepts in reading order between single blanks; `count` is how many words there are."""

    title: str
    keywords: str
    body: str
    title_concepts: str
    body_concepts: str
    count: int


def read(lang: str, title: str, keywords: Sequence[str], body: str) -> Passage:
    """What the index is given for a section; keywords count as body, unseen."""
    titled, keyed, written = (words.surface(text) for text in (title, " ".join(keywords), body))
    return Passage(
        title=_indexed(titled),
        keywords=_indexed(keyed),
        body=_indexed(written),
        title_concepts=_concepts(titled, lang),
        body_concepts=_concepts(keyed + written, lang),
        count=len(titled) + len(keyed) + len(written),
    )


def _indexed(surfaces: list[str]) -> str:
    stops = lexicon.fillers("ar")
    return " ".join(words.root(word) for word in surfaces if not arabic.is_arabic(word) or word not in stops)


def _concepts(surfaces: list[str], lang: str) -> str:
    return " ".join(mention.concept for mention in lexicon.mentions(surfaces, lang))

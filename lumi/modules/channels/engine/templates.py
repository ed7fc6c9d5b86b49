"""Texts a provider approved before: which of them can say something when free text may not be sent any more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lumi.modules.channels.values.kinds import TemplateStatus
from lumi.modules.channels.values.outgoing import Template

LONGEST_BODY = 1024
PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
_NOT_IN_A_PLACE = re.compile(r"[\n\r\t]| {5,}")


@dataclass(frozen=True, slots=True)
class Approved:
    """A template as it is kept. `plain`: nothing but its body has places, and no file or button needs a value."""

    id: UUID
    name: str
    language: str
    body: str
    status: TemplateStatus
    plain: bool = True

    @property
    def places(self) -> tuple[str, ...]:
        """The places of its body, each once, in their order."""
        return tuple(dict.fromkeys(PLACE.findall(self.body)))


@dataclass(frozen=True, slots=True)
class Worded:
    """A template with what fills it, and what it then reads like."""

    template: Template
    reads: str


def carrying(text: str, among: Sequence[Approved], languages: Sequence[str]) -> Worded | None:
    """The template whose one place takes the whole text, unchanged; None when none does.

    A place takes no line break, no tab and no more than four spaces in a row, and a body with it filled at most
    1024 characters.
    """
    words = text.strip()
    if not words or _NOT_IN_A_PLACE.search(words):
        return None
    for each in _best_first(among, languages):
        if len(each.places) != 1:
            continue
        reads = PLACE.sub(lambda _place: words, each.body)
        if len(reads) <= LONGEST_BODY:
            return Worded(Template(each.name, each.language, {each.places[0]: words}), reads)
    return None


def inviting(among: Sequence[Approved], languages: Sequence[str]) -> Worded | None:
    """The template that says nothing of ours and asks the person to write; None when there is none."""
    for each in _best_first(among, languages):
        if not each.places:
            return Worded(Template(each.name, each.language), each.body)
    return None


def _best_first(among: Sequence[Approved], languages: Sequence[str]) -> list[Approved]:
    """Those that may be sent: in the first of the languages that they are in, `fr` before `fr_CA`; others last."""
    usable = [each for each in among if each.status is TemplateStatus.APPROVED and each.plain]
    wanted = [language.replace("-", "_").lower() for language in languages if language]

    def rank(each: Approved) -> tuple[int, bool, str, str]:
        mine = each.language.lower()
        base = mine.partition("_")[0]
        place = next((n for n, one in enumerate(wanted) if one.partition("_")[0] == base), len(wanted))
        return place, mine != base and mine not in wanted, each.name, each.language

    return sorted(usable, key=rank)

"""The demo organisations asked: what each knows, what is asked in the files of cases, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast
from uuid import UUID

from sqlalchemy import text

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.demo import characters, seed
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.public import Passage
from tests import factories

FIXTURES = Path(__file__).parent / "fixtures"
CASES = Path(seed.__file__).parent / "organisations"


class Line(TypedDict):
    """One line of a file of cases; in an organisation's own the tenant goes without saying."""

    tenant: str
    lang: str
    question: str
    answer_ids: list[str]


@dataclass(frozen=True)
class Case:
    """A question to an organisation and the names of what answers it; none: it must be refused."""

    tenant: str
    lang: str
    question: str
    wanted: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What came of a case: the names of the passage that was quoted, none when it was refused."""

    case: Case
    quoted: frozenset[str] | None

    @property
    def is_right(self) -> bool:
        """Whether what was quoted answers the question."""
        return self.quoted is not None and bool(self.quoted & self.case.wanted)


@dataclass(frozen=True)
class Figures:
    """How often organisations were right, were wrong, and kept silent where they had to."""

    right: int
    answerable: int
    wrong: int
    answered: int
    refused: int
    unanswerable: int

    @property
    def wrong_share(self) -> float:
        """Of the answers given, those that were none."""
        return self.wrong / max(1, self.answered)


def own_cases() -> list[Case]:
    """The cases that the organisations come with."""
    return [case for slug in characters.SLUGS for case in _read(CASES / slug / "cases.jsonl", slug)]


def kept_cases(name: str) -> list[Case]:
    """The cases of a fixture."""
    return list(_read(FIXTURES / f"{name}.jsonl", ""))


def _read(file: Path, slug: str) -> Iterator[Case]:
    for written in file.read_text().splitlines():
        line = cast("Line", json.loads(written))
        yield Case(line.get("tenant", slug), line["lang"], line["question"], frozenset(line["answer_ids"]))


def figures(outcomes: Iterable[Outcome]) -> Figures:
    """The outcomes counted."""
    every = list(outcomes)
    answerable = [one for one in every if one.case.wanted]
    answered = [one for one in every if one.quoted is not None]
    return Figures(
        right=sum(one.is_right for one in every),
        answerable=len(answerable),
        wrong=sum(not one.is_right for one in answered),
        answered=len(answered),
        refused=sum(one.quoted is None for one in every if not one.case.wanted),
        unanswerable=len(every) - len(answerable),
    )


@dataclass(frozen=True)
class Organisations:
    """The organisations' tenants, and the names of their sections."""

    database: Database
    tenants: dict[str, UUID]
    names: dict[UUID, frozenset[str]]

    @classmethod
    async def found(cls, database: Database) -> Organisations:
        """Each in a tenant of its own."""
        tenants: dict[str, UUID] = {}
        names: dict[UUID, frozenset[str]] = {}
        for slug in characters.SLUGS:
            organisation = characters.find(slug)
            assert organisation is not None
            tenant = await factories.make_tenant(database)
            tenants[slug] = tenant.id
            async with factories.begin_work(database, tenant) as ctx:
                await knowledge.load_batch(ctx, seed.drafts_of(organisation))
                names |= await names_of_sections(ctx)
        return cls(database, tenants, names)

    async def find(self, slug: str, question: str, lang: str | None) -> list[Passage]:
        """What an organisation finds."""
        return await knowledge.find_passages(self.database.pool, self.tenants[slug], question, lang, 5)

    async def ask(self, cases: Sequence[Case]) -> list[Outcome]:
        """Every case, one after the other."""
        return [Outcome(case, await self._quoted(case)) for case in cases]

    async def _quoted(self, case: Case) -> frozenset[str] | None:
        answer = knowledge.answer_from(await self.find(case.tenant, case.question, case.lang))
        return None if answer is None else self.names[answer.sources[0].id]


async def names_of_sections(ctx: Context) -> dict[UUID, frozenset[str]]:
    """The names cases give a section: its document's, and its own in it."""
    rows = await ctx.session.execute(
        text("select s.id, d.external_id, s.anchor from section s join document d on d.id = s.document_id")
    )
    return {row.id: frozenset((row.external_id, f"{row.external_id}#{row.anchor}")) for row in rows}

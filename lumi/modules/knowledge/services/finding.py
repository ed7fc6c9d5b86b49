"""Finding: from a question to passages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TypedDict
from uuid import UUID

from lumi.core.context import Context
from lumi.core.db import Pool
from lumi.modules.knowledge import repository, rules
from lumi.modules.knowledge.engine import question as questions
from lumi.modules.knowledge.engine import ranking
from lumi.modules.knowledge.errors import BadLine
from lumi.modules.knowledge.values import ExternalId, Passage

MAX_PASSAGES = 50
_BEST = 10
# So many are judged: the best answer may be written in another language, and then has a low score.
_LOOKED_AT = 16


async def search(ctx: Context, *, question: str, lang: str | None = None, limit: int = _BEST) -> list[Passage]:
    """The passages that speak of the question, best first, as this transaction sees them.

    `lang` is the question's language, None when it is not known: then it is searched by the words of all.
    """
    asked = questions.read(question, lang)
    found = await repository.find(ctx.session, ctx.tenant_id, asked, lang, _wanted(limit))
    return ranking.ranked(lang, asked, found)[:limit]


async def find_passages(
    pool: Pool, tenant_id: UUID, question: str, lang: str | None = None, limit: int = _BEST
) -> list[Passage]:
    """The same for who has no transaction and wants none: one statement, the tenant bound inside."""
    asked = questions.read(question, lang)
    found = await repository.find_in_pool(pool, tenant_id, asked, lang, _wanted(limit))
    return ranking.ranked(lang, asked, found)[:limit]


def _wanted(limit: int) -> int:
    """How many to look at, so that the first does not depend on how many are shown."""
    return min(max(limit, _LOOKED_AT), MAX_PASSAGES)


async def version(pool: Pool, tenant_id: UUID) -> int:
    """A number that is different after every change of what is known; 0 before the first."""
    return await repository.version(pool, tenant_id)


class FoundLine(TypedDict):
    """A passage of `search_lines`: the id its document was stored under, and its score."""

    id: ExternalId
    score: float


async def search_lines(
    pool: Pool, tenant_id: UUID, lines: Iterable[Mapping[str, object]]
) -> AsyncIterator[list[FoundLine]]:
    """For each line `{"question", "lang"?}` the best ten documents, in order; raises BadLine."""
    for number, line in enumerate(lines, start=1):
        question, lang = line.get("question"), line.get("lang")
        if not isinstance(question, str) or not (lang is None or (isinstance(lang, str) and rules.is_language(lang))):
            raise BadLine(line=number)
        best: dict[ExternalId, float] = {}
        for found in await find_passages(pool, tenant_id, question, lang, 3 * _BEST):
            best.setdefault(found.external_id if found.external_id is not None else str(found.document_id), found.score)
        yield [FoundLine(id=key, score=round(score, 4)) for key, score in list(best.items())[:_BEST]]

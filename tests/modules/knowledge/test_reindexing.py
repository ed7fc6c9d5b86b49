"""When the rules of indexing change: what older ones indexed is found out and indexed again."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.modules.knowledge import events, repository, rules, tasks
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.engine import lexicon
from lumi.modules.knowledge.services import documents, reindexing
from lumi.modules.tenants.public import Tenant
from tests.conftest import Begin
from tests.modules.knowledge.drafts import PARKING, SALON

# The files that make the words and concepts of the index, as they are under today's number.
SEALED = (2, "320685796e80f2e3")


async def pretend_indexed_by(ctx: Context, edition: int | None) -> None:
    """As if everything had been indexed by these rules, or before rules had a number."""
    mark = "" if edition is None else f"={edition} "
    await ctx.session.execute(
        text("update section_index set concepts = :mark || ltrim(concepts, '=0123456789 ')"), {"mark": mark}
    )


async def index_without_concepts(ctx: Context) -> None:
    """Index everything as rules did that knew no concepts."""
    await pretend_indexed_by(ctx, 1)
    stored = await repository.outdated(ctx.session, ctx.tenant_id, 10)
    entries = [documents.entry_of(section, keywords) for section, keywords in stored]
    bare = [replace(entry, title_concepts="", body_concepts="") for entry in entries]
    await repository.index(ctx.session, ctx.tenant_id, bare)


async def waiting(ctx: Context) -> int:
    """How many pieces of work to index again are waiting."""
    counted = text("select count(*) from job where tenant_id = :tenant and kind like '%IndexAgain'")
    return int(await ctx.session.scalar(counted, {"tenant": ctx.tenant_id}) or 0)


@pytest.mark.parametrize("older", [1, None])
async def test_what_older_rules_indexed_is_found_by_todays_words_afterwards(ctx: Context, older: int | None) -> None:
    for draft in SALON:
        await knowledge.store_document(ctx, draft)
    await index_without_concepts(ctx)
    await pretend_indexed_by(ctx, older)
    assert knowledge.answer_from(await knowledge.search(ctx, question="Где припарковаться?", lang="ru")) is None

    assert await reindexing.index_again(ctx) == len(SALON)

    found = await knowledge.search(ctx, question="Где припарковаться?", lang="ru")
    assert found[0].title == PARKING.title
    assert knowledge.answer_from(found) is not None


async def test_what_today_s_rules_indexed_is_left_alone(ctx: Context) -> None:
    for draft in SALON:
        await knowledge.store_document(ctx, draft)
    assert await reindexing.index_again(ctx) == 0


async def test_indexing_again_changes_no_count(ctx: Context) -> None:
    for draft in SALON:
        await knowledge.store_document(ctx, replace(draft, keywords=("salon",)))
    before = await counts(ctx)
    await pretend_indexed_by(ctx, 1)

    await reindexing.index_again(ctx)

    assert await counts(ctx) == before


async def test_a_large_tenant_is_indexed_again_piece_by_piece(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "PIECE", 2)
    for draft in SALON:
        await knowledge.store_document(ctx, draft)
    await pretend_indexed_by(ctx, 1)

    assert await reindexing.index_again(ctx) == 2
    assert await waiting(ctx) == 1
    assert await reindexing.index_again(ctx) == 1
    assert await waiting(ctx) == 1


async def test_the_house_finds_the_tenants_with_outdated_sections_and_only_those(
    begin: Begin, tenant: Tenant, other_tenant: Tenant, database: Database
) -> None:
    for each in (tenant, other_tenant):
        async with begin(each) as ctx:
            await knowledge.store_document(ctx, PARKING)
            if each is tenant:
                await pretend_indexed_by(ctx, 1)

    for _ in range(2):  # asked twice, the work waits once
        await tasks.refresh_indexes(database, events.RefreshIndexes())

    async with begin(tenant) as ctx:
        waits = await waiting(ctx)
        # a worker of this process may have done it meanwhile: the job goes when the sections are indexed, not before
        assert waits == 1 or (waits == 0 and not await repository.outdated(ctx.session, ctx.tenant_id, 1))
    async with begin(other_tenant) as ctx:
        assert await waiting(ctx) == 0


def test_rules_of_indexing_that_changed_have_a_new_number() -> None:
    """Whoever changes these files counts rules.INDEX_EDITION up, and seals them here anew."""
    engine = Path(lexicon.__file__).parent
    made_by = ("arabic.py", "fillers.yaml", "lexicon.py", "lexicon.yaml", "passage.py", "words.py", "../sql/index.sql")
    files = [engine / name for name in made_by]
    seal = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    assert (rules.INDEX_EDITION, seal) == SEALED


async def counts(ctx: Context) -> dict[str, list[tuple[object, ...]]]:
    """What the index counts."""
    tables = {"vocabulary": "term, sections", "collection": "lang, sections, length", "posting": "term, tf, length"}
    found: dict[str, list[tuple[object, ...]]] = {}
    for table, columns in tables.items():
        rows = await ctx.session.execute(text(f"select {columns} from {table} order by {columns}"))
        found[table] = [tuple(row) for row in rows]
    return found

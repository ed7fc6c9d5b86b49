"""Storing, replacing and archiving documents, their sections and index with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.errors import VersionConflict
from lumi.core.ids import new_id
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.errors import DocumentNotFound, ExternalIdTaken
from lumi.modules.tenants.public import Tenant
from tests.conftest import Begin
from tests.modules.knowledge.drafts import GUIDE, HOURS, PARKING, SALON

INDEX = ("section_index", "posting", "vocabulary", "gram")


async def index_of(ctx: Context) -> dict[str, list[tuple[object, ...]]]:
    """All index rows of the tenant without the ids of sections."""
    queries = {
        "posting": "select term, tf, length from posting order by 1, 2, 3",
        "vocabulary": "select term, sections from vocabulary order by 1",
        "gram": "select gram, term, size from gram order by 1, 2",
        "collection": "select lang, sections, round(length::numeric, 3) from collection where sections > 0 order by 1",
        "section_index": "select lang, stems, concepts from section_index order by 2",
    }
    return {name: [tuple(row) for row in await ctx.session.execute(sql(q))] for name, q in queries.items()}


async def anchors(ctx: Context, document_id: object) -> dict[str, object]:
    rows = await ctx.session.execute(sql("select anchor, id from section where document_id = :d"), {"d": document_id})
    return {str(row.anchor): row.id for row in rows}


class TestStore:
    async def test_what_is_stored_is_read_again(self, ctx: Context) -> None:
        draft = replace(HOURS, url="https://salon.example/faq", keywords=("heures",), external_id="hours")
        stored = await knowledge.store_document(ctx, draft)
        read = await knowledge.get_document(ctx, stored.id)
        assert read.document == stored
        assert (stored.external_id, stored.url, stored.keywords) == ("hours", draft.url, ("heures",))
        assert (stored.version, stored.current_version, read.body) == (1, 1, HOURS.body)

    async def test_an_external_id_is_taken_once(self, ctx: Context) -> None:
        await knowledge.store_document(ctx, replace(HOURS, external_id=7))
        with pytest.raises(ExternalIdTaken):
            await knowledge.store_document(ctx, replace(PARKING, external_id=7))

    async def test_the_deed_is_on_record(self, ctx: Context) -> None:
        stored = await knowledge.store_document(ctx, HOURS)
        await knowledge.archive_document(ctx, stored.id)
        rows = await ctx.session.execute(
            sql("select action, target from audit_entry where action like 'knowledge.%' order by at, id")
        )
        assert [tuple(row) for row in rows] == [
            ("knowledge.document_created", f"document:{stored.id}"),
            ("knowledge.document_archived", f"document:{stored.id}"),
        ]


class TestReplace:
    async def test_a_section_whose_anchor_stays_keeps_its_id(self, ctx: Context) -> None:
        stored = await knowledge.store_document(ctx, GUIDE)
        before = await anchors(ctx, stored.id)
        body = "# House guide\n\nWelcome.\n\n## Pool\n\nClosed this year.\n\n## Bar\n\nOpen late.\n"
        await knowledge.replace_document(ctx, stored.id, replace(GUIDE, body=body), version=1)
        after = await anchors(ctx, stored.id)
        assert set(after) == {"house-guide", "pool", "bar"}
        assert (after["pool"], after["house-guide"]) == (before["pool"], before["house-guide"])
        found = await knowledge.search(ctx, question="closed this year", lang="en")
        assert (found[0].id, found[0].text) == (before["pool"], "Closed this year.")
        for gone in ("breakfast", "October"):
            assert await knowledge.search(ctx, question=gone, lang="en") == []

    async def test_only_a_new_text_is_a_new_version_of_the_text(self, ctx: Context) -> None:
        stored = await knowledge.store_document(ctx, HOURS)
        same = await knowledge.replace_document(ctx, stored.id, HOURS, version=1)
        assert (same.version, same.current_version) == (2, 1)
        changed = await knowledge.replace_document(ctx, stored.id, replace(HOURS, body="Fermé."), version=2)
        assert (changed.version, changed.current_version) == (3, 2)
        bodies = await ctx.session.scalars(sql("select body from document_version order by number"))
        assert list(bodies) == [HOURS.body, "Fermé."]

    async def test_a_stale_version_changes_nothing(self, ctx: Context) -> None:
        stored = await knowledge.store_document(ctx, HOURS)
        with pytest.raises(VersionConflict):
            await knowledge.replace_document(ctx, stored.id, PARKING, version=2)
        assert (await knowledge.get_document(ctx, stored.id)).body == HOURS.body

    async def test_the_external_id_of_another_is_refused(self, ctx: Context) -> None:
        await knowledge.store_document(ctx, replace(PARKING, external_id="taken"))
        stored = await knowledge.store_document(ctx, HOURS)
        with pytest.raises(ExternalIdTaken):
            await knowledge.replace_document(ctx, stored.id, replace(HOURS, external_id="taken"), version=None)

    async def test_the_index_is_as_if_it_had_been_stored_so_at_once(
        self, begin: Begin, tenant: Tenant, other_tenant: Tenant
    ) -> None:
        last = replace(GUIDE, body=GUIDE.body.replace("courtyard", "garden under the lemon trees"))
        async with begin(tenant) as ctx:
            stored = await knowledge.store_document(ctx, GUIDE)
            gone = await knowledge.store_document(ctx, PARKING)
            await knowledge.replace_document(ctx, stored.id, replace(GUIDE, lang="fr", body="Rien."), version=None)
            await knowledge.replace_document(ctx, stored.id, last, version=None)
            await knowledge.archive_document(ctx, gone.id)
            changed = await index_of(ctx)
        async with begin(other_tenant) as ctx:
            await knowledge.store_document(ctx, last)
            assert await index_of(ctx) == changed


class TestArchive:
    async def test_it_is_silent_in_the_same_transaction_and_leaves_no_index(self, ctx: Context) -> None:
        documents = [await knowledge.store_document(ctx, draft) for draft in SALON]
        for document in documents:
            await knowledge.archive_document(ctx, document.id, version=1)
        assert await knowledge.search(ctx, question="horaires parking chien", lang="fr") == []
        assert not any((await index_of(ctx)).values())

    async def test_it_is_gone_for_readers_and_kept_for_the_record(self, ctx: Context) -> None:
        stored = await knowledge.store_document(ctx, HOURS)
        await knowledge.archive_document(ctx, stored.id)
        for attempt in (
            knowledge.get_document(ctx, stored.id),
            knowledge.list_sections(ctx, stored.id),
            knowledge.replace_document(ctx, stored.id, HOURS, version=None),
            knowledge.archive_document(ctx, stored.id),
        ):
            with pytest.raises(DocumentNotFound):
                await attempt
        assert await ctx.session.scalar(sql("select body from document_version")) == HOURS.body

    async def test_its_external_id_is_free_again(self, ctx: Context) -> None:
        stored = await knowledge.store_document(ctx, replace(HOURS, external_id="hours"))
        await knowledge.archive_document(ctx, stored.id)
        assert (await knowledge.store_document(ctx, replace(HOURS, external_id="hours"))).id != stored.id


class TestVersion:
    async def test_every_change_has_a_number_of_its_own(
        self, begin: Begin, tenant: Tenant, other_tenant: Tenant, database: Database
    ) -> None:
        seen = [await knowledge.version(database.pool, tenant.id)]
        async with begin(tenant) as ctx:
            stored = await knowledge.store_document(ctx, HOURS)
        seen.append(await knowledge.version(database.pool, tenant.id))
        async with begin(tenant) as ctx:
            await knowledge.archive_document(ctx, stored.id)
        seen.append(await knowledge.version(database.pool, tenant.id))
        assert seen == sorted(set(seen))
        assert await knowledge.version(database.pool, other_tenant.id) == 0

    async def test_another_tenants_document_does_not_exist(
        self, begin: Begin, tenant: Tenant, other_tenant: Tenant
    ) -> None:
        async with begin(tenant) as ctx:
            stored = await knowledge.store_document(ctx, HOURS)
        async with begin(other_tenant) as ctx:
            for document_id in (stored.id, new_id()):
                with pytest.raises(DocumentNotFound):
                    await knowledge.archive_document(ctx, document_id)

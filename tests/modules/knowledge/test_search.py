"""Finding passages: the SQL function, as the application role, under row-level security."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.public import DocumentKind, Draft
from lumi.modules.tenants.public import Tenant
from tests.conftest import Begin
from tests.modules.knowledge.drafts import GUIDE, HOURS, PARKING, PETS, SALON


async def store(ctx: Context, drafts: Sequence[Draft]) -> list[knowledge.Document]:
    return [await knowledge.store_document(ctx, draft) for draft in drafts]


class TestWords:
    @pytest.mark.parametrize(
        ("question", "lang", "title"),
        [
            ("vous ouvrez quand ?", "fr", HOURS.title),
            ("horaires", "fr", HOURS.title),
            ("parking souterrain", "fr", PARKING.title),
            ("petits chiens", None, PETS.title),
            ("horarires douverture", "fr", HOURS.title),  # two typing mistakes
            ("ou se garer", "fr", PARKING.title),  # no accents
        ],
    )
    async def test_a_question_finds_its_entry_first(
        self, ctx: Context, question: str, lang: str | None, title: str
    ) -> None:
        await store(ctx, SALON)
        found = await knowledge.search(ctx, question=question, lang=lang)
        assert found[0].title == title

    @pytest.mark.parametrize(
        ("question", "lang"),
        [
            ("Where can I park?", "en"), ("¿Dónde puedo aparcar?", "es"), ("Wo kann man parken?", "de"),
            ("Dove posso parcheggiare?", "it"), ("Onde posso estacionar?", "pt"), ("أين موقف السيارات؟", "ar"),
            ("Где припарковаться?", "ru"), ("Где припарковаться?", None),
        ],
    )  # fmt: skip
    async def test_a_question_in_another_language_finds_its_entry(
        self, ctx: Context, question: str, lang: str | None
    ) -> None:
        await store(ctx, SALON)
        found = await knowledge.search(ctx, question=question, lang=lang)
        assert found[0].title == PARKING.title
        assert knowledge.answer_from(found) is not None

    async def test_the_entry_in_the_language_of_the_question_comes_first(self, ctx: Context) -> None:
        english = replace(PARKING, lang="en", title="Where can I park?", body="A public car park is 300 m away.")
        await store(ctx, [*SALON, english])
        for draft in (english, PARKING):
            found = await knowledge.search(ctx, question=draft.title, lang=draft.lang)
            assert [p.lang for p in found[:2]] == [draft.lang, "fr" if draft is english else "en"]

    async def test_keywords_are_searched_and_never_shown(self, ctx: Context) -> None:
        await store(ctx, [*SALON, replace(PETS, title="Animaux ?", keywords=("perroquet",))])
        found = await knowledge.search(ctx, question="un perroquet", lang="fr")
        assert found[0].title == "Animaux ?"
        assert "perroquet" not in found[0].text

    async def test_arabic_finds_arabic_through_article_and_plural(self, ctx: Context) -> None:
        body = "الجلسة الفردية بأربعين دينارا."
        await store(ctx, [Draft(DocumentKind.FAQ, "ar", "كم سعر الجلسة؟", body), *SALON])
        found = await knowledge.search(ctx, question="أسعار الجلسات", lang="ar")
        assert found[0].text == body

    @pytest.mark.parametrize("question", ["???", "🙂", "", "de la le", "' or 1=1 --", "%_\\", "a" * 4000, "x " * 2000])
    async def test_a_question_without_sense_finds_nothing_and_breaks_nothing(self, ctx: Context, question: str) -> None:
        await store(ctx, SALON)
        assert knowledge.answer_from(await knowledge.search(ctx, question=question, lang="fr")) is None

    async def test_nothing_is_found_where_nothing_is_known(self, ctx: Context) -> None:
        assert await knowledge.search(ctx, question="horaires", lang="fr") == []


class TestEvidence:
    async def test_it_is_nearly_all_when_everything_asked_is_there(self, ctx: Context) -> None:
        await store(ctx, SALON)
        found = await knowledge.search(ctx, question="horaires d’ouverture", lang="fr")
        assert found[0].evidence > 0.95

    @pytest.mark.parametrize(
        ("question", "lang"),
        [
            ("Vendez-vous des pneus de tracteur ?", "fr"),
            ("Do you sell tractor tyres?", "en"),
            ("Gibt es hier ein Schwimmbad?", "de"),
            ("Puis-je venir avec mon éléphant rose ?", "fr"),
        ],
    )
    async def test_what_nobody_wrote_about_has_too_little(self, ctx: Context, question: str, lang: str) -> None:
        await store(ctx, SALON)
        assert knowledge.answer_from(await knowledge.search(ctx, question=question, lang=lang)) is None

    async def test_it_stays_between_nothing_and_all_and_scores_fall(self, ctx: Context) -> None:
        await store(ctx, [*SALON, GUIDE])
        found = await knowledge.search(ctx, question="horaires parking chien pool", lang=None)
        assert len(found) >= 4
        assert all(0 <= passage.evidence <= 1 for passage in found)
        assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)


class TestTenants:
    async def test_the_pool_and_the_session_find_the_same(
        self, begin: Begin, tenant: Tenant, database: Database
    ) -> None:
        async with begin(tenant) as ctx:
            await store(ctx, SALON)
        async with begin(tenant) as ctx:
            inside = await knowledge.search(ctx, question="horaires", lang="fr", limit=2)
        assert await knowledge.find_passages(database.pool, tenant.id, "horaires", "fr", 2) == inside
        assert 0 < len(inside) <= 2

    async def test_another_tenant_finds_counts_and_weighs_nothing_of_it(
        self, begin: Begin, tenant: Tenant, other_tenant: Tenant, database: Database
    ) -> None:
        async with begin(tenant) as ctx:
            await store(ctx, [PARKING])
        alone = await knowledge.find_passages(database.pool, tenant.id, "parking", "fr")
        async with begin(other_tenant) as ctx:
            await store(ctx, SALON)
        assert await knowledge.find_passages(database.pool, tenant.id, "parking", "fr") == alone
        assert await knowledge.find_passages(database.pool, tenant.id, "horaires", "fr") == []

    async def test_the_binding_ends_with_the_statement(self, begin: Begin, tenant: Tenant, database: Database) -> None:
        async with begin(tenant) as ctx:
            await store(ctx, SALON)
        async with database.pool.acquire() as connection:
            await connection.fetch(
                "select * from app.find_passages($1, '{1}', '{chien}', '{}', '{}', '{}', 'fr', 5)", tenant.id
            )
            assert await connection.fetchval("select count(*) from section") == 0

    async def test_a_tenant_that_goes_takes_its_index_along(self, begin: Begin, tenant: Tenant) -> None:
        async with begin(tenant) as ctx:
            await store(ctx, SALON)
            await ctx.session.execute(sql("delete from tenant where id = :id"), {"id": tenant.id})
            for table in ("document", "section", "section_index", "posting", "vocabulary", "gram", "collection"):
                assert await ctx.session.scalar(sql(f"select count(*) from {table}")) == 0, table

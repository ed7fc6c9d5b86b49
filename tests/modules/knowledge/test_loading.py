"""Loading many entries, and searching by lines."""

from __future__ import annotations

import pytest

from lumi.core.db import Database
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.errors import BadLine, NulCharacter
from lumi.modules.knowledge.services import loading
from lumi.modules.tenants.public import Tenant
from tests.conftest import Begin

WORDS = ("aubergine", "bicyclette", "chandelle", "dromadaire", "escalier")


def lines(count: int) -> list[dict[str, object]]:
    return [
        {"id": n if n % 2 else str(n), "lang": "fr", "title": f"Titre {n}", "text": f"{WORDS[n % 5]} numéro {n}"}
        for n in range(count)
    ]


async def found(database: Database, tenant: Tenant, question: str) -> list[knowledge.FoundLine]:
    results = [line async for line in knowledge.search_lines(database.pool, tenant.id, [{"question": question}])]
    (only,) = results
    return only


async def test_every_line_is_found_under_its_id_as_it_was_given(database: Database, tenant: Tenant) -> None:
    loaded = await knowledge.load_lines(database, tenant.id, lines(6))
    assert (loaded.stored, loaded.unchanged) == (6, 0)
    assert [line["id"] for line in await found(database, tenant, "le dromadaire")] == [3]
    assert {line["id"] for line in await found(database, tenant, "aubergine")} == {"0", 5}


async def test_loading_again_changes_what_differs_and_nothing_else(database: Database, tenant: Tenant) -> None:
    await knowledge.load_lines(database, tenant.id, lines(6))
    version = await knowledge.version(database.pool, tenant.id)
    again = lines(6)
    again[3]["text"] = "une girouette"
    loaded = await knowledge.load_lines(database, tenant.id, again)
    assert (loaded.stored, loaded.unchanged) == (1, 5)
    assert await found(database, tenant, "dromadaire") == []
    assert [line["id"] for line in await found(database, tenant, "girouette")] == [3]
    assert await knowledge.version(database.pool, tenant.id) > version


async def test_progress_is_told_after_every_batch(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH", 4)
    told: list[int] = []
    await knowledge.load_lines(database, tenant.id, lines(10), progress=lambda loaded: told.append(loaded.done))
    assert told == [4, 8, 10]


async def test_the_last_of_two_lines_with_one_id_counts(database: Database, tenant: Tenant) -> None:
    twice = [{**lines(1)[0], "text": text} for text in ("première", "seconde")]
    await knowledge.load_lines(database, tenant.id, twice)
    assert await found(database, tenant, "première") == []
    assert [line["id"] for line in await found(database, tenant, "seconde")] == ["0"]


@pytest.mark.parametrize(
    "bad",
    [
        {"lang": "fr", "title": "t", "text": "x"},
        {"id": True, "lang": "fr", "title": "t", "text": "x"},
        {"id": 1, "lang": "French", "title": "t", "text": "x"},
        {"id": 1, "lang": "fr", "title": "t", "text": None},
    ],
)
async def test_a_line_that_is_none_is_named(database: Database, tenant: Tenant, bad: dict[str, object]) -> None:
    with pytest.raises(BadLine) as refusal:
        await knowledge.load_lines(database, tenant.id, [*lines(2), bad])
    assert refusal.value.extra == {"line": 3}


async def test_a_nul_character_is_refused(database: Database, tenant: Tenant) -> None:
    with pytest.raises(NulCharacter):
        await knowledge.load_lines(database, tenant.id, [{**lines(1)[0], "text": "a\x00b"}])


async def test_a_line_without_title_is_named_by_its_id(database: Database, tenant: Tenant) -> None:
    await knowledge.load_lines(database, tenant.id, [{"id": "wifi", "lang": "fr", "text": "Gratuit partout."}])
    passages = await knowledge.find_passages(database.pool, tenant.id, "gratuit", "fr")
    assert (passages[0].title, passages[0].external_id) == ("wifi", "wifi")


async def test_no_more_than_ten_are_given_best_first(database: Database, tenant: Tenant) -> None:
    await knowledge.load_lines(database, tenant.id, [{**line, "text": "aubergine"} for line in lines(15)])
    scores = [line["score"] for line in await found(database, tenant, "aubergine")]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)


async def test_a_question_that_is_none_is_named(database: Database, tenant: Tenant) -> None:
    with pytest.raises(BadLine) as refusal:
        async for _ in knowledge.search_lines(database.pool, tenant.id, [{"question": "a"}, {"text": "b"}]):
            pass
    assert refusal.value.extra == {"line": 2}


async def test_a_batch_of_entries_and_documents_is_stored_together(begin: Begin, tenant: Tenant) -> None:
    from tests.modules.knowledge.drafts import GUIDE, entry

    async with begin(tenant) as ctx:
        assert await knowledge.load_batch(ctx, [entry(1), entry(2)]) == 2
        await knowledge.store_document(ctx, GUIDE)
        assert await knowledge.load_batch(ctx, [entry(1), entry(2, "Other"), entry(3)]) == 2

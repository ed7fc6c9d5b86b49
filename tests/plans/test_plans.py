"""No list and no search goes through a table of tenants from end to end, and none tries ILIKE row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plans.asked import READS, reading_routes
from tests.plans.reading import Statement, heard, slow_ways

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.plans.conftest import Full


async def said_by(full: Full, route: str) -> list[Statement]:
    """What the route asks the database: for its first page and, where it has one, for the page after."""
    with heard(full.engine) as said:
        for question in READS[route]:
            answer = await question.ask(full.client, full.thread, full.account)
            assert answer.status_code == 200, answer.text
            if cursor := answer.json().get("next"):
                following = await question.ask(full.client, full.thread, full.account, cursor)
                assert following.status_code == 200, following.text
    return said


def test_every_route_that_reads_is_asked(app: FastAPI) -> None:
    assert reading_routes(app) == READS.keys()


@pytest.mark.parametrize("route", READS)
async def test_a_route_reads_by_indexes(full: Full, route: str) -> None:
    said = await said_by(full, route)

    assert said
    assert await slow_ways(full.truth, full.tenant, said) == []


@pytest.mark.parametrize(
    ("route", "index", "told"),
    [
        ("GET /v1/audit", "audit_entry_at", "sequential scan of audit_entry"),
        ("GET /v1/contacts", "contact_newest", "sequential scan of contact"),
        ("GET /v1/conversations", "thread_active", "sequential scan of thread"),
        ("GET /v1/knowledge/documents", "document_newest", "sequential scan of document"),
    ],
)
async def test_a_missing_index_is_told(full: Full, route: str, index: str, told: str) -> None:
    said = await said_by(full, route)

    assert told in await slow_ways(full.truth, full.tenant, said, broken_by=f"drop index {index}")


async def test_a_missing_index_is_told_from_inside_a_function(full: Full) -> None:
    told = await slow_ways(
        full.truth,
        full.tenant,
        await said_by(full, "POST /v1/knowledge/search"),
        broken_by="alter table posting drop constraint posting_pkey",
    )

    assert "sequential scan of posting" in told


async def test_ilike_is_told_unless_an_index_answers_it(full: Full) -> None:
    search = [Statement("select id from contact where tenant_id = $1 and search_name ilike $2", (full.tenant, "%é%"))]

    told = await slow_ways(full.truth, full.tenant, search)

    assert any(each.startswith("ILIKE without an index: contact") for each in told)


async def test_no_function_of_the_database_uses_ilike(full: Full) -> None:
    using = await full.truth.fetch(
        "select proname from pg_proc where pronamespace = 'app'::regnamespace and prosrc ~* $1", r"\milike\M|~~\*"
    )

    assert [row["proname"] for row in using] == []

"""Every table of the catalogue, as the application role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from tests.isolation import references, tables, whole

if TYPE_CHECKING:
    from lumi.core.db import Database
    from tests.isolation.world import World


async def test_both_sides_have_a_row_in_every_table(world: World) -> None:
    assert await tables.unfurnished(world.truth, world.a.tenant.id, world.b.tenant.id) == []


async def test_every_table_the_application_may_touch_names_its_tenant_or_is_the_houses_own(world: World) -> None:
    assert await tables.unlisted(world.truth) == []


async def test_every_table_of_tenants_has_forced_row_level_security_and_one_policy(world: World) -> None:
    assert await tables.unguarded(world.truth) == []


async def test_no_row_of_the_other_is_seen_or_counted_and_none_at_all_without_a_tenant(world: World) -> None:
    assert await tables.seen(world.truth, world.a.tenant.id, world.b.tenant.id) == []


async def test_no_row_of_the_other_can_be_changed_or_deleted(world: World) -> None:
    assert await tables.changed(world.truth, world.a.tenant.id, world.b.tenant.id) == []


async def test_no_row_can_be_written_in_the_others_name(world: World) -> None:
    assert await tables.forged(world.truth, world.a.tenant.id, world.b.tenant.id) == []


async def test_the_statistics_of_the_planner_show_nothing(world: World) -> None:
    await world.truth.execute("analyze contact, message, document")

    assert await tables.estimated(world.truth, world.b.tenant.id) == []


async def test_no_foreign_key_lets_a_row_point_to_a_row_of_the_other(world: World) -> None:
    assert await references.reaching(world.truth, world.a.tenant.id, world.b.tenant.id) == []


async def test_every_id_of_another_row_has_a_foreign_key_or_a_reason(world: World) -> None:
    assert await references.loose(world.truth) == []


async def test_no_row_holds_an_id_of_the_other(world: World) -> None:
    assert await references.pointing(world.truth, world.ids_of_a, world.b.tenant.id) == []


async def test_unique_constraints_begin_with_the_tenant_or_have_a_reason(world: World) -> None:
    assert await references.shared_uniques(world.truth) == []


async def test_a_clash_with_an_id_of_the_other_tells_nothing_of_its_row(world: World) -> None:
    a, b = world.a.tenant.id, world.b.tenant.id

    assert await references.telling_clashes(world.truth, a, b, world.kept) == []


async def test_no_sequence_counts_what_others_do(world: World) -> None:
    assert await references.sequences(world.truth) == []


async def test_views_show_with_the_rights_of_who_looks(world: World) -> None:
    assert await references.views(world.truth) == []


async def test_the_application_role_is_an_ordinary_one(world: World) -> None:
    row = await world.truth.fetchrow(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = $1",
        whole.APP,
    )
    roles = await world.truth.fetchval("select count(*) from pg_auth_members where member = $1::regrole", whole.APP)
    owned = await world.truth.fetchval("select count(*) from pg_class where relowner = $1::regrole", whole.APP)

    assert row is not None
    assert not any(row.values())
    assert (roles, owned) == (0, 0)


async def test_the_applications_own_connections_see_what_the_suite_sees(world: World, database: Database) -> None:
    conn = await asyncpg.connect(database.url)
    try:
        assert await conn.fetchval("select current_user = $1 and session_user = $1", whole.APP)
        for table in await whole.tables(world.truth):
            async with conn.transaction():
                await conn.execute("select app.bind($1)", world.b.tenant.id)
                seen = await conn.fetchval(f"select count(*) from {table.name}")
            assert (table.name, seen) == (table.name, await whole.owned(world.truth, table, world.b.tenant.id))
    finally:
        await conn.close()

"""Revision by revision: each may run twice, and rows of the first house are put right by those that came after."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from lumi.core import migrate
from lumi.core.db import alchemy_url, plain_url
from lumi.core.ids import new_id

FIRST = "001_initial_squashed"

# on a server of its own
pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
async def server() -> AsyncGenerator[str]:
    """A superuser's URL of a server of its own, since migrating sets the application role's password."""
    from lumi.core.server import attach

    async with attach.scratch() as opened:
        yield opened.admin_url


@pytest.fixture
async def old(server: str) -> str:
    """A superuser's URL of a database at the first revision."""
    name = f"old_{secrets.token_hex(4)}"
    engine = create_async_engine(alchemy_url(server), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(f'create database "{name}"')
    await engine.dispose()
    url = make_url(plain_url(server)).set(database=name).render_as_string(hide_password=False)
    await migrate.migrate(url, "secret")
    await go(url, command.downgrade, FIRST)
    return url


Step = Callable[[Config, str], None]


async def go(url: str, step: Step, revision: str) -> None:
    """Go up or down, as the role that owns the tables."""

    def run(connection: Connection) -> None:
        connection.exec_driver_sql("set role lumi_owner")
        connection.commit()
        config = Config(str(migrate.ROOT / "alembic.ini"))
        config.attributes["connection"] = connection
        step(config, revision)
        connection.commit()

    await as_superuser(url, run)


async def as_superuser(url: str, run: Callable[[Connection], None]) -> None:
    engine = create_async_engine(alchemy_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


async def again(url: str, file: Path) -> None:
    """Run the statements of a revision once more, as the role that owns the tables."""

    def run(connection: Connection) -> None:
        connection.exec_driver_sql("set role lumi_owner")
        migrate.run_script(connection, file.read_text())
        connection.commit()

    await as_superuser(url, run)


async def schema(url: str) -> list[str]:
    """What there is, in words: columns, constraints, indexes, policies."""
    conn = await asyncpg.connect(plain_url(url))
    rows = await conn.fetch(
        "select concat_ws(' ', table_name, column_name, data_type, is_nullable) from information_schema.columns"
        " where table_schema = 'public'"
        " union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint"
        " where connamespace = 'public'::regnamespace"
        " union all select indexdef from pg_indexes where schemaname = 'public'"
        " union all select concat_ws(' ', tablename, policyname, roles, qual, with_check) from pg_policies"
        " union all select c.relname || ' ' || c.relforcerowsecurity from pg_class c"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1"
    )
    await conn.close()
    return [str(row[0]) for row in rows]


async def test_each_revision_may_run_twice_and_its_way_back_too(old: str) -> None:
    first = await schema(old)
    folders = [file.parent for file in sorted((migrate.ROOT / "migrations" / "versions").glob("*/down.sql"))]
    assert folders
    for folder in folders:
        await go(old, command.upgrade, folder.name)
        upgraded = await schema(old)
        for file in sorted(set(folder.glob("*.sql")) - {folder / "down.sql"}):
            await again(old, file)
        assert await schema(old) == upgraded, folder.name
    for folder in reversed(folders):
        await go(old, command.downgrade, "-1")
        downgraded = await schema(old)
        await again(old, folder / "down.sql")
        assert await schema(old) == downgraded, folder.name

    assert await schema(old) == first


async def connect_number(conn: asyncpg.Connection[asyncpg.Record], slug: str, number: str) -> UUID:
    """A tenant of the first house that has connected this number."""
    tenant, app, account = new_id(), new_id(), new_id()
    await conn.execute(
        "insert into tenant (id, slug, name, kind, languages) values ($1, $2, $2, 'business', array['fr'])",
        tenant,
        slug,
    )
    await conn.execute(
        "insert into provider_app (tenant_id, id, channel, name, secret, verify_token)"
        " values ($1, $2, 'whatsapp', $3, '', '')",
        tenant, app, number,
    )  # fmt: skip
    await conn.execute(
        "insert into channel_account (tenant_id, id, channel, app_id, external_id, name)"
        " values ($1, $2, 'whatsapp', $3, $4, $4)",
        tenant, account, app, number,
    )  # fmt: skip
    return account


async def test_what_a_deleted_tenant_left_goes_and_of_two_who_connected_a_number_the_first_keeps_it(old: str) -> None:
    conn = await asyncpg.connect(plain_url(old))
    try:
        first = await connect_number(conn, "first", "100")
        second = await connect_number(conn, "second", "100")
        other = await connect_number(conn, "other", "200")
        gone, lives = new_id(), await conn.fetchval("select id from tenant where slug = 'first'")
        for tenant in (gone, lives):
            await conn.execute("insert into lane (tenant_id, key) values ($1, $2)", tenant, new_id())
            await conn.execute(
                "insert into job (id, tenant_id, kind, args) values ($1, $2, 'x', '{}')", new_id(), tenant
            )
            await conn.execute(
                "insert into dead_letter (tenant_id, id, source, origin, body, reason)"
                " values ($1, $2, 'job', 'x', '', '')",
                tenant, new_id(),
            )  # fmt: skip
        await conn.execute("insert into job (id, kind, args) values ($1, 'house', '{}')", new_id())
        await conn.execute(
            "insert into receipt (tenant_id, account_id, provider_id, state) values ($1, $2, 'a', 'read'),"
            " ($1, $3, 'b', 'read')",
            lives, first, new_id(),
        )  # fmt: skip

        await go(old, command.upgrade, "head")

        for table in ("lane", "dead_letter", "job where tenant_id is not null", "receipt"):
            assert await conn.fetchval(f"select count(*) from {table}") == 1, table
        assert await conn.fetchval("select count(*) from job where tenant_id is null") == 1
        connected = await conn.fetch("select id from channel_account where disconnected_at is null")
        assert {row[0] for row in connected} == {first, other}
        assert second not in {row[0] for row in connected}
    finally:
        await conn.close()


async def test_the_roles_of_the_first_house_may_use_files_and_no_longer_after_the_way_back(old: str) -> None:
    conn = await asyncpg.connect(plain_url(old))
    tenant = new_id()
    roles = {"owner": ["audit:read"], "agent": ["contacts:read"], "analyst": ["staff:read"], "till": ["contacts:read"]}
    try:
        await conn.execute(
            "insert into tenant (id, slug, name, kind, languages) values ($1, 'x', 'x', 'business', array['fr'])",
            tenant,
        )
        for name, permissions in roles.items():
            await conn.execute(
                "insert into role (tenant_id, id, name, permissions) values ($1, $2, $3, $4)",
                tenant, new_id(), name, permissions,
            )  # fmt: skip

        await go(old, command.upgrade, "008_files")
        after = {row[0]: set(row[1]) for row in await conn.fetch("select name, permissions from role")}
        forced = await conn.fetchval("select relforcerowsecurity from pg_class where relname = 'role'")
        await go(old, command.downgrade, "007_channels")
        before = {row[0]: list(row[1]) for row in await conn.fetch("select name, permissions from role")}
    finally:
        await conn.close()

    both = {"files:read", "files:write"}
    assert after == {
        "owner": {"audit:read", *both}, "agent": {"contacts:read", *both}, "analyst": {"staff:read", "files:read"},
        "till": {"contacts:read"},
    }  # fmt: skip
    assert forced
    assert before == roles

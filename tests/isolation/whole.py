"""The database as it is: a superuser's connection, which can also act as the application role."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url

from lumi.core.db import plain_url

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
APP = "lumi_app"
# Whose row it is, where the table has no tenant_id.
_OWNED_THROUGH = {
    "tenant": "id = $1",
    "identity": "exists (select from membership m where m.identity_id = identity.id and m.tenant_id = $1)",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows of tenants; `owned` is the condition `$1 owns this row`, `column` says the tenant."""

    name: str
    owned: str
    column: str | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a statement: the rows it touched, or the refusal."""

    rows: int = 0
    refusal: asyncpg.PostgresError | None = None

    @property
    def is_denied(self) -> bool:
        """Whether a missing right or a policy refused it."""
        return isinstance(self.refusal, asyncpg.InsufficientPrivilegeError)

    def __str__(self) -> str:
        return f"{self.rows} rows" if self.refusal is None else f"{type(self.refusal).__name__}: {self.refusal}"


async def connect(admin_url: str, database: str) -> Connection:
    """A superuser's connection to this database."""
    url = make_url(plain_url(admin_url)).set(database=database)
    return await asyncpg.connect(url.render_as_string(hide_password=False))


@asynccontextmanager
async def undone(conn: Connection) -> AsyncGenerator[None]:
    """Whatever is done inside is rolled back."""
    transaction = conn.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


@asynccontextmanager
async def acting(conn: Connection, tenant: UUID | None) -> AsyncGenerator[None]:
    """As the application role, bound to a tenant or to none; undone afterwards."""
    async with undone(conn):
        await become(conn, tenant)
        yield


async def become(conn: Connection, tenant: UUID | None) -> None:
    """Be the application role from here to the end of the transaction."""
    await conn.execute("select set_config('role', $1, true)", APP)
    await conn.execute("select set_config('app.tenant_id', $1, true)", str(tenant or ""))


async def attempt(conn: Connection, tenant: UUID | None, statement: str, *args: object) -> Tried:
    """Try a statement as the application role and undo it."""
    try:
        async with acting(conn, tenant):
            return Tried(rows=touched(await conn.execute(statement, *args)))
    except asyncpg.PostgresError as refusal:
        return Tried(refusal=refusal)


def touched(status: str) -> int:
    """How many rows a command tag such as `UPDATE 3` speaks of."""
    return int(status.rpartition(" ")[2])


async def number(conn: Connection, statement: str, *args: object) -> int:
    """The one number this statement gives."""
    return cast("int", await conn.fetchval(statement, *args))


async def tables(conn: Connection) -> list[Table]:
    """Every table that holds rows of tenants, from the catalogue."""
    names = await conn.fetch(
        "select c.relname from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
        " and (c.relname = any ($1) or exists (select from pg_attribute a where a.attrelid = c.oid"
        " and a.attname = 'tenant_id' and not a.attisdropped)) order by 1",
        list(_OWNED_THROUGH),
    )
    return [_table(str(row[0])) for row in names]


def _table(name: str) -> Table:
    column = {"tenant": "id", "identity": None}.get(name, "tenant_id")
    return Table(name, _OWNED_THROUGH.get(name, "tenant_id = $1"), column)


async def owned(conn: Connection, table: Table, tenant: UUID) -> int:
    """How many rows of a table are this tenant's, in truth."""
    return await number(conn, f"select count(*) from {table.name} where {table.owned}", tenant)


async def fingerprint(conn: Connection, tenant: UUID) -> dict[str, str]:
    """Count and digest of all rows of a tenant, table by table."""
    return await taken(conn, await fingerprinting(conn), tenant)


async def fingerprinting(conn: Connection) -> str:
    """The statement that takes the fingerprint of a tenant, for who takes many."""
    parts = [
        f"select '{t.name}', count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' order by r::text)), '')"
        f" from {t.name} r where {_of_r(t)}"
        for t in await tables(conn)
    ]
    return " union all ".join(parts)


async def taken(conn: Connection, statement: str, tenant: UUID) -> dict[str, str]:
    """A fingerprint by a statement made before."""
    return {str(row[0]): str(row[1]) for row in await conn.fetch(statement, tenant)}


async def ids(conn: Connection, tenant: UUID) -> frozenset[str]:
    """Every id that stands anywhere in the rows of a tenant."""
    found: set[str] = set()
    for table in await tables(conn):
        rows = await conn.fetch(f"select to_jsonb(r)::text from {table.name} r where {_of_r(table)}", tenant)
        for row in rows:
            found |= set(UUID_TEXT.findall(str(row[0])))
    return frozenset(found)


async def one_row(conn: Connection, table: Table, tenant: UUID) -> str | None:
    """Some row of this tenant, as JSON."""
    return cast(
        "str | None",
        await conn.fetchval(f"select to_jsonb(r)::text from {table.name} r where {_of_r(table)} limit 1", tenant),
    )


def _of_r(table: Table) -> str:
    return table.owned.replace("identity.", "r.")


async def fill(source: Connection, target: Connection, tenants: Sequence[UUID]) -> None:
    """Copy the rows of these tenants into another database of the same schema."""
    async with target.transaction():
        await target.execute("set local session_replication_role = replica")  # rows come before what they refer to
        for table in await tables(source):
            for tenant in tenants:
                one = f"select coalesce(jsonb_agg(to_jsonb(r)), '[]')::text from {table.name} r"
                rows = await source.fetchval(f"{one} where {_of_r(table)}", tenant)
                records = f"jsonb_populate_recordset(null::{table.name}, $1::jsonb)"
                await target.execute(f"insert into {table.name} select * from {records} on conflict do nothing", rows)

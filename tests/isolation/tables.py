"""What must hold for every table of the catalogue. Each check returns what it found wrong, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from tests.isolation import whole
from tests.isolation.whole import APP, Table

if TYPE_CHECKING:
    from tests.isolation.whole import Connection

# Tables the application may touch that hold nothing of any tenant.
HOUSE = {
    "worker": "the processes of this installation",
    "cron": "when the house's own tasks are due",
    "protocol": "how the processes of this installation work together",
    "sql_file": "which SQL functions are installed",
}
BOUND = "(tenant_id = ( SELECT app.tenant_id() AS tenant_id))"
# What the policy of a table says, where it is not BOUND.
OTHER_POLICIES = {
    "tenant": "(id = ( SELECT app.tenant_id() AS tenant_id))",
    # The house's own jobs have no tenant and are seen by who is bound to none; a letter nobody owns as well.
    "dead_letter": "(NOT (tenant_id IS DISTINCT FROM ( SELECT app.tenant_id() AS tenant_id)))",
    "job": "(NOT (tenant_id IS DISTINCT FROM ( SELECT app.tenant_id() AS tenant_id)))",
    # A person is visible where they are a member, which the policy of membership decides.
    "identity": "(EXISTS ( SELECT FROM membership m WHERE (m.identity_id = identity.id)))",
}


async def unfurnished(conn: Connection, a: UUID, b: UUID) -> list[str]:
    """Tables in which one of the two has no row: nothing could be seen there, so nothing is shown by not seeing it."""
    return [
        f"{table.name}: no row of {side}, furnish one in furnishing.py"
        for table in await whole.tables(conn)
        for side, tenant in (("A", a), ("B", b))
        if not await whole.owned(conn, table, tenant)
    ]


async def unlisted(conn: Connection) -> list[str]:
    """Tables that the application may touch, that name no tenant and are on no list."""
    rows = await conn.fetch(
        "select c.relname from pg_class c where c.relkind in ('r', 'p', 'f')"
        " and c.relnamespace = 'public'::regnamespace"
        " and has_any_column_privilege($1, c.oid, 'select, insert, update') order by 1",
        APP,
    )
    known = {table.name for table in await whole.tables(conn)} | HOUSE.keys()
    return [f"{row[0]}: no tenant_id and not one of the house's own" for row in rows if row[0] not in known]


async def unguarded(conn: Connection) -> list[str]:
    """Tables without forced row-level security, or with another policy than the one of its tenant."""
    found: list[str] = []
    for table in await whole.tables(conn):
        flags = await conn.fetchrow(
            "select relrowsecurity, relforcerowsecurity from pg_class where oid = $1::regclass", table.name
        )
        if flags is None or not (flags[0] and flags[1]):
            found.append(f"{table.name}: row-level security is not enabled and forced")
        found += await _wrong_policies(conn, table)
        rights = await conn.fetchval(
            "select string_agg(r, ' ') from unnest(array['truncate', 'references', 'trigger', 'maintain']) r"
            " where has_table_privilege($1, $2, r)",
            APP,
            table.name,
        )
        if rights:
            found.append(f"{table.name}: the application may {rights}, which no policy guards")
    return found


async def _wrong_policies(conn: Connection, table: Table) -> list[str]:
    rows = await conn.fetch(
        "select policyname, permissive, coalesce(qual, with_check), coalesce(with_check, qual) from pg_policies"
        " where schemaname = 'public' and tablename = $1 and roles && array['public', $2]::name[]",
        table.name,
        APP,
    )
    expected = OTHER_POLICIES.get(table.name, BOUND)
    if len(rows) != 1:
        return [f"{table.name}: {len(rows)} policies for the application instead of one"]
    if {" ".join(str(each).split()) for each in rows[0][2:]} != {expected}:
        return [f"{table.name}: the policy says {rows[0][2]}, not {expected}"]
    return []


async def seen(conn: Connection, a: UUID, b: UUID) -> list[str]:
    """Rows of A that B can see or count, and rows of anybody that are seen without a tenant."""
    found: list[str] = []
    for table in await whole.tables(conn):
        own = await whole.owned(conn, table, b)
        async with whole.acting(conn, b):
            foreign = await whole.owned(conn, table, a)
            counted = await whole.number(conn, f"select count(*) from {table.name}")
        if foreign or counted != own:
            found.append(f"{table.name}: B sees {foreign} rows of A and counts {counted} where {own} are its own")
        of_a_tenant = " where tenant_id is not null" if table.name in {"dead_letter", "job"} else ""
        async with whole.acting(conn, None):
            unbound = await whole.number(conn, f"select count(*) from {table.name}{of_a_tenant}")
        if unbound:
            found.append(f"{table.name}: {unbound} rows are seen without a tenant")
    return found


async def changed(conn: Connection, a: UUID, b: UUID) -> list[str]:
    """Rows of A that B can change or delete, and statements without a condition that touch more than B's own."""
    found: list[str] = []
    for table in await whole.tables(conn):
        column = table.column or "name"
        for verb in (f"update {table.name} set {column} = {column}", f"delete from {table.name}"):
            tried = await whole.attempt(conn, b, f"{verb} where {table.owned}", a)
            if tried.rows or not (tried.refusal is None or tried.is_denied):
                found.append(f"{verb}, of A's rows: {tried}")
        own = await whole.owned(conn, table, b)
        tried = await whole.attempt(conn, b, f"update {table.name} set {column} = {column}")
        if not tried.is_denied and tried.rows != own:
            found.append(f"update {table.name} without a condition: {tried}, where {own} rows are B's own")
        tried = await whole.attempt(conn, None, f"update {table.name} set {column} = {column} where {table.owned}", a)
        if tried.rows:
            found.append(f"update {table.name} without a tenant: {tried}")
    return found


async def forged(conn: Connection, a: UUID, b: UUID) -> list[str]:
    """Rows in A's name that B can insert, and rows of B that B can give to A: a policy must refuse both."""
    found: list[str] = []
    for table in await whole.tables(conn):
        row = await whole.one_row(conn, table, a)
        insert = f"insert into {table.name} select * from jsonb_populate_record(null::{table.name}, $1::jsonb)"
        tried = await whole.attempt(conn, b, insert, row)
        if not tried.is_denied:
            found.append(f"insert into {table.name} in A's name: {tried}")
        if table.column is not None:
            tried = await whole.attempt(conn, b, f"update {table.name} set {table.column} = $1", a)
            if not tried.is_denied:
                found.append(f"update {table.name}, giving it to A: {tried}")
    return found


async def estimated(conn: Connection, b: UUID) -> list[str]:
    """Tables of tenants whose statistics (most common values, histograms) the application may read."""
    names = [table.name for table in await whole.tables(conn)]
    async with whole.acting(conn, b):
        rows = await conn.fetch("select distinct tablename from pg_stats where tablename = any ($1)", names)
    return [f"{row[0]}: pg_stats shows its values" for row in rows]

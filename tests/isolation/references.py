"""What ties rows together or keeps them apart: foreign keys, unique constraints, sequences, views."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import asyncpg

from tests.isolation import whole
from tests.isolation.whole import Table, Tried

if TYPE_CHECKING:
    from tests.isolation.whole import Connection

# Foreign keys to what is no tenant's.
TO_THE_HOUSE = {
    ("membership", "identity"): "a person is known once in the installation, and a member of several tenants",
}
_WHO = "who did it: stays true when the person is gone, and a name is shown only of who is a member here"
_HOT = "written with the thread's own account by the path of a message, which reads it under its tenant only"
# Columns with the id of another row and no foreign key.
LOOSE = {
    "api_key.created_by": _WHO,
    "api_key.revoked_by": _WHO,
    "audit_entry.actor_id": _WHO,
    "dead_letter.closed_by": _WHO,
    "document.archived_by": _WHO,
    "document_version.created_by": _WHO,
    "gap.closed_by": _WHO,
    "idempotency_key.actor_id": _WHO,
    "message.author_id": _WHO,
    "stored_file.created_by": _WHO,
    "stored_file.deleted_by": _WHO,
    "thread.held_by": _WHO,
    "delivery.account_id": _HOT,
    "delivery.continues": "a delivery of the same tenant that went on; nothing is read through it",
    "event_key.account_id": _HOT,
    "event.turn_id": "a turn that was saved in the same transaction; nothing is read through it",
    "channel_cursor.leased_by": "the mark of whoever reads the account now, an id of nothing else",
    "idempotency_key.result": "a message, looked up under the tenant and the thread",
    "lane.key": "a thread of the same id; a lane without one is never taken",
    "posting.section_id": "60 to 100 rows a section: joined to section_index under the tenant only",
}
# Unique over all tenants, by their columns.
SHARED_UNIQUES = {
    "(id)": "ids are UUIDv7 made by the application and never taken from a caller; 74 random bits are not guessed",
    "tenant (slug)": "a slug is public, it stands in the address of the chat",
    "channel_account (channel, external_id)": "a number leads to one tenant; who connects another's is refused",
    "identity (email)": "a person has one login in the installation; a tenant learns of it by adding that address only",
    "worker (id)": "the house's own",
    "cron (name)": "the house's own",
    "protocol (only_row)": "the house's own",
    "sql_file (name)": "the house's own",
    "alembic_version (version_num)": "the house's own",
}
SEQUENCES = {"worker_id_seq": "numbers worker processes, which are no tenant's"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key between two tables of tenants."""

    name: str
    child: str
    parent: str
    columns: tuple[str, ...]
    targets: tuple[str, ...]


async def references(conn: Connection) -> list[Reference]:
    """Every foreign key whose both ends are tables of tenants."""
    names = [table.name for table in await whole.tables(conn)]
    rows = await conn.fetch(
        "select f.conname, f.conrelid::regclass::text, f.confrelid::regclass::text,"
        " (select array_agg(a.attname order by k.place) from unnest(f.conkey) with ordinality k (n, place)"
        "  join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.n),"
        " (select array_agg(a.attname order by k.place) from unnest(f.confkey) with ordinality k (n, place)"
        "  join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.n)"
        " from pg_constraint f where f.contype = 'f' and f.conrelid::regclass::text = any ($1)"
        " and f.confrelid::regclass::text = any ($1) order by 2, 1",
        names,
    )
    return [Reference(str(r[0]), str(r[1]), str(r[2]), tuple(r[3]), tuple(r[4])) for r in rows]


async def reaching(conn: Connection, a: UUID, b: UUID) -> list[str]:
    """Foreign keys by which a row of B can point to a row of A."""
    found: list[str] = []
    known = {table.name: table for table in await whole.tables(conn)}
    for each in await references(conn):
        if each.parent == "tenant" and each.columns == ("tenant_id",):
            continue  # giving a row to A is what tables.forged tries
        if (each.child, each.parent) in TO_THE_HOUSE:
            continue
        tried = await _point_to(conn, each, known[each.parent], a, b)
        if not isinstance(tried.refusal, asyncpg.ForeignKeyViolationError):
            found.append(f"{each.child}.{each.name}: a row of B may point to {each.parent} of A ({tried})")
    return found


async def _point_to(conn: Connection, reference: Reference, parent: Table, a: UUID, b: UUID) -> Tried:
    """Let a row of B point to a row of A. Where the application has no right to, the foreign key itself is tried."""
    row = await whole.one_row(conn, parent, a)
    target = cast("dict[str, object]", json.loads(row or "{}"))
    pairs = [
        (column, target[end])
        for column, end in zip(reference.columns, reference.targets, strict=True)
        if column != "tenant_id"
    ]
    changes = ", ".join(f"{column} = r.{column}" for column, _ in pairs)
    statement = (
        f"update {reference.child} c set {changes} from jsonb_populate_record(null::{reference.child}, $1::jsonb) r"
        f" where c.tenant_id = $2 and c.ctid = (select ctid from {reference.child} where tenant_id = $2 limit 1)"
    )
    tried = await whole.attempt(conn, b, statement, json.dumps(dict(pairs)), b)
    if not tried.is_denied:
        return tried
    try:
        async with whole.undone(conn):
            return Tried(rows=whole.touched(await conn.execute(statement, json.dumps(dict(pairs)), b)))
    except asyncpg.PostgresError as refusal:
        return Tried(refusal=refusal)


async def loose(conn: Connection) -> list[str]:
    """Columns that hold the id of another row, have no foreign key with the tenant in it, and are on no list."""
    guarded = {
        f"{each.child}.{column}"
        for each in await references(conn)
        if "tenant_id" in each.columns or (each.child, each.parent) in TO_THE_HOUSE
        for column in each.columns
    }
    columns = await _id_columns(conn)
    unguarded = [f"{each}: the id of another row without a foreign key" for each in columns - guarded - LOOSE.keys()]
    return unguarded + [f"{each}: on the list for nothing" for each in LOOSE.keys() - (columns - guarded)]


async def pointing(conn: Connection, foreign: frozenset[str], b: UUID) -> list[str]:
    """Columns in which a row of B holds an id of A."""
    found: list[str] = []
    for column in sorted(await _id_columns(conn)):
        table, _, name = column.partition(".")
        count = await whole.number(
            conn,
            f"select count(*) from {table} where tenant_id = $1 and {name}::text = any ($2)",
            b,
            list(foreign),
        )
        if count:
            found.append(f"{column}: {count} rows of B hold an id of A")
    return found


async def _id_columns(conn: Connection) -> set[str]:
    names = [table.name for table in await whole.tables(conn) if table.column == "tenant_id"]
    rows = await conn.fetch(
        "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'"
        " and data_type = 'uuid' and table_name = any ($1) and column_name not in ('tenant_id', 'id')",
        names,
    )
    return {str(row[0]) for row in rows}


async def shared_uniques(conn: Connection) -> list[str]:
    """Unique indexes over all tenants: a clash would tell B what A has."""
    rows = await conn.fetch(
        "select i.indrelid::regclass::text, '(' || (select string_agg(coalesce(a.attname, '?'), ', ' order by k.place)"
        "  from unnest(i.indkey::int2[]) with ordinality k (n, place)"
        "  left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n and k.n > 0) || ')'"
        " from pg_index i join pg_class c on c.oid = i.indrelid"
        " where i.indisunique and c.relnamespace = 'public'::regnamespace order by 1, 2"
    )
    return [
        f"{table} {columns}: unique over all tenants"
        for table, columns in rows
        if not columns.startswith("(tenant_id")
        and columns not in SHARED_UNIQUES
        and f"{table} {columns}" not in SHARED_UNIQUES
    ]


async def telling_clashes(conn: Connection, a: UUID, b: UUID, kept: frozenset[str]) -> list[str]:
    """Tables where a clash with an id of A succeeds, or says something of A's row."""
    found: list[str] = []
    for table in await whole.tables(conn):
        ours = await whole.one_row(conn, table, b)
        theirs = await whole.one_row(conn, table, a)
        if ours is None or theirs is None or table.name not in await _unique_by_id(conn):
            continue
        row = {**cast("dict[str, object]", json.loads(ours)), "id": json.loads(theirs)["id"]}
        row |= {key: str(uuid4()) for key in ("name", "value", "fingerprint", "external_id") if key in row}
        row |= {"n": 10**6} if "n" in row else {}
        insert = f"insert into {table.name} select * from jsonb_populate_record(null::{table.name}, $1::jsonb)"
        tried = await whole.attempt(conn, b, insert, json.dumps(row))
        said = f"{tried.refusal} {getattr(tried.refusal, 'detail', '')}"
        told = [word for word in kept - {str(row["id"])} if word in said]
        if told or tried.refusal is None:
            found.append(f"{table.name}: {tried} tells {told}")
    return found


async def _unique_by_id(conn: Connection) -> set[str]:
    rows = await conn.fetch(
        "select i.indrelid::regclass::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid"
        " and a.attnum = i.indkey[0] where i.indisprimary and i.indnatts = 1 and a.attname = 'id'"
    )
    return {str(row[0]) for row in rows}


async def sequences(conn: Connection) -> list[str]:
    """Sequences: one that numbers rows of tenants would tell B how much A does."""
    rows = await conn.fetch("select c.relname from pg_class c where c.relkind = 'S' order by 1")
    return [f"{row[0]}: a sequence that all tenants share" for row in rows if row[0] not in SEQUENCES]


async def views(conn: Connection) -> list[str]:
    """Views that show with their owner's rights, and materialised ones, which no policy guards."""
    rows = await conn.fetch(
        "select c.relname, c.relkind = 'm' from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('v', 'm') and n.nspname in ('public', 'app')"
        " and (c.relkind = 'm' or not coalesce(c.reloptions::text ~ 'security_invoker=(true|on|1)', false))"
    )
    return [f"{row[0]}: {'materialised' if row[1] else 'not security_invoker'}" for row in rows]

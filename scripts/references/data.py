"""`docs/DATA_MODEL.md`: every table, from the catalogue of a migrated database."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

import asyncpg

ROOT = Path(__file__).resolve().parents[2]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

HEAD = """# Data model

Made from the catalogue of a migrated database by `make docs`. Every table of a tenant is guarded by row-level
security, also against its owner; `lumi_system` sees all tenants of a table where that is said.
"""

_TABLES = """
select c.oid, c.relname as name, c.relforcerowsecurity as guarded from pg_class c
where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') order by c.relname collate "C"
"""
_COLUMNS = """
select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as needed,
       coalesce(pg_get_expr(d.adbin, d.adrelid), '') as otherwise
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
_RULES = """
select contype::text as kind, pg_get_constraintdef(oid) as says from pg_constraint
where conrelid = $1 and contype in ('p', 'u', 'f', 'c') order by contype, conname collate "C"
"""
_INDEXES = """
select pg_get_indexdef(i.indexrelid) as says from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = $1 and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
order by c.relname collate "C"
"""
_SYSTEM = "select exists (select from pg_policy where polrelid = $1 and 'lumi_system'::regrole = any(polroles))"


async def document() -> str:
    """What the file should say, from a database that is made for it and gone afterwards."""
    async with _migrated() as conn:
        return await text_of(conn)


async def text_of(conn: Connection, namespace: str = "public") -> str:
    """The page of one database."""
    meanings = _meanings()
    parts = [HEAD]
    for table in await conn.fetch(_TABLES, namespace):
        columns, rules, indexes = [await conn.fetch(each, table["oid"]) for each in (_COLUMNS, _RULES, _INDEXES)]
        parts += _table(str(table["name"]), meanings, columns)
        parts += [f"- {_plain(str(each['says']))}" for each in (*rules, *indexes)]
        if await conn.fetchval(_SYSTEM, table["oid"]):
            parts.append("- `lumi_system` sees the rows of every tenant")
        parts.append("- guarded by row-level security\n" if table["guarded"] else "- no row-level security\n")
    return "\n".join(parts)


def _table(name: str, meanings: Mapping[str, tuple[str, str]], columns: Sequence[asyncpg.Record]) -> Iterator[str]:
    owner, says = meanings.get(name, ("", ""))
    yield f"## {name}\n"
    if says:
        yield f"{says} Of `{owner}`.\n"
    yield "| column | type | default |\n| --- | --- | --- |"
    for each in columns:
        kind = f"{each['type']}{'' if each['needed'] else ', or null'}"
        yield f"| {each['name']} | {kind} | {_code(str(each['otherwise']))} |"
    yield ""


def _meanings() -> dict[str, tuple[str, str]]:
    """Of each table that has a model: whose it is, and what the model says it holds."""
    from lumi.core.db import Base

    import_module("lumi.core.audit")
    import_module("lumi.core.tables")
    for file in sorted((ROOT / "lumi").glob("*/*/models.py")):
        import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    found: dict[str, tuple[str, str]] = {}
    for mapper in Base.registry.mappers:
        module = mapper.class_.__module__.removesuffix(".models")
        says = " ".join((mapper.class_.__doc__ or "").strip().split("\n\n")[0].split())
        found[str(mapper.local_table.description)] = (module, says)
    return found


def _plain(definition: str) -> str:
    short = re.sub(r"^CREATE (UNIQUE )?INDEX (\S+) ON public\.\S+ USING btree ", r"\1INDEX \2 ", definition)
    return _code(" ".join(short.split()))


def _code(sql: str) -> str:
    return f"`{sql.replace('|', '¦')}`" if sql else ""


@asynccontextmanager
async def _migrated() -> AsyncGenerator[Connection]:
    from lumi.core.migrate import migrate
    from lumi.core.server import attach

    folder = Path(tempfile.mkdtemp(prefix="lumi-docs-"))
    await asyncio.to_thread(folder.chmod, 0o711)  # the database may run as another user than root
    try:
        async with attach.hold(folder, durable=False) as server:
            await migrate(server.owner_url, "app")
            conn = await asyncpg.connect(server.owner_url)
            try:
                yield conn
            finally:
                await conn.close()
    finally:
        await attach.destroy(folder)

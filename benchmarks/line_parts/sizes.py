"""How large the tables of the line are, and their indexes; how much of that is air."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

TABLES = ("event", "event_key", "lane", "thread", "delivery", "message", "turn", "job")

_SIZES = """
select c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid), s.n_dead_tup, s.autovacuum_count,
       s.n_tup_upd, s.n_tup_hot_upd
from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
join pg_stat_user_tables s on s.relid = c.oid
where c.relname = any ($1)
"""
_INDEXES = """
select c.relname, pg_relation_size(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
join pg_class t on t.oid = i.indrelid where t.relname = any ($1)
"""


@dataclass(frozen=True)
class Size:
    """One table. Sizes in bytes; `dead` is how many rows PostgreSQL believes to be dead."""

    rows: int
    table: int
    indexes: int
    dead: int
    vacuums: int
    updates: int
    hot_updates: int

    def per_row(self, size: int) -> float:
        """Bytes for each row that is alive; not a number when there is none."""
        return size / self.rows if self.rows else float("nan")


async def sizes(url: str) -> Mapping[str, Size]:
    """Every table of the line."""
    connection = await asyncpg.connect(url)
    try:
        found = {row[0]: row for row in await connection.fetch(_SIZES, TABLES)}
        rows = {name: int(await connection.fetchval(f'select count(*) from "{name}"')) for name in TABLES}
        return {name: Size(rows[name], *found[name][1:]) for name in TABLES}
    finally:
        await connection.close()


async def index_sizes(url: str, *, rebuilt: bool = False) -> Mapping[str, int]:
    """Bytes of every index of the line, as it is or rebuilt from nothing."""
    connection = await asyncpg.connect(url)
    try:
        for name in TABLES if rebuilt else ():
            await connection.execute(f'reindex table "{name}"')
        rows: Sequence[asyncpg.Record] = await connection.fetch(_INDEXES, TABLES)
        return {row[0]: int(row[1]) for row in rows}
    finally:
        await connection.close()

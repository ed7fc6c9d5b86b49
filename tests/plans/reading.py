"""What the database does for a statement: its plan, and the tables it went through from end to end."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID

from sqlalchemy import event

from tests.isolation import whole

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.shape.schema import Connection

Node = Mapping[str, object]
# Counted, not planned: so it is seen inside functions too, however deep.
_GONE_THROUGH = """
    select s.relname as name, coalesce(s.seq_scan, 0) as times from pg_stat_xact_user_tables s
    where s.schemaname = 'public' and (s.relname = any ($1) or exists (
        select from pg_attribute a where a.attrelid = s.relid and a.attname = 'tenant_id'))
"""
_TENANTS_TABLES = ["tenant", "identity"]
_ILIKE = re.compile(r"!?~~\*")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a handler asked the database."""

    words: str
    values: tuple[object, ...]


@contextmanager
def heard(engine: AsyncEngine) -> Generator[list[Statement]]:
    """Every statement sent meanwhile, without those that bind the tenant."""
    said: list[Statement] = []

    def hear(_conn: object, _cursor: object, words: str, values: Sequence[object], *_rest: object) -> None:
        if "set_config('app.tenant_id'" not in words:
            said.append(Statement(words, tuple(values)))

    event.listen(engine.sync_engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", hear)


async def slow_ways(
    conn: Connection, tenant: UUID, said: Sequence[Statement], *, broken_by: str | None = None
) -> list[str]:
    """What is read without an index when these are asked again as the application role, with the schema so broken."""
    found: set[str] = set()
    async with whole.undone(conn):
        if broken_by is not None:
            await conn.execute(broken_by)
        await whole.become(conn, tenant)
        for each in said:
            before = await _gone_through(conn)
            plan = await _plan(conn, each)
            after = await _gone_through(conn)
            found.update(f"sequential scan of {name}" for name in after if after[name] > before.get(name, 0))
            found.update(f"ILIKE without an index: {where}" for where in _unindexed(plan))
    return sorted(found)


async def _gone_through(conn: Connection) -> dict[str, int]:
    return {row["name"]: row["times"] for row in await conn.fetch(_GONE_THROUGH, _TENANTS_TABLES)}


async def _plan(conn: Connection, said: Statement) -> Node:
    explained = await conn.fetchval(f"explain (analyze, format json) {said.words}", *said.values)
    return cast("list[dict[str, Node]]", json.loads(explained))[0]["Plan"]


def _unindexed(plan: Node) -> Iterator[str]:
    """Conditions with ILIKE that are tried row by row; one an index answers stands in its `Index Cond`."""
    for key in ("Filter", "Join Filter"):
        if _ILIKE.search(str(plan.get(key, ""))):
            yield f"{plan.get('Relation Name', plan['Node Type'])}: {plan[key]}"
    for below in cast("Sequence[Node]", plan.get("Plans", ())):
        yield from _unindexed(below)

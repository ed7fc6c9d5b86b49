"""A database in words: everything its schema says, who may do what there, and every row of every table."""

from __future__ import annotations

from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_RIGHTS = "(select string_agg(a::text, ' ' order by a::text) from unnest({acl}) a)"
# A right that was never given or taken is not written down.
_RUNNERS = "coalesce(proacl, acldefault('f', proowner))"
_SAID = (
    "select concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, is_identity)"
    " from information_schema.columns where table_schema = 'public'",
    "select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)"
    " from pg_constraint where connamespace = 'public'::regnamespace",
    "select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'",
    "select concat_ws(' ', 'policy', tablename, policyname, permissive, roles, cmd, qual, with_check) from pg_policies",
    "select concat_ws(' ', 'relation', relname, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity,"
    f" reloptions, {_RIGHTS.format(acl='relacl')}) from pg_class"
    " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'S')",
    f"select concat_ws(' ', 'column right', attrelid::regclass, attname, {_RIGHTS.format(acl='attacl')})"
    " from pg_attribute where attacl is not null and attrelid::regclass::text !~ '^pg_'",
    "select concat_ws(' ', 'function', p.oid::regprocedure, proowner::regrole, prosecdef, proconfig, provolatile,"
    f" {_RIGHTS.format(acl=_RUNNERS)}, md5(prosrc)) from pg_proc p"
    " where pronamespace = 'app'::regnamespace",
    f"select concat_ws(' ', 'schema', nspname, nspowner::regrole, {_RIGHTS.format(acl='nspacl')})"
    " from pg_namespace where nspname = 'app'",
    f"select concat_ws(' ', 'default', defaclrole::regrole, defaclobjtype, {_RIGHTS.format(acl='defaclacl')})"
    " from pg_default_acl",
    "select concat_ws(' ', 'trigger', tgrelid::regclass, tgname, pg_get_triggerdef(oid)) from pg_trigger"
    " where not tgisinternal",
)


async def schema(conn: Connection) -> list[str]:
    """What there is, and who may do what with it."""
    found: list[str] = []
    for said in _SAID:
        found += [str(row[0]) for row in await conn.fetch(said)]
    return sorted(found)


async def rows(conn: Connection) -> dict[str, list[str]]:
    """Every row of every table but of those the house writes by itself, and where each sequence is."""
    names = await conn.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        " and relname <> 'sql_file'"
    )
    found = {
        str(name[0]): [str(row[0]) for row in await conn.fetch(f"select t::text from {name[0]} t order by 1")]
        for name in names
    }
    sequences = await conn.fetch("select sequencename::text, last_value::text from pg_sequences order by 1")
    return {**found, "sequences": [f"{row[0]} {row[1]}" for row in sequences]}

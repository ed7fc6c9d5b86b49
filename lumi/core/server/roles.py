"""The database `lumi` and its three roles, made by the superuser and none of them one.

`lumi_owner` owns the database and may make roles; `lumi_app` serves; `lumi_system` can't log in and is given
functions by the owner, who is its member. All of it may run again at any time and changes nothing then."""

from typing import Protocol

from lumi.core.server.cluster import APP, DATABASE, OWNER, SUPERUSER, SYSTEM


class Connection(Protocol):
    """The part of a driver's connection that is used here."""

    async def execute(self, query: str) -> str: ...
    async def fetchval(self, query: str, *args: object) -> object: ...
    async def close(self) -> None: ...


_ROLE = """
do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = '{role}') then create role {role}; end if;
end $$;
alter role {role} with nosuperuser nobypassrls nocreatedb noreplication {rights};
"""
_ORDINARY = {OWNER: "createrole login", APP: "nocreaterole login", SYSTEM: "nocreaterole nologin"}

# As if lumi_owner had made the other two itself; a member that inherits may replace the functions.
_MEMBERSHIP = f"""
grant {SYSTEM} to {OWNER} with admin true, inherit true, set true;
grant {APP} to {OWNER} with admin true, inherit false, set false;
"""
_CLOSED = f"""
revoke all on database {DATABASE}, {SUPERUSER}, template1 from public;
grant connect, temporary on database {DATABASE} to {APP};
"""


async def provision(superuser: Connection, passwords: dict[str, str]) -> None:
    """Makes roles and database. A refused statement is not logged, for it may hold a password."""
    await superuser.execute("set log_min_error_statement = panic; set log_error_verbosity = terse")
    for role, rights in _ORDINARY.items():
        word = passwords.get(role)
        await superuser.execute(_ROLE.format(role=role, rights=rights + (f" password '{word}'" if word else "")))
    await superuser.execute(_MEMBERSHIP)
    if not await superuser.fetchval("select 1 from pg_database where datname = $1", DATABASE):
        await superuser.execute(f"create database {DATABASE} owner {OWNER}")
    await superuser.execute(_CLOSED)


async def extend(superuser_in_lumi: Connection) -> None:
    """What only a superuser may add to the database."""
    await superuser_in_lumi.execute("create extension if not exists vector")

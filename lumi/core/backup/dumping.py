"""The database into an archive, as it was at one moment, while everybody goes on writing.

Whoever may look past row-level security dumps it in one piece. Another owner sees of many tables one tenant at a
time, so its dump has several pieces, all of the same snapshot: the house (what belongs to no tenant, and the tables
that are open to the owner whole), then each tenant's rows of the other tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import asyncpg

from lumi.core.backup import programs
from lumi.core.backup.archive import CHUNK_BYTES, Draft, Say
from lumi.core.backup.failures import BackupFailed
from lumi.core.db import plain_url

WHOLE = "database.dump"
HOUSE = "database/house.dump"
TENANTS = "database/tenants/"
OWNER, SYSTEM = "lumi_owner", "lumi_system"

_FORM = ("--format=custom", "--exclude-extension=*", "--no-tablespaces", "--no-publications", "--no-subscriptions")


@dataclass(frozen=True)
class Moment:
    """A moment of the database that lasts as long as its connection: what others may dump of it, and how."""

    url: str
    snapshot: str
    revision: str
    server_version_num: int
    sees_all: bool
    tenants: Sequence[UUID]
    open_tables: Sequence[str]
    """Those of which the owner sees every row."""


@asynccontextmanager
async def moment(url: str) -> AsyncGenerator[Moment]:
    """Now, held still. Refuses with BackupFailed where Lumi never was."""
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        if await connection.fetchval("select to_regclass('public.alembic_version')") is None:
            raise BackupFailed("There is no Lumi in this database yet: nothing to back up.")
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield await _look(connection, plain_url(url))
    finally:
        await connection.close()


async def dump(draft: Draft, at: Moment, say: Say) -> None:
    """Add the database as it was at this moment. Refuses with BackupFailed, in the words of pg_dump."""
    say("Dumping the database")
    if at.sees_all:
        await _part(draft, at, WHOLE, "Dumping the database")
        return
    owner = (f"--role={OWNER}", "--enable-row-security")
    await _part(draft, at, HOUSE, "Dumping the house", *owner)
    without = [f"--exclude-table={table}" for table in at.open_tables]
    for number, tenant in enumerate(at.tenants, 1):
        what = f"Dumping tenant {number} of {len(at.tenants)}"
        say(what)
        await _part(draft, at, f"{TENANTS}{tenant}.dump", what, *owner, "--data-only", *without, tenant=tenant)


async def _look(connection: asyncpg.Connection[asyncpg.Record], url: str) -> Moment:
    sees_all = await connection.fetchval("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
    snapshot = await connection.fetchval("select pg_export_snapshot()")
    if not sees_all:
        await connection.execute(f"set local role {SYSTEM}")
    tenants = await connection.fetch("select id from tenant order by id")
    open_tables = await connection.fetch(_OPEN_TABLES, OWNER)
    if not sees_all:
        await connection.execute(f"set local role {OWNER}")
    revision = await connection.fetchval("select string_agg(version_num, ',') from alembic_version")
    version = await connection.fetchval("select current_setting('server_version_num')::int")
    return Moment(
        url, cast("str", snapshot), str(revision), cast("int", version), bool(sees_all),
        [cast("UUID", row[0]) for row in tenants], [str(row[0]) for row in open_tables],
    )  # fmt: skip


# Without row-level security, or with a policy that shows a role of the owner's everything.
_OPEN_TABLES = """
    select format('public.%I', c.relname) from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and (not c.relrowsecurity or exists (
        select from pg_policies p cross join unnest(p.roles) r (name)
        where p.schemaname = 'public' and p.tablename = c.relname and p.permissive = 'PERMISSIVE'
          and p.cmd in ('ALL', 'SELECT') and p.qual = 'true'
          and (r.name = 'public' or pg_has_role($1, r.name, 'usage'))))
    order by 1
"""


async def _part(draft: Draft, at: Moment, name: str, what: str, *options: str, tenant: UUID | None = None) -> None:
    url, password = programs.without_password(at.url)
    bound: Mapping[str, str] = {"app.tenant_id": str(tenant)} if tenant else {}
    folder = programs.fitting(at.server_version_num)
    process = await asyncio.create_subprocess_exec(
        str(folder / "pg_dump"), *_FORM, f"--snapshot={at.snapshot}", *options, f"--dbname={url}",
        env=programs.environment(password, bound), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=CHUNK_BYTES,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 (both are pipes)
    said = asyncio.ensure_future(process.stderr.read())
    try:
        await draft.take(name, _read(process.stdout), what)
    finally:
        if process.returncode is None and not process.stdout.at_eof():
            process.kill()
        code, words = await process.wait(), (await said).decode(errors="replace").strip()
    if code != 0:
        raise BackupFailed(f"pg_dump could not dump the database: {words}")


async def _read(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while chunk := await stream.read(CHUNK_BYTES):
        yield chunk

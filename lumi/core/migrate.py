"""Bringing a database to this version: roles, revisions, then the SQL functions whose files changed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from lumi.core import protocol
from lumi.core.db import alchemy_url
from lumi.core.server_version import refuse_old

ROOT = Path(__file__).resolve().parents[2]
SEALS = ROOT / "migrations" / "checksums.txt"
# One key for everybody who migrates this database: the second waits for the first.
_MIGRATING = 0x6C756D69
# Processes of the release before go on working meanwhile: a revision that gets in their way is begun again so often.
MOST_ATTEMPTS, PAUSE_SECONDS = 10, 0.5

Say = Callable[[str], None]


class EditedMigration(RuntimeError):
    """A migration that has landed was edited; write a new one instead."""


class DatabaseNewer(RuntimeError):
    """The database was brought to a version that this Lumi does not know."""


async def migrate(owner_url: str, app_password: str | None = None, *, say: Say = lambda _line: None) -> None:
    """Bring the database at `owner_url` to the newest revision; safe to run twice and at the same time.

    `app_password` is given to the role `lumi_app` when Lumi makes the roles itself. Raises ServerTooOld, DatabaseNewer.
    """
    engine = create_async_engine(alchemy_url(owner_url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:key)"), {"key": _MIGRATING})
            await connection.commit()
            await _roles(connection, app_password)
            say("migrating the database")
            await _patiently(connection, _upgrade, say)
    finally:
        await engine.dispose()


async def _patiently(connection: AsyncConnection, step: Callable[[Connection], None], say: Say) -> None:
    """The step, and once more where it and those who work meanwhile waited for each other: it may run twice."""
    for left in reversed(range(MOST_ATTEMPTS)):
        try:
            await connection.run_sync(step)
            await connection.commit()
        except (asyncpg.DeadlockDetectedError, DBAPIError) as error:
            await connection.rollback()
            told = error.orig if isinstance(error, DBAPIError) else error
            if not left or getattr(told, "sqlstate", None) != asyncpg.DeadlockDetectedError.sqlstate:
                raise
            say("others were at work on the same tables: once more")
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


async def prepare_roles(owner_url: str) -> None:
    """Make the three roles where they are missing, and nothing else. Raises ServerTooOld."""
    engine = create_async_engine(alchemy_url(owner_url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await _roles(connection, None)
    finally:
        await engine.dispose()


async def with_owner_connection(run: Callable[[Connection], None]) -> None:
    """What the typed `alembic` commands run on: the configured database, embedded or external."""
    from lumi.core.database import owner_database

    async with owner_database() as (url, app_password):
        engine = create_async_engine(alchemy_url(url), poolclass=NullPool)
        try:
            async with engine.connect() as connection:
                await _roles(connection, app_password)
                await connection.run_sync(run)
                await connection.commit()
                await connection.run_sync(install_functions)
                await connection.commit()
        finally:
            await engine.dispose()


def run_script(connection: Connection, script: str) -> None:
    """Several statements at once, in the transaction of `connection`."""
    connection.exec_driver_sql("select 1")  # the adapter opens its transaction at the first statement
    adapted = connection.connection.dbapi_connection
    if adapted is None:
        raise RuntimeError("the connection was closed")

    async def execute(driver: asyncpg.Connection[asyncpg.Record]) -> None:
        await driver.execute(script)

    adapted.run_async(execute)


def install_functions(connection: Connection) -> list[str]:
    """Install every SQL file whose content differs from what this database has; returns their names."""
    if connection.scalar(text("select to_regclass('sql_file')")) is None:
        return []
    if connection.scalar(text("select version_num from alembic_version")) not in heads():
        # Between revisions a function may name what is not there yet.
        connection.execute(text("set local check_function_bodies = off"))
    known = {str(row[0]): str(row[1]) for row in connection.execute(text("select name, checksum from sql_file"))}
    installed: list[str] = []
    for file in function_files():
        name, body = str(file.relative_to(ROOT)), file.read_text()
        checksum = hashlib.sha256(body.encode()).hexdigest()
        if known.get(name) != checksum:
            run_script(connection, body)
            connection.execute(_REMEMBER, {"name": name, "checksum": checksum})
            installed.append(name)
    return installed


_REMEMBER = text(
    "insert into sql_file (name, checksum) values (:name, :checksum)"
    " on conflict (name) do update set checksum = excluded.checksum, applied_at = clock_timestamp()"
)


def function_files() -> list[Path]:
    """The SQL files beside core and the modules, lowest first."""
    order = [
        "core",
        "tenants",
        "accounts",
        "contacts",
        "files",
        "channels",
        "knowledge",
        "attachments",
        "conversations",
        "assistant",
    ]
    files = sorted((ROOT / "lumi").glob("**/sql/*.sql"))
    return sorted(files, key=lambda file: (order.index(file.parent.parent.name), file.name))


def refuse_edited() -> None:
    """Raise EditedMigration when a sealed migration's file is not what landed."""
    now = seals()
    for line in SEALS.read_text().splitlines() if SEALS.exists() else []:
        checksum, name = line.split(maxsplit=1)
        if now.get(name) != checksum:
            raise EditedMigration(f"{name} was edited or removed after it landed: write a new revision instead")


def _refuse_newer(connection: Connection) -> None:
    known = {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}
    if connection.scalar(text("select to_regclass('alembic_version')")) is None:
        return
    for revision in set(connection.scalars(text("select version_num from alembic_version"))) - known:
        raise DatabaseNewer(
            f"This database belongs to a newer Lumi: it is at {revision}, which this version does not know."
            " Run the newer version, or restore a backup of this one."
        )


def seals() -> dict[str, str]:
    """The checksum of every file of the migrations, by its path from the root."""
    files = sorted(f for f in (ROOT / "migrations" / "versions").rglob("*") if f.suffix in {".py", ".sql"})
    return {str(f.relative_to(ROOT)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def write_seals() -> None:
    """Record today's migrations as landed."""
    SEALS.write_text("".join(f"{checksum}  {name}\n" for name, checksum in seals().items()))


def heads() -> Sequence[str]:
    """The newest revisions; a healthy tree has one."""
    return ScriptDirectory.from_config(_config()).get_heads()


def is_modelled(thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """What `alembic check` compares: everything but the house's own bookkeeping."""
    return not (kind == "table" and name in {"sql_file", "alembic_version"})


def _config() -> Config:
    return Config(str(ROOT / "alembic.ini"))


def _upgrade(connection: Connection) -> None:
    refuse_edited()
    _refuse_newer(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
    install_functions(connection)
    protocol.announce(connection)


async def _roles(connection: AsyncConnection, app_password: str | None) -> None:
    """Make the three roles where they are missing; afterwards this connection acts as lumi_owner."""
    refuse_old(cast("int", await connection.scalar(text("select current_setting('server_version_num')::int"))))
    for statement in _ROLES:
        await connection.execute(text(statement))
    if app_password is not None:
        quoted = await connection.scalar(text("select quote_literal(:p)"), {"p": app_password})
        await connection.execute(text(f"alter role lumi_app login password {cast('str', quoted)}".replace(":", r"\:")))
    await connection.execute(text("set role lumi_owner"))
    await connection.commit()


_ROLES = (
    *(
        f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then create role {role} {kind};"
        " end if; exception when duplicate_object or unique_violation then null; end $$"
        for role, kind in (("lumi_owner", "nologin"), ("lumi_app", "login"), ("lumi_system", "nologin"))
    ),
    "do $$ begin if current_user <> 'lumi_owner' then"
    " execute format('grant lumi_owner to %I with inherit true, set true', current_user);"
    " execute format('grant lumi_system to %I with inherit true, set true', current_user);"
    " execute format('grant create on database %I to lumi_owner', current_database());"
    " grant usage, create on schema public to lumi_owner; end if; end $$",
    "do $$ begin if not pg_has_role('lumi_owner', 'lumi_system', 'set') then"
    " grant lumi_system to lumi_owner with inherit true, set true; end if; end $$",
)

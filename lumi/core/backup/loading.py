"""The database out of an archive, in one transaction: whole, or as it was before.

The owner's role makes everything, as migrations do; the functions of lumi_system get their owner back when their
files are installed again, which the next `migrate` does.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import asyncpg

from lumi.core.backup import dumping, programs
from lumi.core.backup.archive import Backup, Say
from lumi.core.backup.failures import BackupFailed
from lumi.core.db import plain_url

# A dump expects a place where functions are everybody's by default, and nothing else is there.
_CLEAR = """
set lock_timeout = '10s';
do $$
declare target text;
begin
    for target in
        select c.oid::regclass::text from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and c.relowner = 'lumi_owner'::regrole
    loop
        execute 'drop table if exists ' || target || ' cascade';
    end loop;
end $$;
drop schema if exists app cascade;
alter default privileges grant execute on functions to public;
"""
# So that every function is installed again, and gets its owner.
_FORGET_FUNCTIONS = "\ndelete from public.sql_file;\n"


async def is_inhabited(url: str) -> bool:
    """Whether any organisation lives in this database."""
    async with _connected(url) as connection:
        if await connection.fetchval("select to_regclass('public.tenant')") is None:
            return False
        await connection.execute(f"set role {dumping.SYSTEM}")
        return bool(await connection.fetchval("select exists (select from tenant)"))


async def is_in_use(url: str) -> bool:
    """Whether a web server, a worker or a command of Lumi is connected."""
    async with _connected(url) as connection:
        return bool(
            await connection.fetchval(
                "select exists (select from pg_stat_activity where datname = current_database()"
                " and usename = 'lumi_app' and pid <> pg_backend_pid())"
            )
        )


async def load(backup: Backup, url: str, say: Say) -> None:
    """Put the database of a backup in the place of what is there; its roles are there already.

    Refuses with BackupFailed a server older than the one the backup is of, and whatever its programs refuse.
    """
    async with _connected(url) as connection:
        version = cast("int", await connection.fetchval("select current_setting('server_version_num')::int"))
    if version // 10_000 < backup.manifest.postgres // 10_000:
        raise BackupFailed(
            f"The backup is of PostgreSQL {backup.manifest.postgres // 10_000} and this server is "
            f"PostgreSQL {version // 10_000}: restore it into one as new."
        )
    say("Restoring the database")
    await _run(backup, url, programs.fitting(version), say)
    async with _connected(url) as connection:
        await connection.execute("set role lumi_owner; analyze")


async def _run(backup: Backup, url: str, folder: Path, say: Say) -> None:
    address, password = programs.without_password(url)
    ear, mouth = os.pipe()
    try:
        psql = await asyncio.create_subprocess_exec(
            str(folder / "psql"), address, "--no-psqlrc", "--quiet", "--single-transaction",
            "--set=ON_ERROR_STOP=1", "--file=-",
            env=programs.environment(password, {"role": dumping.OWNER, "client_min_messages": "warning"}),
            stdin=ear, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    finally:
        os.close(ear)
    assert psql.stderr is not None  # noqa: S101 (it is a pipe)
    said = asyncio.ensure_future(psql.stderr.read())
    complaint = ""
    try:
        complaint = await _script(backup, folder, mouth, say)
    except BaseException:
        psql.kill()
        raise
    finally:
        if complaint:
            psql.kill()  # before its input ends: the end of it would commit
        os.close(mouth)
        code, words = await psql.wait(), (await said).decode(errors="replace").strip()
    if complaint or code != 0:
        raise BackupFailed(f"the database could not be restored and is as it was: {words or complaint}")


async def _script(backup: Backup, folder: Path, mouth: int, say: Say) -> str:
    """Write all of it to psql; returns why it is not whole, or nothing."""
    with suppress(BrokenPipeError):  # psql has ended, and says why
        os.write(mouth, _CLEAR.encode())
        for name, sections in _steps(backup):
            say(f"Restoring {name}")
            if complaint := await _translate(backup, name, sections, folder, mouth):
                return complaint
        os.write(mouth, _FORGET_FUNCTIONS.encode())
    return ""


def _steps(backup: Backup) -> Iterator[tuple[str, tuple[str, ...]]]:
    if backup.names(dumping.WHOLE):
        yield dumping.WHOLE, ()
        return
    yield dumping.HOUSE, ("--section=pre-data", "--section=data")
    for name in backup.names(dumping.TENANTS):
        yield name, ()
    # Keys, indexes and policies, once every row is there.
    yield dumping.HOUSE, ("--section=post-data",)


async def _translate(backup: Backup, name: str, sections: tuple[str, ...], folder: Path, mouth: int) -> str:
    """Turn a part into SQL on its way; returns the complaint of pg_restore, or nothing."""
    process = await asyncio.create_subprocess_exec(
        str(folder / "pg_restore"), "--no-owner", "--file=-", *sections,
        env=programs.environment("", {}), stdin=asyncio.subprocess.PIPE, stdout=mouth, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stderr is not None  # noqa: S101, PT018 (both are pipes)
    said = asyncio.ensure_future(process.stderr.read())
    try:
        for chunk in backup.chunks(name):
            process.stdin.write(chunk)
            await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has read what it needs, or it says below why it stopped
    finally:
        process.stdin.close()
        code, words = await process.wait(), (await said).decode(errors="replace").strip()
    return "" if code == 0 else words or f"pg_restore ended with {code}"


@asynccontextmanager
async def _connected(url: str) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        yield connection
    finally:
        await connection.close()

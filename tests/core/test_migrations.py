"""The schema's way forward and back, and the seal that keeps landed migrations as they were."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from lumi.core import migrate
from lumi.core.db import alchemy_url, plain_url
from tests import branching

ROOT = migrate.ROOT


@pytest.fixture(scope="module")
async def server() -> AsyncGenerator[str]:
    """A server of its own, since migrating sets the application role's password: the URL of who owns everything."""
    from lumi.core.server import attach

    async with attach.scratch() as opened:
        yield opened.admin_url


@pytest.fixture
async def empty(server: str) -> AsyncGenerator[str]:
    """The owner's URL of an empty database on it."""
    name = f"empty_{secrets.token_hex(4)}"
    engine = create_async_engine(alchemy_url(server), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f'create database "{name}"'))
        yield make_url(plain_url(server)).set(database=name).render_as_string(hide_password=False)
        await connection.execute(text(f'drop database "{name}" with (force)'))
    await engine.dispose()


async def tables(url: str) -> set[str]:
    engine = create_async_engine(alchemy_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.execute(text("select tablename from pg_tables where schemaname = 'public'"))
        names = {str(row[0]) for row in found}
    await engine.dispose()
    return names


def alembic(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What somebody types."""
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "k" * 40}
    return branching.run("alembic", *words, folder=ROOT, environment=environment)


def typed(url: str, *commands: tuple[str, ...]) -> None:
    """Each of these, one after the other, ends well."""
    for words in commands:
        done = alembic(url, *words)
        assert done.returncode == 0, (words, done.stderr[-800:], done.stdout[-400:])


async def test_the_typed_commands_go_up_check_down_and_up_again_and_may_be_typed_twice(empty: str) -> None:
    typed(empty, ("upgrade", "head"), ("upgrade", "head"), ("check",))
    typed(empty, ("downgrade", "base"), ("downgrade", "-1"))
    assert await tables(empty) == {"alembic_version"}
    typed(empty, ("upgrade", "head"), ("check",))

    assert "message" in await tables(empty)


async def test_the_last_revision_is_taken_back_alone_and_put_on_again(empty: str) -> None:
    typed(empty, ("upgrade", "head"), ("downgrade", "-1"))
    assert "message" in await tables(empty)

    typed(empty, ("upgrade", "head"), ("check",))


async def test_two_who_migrate_at_once_wait_for_each_other(empty: str) -> None:
    await asyncio.gather(*(migrate.migrate(empty, "secret") for _ in range(3)))

    assert "message" in await tables(empty)


def test_there_is_one_head() -> None:
    assert len(migrate.heads()) == 1


def test_the_landed_migrations_are_as_they_were_sealed() -> None:
    migrate.refuse_edited()

    assert migrate.SEALS.read_text().count("\n") >= 1


def test_an_edited_migration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    monkeypatch.setattr(migrate, "ROOT", tmp_path)
    monkeypatch.setattr(migrate, "SEALS", tmp_path / "migrations" / "checksums.txt")
    migrate.write_seals()
    migrate.refuse_edited()
    edited = next((tmp_path / "migrations" / "versions").rglob("50_channels.sql"))
    edited.write_text(edited.read_text() + "\n-- one more thought\n")

    with pytest.raises(migrate.EditedMigration, match=r"50_channels\.sql"):
        migrate.refuse_edited()


async def test_a_revision_that_got_in_the_way_of_those_who_work_is_begun_again(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, times = migrate.install_functions, 0
    said: list[str] = []

    def once_in_the_way(connection: Connection) -> list[str]:
        nonlocal times
        times += 1
        if times == 1:
            migrate.run_script(connection, "do $$ begin raise exception 'waits' using errcode = '40P01'; end $$")
        return real(connection)

    monkeypatch.setattr(migrate, "install_functions", once_in_the_way)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.0)
    await migrate.migrate(empty, say=said.append)

    assert said == ["migrating the database", "others were at work on the same tables: once more"]
    assert times == 2


async def test_a_changed_function_file_is_installed_again_and_an_unchanged_one_is_not(empty: str) -> None:
    await migrate.migrate(empty, "secret")
    engine = create_async_engine(alchemy_url(empty), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text("set role lumi_owner"))
        assert await connection.run_sync(migrate.install_functions) == []
        await connection.execute(text("update sql_file set checksum = 'older' where name like '%lanes.sql'"))
        assert await connection.run_sync(migrate.install_functions) == ["lumi/core/sql/lanes.sql"]
    await engine.dispose()


def test_a_new_revision_is_made_by_the_typed_command(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    shutil.copy(ROOT / "alembic.ini", tmp_path)

    done = subprocess.run(
        [sys.executable, "-m", "alembic", "revision", "-m", "add a table"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-500:]
    assert list((tmp_path / "migrations" / "versions").glob("*add_a_table.py"))

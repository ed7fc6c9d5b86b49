"""A PostgreSQL older than any the suite ran on is refused by who migrates, and named by the doctor.

The server here is as new as it must be: it is the lowest version that is raised above it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest

from lumi.core import migrate, server_version
from lumi.core.server_version import LEAST_SERVER_VERSION, ServerTooOld, refuse_old

ROOT = migrate.ROOT
RAISED = "from lumi.core import server_version; server_version.LEAST_SERVER_VERSION = 990000"


@pytest.fixture(scope="module")
async def server() -> AsyncGenerator[str]:
    """A superuser's URL of a server of its own, with a database nothing has been done to."""
    from lumi.core.server import attach

    async with attach.scratch() as opened:
        yield opened.admin_url


async def test_the_lowest_version_is_not_above_the_one_the_suite_runs_on(server: str) -> None:
    conn = await asyncpg.connect(server)
    found = await conn.fetchval("select current_setting('server_version_num')::int")
    await conn.close()

    assert found // 10_000 == LEAST_SERVER_VERSION // 10_000


async def test_migrating_an_older_server_is_refused_and_changes_nothing(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_version, "LEAST_SERVER_VERSION", 990_000)

    with pytest.raises(ServerTooOld, match=r"This is PostgreSQL 18\. Lumi needs PostgreSQL 99 or newer\."):
        await migrate.migrate(server, "secret")

    conn = await asyncpg.connect(server)
    assert await conn.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0
    await conn.close()


def lumi(server: str, home: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the command line where more is asked of a server than this one has."""
    environment = {
        **os.environ, "DATABASE_URL": server, "LUMI_HOME": str(home), "APP_ENV": "development",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-c", f"{RAISED}; {program}"]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=60)


async def test_both_commands_say_which_version_is_needed(server: str, tmp_path: Path) -> None:
    migrated = lumi(server, tmp_path, "from lumi.cli import serving; serving.migrate(seal=False)")
    looked = lumi(server, tmp_path, "from lumi.cli.doctor import doctor; doctor()")

    assert migrated.returncode == 1
    assert "Lumi needs PostgreSQL 99 or newer." in migrated.stderr
    assert "Traceback" not in migrated.stderr
    assert looked.returncode != 0
    assert "FAILED  Database           PostgreSQL 18" in looked.stdout
    assert "Lumi needs PostgreSQL 99 or newer." in looked.stdout


@pytest.mark.parametrize("number", [90_624, 170_006, LEAST_SERVER_VERSION - 1])
def test_an_older_one_is_named(number: int) -> None:
    with pytest.raises(ServerTooOld, match=f"This is PostgreSQL {number // 10_000}"):
        refuse_old(number)


@pytest.mark.parametrize("number", [LEAST_SERVER_VERSION, 180_004, 190_000])
def test_one_as_new_is_taken(number: int) -> None:
    refuse_old(number)

"""A house that was restored is as safe as one that was migrated: the isolation suite runs on it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from lumi.core import migrate
from lumi.core.backup import installation
from lumi.core.database import app_password
from lumi.core.db import Database, app_url
from lumi.core.settings import Settings
from tests import factories
from tests.journeys.test_backup_under_load import settings_of

# on a server of its own, in a process of its own
pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 600


@pytest.fixture
async def server() -> AsyncGenerator[str]:
    """A superuser's URL of a server for nothing else."""
    from lumi.core.server import attach

    async with attach.scratch() as opened:
        yield opened.admin_url


async def a_house(server: str, name: str, home: Path) -> Settings:
    """A new database and a folder with the key of this run: where an installation may be."""
    conn = await asyncpg.connect(server)
    await conn.execute(f'create database "{name}"')
    await conn.close()
    return settings_of(make_url(server).set(database=name).render_as_string(hide_password=False), home)


def url_of(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


async def test_nothing_of_one_tenant_is_seen_from_another_in_a_restored_house(server: str, tmp_path: Path) -> None:
    source = await a_house(server, "house", tmp_path / "a")
    target = await a_house(server, "restored", tmp_path / "b")
    await migrate.migrate(url_of(source), app_password(source))
    database = await Database.open(app_url(url_of(source), app_password(source)), pool_size=1)
    for name in ("Salon", "Hôtel"):
        await factories.make_tenant(database, name=name)
    await database.close()
    await installation.save(source, tmp_path / "b.lumi", lambda _line: None)
    await installation.restore(target, tmp_path / "b.lumi", lambda _line: None, replace=False)

    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "tests/isolation",
        cwd=ROOT, env={**os.environ, "TEST_DATABASE_URL": server, "LUMI_TEST_TEMPLATE": "restored"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(run.communicate(), PATIENCE_SECONDS)
    finally:
        if run.returncode is None:
            run.kill()
            await run.wait()
    assert run.returncode == 0, said.decode()[-3000:]
    assert b" passed" in said

"""DATABASE_URL and its other name, DB_POOL_SIZE, MIGRATE_ON_START, TEST_DATABASE_URL."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from lumi.core.database import place
from lumi.core.db import Database, fetch
from lumi.core.server import attach
from lumi.core.settings import MissingSetting
from lumi.wiring import open_house
from tests import template
from tests.core.settings.conftest import Given

URL = "postgresql://lumi_owner:secret@db.example/lumi"


@pytest.fixture
def home() -> Generator[Path]:
    """An empty folder with a short name: it holds a socket."""
    folder = Path(tempfile.mkdtemp(prefix="lumi-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("name", ["DATABASE_URL", "POSTGRES_URL"])
async def test_the_database_is_where_either_name_says(given: Given, name: str) -> None:
    async with place(given(**{name: URL})) as here:
        assert here.owner_url == URL
        assert here.app_url.endswith("@db.example/lumi")
        assert "lumi_owner" not in here.app_url


def test_two_names_may_say_the_same_in_different_spellings(given: Given) -> None:
    assert given(DATABASE_URL=URL, POSTGRES_URL=URL.replace("postgresql", "postgres")).database_url is not None


def test_two_names_that_differ_are_refused_and_no_password_is_shown(given: Given) -> None:
    with pytest.raises(MissingSetting) as refused:
        given(DATABASE_URL=URL, POSTGRES_URL=URL + "2")
    assert refused.value.complaints == ["DATABASE_URL and POSTGRES_URL name different databases: set one of them"]


async def test_a_process_opens_no_more_connections_than_the_pool_holds(given: Given, database_url: str) -> None:
    seen: set[int] = set()
    async with open_house(given(DB_POOL_SIZE="2"), database_url=database_url) as house:

        async def in_pool() -> int:
            rows = await fetch(house.db.pool, "select pg_backend_pid() from pg_sleep(0.02)")
            return int(rows[0][0])

        async def in_session() -> int:
            async with house.db.transaction(None) as session:
                return int(await session.scalar(text("select pg_backend_pid() from pg_sleep(0.02)")) or 0)

        for way in (in_pool, in_session):
            used = set(await asyncio.gather(*(way() for _ in range(8))))
            assert len(used) == 2
            seen |= used
    assert len(seen) == 4


async def test_tests_use_the_server_they_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://postgres@tests.example/postgres")
    async with template.cluster() as server:
        assert (server.admin, server.owner) == (os.environ["TEST_DATABASE_URL"],) * 2
        assert server.app.endswith("@tests.example/postgres")


@pytest.mark.parametrize(("said", "migrated"), [("false", False), ("true", True)])
async def test_a_process_brings_the_database_to_its_version_only_when_told_to(
    given: Given, home: Path, said: str, *, migrated: bool
) -> None:
    settings = given(LUMI_HOME=str(home), MIGRATE_ON_START=said)
    async with attach.hold(home, durable=False) as server:
        try:
            async with open_house(settings) as house:
                found = await fetch(house.db.pool, "select to_regclass('tenant') is not null")
                is_there = bool(found[0][0])
        except asyncpg.PostgresError:  # no role to serve as
            is_there = False
        assert is_there is migrated
        if migrated:
            assert await _can_serve(server.app_url)


async def _can_serve(url: str) -> bool:
    db = await Database.open(url, pool_size=1)
    try:
        return await fetch(db.pool, "select id from app.tenant_slugs()") == []
    finally:
        await db.close()

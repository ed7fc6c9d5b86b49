"""What the rules are asked of: this tree and a copy to break, this schema and transactions to break it in."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.shape.folders import EVERYTHING
from tests.shape.tree import ROOT, SKIPPED

if TYPE_CHECKING:
    from tests.shape.schema import Connection


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything that is written by people; a test that breaks it makes it whole again."""
    copy = tmp_path_factory.mktemp("tree")
    for name in EVERYTHING:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns(*SKIPPED))
        elif source.exists():
            shutil.copy2(source, copy / name)
    return copy


@pytest.fixture(scope="session")
async def superuser(database_url: str) -> AsyncGenerator[Connection]:
    """A superuser's connection to this worker's migrated database."""
    import asyncpg
    from sqlalchemy.engine import make_url

    from lumi.core.db import plain_url
    from tests import template

    async with template.cluster() as place:
        url = make_url(plain_url(place.admin)).set(database=make_url(plain_url(database_url)).database)
        conn = await asyncpg.connect(url.render_as_string(hide_password=False))
        yield conn
        await conn.close()


@pytest.fixture
async def schema(superuser: Connection) -> AsyncGenerator[Connection]:
    """The migrated schema, seen by a superuser; what a test changes is undone."""
    transaction = superuser.transaction()
    await transaction.start()
    yield superuser
    await transaction.rollback()

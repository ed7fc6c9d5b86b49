"""A vault of one test: in a folder of its own, with a scanner that says what the test wants."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lumi.core.http import Http
from lumi.core.settings import Settings, get_settings
from lumi.modules.files.public import Sight, Vault, open_vault

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lumi.core.db import Database
    from lumi.modules.files.values import Finding


@dataclass
class Looker:
    """A scanner that finds what it is told, and remembers what it saw. An exception is raised."""

    finds: list[Finding | Exception]
    saw: list[bytes] = field(default_factory=list[bytes])

    async def scan(self, chunks: AsyncIterator[bytes]) -> Finding:
        self.saw.append(b"".join([chunk async for chunk in chunks]))
        found = self.finds.pop(0) if len(self.finds) > 1 else self.finds[0]
        if isinstance(found, Exception):
            raise found
        return found

    async def sight(self, most_bytes: int) -> tuple[Sight, str]:
        """It looks at everything."""
        return Sight.WHOLE, ""


@pytest.fixture
def files_root(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
def settings(files_root: Path) -> Settings:
    return get_settings().model_copy(update={"uploads_root": files_root, "public_url": "https://lumi.example"})


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http() as opened:
        yield opened


@pytest.fixture
def vault(settings: Settings, database: Database, http: Http) -> Vault:
    """Nobody looks at its files."""
    return open_vault(settings, database, http)


@pytest.fixture(scope="session")
async def quiet_database() -> AsyncGenerator[Database]:
    """A database that no worker of this process looks into: what is deferred there waits."""
    from lumi.core.db import Database
    from tests import template

    async with template.copy_of_template(f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_files") as url:
        opened = await Database.open(url, pool_size=4)
        yield opened
        await opened.close()


@pytest.fixture
def ours(app: FastAPI, vault: Vault) -> Generator[Vault]:
    """The application on the vault of this test."""
    before, app.state.vault = app.state.vault, vault
    yield vault
    app.state.vault = before


def kept(root: Path) -> list[Path]:
    """Every file below the root of a vault, those on their way too."""
    return sorted(each for each in root.rglob("*") if each.is_file())

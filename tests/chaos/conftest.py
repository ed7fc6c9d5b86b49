"""The line of the journeys, each test on a database of its own: no lane of another may be the one that dies."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.conftest import line, twin

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lumi.core.db import Database

__all__ = ["line", "twin"]


@pytest.fixture
async def database_url() -> AsyncGenerator[str]:
    """A fresh database, as the application role."""
    from tests import template

    async with template.copy_of_template(f"chaos_{secrets.token_hex(4)}") as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    """The same, opened."""
    from lumi.core.db import Database

    opened = await Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def app(database_url: str) -> AsyncGenerator[FastAPI]:
    """The whole application on it, without a worker."""
    from lumi.main import create_app

    made = create_app(database_url=database_url)
    async with made.router.lifespan_context(made):
        yield made

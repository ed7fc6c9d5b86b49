"""The demo organisations' knowledge, once a worker, for tests that ask much and change nothing."""

from __future__ import annotations

import pytest

from lumi.core.db import Database
from tests.modules.knowledge.organisations import Organisations


@pytest.fixture(scope="session")
async def organisations(database: Database) -> Organisations:
    """The three organisations, each in a tenant of its own, knowing what they know."""
    return await Organisations.found(database)

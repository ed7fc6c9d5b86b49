"""Whose turn it is: the oldest of every organisation first, so that none can starve another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from lumi.core.ids import new_id
from tests import factories

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant

pytestmark = pytest.mark.chaos


async def due(database: Database, tenant: Tenant, lanes: int, seconds: int) -> None:
    """So many lanes, due since so many seconds."""
    statement = text(
        "insert into lane (tenant_id, key, ready_at) values (:tenant, :key, now() - :since * interval '1 s')"
    )
    async with database.transaction(tenant.id) as session:
        for _ in range(lanes):
            await session.execute(statement, {"tenant": tenant.id, "key": new_id(), "since": seconds})


async def test_who_floods_waits_behind_who_has_one_thing_to_say(database: Database) -> None:
    loud, quiet = [await factories.make_tenant(database) for _ in range(2)]
    await due(database, loud, 30, seconds=60)
    await due(database, quiet, 1, seconds=1)

    rows = await database.pool.fetch("select tenant_id from app.claim_lanes(1, 4)")

    claimed = [row["tenant_id"] for row in rows]
    assert (claimed.count(quiet.id), claimed.count(loud.id)) == (1, 3)


async def test_of_one_organisation_the_oldest_comes_first(database: Database) -> None:
    tenant = await factories.make_tenant(database)
    await due(database, tenant, 5, seconds=1)
    await due(database, tenant, 2, seconds=60)

    await database.pool.fetch("select * from app.claim_lanes(1, 2)")

    async with database.transaction(tenant.id) as session:
        left = await session.scalar(
            text("select max(now() - ready_at) < interval '30 s' from lane where owner is null")
        )
    assert left is True

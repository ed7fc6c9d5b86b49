"""A turn that fails counts, and after some its message is laid down; a database that went away says nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest
from asyncpg.exceptions._base import DataError
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from lumi.core.db import Database, fetch
from lumi.core.ids import new_id
from lumi.core.lanes import Lane, LaneSource
from tests import factories

if TYPE_CHECKING:
    from lumi.modules.tenants.public import Tenant

# on a database of its own: no other worker takes these lanes
pytestmark = pytest.mark.integration


class Failing:
    """Turns that end in one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def take(self, lane: Lane) -> None:
        """Never."""
        raise self.error

    async def lay_down(self, lane: Lane, why: str) -> None:
        """Nobody asks for it."""
        raise AssertionError(why)


@pytest.fixture
async def tenant(alone: Database) -> Tenant:
    """An organisation with one lane that has something to do."""
    tenant = await factories.make_tenant(alone)
    async with alone.transaction(tenant.id) as session:
        await session.execute(sql("select app.touch_lane(:tenant, :key)"), {"tenant": tenant.id, "key": new_id()})
    return tenant


async def born(db: Database, at: str) -> int:
    """A worker that began then, and is gone."""
    statement = "insert into worker (host, pid, started_at) values ('here', 1, $1::text::timestamptz) returning id"
    (row,) = await fetch(db.pool, statement, at)
    return int(row[0])


async def crashes(db: Database, tenant: Tenant) -> int:
    """How often the lane was claimed without an end."""
    async with db.transaction(tenant.id) as session:
        (row,) = (await session.execute(sql("select crashes, owner is null from lane"))).all()
    assert row[1], "somebody still has the lane"
    return int(row[0])


@pytest.mark.parametrize(
    ("began", "counted"), [("2020-01-01", 0), ("now", 1)], ids=["before the database did", "after the database did"]
)
async def test_a_worker_counts_as_dead_of_its_turn_when_the_database_outlived_it(
    alone: Database, tenant: Tenant, began: str, counted: int
) -> None:
    worker = await born(alone, began)
    assert len(await LaneSource(alone, worker, Failing(RuntimeError())).claim(10)) == 1

    await fetch(alone.pool, "select app.reap(array[$1::int])", worker)

    assert await crashes(alone, tenant) == counted


async def test_a_job_that_was_begun_is_freed_beside_one_of_its_key_that_waits(alone: Database, tenant: Tenant) -> None:
    worker = await born(alone, "2020-01-01")
    job = "insert into job (id, tenant_id, kind, args, key, owner, crashes) values ($1, $2, 'a', '{}', 'k', $3, $4)"
    async with alone.pool.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('app.tenant_id', $1, true)", str(tenant.id))
        await connection.execute(job, new_id(), tenant.id, worker, 1)
        await connection.execute(job, new_id(), tenant.id, None, 0)

    await fetch(alone.pool, "select app.reap(array[$1::int])", worker)

    async with alone.transaction(tenant.id) as session:
        found = await session.execute(sql("select owner, crashes from job order by crashes"))
        assert [tuple(row) for row in found.all()] == [(None, 0), (None, 1)]


def wrapped(error: Exception) -> DBAPIError:
    """The error as SQLAlchemy hands it on."""
    adapted = Exception()  # as the adapter between the driver and SQLAlchemy raises it
    found = DBAPIError("select 1", {}, adapted)
    adapted.__cause__, found.__cause__ = error, adapted
    return found


GONE = (
    asyncpg.CrashShutdownError(),
    asyncpg.InternalClientError(),
    ConnectionRefusedError(),
    asyncpg.InterfaceError(""),
)
# Each of a kind with one that says so, and the fault of what is being done.
OURS = (RuntimeError(), TimeoutError(), FileNotFoundError(), DataError("no number"), wrapped(ValueError()))


@pytest.mark.parametrize(
    ("error", "counted"),
    [*((each, 1) for each in OURS), *((each, 0) for each in (*GONE, wrapped(GONE[0])))],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else str(each),
)
async def test_a_turn_counts_as_failed_when_it_was_not_the_database_that_went_away(
    alone: Database, tenant: Tenant, error: Exception, counted: int
) -> None:
    source = LaneSource(alone, await born(alone, "now"), Failing(error))
    (lane,) = await source.claim(10)

    await source.run(lane)

    assert await crashes(alone, tenant) == counted

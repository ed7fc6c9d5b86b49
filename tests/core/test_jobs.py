"""Jobs run at least once; what fails waits longer each time, and what fails for good is laid down for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text as sql

from lumi.core import dead_letters, jobs
from lumi.core.db import Database
from lumi.core.jobs import HouseTask, JobSource, Registry, Task
from lumi.core.metrics import REGISTRY
from tests import factories

if TYPE_CHECKING:
    from lumi.core.context import Context
    from lumi.modules.tenants.public import Tenant

# on a database of its own: no other worker takes these jobs
pytestmark = pytest.mark.integration
WORKER = 0


@dataclass(frozen=True)
class Ring(Task):
    """Ring a bell."""

    bell: str


@dataclass(frozen=True)
class Sweep(HouseTask):
    """Sweep the house."""

    room: str


class Bells:
    """What was rung; a bell that is broken does not ring."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.broken = True
        self.mourned: list[str] = []

    async def ring(self, _ctx: Context, task: Ring) -> None:
        if self.broken:
            raise RuntimeError("no clapper")
        self.rung.append(task.bell)

    async def mourn(self, ctx: Context, task: Ring) -> None:
        if task.bell == "cracked":
            raise RuntimeError("no handkerchief")
        await ctx.session.execute(sql("update tenant set name = 'mourns' where id = :id"), {"id": ctx.tenant_id})
        self.mourned.append(task.bell)

    async def sweep(self, _db: Database, task: Sweep) -> None:
        raise RuntimeError(f"no broom for the {task.room}")


@pytest.fixture
def bells() -> Bells:
    """Bells, the first of them broken."""
    return Bells()


@pytest.fixture
def source(alone: Database, bells: Bells) -> JobSource:
    """A worker's jobs."""
    registry = Registry()
    registry.add(Ring, bells.ring, given_up=bells.mourn)
    registry.add_house(Sweep, bells.sweep)
    return JobSource(alone, WORKER, registry)


async def work(source: JobSource, db: Database, owner: UUID | None) -> int:
    """Let the worker do everything that is there, due or not; how many pieces it took."""
    async with db.transaction(owner) as session:
        await session.execute(sql("update job set ready_at = clock_timestamp() where dead_at is null"))
    claims = await source.claim(10)
    for claim in claims:
        await source.run(claim)
    return len(claims)


async def rows(db: Database, owner: UUID | None, statement: str) -> list[tuple[object, ...]]:
    async with db.transaction(owner) as session:
        return [tuple(row) for row in (await session.execute(sql(statement))).all()]


async def deferred(db: Database, task: Task, key: str | None = None) -> Tenant:
    tenant = await factories.make_tenant(db)
    async with factories.begin_work(db, tenant) as ctx:
        await ctx.defer(task, key=key)
    return tenant


async def test_a_job_that_ends_well_is_gone(alone: Database, source: JobSource, bells: Bells) -> None:
    bells.broken = False
    tenant = await deferred(alone, Ring("door"))

    assert await work(source, alone, tenant.id) == 1

    assert bells.rung == ["door"]
    assert await rows(alone, tenant.id, "select 1 from job") == []
    assert await rows(alone, tenant.id, "select 1 from dead_letter") == []


async def test_a_job_that_fails_waits_longer_each_time(alone: Database, source: JobSource) -> None:
    tenant = await deferred(alone, Ring("door"))
    pauses: list[int] = []
    for _ in range(3):
        await work(source, alone, tenant.id)
        ((pause, error),) = await rows(
            alone, tenant.id, "select extract(epoch from ready_at - clock_timestamp())::int, error from job"
        )
        assert isinstance(pause, int)
        pauses.append(pause)
        assert error == "RuntimeError: no clapper"

    assert pauses == [2, 4, 8]


async def test_what_is_left_to_be_done_for_a_job_that_died_is_done_once_and_with_its_last_attempt(
    alone: Database, source: JobSource, bells: Bells
) -> None:
    tenant = await deferred(alone, Ring("door"))
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        await work(source, alone, tenant.id)
    assert bells.mourned == []

    for _ in range(3):
        await work(source, alone, tenant.id)

    assert bells.mourned == ["door"]
    assert await rows(alone, tenant.id, "select name from tenant") == [("mourns",)]


async def test_a_job_is_laid_down_although_what_is_left_to_be_done_for_it_fails_too(
    alone: Database, source: JobSource
) -> None:
    tenant = await deferred(alone, Ring("cracked"))

    taken = [await work(source, alone, tenant.id) for _ in range(jobs.MAX_ATTEMPTS + 2)]

    assert sum(taken) == jobs.MAX_ATTEMPTS
    assert await rows(alone, tenant.id, "select reason from dead_letter") == [("RuntimeError: no clapper",)]


async def test_a_layer_over_a_registry_gives_up_what_the_one_below_runs(alone: Database, bells: Bells) -> None:
    below = Registry()
    below.add(Ring, bells.ring, given_up=bells.mourn)
    source = JobSource(alone, WORKER, Registry(under=below))
    tenant = await deferred(alone, Ring("gate"))

    for _ in range(jobs.MAX_ATTEMPTS):
        await work(source, alone, tenant.id)

    assert bells.mourned == ["gate"]


async def test_after_the_last_attempt_it_is_laid_down_once_with_what_it_was(
    alone: Database, source: JobSource, bells: Bells
) -> None:
    counted = REGISTRY.get_sample_value("lumi_dead_letters_total", {"kind": "job"}) or 0.0
    tenant = await deferred(alone, Ring("door"), key="the door's")

    taken = [await work(source, alone, tenant.id) for _ in range(jobs.MAX_ATTEMPTS + 2)]

    assert sum(taken) == jobs.MAX_ATTEMPTS
    ((job_id, key),) = await rows(alone, tenant.id, "select id, key from job where dead_at is not null")
    assert key is None  # another with the same key may wait
    ((source_of, origin, body, reason),) = await rows(
        alone, tenant.id, "select source, origin, body, reason from dead_letter"
    )
    assert (source_of, origin, reason) == ("job", str(job_id), "RuntimeError: no clapper")
    assert isinstance(body, bytes)
    assert orjson.loads(body) == {"kind": "test_jobs.Ring", "args": {"bell": "door"}}
    assert REGISTRY.get_sample_value("lumi_dead_letters_total", {"kind": "job"}) == counted + 1


async def test_one_that_is_revived_has_all_its_attempts_before_it(
    alone: Database, source: JobSource, bells: Bells
) -> None:
    tenant = await deferred(alone, Ring("door"))
    for _ in range(jobs.MAX_ATTEMPTS):
        await work(source, alone, tenant.id)
    ((job_id,),) = await rows(alone, tenant.id, "select id from job")
    assert isinstance(job_id, UUID)

    async with alone.transaction(tenant.id) as session:
        assert await dead_letters.revive_job(session, tenant.id, job_id)
        assert not await dead_letters.revive_job(session, tenant.id, job_id)
    await work(source, alone, tenant.id)
    assert await rows(alone, tenant.id, "select crashes, dead_at from job") == [(1, None)]
    bells.broken = False
    await work(source, alone, tenant.id)

    assert bells.rung == ["door"]
    assert await rows(alone, tenant.id, "select 1 from job") == []


async def test_a_job_of_the_house_that_dies_leaves_a_letter_no_tenant_sees(alone: Database, source: JobSource) -> None:
    tenant = await factories.make_tenant(alone)
    async with alone.transaction(None) as session:
        await jobs.insert(session, None, Sweep("hall"), run_at=None, key=None)

    for _ in range(jobs.MAX_ATTEMPTS):
        await work(source, alone, None)

    assert await rows(alone, None, "select tenant_id, source, reason from dead_letter") == [
        (None, "job", "RuntimeError: no broom for the hall")
    ]
    assert await rows(alone, tenant.id, "select 1 from dead_letter") == []


async def test_a_job_of_a_tenant_that_was_deleted_meanwhile_ends_quietly(alone: Database, source: JobSource) -> None:
    tenant = await deferred(alone, Ring("door"))
    (claim,) = await source.claim(10)
    async with factories.begin_work(alone, tenant) as ctx:
        await ctx.session.execute(sql("delete from tenant where id = :id"), {"id": tenant.id})

    await source.run(claim)

    assert await source.claim(10) == []

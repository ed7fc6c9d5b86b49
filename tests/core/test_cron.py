"""What the house does by the clock: once for the installation, at its time or as soon after as somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cronsim import CronSimError
from sqlalchemy import text as sql

from lumi.core import cron, jobs
from lumi.core.db import Database
from lumi.core.events import wire_name
from lumi.core.jobs import HouseTask, Registry
from lumi.core.settings import get_settings
from lumi.wiring import open_house
from tests.serving import working
from tests.waiting import until

pytestmark = pytest.mark.integration
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Ring(HouseTask):
    """Ring the bell."""


RING = wire_name(Ring)


async def ring(_db: Database, _task: Ring) -> None:
    """Nobody listens here."""


def hourly(expression: str = "0 * * * *") -> Registry:
    """A house that rings by this expression."""
    kinds = Registry()
    kinds.add_house(Ring, ring)
    kinds.schedule(expression, Ring())
    return kinds


def at(hour: int, minute: int = 0) -> datetime:
    return MIDNIGHT + timedelta(hours=hour, minutes=minute)


async def jobs_of(db: Database) -> Sequence[tuple[object, ...]]:
    async with db.transaction(None) as session:
        return [tuple(row) for row in await session.execute(sql("select kind, tenant_id from job"))]


async def test_what_was_never_seen_is_due_at_its_next_time_and_not_at_once(alone: Database) -> None:
    assert await cron.fire_due(alone, hourly(), at(8, 59)) == []
    assert await cron.fire_due(alone, hourly(), at(9)) == [RING]
    assert await jobs_of(alone) == [(RING, None)]


async def test_of_many_who_look_at_the_same_moment_one_fires(alone: Database) -> None:
    await cron.fire_due(alone, hourly(), at(8))

    fired = await asyncio.gather(*(cron.fire_due(alone, hourly(), at(9)) for _ in range(6)))

    assert sorted(name for names in fired for name in names) == [RING]
    assert len(await jobs_of(alone)) == 1


async def test_each_time_is_fired_once_however_often_somebody_looks(alone: Database) -> None:
    looks = [at(8), at(9), at(9), at(9, 30), at(10), at(10, 1)]

    assert [len(await cron.fire_due(alone, hourly(), look)) for look in looks] == [0, 1, 0, 0, 1, 0]


async def test_times_that_nobody_saw_are_made_up_for_once(alone: Database) -> None:
    await cron.fire_due(alone, hourly(), at(8))

    assert await cron.fire_due(alone, hourly(), at(20, 30)) == [RING]
    assert await cron.fire_due(alone, hourly(), at(20, 31)) == []
    assert await cron.fire_due(alone, hourly(), at(21)) == [RING]


async def test_what_waits_to_be_done_is_not_deferred_a_second_time(alone: Database) -> None:
    for look in (at(8), at(9), at(10)):
        await cron.fire_due(alone, hourly(), look)

    assert len(await jobs_of(alone)) == 1


async def test_another_expression_counts_from_when_it_is_seen(alone: Database) -> None:
    await cron.fire_due(alone, hourly(), at(8))

    assert await cron.fire_due(alone, hourly("30 * * * *"), at(9)) == []
    assert await cron.fire_due(alone, hourly("30 * * * *"), at(9, 30)) == [RING]


async def test_what_this_version_does_not_know_any_more_is_not_done(alone: Database) -> None:
    await cron.fire_due(alone, hourly(), at(8))

    assert await cron.fire_due(alone, Registry(), at(9)) == []
    assert await jobs_of(alone) == []


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(CronSimError):
        cron.next_time("now and then", MIDNIGHT)


async def test_whatever_the_house_does_by_the_clock_its_worker_can_do(alone: Database) -> None:
    told: asyncio.Future[Registry] = asyncio.get_running_loop().create_future()

    async def defer_all(db: Database, registry: Registry) -> None:
        async with db.transaction(None) as session:
            for name, (_, task) in registry.schedules.items():
                await jobs.insert(session, None, task, run_at=None, key=name)
        told.set_result(registry)
        await asyncio.Event().wait()

    async with open_house(get_settings(), database_url=alone.url) as house, working(house, clock=defer_all):
        assert (await told).schedules
        await until(lambda: all_done(alone))


async def all_done(db: Database) -> bool:
    """Whether nothing waits any more; what failed waits to be tried again."""
    return not await jobs_of(db)

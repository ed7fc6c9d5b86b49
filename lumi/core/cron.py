"""Schedules of the house: cron expressions in UTC that become jobs without a tenant."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from cronsim import CronSim
from sqlalchemy import text

from lumi.core.clock import now
from lumi.core.db import Database
from lumi.core.jobs import Registry, insert

LOOK_EVERY_SECONDS = 10.0


def next_time(expression: str, after: datetime) -> datetime:
    """The first time after `after` (UTC) that a cron expression names; raises cronsim.CronSimError."""
    return next(CronSim(expression, after))


async def fire_due(db: Database, registry: Registry, at: datetime) -> Sequence[str]:
    """Defer every schedule that is due, once for the installation; returns their names."""
    fired: list[str] = []
    async with db.transaction(None) as session:
        for name, (expression, _) in registry.schedules.items():
            await session.execute(_ENTER, {"name": name, "schedule": expression, "next": next_time(expression, at)})
        due = await session.execute(
            text("select name, schedule from cron where next_at <= :at for update skip locked"), {"at": at}
        )
        for name, expression in due.all():
            if name in registry.schedules:
                await insert(session, None, registry.schedules[name][1], run_at=None, key=name)
                fired.append(str(name))
            await session.execute(_MOVE, {"name": name, "next": next_time(str(expression), at)})
    return fired


async def keep_firing(db: Database, registry: Registry) -> None:
    """Look for due schedules for ever."""
    while True:
        await fire_due(db, registry, now())
        await asyncio.sleep(LOOK_EVERY_SECONDS)


_ENTER = text(
    "insert into cron (name, schedule, next_at) values (:name, :schedule, :next)"
    " on conflict (name) do update set schedule = excluded.schedule,"
    " next_at = case when cron.schedule = excluded.schedule then cron.next_at else excluded.next_at end"
)
_MOVE = text("update cron set next_at = :next where name = :name")

"""Work of the channels that nobody waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from lumi.core.db import Database, fetch
from lumi.core.jobs import HouseTask
from lumi.core.logging import get_logger

log = get_logger("lumi.channels")


@dataclass(frozen=True)
class PurgeSeen(HouseTask):
    """Forget dedupe keys and parked receipts older than any provider repeats."""

    days: int


async def purge_seen(db: Database, task: PurgeSeen) -> None:
    """Delete what is old; running twice deletes nothing more."""
    rows = await fetch(db.pool, "select app.purge_seen($1)", timedelta(days=task.days))
    log.info("seen_purged", keys=rows[0][0])

"""Lanes: one ordered line of work a key, one owner at a time, fenced by an epoch.

The protocol is in `docs/architecture.md`; the SQL is in `sql/lanes.sql`. What a lane's turn does is the handler's
business: core knows no domain.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, cast
from uuid import UUID

from lumi.core.db import Database, fetch
from lumi.core.jobs import Fenced
from lumi.core.logging import get_logger

log = get_logger("lumi.lanes")

LONGEST_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane this worker owns: whoever holds a newer epoch has taken it over."""

    tenant_id: UUID
    key: UUID
    epoch: int
    crashes: int


def retry_pause(crashes: int) -> timedelta:
    """How long a lane rests after a turn that failed; longer each time."""
    return timedelta(seconds=min(LONGEST_PAUSE_SECONDS, 0.5 * 2.0 ** min(crashes, 8)))


class LaneHandler(Protocol):
    """What happens when it is a lane's turn. It ends the turn itself (finish) or raises."""

    async def __call__(self, lane: Lane) -> None: ...


class LaneSource:
    """The lanes of the database as work for a runner."""

    name = "lanes"

    def __init__(self, db: Database, worker: int, handler: LaneHandler) -> None:
        self._db, self._worker, self._handler = db, worker, handler

    async def claim(self, want: int) -> Sequence[Lane]:
        """Due lanes that are now this worker's."""
        rows = await fetch(self._db.pool, "select * from app.claim_lanes($1, $2)", self._worker, want)
        return [Lane(row["tenant_id"], row["key"], row["epoch"], row["crashes"]) for row in rows]

    async def next_due(self) -> float | None:
        """Seconds until the next lane is due."""
        return cast("float | None", (await fetch(self._db.pool, "select app.next_lane_due()"))[0][0])

    async def run(self, claim: Lane) -> None:
        """Take one turn; a turn that fails gives the lane back with a growing pause."""
        try:
            await self._handler(claim)
        except asyncio.CancelledError:
            raise
        except Fenced:
            log.info("lane_fenced", lane=str(claim.key), epoch=claim.epoch)
        except Exception:
            log.exception("turn_failed", lane=str(claim.key), attempt=claim.crashes)
            await self._release(claim)

    async def _release(self, lane: Lane) -> None:
        await fetch(
            self._db.pool,
            "select app.release_lane($1, $2, $3, $4, $5)",
            self._worker, lane.tenant_id, lane.key, lane.epoch, retry_pause(lane.crashes),
        )  # fmt: skip

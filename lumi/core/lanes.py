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

from lumi.core.db import Database, fetch, is_gone
from lumi.core.jobs import Fenced
from lumi.core.logging import get_logger

log = get_logger("lumi.lanes")

LONGEST_PAUSE_SECONDS = 60.0
# A lane that was claimed so often without an end is taken alone, in a process that may die of it.
ALONE_FROM = 3
# So many turns that failed, and what they failed of is laid down.
GIVE_UP_AFTER = 6
NO_ROOM_PAUSE = timedelta(seconds=1)


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


@dataclass(frozen=True, slots=True)
class Ending:
    """How a turn that was taken alone ended: well, failed (it may be tried again) or crashed, and why in words."""

    crashed: bool
    failed: bool = False
    why: str = ""


class LaneHandler(Protocol):
    """What happens when it is a lane's turn."""

    async def take(self, lane: Lane) -> None:
        """One turn. It ends the turn itself (finish) or raises."""
        ...

    async def lay_down(self, lane: Lane, why: str) -> None:
        """Nobody can do what is next in this lane: a person gets it, and the lane goes on with the rest."""
        ...


class Expendable(Protocol):
    """Takes a turn in a process that may die of it; None when it could not be tried: there is no room, no database."""

    async def __call__(self, lane: Lane) -> Ending | None: ...


class LaneSource:
    """The lanes of the database as work for a runner."""

    name = "lanes"

    def __init__(self, db: Database, worker: int, handler: LaneHandler, *, alone: Expendable | None = None) -> None:
        """Without `alone` every turn is taken in this process."""
        self._db, self._worker, self._handler, self._alone = db, worker, handler, alone

    async def claim(self, want: int) -> Sequence[Lane]:
        """Due lanes that are now this worker's."""
        rows = await fetch(self._db.pool, "select * from app.claim_lanes($1, $2)", self._worker, want)
        return [Lane(row["tenant_id"], row["key"], row["epoch"], row["crashes"]) for row in rows]

    async def next_due(self) -> float | None:
        """Seconds until the next lane is due."""
        return cast("float | None", (await fetch(self._db.pool, "select app.next_lane_due()"))[0][0])

    async def run(self, claim: Lane) -> None:
        """Take one turn; a turn that fails gives the lane back with a growing pause, uncounted without a database."""
        try:
            await self._take(claim)
        except asyncio.CancelledError:
            raise
        except Fenced:
            log.info("lane_fenced", lane=str(claim.key), epoch=claim.epoch)
        except Exception as error:
            if is_gone(error):
                log.warning("turn_interrupted", lane=str(claim.key), reason=type(error).__name__)
                await self._postpone(claim)
                return
            log.exception("turn_failed", lane=str(claim.key), attempt=claim.crashes)
            await self._release(claim)

    def stop(self) -> None:
        """A turn is taken to its end, pauses and all: what it was about to send would have an unknown outcome."""

    async def _take(self, lane: Lane) -> None:
        if lane.crashes > GIVE_UP_AFTER:
            await self._handler.lay_down(lane, f"{GIVE_UP_AFTER} turns failed or crashed")
        elif lane.crashes < ALONE_FROM or self._alone is None:
            await self._handler.take(lane)
        else:
            await self._take_alone(lane, self._alone)

    async def _take_alone(self, lane: Lane, alone: Expendable) -> None:
        ending = await alone(lane)
        if ending is None:
            await self._postpone(lane)
        elif ending.crashed:
            await self._handler.lay_down(lane, ending.why)
        elif ending.failed:
            await self._release(lane)  # nothing, where the turn could still do so itself

    async def _postpone(self, lane: Lane) -> None:
        await fetch(
            self._db.pool, "select app.postpone_lane($1, $2, $3, $4, $5)",
            self._worker, lane.tenant_id, lane.key, lane.epoch, NO_ROOM_PAUSE,
        )  # fmt: skip

    async def _release(self, lane: Lane) -> None:
        await fetch(
            self._db.pool,
            "select app.release_lane($1, $2, $3, $4, $5)",
            self._worker, lane.tenant_id, lane.key, lane.epoch, retry_pause(lane.crashes),
        )  # fmt: skip

"""A lane that processes died of is taken alone, in a process that may die: nobody else's turn is lost with it.

The parent keeps the lane: the child works in its name and under its fence, and posts only while the parent's beat is
fresh.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import BinaryIO, cast
from uuid import UUID

from lumi.core.db import Database, fetch
from lumi.core.lanes import Ending, Lane
from lumi.core.logging import get_logger
from lumi.core.runner import SILENT_SECONDS

log = get_logger("lumi.expendable")

MOST_AT_ONCE = 2
# A process that does not come up says nothing of the message: only what happens afterwards is the turn's.
START_SECONDS = 90.0
DEADLINE_SECONDS = 30.0
PROCESSOR_SECONDS = 20
MEMORY_BYTES = 2 * 1024**3
LOOK_SECONDS = 1.0
_READY = b"ready\n"


class Exit(IntEnum):
    """How a child ends by itself. Whatever else ends it is a crash."""

    WELL = 0
    FAILED = 1
    MEMORY = 86
    NO_DATABASE = 87


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is told: whose lane it takes, and where."""

    database_url: str = field(repr=False)
    worker: int
    lane: Lane

    def dump(self) -> bytes:
        """One line; it goes through a pipe, for it names the database's password."""
        lane = self.lane
        told = [self.database_url, self.worker, str(lane.tenant_id), str(lane.key), lane.epoch, lane.crashes]
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def load(cls, line: bytes) -> Order:
        """The order that was dumped."""
        url, worker, tenant, key, epoch, crashes = cast("tuple[str, int, str, str, int, int]", tuple(json.loads(line)))
        return cls(url, worker, Lane(UUID(tenant), UUID(key), epoch, crashes))


class Children:
    """Takes turns of lanes in processes of their own, a few at a time; they end with the worker."""

    def __init__(
        self, database_url: str, worker: int, words: Sequence[str], *, deadline: float = DEADLINE_SECONDS
    ) -> None:
        """`words` are those that start a child, behind `python -m`."""
        self._url, self._worker, self._words, self._deadline = database_url, worker, words, deadline
        self._running = 0

    async def __call__(self, lane: Lane) -> Ending | None:
        """How the turn ended; None when it could not be tried: no room, no process came up, the database went away."""
        if self._running >= MOST_AT_ONCE:
            return None
        self._running += 1
        try:
            ending = await self._take(lane)
        finally:
            self._running -= 1
        if ending is not None:
            log.info("turn_taken_alone", lane=str(lane.key), crashed=ending.crashed, why=ending.why)
        return ending

    async def _take(self, lane: Lane) -> Ending | None:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *self._words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            if not await self._is_ready(child, Order(self._url, self._worker, lane)):
                log.warning("child_did_not_start", lane=str(lane.key))
                return None
            async with asyncio.timeout(self._deadline):
                return _ending(await child.wait())
        except TimeoutError:
            return Ending(crashed=True, why=f"it took longer than {self._deadline:.0f} seconds")
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _is_ready(self, child: asyncio.subprocess.Process, order: Order) -> bool:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("a child without pipes")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
            child.stdin.write(order.dump())
            await child.stdin.drain()
            async with asyncio.timeout(START_SECONDS):
                return await child.stdout.readline() == _READY
        return False


def _ending(code: int) -> Ending | None:
    if code == Exit.NO_DATABASE:
        return None
    if code in (Exit.WELL, Exit.FAILED):
        return Ending(crashed=False, failed=code == Exit.FAILED, why="the turn failed")
    if code == Exit.MEMORY:
        return Ending(crashed=True, why=f"it needed more than {MEMORY_BYTES // 1024**2} MB of memory")
    if code == -signal.SIGXCPU:
        return Ending(crashed=True, why=f"it used the processor for more than {PROCESSOR_SECONDS} seconds")
    if code < 0:
        return Ending(crashed=True, why=f"its process was ended by {signal.Signals(-code).name}")
    return Ending(crashed=True, why=f"its process ended with code {code}")


class Borrowed:
    """The parent's sign of life, as its child sees it."""

    def __init__(self, db: Database, worker: int) -> None:
        self._db, self.worker = db, worker
        self._beat_at = float("-inf")

    @property
    def fresh(self) -> bool:
        """Whether the parent's last committed beat is recent: else somebody else may have the lane."""
        return time.monotonic() - self._beat_at < SILENT_SECONDS

    async def look(self) -> None:
        """Read the parent's beat; raises when it was declared lost."""
        began = time.monotonic()
        age = "select extract(epoch from clock_timestamp() - beat_at)::float8 from worker where id = $1"
        rows = await fetch(self._db.pool, age, self.worker)
        if not rows:
            raise RuntimeError("the worker of this process was declared lost")
        self._beat_at = began - cast("float", rows[0][0])

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()


def keep_output() -> int:
    """The descriptor of standard output, which from now on is standard error: what is logged there is no answer."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


def receive_order(told: BinaryIO) -> Order:
    """What this child is to do; from then on it ends with whoever told it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # told to the whole service: the parent waits for the turn, or kills us
    order = Order.load(told.readline())
    faulthandler.dump_traceback_later(2 * START_SECONDS, exit=True)  # where not even a thread can run
    threading.Thread(target=_end_with_parent, args=(told,), daemon=True).start()
    return order


def say_ready(parent: int) -> None:
    """The turn begins, and from now on it has limits; `parent` is the descriptor on which that is awaited."""
    used = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_CPU, used + PROCESSOR_SECONDS)
    _limit(resource.RLIMIT_DATA, MEMORY_BYTES)
    os.write(parent, _READY)
    os.close(parent)


def run_out_of_memory() -> None:
    """End this process: what comes next could only fail in some other way."""
    os._exit(Exit.MEMORY)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (soft, hard))


def _end_with_parent(told: BinaryIO) -> None:
    told.read()
    os._exit(Exit.FAILED)

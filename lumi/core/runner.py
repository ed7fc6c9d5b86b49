"""The worker: one process that claims lanes and jobs, shows that it lives, and frees what the dead held.

`docs/architecture.md` has the protocol (alive, claim, reap). A background loop that ends in error ends the
process: the silent death of one loop is how messages get stuck for ever.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar, cast

import asyncpg

from lumi.core import protocol
from lumi.core.db import Database, Pool, fetch
from lumi.core.jobs import WAKE
from lumi.core.logging import get_logger

log = get_logger("lumi.worker")

BEAT_SECONDS = 3.0
SILENT_SECONDS = 5.0
REAP_SECONDS = 1.0
HUNG_SECONDS = 12.0
LONGEST_SLEEP_SECONDS = 5.0
_LIVING = 42  # the class of the advisory locks that say which worker is alive

C = TypeVar("C")


class Source(Protocol[C]):
    """A kind of work: lanes, or jobs."""

    name: str

    async def claim(self, want: int) -> Sequence[C]:
        """At most `want` due pieces, now owned by this worker."""
        ...

    async def next_due(self) -> float | None:
        """Seconds until the next piece is due, for whichever worker; None when nothing waits."""
        ...

    async def run(self, claim: C) -> None:
        """Do one piece; never raises for the piece's own failure."""
        ...

    def stop(self) -> None:
        """Be told that nothing more is claimed: what has not begun, or only waits, may be left to other workers."""
        ...


class Alive(Protocol):
    """In whose name work is done, and whether that worker may still speak."""

    worker: int

    @property
    def fresh(self) -> bool:
        """Whether its last committed beat is recent."""
        ...


class Pulse:
    """The worker's sign of life: its row, its advisory lock, its last committed beat."""

    def __init__(self, db: Database, connection: asyncpg.Connection[asyncpg.Record], worker: int) -> None:
        self._db, self.connection, self.worker = db, connection, worker
        self._beat_at = time.monotonic()

    @classmethod
    async def start(cls, db: Database) -> Pulse:
        """Draw an id never used again and hold its lock on a connection of its own."""
        connection = await asyncpg.connect(db.url)
        worker = await connection.fetchval(
            "with born as (insert into worker (host, pid) values ($1, $2) returning id)"
            " select id from born, pg_advisory_lock($3, id)",  # no moment in which the row is there without the lock
            socket.gethostname(), os.getpid(), _LIVING,
        )  # fmt: skip
        return cls(db, connection, cast("int", worker))

    @property
    def fresh(self) -> bool:
        """Whether the last committed beat is recent: a process that woke up late must say nothing."""
        return time.monotonic() - self._beat_at < SILENT_SECONDS

    async def beat(self) -> None:
        """Write the beat every few seconds; ends in error when this worker was declared lost."""
        while True:
            began = time.monotonic()
            rows = await self.connection.fetch(
                "update worker set beat_at = clock_timestamp() where id = $1 returning id", self.worker
            )
            if not rows:
                raise RuntimeError("this worker was declared lost")
            self._beat_at = began
            await asyncio.sleep(BEAT_SECONDS)

    async def stop(self) -> None:
        """Leave in order: what this worker still owns is free again, the row goes, the lock goes."""
        if self.connection.is_closed():
            return
        try:
            await self.connection.execute("select app.reap($1)", [self.worker])
        finally:
            await self.connection.close()


async def living_workers(pool: Pool) -> int:
    """How many workers hold their lock and show that they live."""
    statement = "select count(*) from worker where id not in (select id from app.lost_workers())"
    rows = await fetch(pool, statement)
    return cast("int", rows[0][0])


class Runner:
    """Runs sources on one worker until told to stop."""

    def __init__(self, db: Database, pulse: Pulse, *, slots: int = 200) -> None:
        self._db, self._pulse, self._slots = db, pulse, slots
        self._sources: list[Source[object]] = []
        self._others: list[Coroutine[object, object, None]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._wakes: dict[str, asyncio.Event] = {}
        self._stopping = asyncio.Event()
        self._broken = asyncio.Event()
        self.ready = asyncio.Event()

    @property
    def worker(self) -> int:
        """The number of this worker among the living."""
        return self._pulse.worker

    def add(self, source: Source[C]) -> None:
        """Also do this kind of work."""
        self._sources.append(cast("Source[object]", source))

    def also(self, loop: Coroutine[object, object, None]) -> None:
        """Run this loop beside the sources; it never ends by itself."""
        self._others.append(loop)

    def wake(self, *news: object) -> None:
        """Look for work now; a notification may name the one source that has some."""
        named = self._wakes.get(str(news[-1])) if news else None
        for wake in self._wakes.values() if named is None else (named,):
            wake.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what runs has ended."""
        self._stopping.set()
        self.wake()
        for source in self._sources:
            source.stop()

    async def run(self) -> None:
        """Work until `stop`; raises when a background loop ended in error."""
        await self._pulse.connection.add_listener(WAKE, self.wake)
        claiming = [asyncio.ensure_future(self._claim(source)) for source in self._sources]
        others = (self._pulse.beat(), self._reap(), *self._others, self._until_broken(), self._until_outdated())
        loops = [*(asyncio.ensure_future(loop) for loop in others), *claiming]
        stopping = asyncio.ensure_future(self._until_stopped())
        self.ready.set()
        try:
            await asyncio.wait([*loops, stopping], return_when=asyncio.FIRST_COMPLETED)
            for loop in loops:
                if loop.done() and not self._stopping.is_set():
                    loop.result()
                    raise RuntimeError("a background loop of the worker ended")
            await self._drain(claiming)
        finally:
            for task in (*loops, stopping, *self._running):
                task.cancel()
            await asyncio.gather(*loops, stopping, *self._running, return_exceptions=True)
            await self._pulse.stop()

    async def _until_broken(self) -> None:
        await self._broken.wait()

    async def _until_outdated(self) -> None:
        """End in order: who starts us anew does so with the code that announced itself."""
        await protocol.until_newer(self._db.pool)
        log.warning("worker_outdated", protocol=protocol.PROTOCOL)
        self.stop()

    async def _until_stopped(self) -> None:
        await self._stopping.wait()

    async def _drain(self, claiming: Sequence[asyncio.Task[None]], seconds: float = 15.0) -> None:
        """Until what runs has ended, and what a claim that was on its way has brought."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while begun := {*self._running, *(each for each in claiming if not each.done())}:
                    await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)

    async def _claim(self, source: Source[object]) -> None:
        running: set[asyncio.Task[None]] = set()
        freed = asyncio.Event()
        wake = asyncio.Event()
        self._wakes[source.name] = wake

        def ended(task: asyncio.Task[None]) -> None:
            running.discard(task)
            self._running.discard(task)
            freed.set()
            wake.set()  # what ended may be due again
            if not task.cancelled() and task.exception() is not None:
                self._broken.set()  # it could not even be given back: only the end of this worker frees it

        while not self._stopping.is_set():
            free = self._slots - len(running)
            if free <= 0:
                freed.clear()
                await freed.wait()
                continue
            wake.clear()
            claims = await source.claim(free)
            for claim in claims:
                task = asyncio.ensure_future(source.run(claim))
                running.add(task)
                self._running.add(task)
                task.add_done_callback(ended)
            if len(claims) < free:  # that was all there is
                await self._sleep(source, wake)

    async def _sleep(self, source: Source[object], wake: asyncio.Event) -> None:
        due = await source.next_due()
        pause = LONGEST_SLEEP_SECONDS if due is None else min(LONGEST_SLEEP_SECONDS, max(0.002, due))
        try:
            await asyncio.wait_for(wake.wait(), pause)
        except TimeoutError:
            return

    async def _reap(self) -> None:
        while True:
            await asyncio.sleep(REAP_SECONDS)
            rows = await fetch(
                self._db.pool,
                "select id, backend_pid from app.lost_workers() where id <> $1",
                self._pulse.worker,
            )
            if not rows:
                continue
            lost = [cast("int", row["id"]) for row in rows]
            for row in rows:
                # a hung worker loses its connection first, so that it can write nothing more
                await fetch(self._db.pool, "select pg_terminate_backend($1) from pg_stat_activity where pid = $1"
                            " and usename = current_user and query like '%worker%'", row["backend_pid"])  # fmt: skip
            freed = (await fetch(self._db.pool, "select app.reap($1)", lost))[0][0]
            log.warning("workers_lost", workers=lost, freed=freed)


async def end_when_hung() -> None:
    """End this process, and write where it stands, when its loop does not come round any more; never returns.

    Its lanes went to others meanwhile. It could write and say nothing, but it would never come back either.
    """
    try:
        while True:
            faulthandler.dump_traceback_later(HUNG_SECONDS, exit=True)
            await asyncio.sleep(BEAT_SECONDS)
    finally:
        faulthandler.cancel_dump_traceback_later()


async def serve(
    db: Database, build: Callable[[Database, Pulse], Sequence[Source[object]]], *, slots: int = 200
) -> Runner:
    """A runner over the sources that `build` makes for this worker."""
    pulse = await Pulse.start(db)
    runner = Runner(db, pulse, slots=slots)
    for source in build(db, pulse):
        runner.add(source)
    return runner

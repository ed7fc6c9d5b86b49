"""What a process does so that its figures are there: shares them, looks at its pools, answers on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from sqlalchemy.pool import QueuePool

from lumi.core import metrics
from lumi.core.db import DATABASE_GONE, Database, fetch
from lumi.core.dead_letters import Source
from lumi.core.figures import files
from lumi.core.figures.port import keep_answering

LOOK_SECONDS = 5.0
# What modules know of theirs, asked when somebody reads; each sets its own figures. Filled by `wiring.py`.
ASKED: list[Callable[[Database], Awaitable[None]]] = []

Kind = Literal["web", "worker"]


class FigureSettings(Protocol):
    """The settings this reads."""

    @property
    def lumi_home(self) -> Path: ...
    @property
    def host(self) -> str: ...
    @property
    def prometheus_enabled(self) -> bool: ...
    @property
    def prometheus_port(self) -> int | None: ...


@asynccontextmanager
async def told(settings: FigureSettings, db: Database, kind: Kind) -> AsyncGenerator[None]:
    """Inside, what this process counts is part of the one answer about this machine."""
    if not settings.prometheus_enabled:
        yield
        return
    with files.shared(settings.lumi_home / "metrics"), metrics.PROCESSES.labels(kind).track_inprogress():
        tasks = [asyncio.ensure_future(_look(db, kind))]
        if settings.prometheus_port:
            answer = partial(answered, db)
            tasks.append(asyncio.ensure_future(keep_answering(settings.host, settings.prometheus_port, answer)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def answered(db: Database) -> tuple[bytes, str]:
    """All figures in Prometheus' text format, and its content type; what only the database knows is asked now."""
    due = oldest = float("nan")  # while nobody can tell
    letters = dict.fromkeys(Source, float("nan"))
    with contextlib.suppress(*DATABASE_GONE):
        ((due, oldest),) = await fetch(db.pool, "select due, oldest_seconds from app.lanes_waiting()")
        waiting = {row[0]: float(row[1]) for row in await fetch(db.pool, "select * from app.open_letters()")}
        letters = {source: waiting.get(source, 0.0) for source in Source}
    metrics.LANES_DUE.set(due)
    metrics.LANE_OLDEST_SECONDS.set(oldest)
    for source, count in letters.items():
        metrics.LETTERS_OPEN.labels(source).set(count)
    for ask in ASKED:
        await ask(db)
    return await asyncio.to_thread(metrics.render)


async def _look(db: Database, kind: Kind) -> None:
    while True:
        look(db, kind)
        await asyncio.sleep(LOOK_SECONDS)


def look(db: Database, kind: Kind) -> None:
    """Write down how full the connection pools of this process are."""
    size, idle = db.pool.get_size(), db.pool.get_idle_size()
    found = {"functions": (size, size - idle)}
    sessions = db.engine.pool
    if isinstance(sessions, QueuePool):
        busy = sessions.checkedout()
        found["sessions"] = (busy + sessions.checkedin(), busy)
    for pool, (opened, busy) in found.items():
        metrics.POOL_SIZE.labels(kind, pool).set(opened)
        metrics.POOL_IN_USE.labels(kind, pool).set(busy)

"""Telling workers that there is work: after the commit, grouped, at most every two milliseconds.

Inside the transaction a NOTIFY takes a lock of the whole server at commit. A wake that is lost costs a few seconds
at most: workers also look by themselves.
"""

from __future__ import annotations

import asyncio

import asyncpg

from lumi.core.db import Database, fetch
from lumi.core.jobs import WAKE
from lumi.core.logging import get_logger

log = get_logger("lumi.wake")

APART_SECONDS = 0.002


class Waker:
    """Wakes the workers of the whole installation."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def __call__(self) -> None:
        """Wake them soon; never blocks, never raises."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        while self._wanted:
            self._wanted = False
            try:
                await fetch(self._db.pool, "select pg_notify($1, 'lanes')", WAKE)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("wake_lost", reason=type(error).__name__)
            await asyncio.sleep(APART_SECONDS)

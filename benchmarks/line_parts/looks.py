"""How long a step takes and how many pages it looks at, counted by PostgreSQL for one backend."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lumi.core.db import Database, fetch

_FLUSH = "select pg_stat_force_next_flush()"
_PAGES = """
select coalesce(sum(hits), 0) + coalesce(sum(reads), 0) from pg_stat_get_backend_io(pg_backend_pid())
where object = 'relation'
"""


@dataclass
class Looks:
    """Milliseconds and pages of each step, one figure a call, divided by how many it was for."""

    db: Database
    ms: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    pages: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def forget(self) -> None:
        """Begin anew."""
        self.ms.clear()
        self.pages.clear()

    @asynccontextmanager
    async def of(self, step: str, *, among: int = 1) -> AsyncGenerator[None]:
        """Whatever is done inside is this step, for so many turns."""
        before = await self._seen()
        began = time.perf_counter()
        yield
        took = time.perf_counter() - began
        seen = await self._seen() - before - await self._own()
        self.ms.setdefault(step, []).append(took * 1000 / among)
        self.pages.setdefault(step, []).append(max(0.0, seen / among))

    async def _own(self) -> float:
        """What looking itself costs."""
        before = await self._seen()
        return await self._seen() - before

    async def _seen(self) -> float:
        await fetch(self.db.pool, _FLUSH)
        return float((await fetch(self.db.pool, _PAGES))[0][0])

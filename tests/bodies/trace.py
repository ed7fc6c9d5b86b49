"""What an acknowledged body left behind: rows of the line, dead letters, what was counted as ignored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from lumi.api.house import House
from lumi.core import metrics
from lumi.core.events import wire_name
from lumi.modules.channels.events import PullAccount
from tests.serving import working

# Taken away as they are read: the next body is as new to the house as the first.
_TAKE = """
with keys as (delete from event_key returning provider_id), parked as (delete from receipt returning 1),
     letters as (delete from dead_letter returning body), pulled as (delete from job where kind = $1 returning 1)
select (select coalesce(array_agg(provider_id), '{}') from keys), (select count(*) from parked),
       (select coalesce(array_agg(body), '{}') from letters), (select count(*) from pulled)
"""
# While a person holds the thread it is recorded, and nothing is said.
_HOLD = "update thread set quiet_until = now() + interval '1 day'"
_UNREAD = """
select e.kind, e.settled_by, left(e.payload::text, 200) from event e
where e.settled_at is null or e.settled_by = 'dead' or (e.kind = 'message' and not exists (
    select from message m where m.tenant_id = e.tenant_id and m.thread_id = e.thread_id and m.event_n = e.n))
"""
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Trace:
    """What came of one post."""

    events: Sequence[str]
    receipts: int
    letters: Sequence[bytes]
    ignored: int
    pulls: int = 0
    """Accounts of which it was said that something is new there: they will be read."""

    @property
    def is_nothing(self) -> bool:
        """Whether it vanished."""
        return not (self.events or self.receipts or self.letters or self.ignored or self.pulls)

    def holds(self, key: str) -> bool:
        """Whether the message of this key is an event of the line, or lies in a letter."""
        return key in self.events or any(key.encode() in letter for letter in self.letters)


class Tracks:
    """Reads what is left behind. Nobody else may use the database meanwhile."""

    def __init__(self, admin: asyncpg.Pool[asyncpg.Record]) -> None:
        self._admin = admin
        self._ignored = _ignored()

    async def take(self) -> Trace:
        """What was left since the last time."""
        row = await self._admin.fetchrow(_TAKE, wire_name(PullAccount))
        if row is None:
            raise RuntimeError("a select without a row")
        before, self._ignored = self._ignored, _ignored()
        return Trace(row[0], row[1], row[2], round(self._ignored - before), row[3])

    async def unread(self, house: House) -> Sequence[str]:
        """Let a worker read what entered the line: the events that did not become messages of the ledger, or died."""
        await self._admin.execute(_HOLD)
        async with working(house):
            for _ in range(int(PATIENCE_SECONDS / 0.1)):
                if not await self._admin.fetchval("select count(*) from event where settled_at is null"):
                    break
                await asyncio.sleep(0.1)
        return [f"{row[0]}, settled by {row[1] or 'nobody'}: {row[2]}" for row in await self._admin.fetch(_UNREAD)]


def _ignored() -> float:
    samples = (sample for family in metrics.IGNORED.collect() for sample in family.samples)
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))

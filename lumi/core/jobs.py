"""Jobs: work without a thread, kept in the database, run at least once, seen when it dies.

A task's payload is a frozen dataclass in its module's `events.py`; its handler lives in `tasks.py`; `wiring.py`
brings the two together. Handlers are idempotent: a job whose worker dies runs again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar, cast
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core import events
from lumi.core.db import Database, fetch
from lumi.core.dead_letters import Source
from lumi.core.events import Event, Payload
from lumi.core.http import Patience
from lumi.core.ids import new_id
from lumi.core.logging import get_logger
from lumi.core.metrics import DEAD_LETTERS, JOBS

if TYPE_CHECKING:
    from lumi.core.context import Context

log = get_logger("lumi.jobs")

MAX_ATTEMPTS = 8
WAKE = "lumi_wake"


@dataclass(frozen=True)
class Task(Payload):
    """The payload of a job."""


T = TypeVar("T", bound=Payload)
Handler = Callable[["Context", T], Awaitable[None]]


@dataclass(frozen=True)
class HouseTask(Task):
    """The payload of a job of the house: it runs without a tenant, by the database alone."""


@dataclass(frozen=True)
class Claim:
    """A job this worker owns until it ends or the worker does."""

    tenant_id: UUID | None
    id: UUID
    epoch: int
    attempt: int


class Registry:
    """Which handler runs what. Filled by `wiring.py` before anything starts."""

    def __init__(self, under: "Registry | None" = None) -> None:
        """`under` runs what nobody here does: two houses in one process share what needs neither of them."""
        self._under = under
        self._kinds: dict[str, type[Payload]] = {}
        self._tasks: dict[str, Handler[Payload]] = {}
        self._given_up: dict[str, Handler[Payload]] = {}
        self._house: dict[str, Callable[[Database, Payload], Awaitable[None]]] = {}
        self._subscribers: dict[str, list[str]] = {}
        self._schedules: dict[str, tuple[str, HouseTask]] = {}

    def add(self, payload: type[T], handler: Handler[T], *, given_up: Handler[T] | None = None) -> None:
        """Run `handler` for deferred tasks of this kind.

        `given_up` runs once for one that is laid down after its last attempt, whatever it died of, in the transaction
        that lays it down: so that nobody waits for ever for what will not happen.
        """
        name = events.wire_name(payload)
        self._kinds[name] = payload
        self._tasks[name] = cast("Handler[Payload]", handler)
        if given_up is not None:
            self._given_up[name] = cast("Handler[Payload]", given_up)

    def add_house(self, payload: type[T], handler: Callable[[Database, T], Awaitable[None]]) -> None:
        """Run `handler` for the house's own tasks of this kind."""
        name = events.wire_name(payload)
        self._kinds[name] = payload
        self._house[name] = cast("Callable[[Database, Payload], Awaitable[None]]", handler)

    def subscribe(self, event: type[T], handler: Handler[T], *, given_up: Handler[T] | None = None) -> None:
        """Run `handler` once for every event of this kind that commits; several may subscribe. `given_up`: as in `add`.

        Only the process's own registry is asked who wants an event: a layer over it is heard by jobs, not by events.
        """
        code = cast("object", handler)
        job = f"{events.wire_name(event)}>{getattr(code, '__module__', '')}.{getattr(code, '__qualname__', '')}"
        self._kinds[job] = event
        self._tasks[job] = cast("Handler[Payload]", handler)
        if given_up is not None:
            self._given_up[job] = cast("Handler[Payload]", given_up)
        told = self._subscribers.setdefault(events.wire_name(event), [])
        if job not in told:
            told.append(job)

    def schedule(self, expression: str, task: HouseTask) -> None:
        """Defer this task at every time the cron expression names, in UTC, once for the whole installation."""
        self._schedules[events.wire_name(type(task))] = (expression, task)

    @property
    def schedules(self) -> Mapping[str, tuple[str, HouseTask]]:
        """Every scheduled task by its kind, with its cron expression."""
        return {**(self._under.schedules if self._under else {}), **self._schedules}

    def subscribers(self, event: Event) -> Sequence[str]:
        """The jobs that this event becomes."""
        return self._subscribers.get(events.wire_name(type(event)), ())

    async def run(self, db: Database, claim: Claim, name: str, args: str) -> None:
        """Run one job in a transaction bound to its tenant and end it in the same transaction."""
        if name not in self._kinds:
            if self._under is None:
                raise LookupError(f"no handler for job {name}")
            await self._under.run(db, claim, name, args)
            return
        payload = events.decode(self._kinds[name], args)
        if claim.tenant_id is None:
            await self._house[name](db, payload)
            async with db.transaction(None) as session:
                await _end(session, claim)
            return
        from lumi.core.context import Context

        async with db.transaction(claim.tenant_id) as session:
            await self._tasks[name](Context(session, claim.tenant_id), payload)
            await _end(session, claim)

    async def give_up(self, ctx: "Context", name: str, args: str) -> None:
        """Do what is left to be done for a job that is not tried again."""
        if name not in self._kinds and self._under is not None:
            await self._under.give_up(ctx, name, args)
        elif (handler := self._given_up.get(name)) is not None:
            await handler(ctx, events.decode(self._kinds[name], args))


registry = Registry()


async def insert(
    session: AsyncSession, tenant_id: UUID | None, task: Task, *, run_at: datetime | None, key: str | None
) -> None:
    """Store one job in the caller's transaction."""
    await _insert(session, tenant_id, events.wire_name(type(task)), task, run_at=run_at, key=key)


async def insert_for_event(session: AsyncSession, tenant_id: UUID, event: Event) -> None:
    """Store one job for every subscriber of the event."""
    for name in registry.subscribers(event):
        await _insert(session, tenant_id, name, event, run_at=None, key=None)


async def _insert(
    session: AsyncSession,
    tenant_id: UUID | None,
    name: str,
    payload: Payload,
    *,
    run_at: datetime | None,
    key: str | None,
) -> None:
    values = {
        "id": new_id(), "tenant": tenant_id, "kind": name, "args": events.encode(payload), "key": key, "at": run_at,
    }  # fmt: skip
    await session.execute(_INSERT, values)
    if run_at is None:
        await session.execute(text("select pg_notify(:channel, 'jobs')"), {"channel": WAKE})


_INSERT = text(
    "insert into job (id, tenant_id, kind, args, key, ready_at)"
    " values (:id, :tenant, :kind, cast(:args as jsonb), :key, coalesce(cast(:at as timestamptz), clock_timestamp()))"
    " on conflict do nothing"
)


async def _end(session: AsyncSession, claim: Claim) -> None:
    ended = await session.execute(
        text("delete from job where id = :id and epoch = :epoch returning id"),
        {"id": claim.id, "epoch": claim.epoch},
    )
    if ended.first() is None:
        raise Fenced("another worker has this job now")


class Fenced(RuntimeError):
    """Somebody else owns this piece of work now; nothing was written."""


class JobSource:
    """The jobs of the database as work for a runner."""

    name = "jobs"

    def __init__(self, db: Database, worker: int, jobs: Registry = registry) -> None:
        self._db, self._worker, self._registry = db, worker, jobs
        self._patience = Patience()

    async def claim(self, want: int) -> Sequence[Claim]:
        """Due jobs that are now this worker's."""
        rows = await fetch(self._db.pool, "select * from app.claim_jobs($1, $2)", self._worker, want)
        return [Claim(row["tenant_id"], row["id"], row["epoch"], row["crashes"]) for row in rows]

    async def next_due(self) -> float | None:
        """Seconds until the next job is due."""
        return cast("float | None", (await fetch(self._db.pool, "select app.next_job_due()"))[0][0])

    async def run(self, claim: Claim) -> None:
        """Run one job; what fails waits longer each time and is laid down after the last attempt."""
        kind, args = "unknown", ""
        try:
            async with self._db.transaction(claim.tenant_id) as session:
                row = (await session.execute(_READ, {"id": claim.id, "epoch": claim.epoch})).first()
            if row is None:
                return
            kind, args = str(row[0]), str(row[1])
            if claim.attempt > MAX_ATTEMPTS:
                raise RuntimeError("its worker died each time")  # nothing else would ever end a job that kills
            with self._patience.lent():
                await self._registry.run(self._db, claim, kind, args)
            JOBS.labels(kind, "done").inc()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("job_failed", kind=kind, attempt=claim.attempt)
            await self._release(claim, kind, args, error)

    def stop(self) -> None:
        """A job that waits for an outside system to come back is left to whoever comes next."""
        self._patience.end()

    async def _release(self, claim: Claim, kind: str, args: str, error: Exception) -> None:
        dead = claim.attempt >= MAX_ATTEMPTS
        JOBS.labels(kind, "dead" if dead else "failed").inc()
        if dead:
            DEAD_LETTERS.labels(Source.JOB.value).inc()
        pause = None if dead else timedelta(seconds=min(600, 2**claim.attempt))
        values = {
            "worker": self._worker, "id": claim.id, "epoch": claim.epoch, "pause": pause,
            "why": f"{type(error).__name__}: {error}"[:500],
        }  # fmt: skip
        if dead and claim.tenant_id is not None and await self._laid_down(claim.tenant_id, values, kind, args):
            return
        async with self._db.transaction(claim.tenant_id) as session:
            await session.execute(_RELEASE, values)

    async def _laid_down(self, tenant_id: UUID, values: Mapping[str, object], kind: str, args: str) -> bool:
        """Release it with what is left to be done for it; False, and nothing done, when that fails too."""
        from lumi.core.context import Context

        try:
            async with self._db.transaction(tenant_id) as session:
                if await session.scalar(_RELEASE, values):
                    await self._registry.give_up(Context(session, tenant_id), kind, args)
        except Exception:  # whatever it is, the job has to be laid down
            log.exception("job_not_given_up", kind=kind)
            return False
        return True


_RELEASE = text("select app.release_job(:worker, :id, :epoch, cast(:pause as interval), :why)")
_READ = text("select kind, args::text from job where id = :id and epoch = :epoch")

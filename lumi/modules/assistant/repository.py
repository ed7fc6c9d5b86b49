"""The turn's way to the database: one SQL function a step, called for all lanes that wait at this moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Generic, TypeVar, cast
from uuid import UUID

import orjson
from sqlalchemy import text

from lumi.core.batches import Batcher
from lumi.core.context import Context
from lumi.core.db import Database, fetch, rows_affected
from lumi.core.ids import new_id
from lumi.core.lanes import Lane
from lumi.modules.assistant.values import Attached, LaneState, Mark, OpenEvent, PendingDelivery, Spoken
from lumi.modules.channels.public import Enclosed
from lumi.modules.files.public import FileKind

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")
Json = Mapping[str, object]
MOST_BATCHERS = 10_000


class SaveOutcome(StrEnum):
    """What became of a turn at Save."""

    SAVED = "saved"
    MOVED = "moved"
    FENCED = "fenced"


@dataclass(frozen=True, slots=True)
class Departure:
    """A delivery about to be posted, and the version of the thread the gate saw."""

    lane: Lane
    seq: int
    delivery_id: UUID


@dataclass(frozen=True, slots=True)
class Ending:
    """A turn that is over."""

    lane: Lane
    marks: Sequence[Mark]
    not_before: datetime | None
    failed: bool


class PerTenant(Generic[I, R]):
    """A batcher a tenant: a statement binds one tenant, so only calls of one tenant go together."""

    def __init__(self, send: Callable[[UUID, Sequence[I]], Awaitable[Sequence[R]]]) -> None:
        self._send = send
        self._batchers: dict[UUID, Batcher[I, R]] = {}

    async def __call__(self, tenant_id: UUID, item: I) -> R:
        batcher = self._batchers.get(tenant_id)
        if batcher is None:
            if len(self._batchers) > MOST_BATCHERS:
                self._batchers.clear()
            batcher = self._batchers[tenant_id] = Batcher(partial(self._send, tenant_id), flushers=1)
        return await batcher(item)


class Turns:
    """Begin, save, depart and finish turns as one worker."""

    def __init__(self, db: Database, worker: int) -> None:
        self._pool, self._worker = db.pool, worker
        self._begin: PerTenant[Lane, LaneState | None] = PerTenant(self._begin_all)
        self._save: PerTenant[Json, SaveOutcome] = PerTenant(self._save_all)
        self._depart: PerTenant[Departure, bool] = PerTenant(self._depart_all)
        self._finish: Batcher[Ending, bool] = Batcher(self._finish_all, flushers=1)

    async def begin(self, lane: Lane) -> LaneState | None:
        """Write new events into the ledger and load the thread; None when the lane is no longer ours."""
        return await self._begin(lane.tenant_id, lane)

    async def apply_changes(self, lane: Lane) -> bool:
        """Apply edits, deletions and what people wrote in the provider's app, or some of it.

        False when that changed nothing, as where the lane is not ours.
        """
        rows = await fetch(
            self._pool, "select app.apply_changes($1, $2, $3, $4)", self._worker, lane.tenant_id, lane.key, lane.epoch
        )
        return bool(rows[0][0])

    async def save(self, lane: Lane, item: Json) -> SaveOutcome:
        """Commit a turn's whole outcome, or nothing of it."""
        return await self._save(lane.tenant_id, item)

    async def depart(self, lane: Lane, seq: int, delivery_id: UUID) -> bool:
        """Commit that the post begins; False when the thread moved since the gate looked, or is not ours."""
        return await self._depart(lane.tenant_id, Departure(lane, seq, delivery_id))

    async def depart_proactive(
        self, lane: Lane, seq: int, delivery_id: UUID, per_day: int, per_week: int, *, needs_consent: bool
    ) -> str:
        """The same for what nobody asked for: gone, moved, or why it stays (`opted_out`, `no_consent`, `day_full` …).

        It is counted under a lock of the person. What they took back counts; what they never gave where it is needed.
        """
        said = await self._one("depart_proactive", lane, seq, delivery_id, per_day, per_week, needs_consent)
        return cast("str", said)

    async def has_word(self, lane: Lane, delivery_id: UUID) -> bool:
        """Whether the provider has said anything of a post whose outcome is not written down yet."""
        rows = await fetch(self._pool, "select app.has_word($1, $2)", lane.tenant_id, delivery_id)
        return bool(rows[0][0])

    async def mark_early(self, lane: Lane, mark: Mark) -> bool:
        """Write an outcome down before the turn is over; False when the lane is not ours."""
        item = {"tenant": lane.tenant_id, "key": lane.key, "marks": [_mark(mark)]}
        return bool(await self._one("mark_early", lane, _json([item])))

    async def as_template(self, lane: Lane, seq: int, delivery_id: UUID, template: Json) -> bool:
        """Have a delivery leave as a template; False when the thread moved, or is not ours."""
        return bool(await self._one("as_template", lane, seq, delivery_id, _json(template)))

    async def invite(self, lane: Lane, seq: int, delivery_id: UUID, reads: str, template: Json) -> bool:
        """Ask the person to write, by a message of its own; False when they have been asked, or the thread moved."""
        return bool(await self._one("invite", lane, seq, delivery_id, new_id(), reads, _json(template)))

    async def move_on(
        self, lane: Lane, seq: int, delivery_id: UUID, target: UUID, words: str, parts: Sequence[Json]
    ) -> bool:
        """Say it in another thread of the same person instead; False when it went on before, or the thread moved."""
        return bool(await self._one("move_on", lane, seq, delivery_id, target, new_id(), words, _json(parts)))

    async def release_held(self, lane: Lane) -> int:
        """Let leave what was held until the person writes; returns how many deliveries that is."""
        rows = await fetch(
            self._pool, "select app.release_held($1, $2, $3, $4)", self._worker, lane.tenant_id, lane.key, lane.epoch
        )
        return cast("int", rows[0][0])

    async def _one(self, function: str, lane: Lane, *arguments: object) -> object:
        """What one of the functions says that are about one delivery of a lane."""
        places = ", ".join(f"${place}" for place in range(1, len(arguments) + 5))
        given = (self._worker, lane.tenant_id, lane.key, lane.epoch, *arguments)
        return (await fetch(self._pool, f"select app.{function}({places})", *given))[0][0]

    async def finish(
        self, lane: Lane, marks: Sequence[Mark], not_before: datetime | None = None, *, failed: bool = False
    ) -> bool:
        """End the turn; False when the lane was not ours any more."""
        return await self._finish(Ending(lane, marks, not_before, failed))

    async def _begin_all(self, tenant_id: UUID, lanes: Sequence[Lane]) -> Sequence[LaneState | None]:
        rows = await fetch(
            self._pool,
            "select lane_key, state::text from app.begin_turns($1, $2, $3, $4)",
            self._worker, tenant_id, [lane.key for lane in lanes], [lane.epoch for lane in lanes],
        )  # fmt: skip
        states = {row[0]: _state(orjson.loads(row[1])) for row in rows}
        return [states.get(lane.key) for lane in lanes]

    async def _save_all(self, tenant_id: UUID, items: Sequence[Json]) -> Sequence[SaveOutcome]:
        rows = await fetch(
            self._pool, "select outcome from app.save_turns($1, $2, $3::jsonb) order by place",
            self._worker, tenant_id, _json(items),
        )  # fmt: skip
        return [SaveOutcome(row[0]) for row in rows]

    async def _depart_all(self, tenant_id: UUID, departures: Sequence[Departure]) -> Sequence[bool]:
        rows = await fetch(
            self._pool, "select app.depart($1, $2, $3, $4, $5, $6)",
            self._worker, tenant_id, [d.lane.key for d in departures], [d.lane.epoch for d in departures],
            [d.seq for d in departures], [d.delivery_id for d in departures],
        )  # fmt: skip
        return cast("list[bool]", rows[0][0])

    async def _finish_all(self, endings: Sequence[Ending]) -> Sequence[bool]:
        items = [
            {
                "tenant": end.lane.tenant_id, "key": end.lane.key, "epoch": end.lane.epoch,
                "not_before": end.not_before, "failed": end.failed, "marks": [_mark(mark) for mark in end.marks],
            }
            for end in endings
        ]  # fmt: skip
        rows = await fetch(self._pool, "select app.finish_turns($1, $2::jsonb)", self._worker, _json(items))
        freed = set(cast("list[UUID]", rows[0][0]))
        return [end.lane.key in freed for end in endings]


async def delete_turns(ctx: Context, threads: Sequence[UUID], before: datetime, limit: int) -> int:
    """Delete records of turns saved before a time, so many at most; returns how many."""
    done = await ctx.session.execute(
        text(
            "delete from turn where tenant_id = :tenant and id in ("
            "select id from turn where tenant_id = :tenant and thread_id = any (:threads) and saved_at < :before"
            " order by thread_id, seq limit :limit)"
        ),
        {"tenant": ctx.tenant_id, "threads": list(threads), "before": before, "limit": limit},
    )
    return rows_affected(done)


def _json(value: object) -> str:
    return orjson.dumps(value, default=str).decode()  # the driver's UUID is not the standard one


def _mark(mark: Mark) -> Json:
    return {
        "id": mark.id, "state": mark.state, "provider_id": mark.provider_id, "error": mark.error,
        "pause": mark.pause, "reopen": mark.reopen, "tried": mark.tried, "uncounted": mark.uncounted,
    }  # fmt: skip


def _state(row: dict[str, object]) -> LaneState:
    return LaneState(
        seq=cast("int", row["seq"]),
        account_id=UUID(cast("str", row["account_id"])),
        channel=cast("str", row["channel"]),
        address=cast("str", row["address"]),
        addresses=cast("list[str]", row["addresses"] or []),
        language=cast("str | None", row["language"]),
        contact_id=_uuid(row["contact_id"]),
        new_addresses=cast("int", row["new_addresses"]),
        held=bool(row["held"]),
        parked=bool(row["parked"]),
        stopped=bool(row["stopped"]),
        wants_human=bool(row["wants_human"]),
        events=[_event(each) for each in cast("list[dict[str, object]]", row["events"])],
        deliveries=[_delivery(each) for each in cast("list[dict[str, object]]", row["deliveries"])],
        last_inbound_at=_time(row["last_inbound_at"]),
        history=cast("list[dict[str, object]]", row["history"]),
        reply=cast("dict[str, object] | None", row.get("reply")),
        answered=[at for each in cast("list[object]", row.get("answered") or []) if (at := _time(each))],
        waiting=bool(row["waiting"]),
        time_zone=cast("str | None", row["time_zone"]),
    )


def _event(row: dict[str, object]) -> OpenEvent:
    received = _time(row["received_at"])
    if received is None:
        raise ValueError("an event without its time")
    return OpenEvent(
        cast("int", row["n"]), cast("str", row["kind"]), cast("dict[str, object]", row["payload"]), received,
        cast("str", row["provider_id"]),
        [_attached(each) for each in cast("list[dict[str, object]]", row.get("attached") or [])],
        _time(row["sent_at"]),
    )  # fmt: skip


def _attached(row: dict[str, object]) -> Attached:
    until = _time(row["wait_until"])
    if until is None:
        raise ValueError("an attachment without its time")
    return Attached(cast("str", row["kind"]), cast("str", row["state"]), cast("str | None", row["error"]), until)


def _delivery(row: dict[str, object]) -> PendingDelivery:
    body = cast("dict[str, object]", row["body"])
    return PendingDelivery(
        id=UUID(cast("str", row["id"])),
        message_n=cast("int", row["message_n"]),
        author=cast("str", row["author"]),
        text=cast("str", body["text"]),
        state=cast("str", row["state"]),
        attempt=cast("int", row["attempt"]),
        next_try_at=_time(row["next_try_at"]),
        valid_until=_time(row["valid_until"]),
        sending_at=_time(row["sending_at"]),
        confirms_stop=bool(body.get("confirms_stop")),
        turn_id=_uuid(body.get("turn_id")),
        spoken=_spoken(body.get("spoken")),
        purpose=cast("str", row["purpose"]),
        choices=cast("list[str]", body.get("choices", [])),
        template=cast("dict[str, object] | None", body.get("template")),
        went_on=row["continues"] is not None,
        reply=cast("dict[str, object] | None", body.get("reply")),
        shut=bool(row["shut"]),
        file=_file(body.get("file")),
    )


def _file(value: object) -> Enclosed | None:
    if not isinstance(value, dict):
        return None
    kept = cast("dict[str, object]", value)
    return Enclosed(
        UUID(str(kept["id"])), FileKind(str(kept["kind"])), str(kept["name"]), str(kept["mime"]),
        cast("int", kept["size_bytes"]),
    )  # fmt: skip


def _spoken(value: object) -> Spoken | None:
    if not isinstance(value, dict):
        return None
    said = cast("dict[str, str]", value)
    return Spoken(said["text"], said["lang"])


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _uuid(value: object) -> UUID | None:
    return UUID(value) if isinstance(value, str) else None

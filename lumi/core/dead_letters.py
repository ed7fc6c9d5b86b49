"""Dead letters: what was authentic and could not be used, kept as it came, for a person to look at."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select, tuple_, update
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core.db import rows_affected
from lumi.core.ids import new_id
from lumi.core.metrics import DEAD_LETTERS
from lumi.core.tables import DeadLetter, JobRow

# How much of a body is read to be shown: the rest is of use to nobody who reads a list.
SHOWN_BYTES = 4_096
LONGEST_REASON = 500


class Source(StrEnum):
    """What a letter was before it died."""

    WEBHOOK = "webhook"
    EVENT = "event"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with the beginning of its body. `origin` says where it lay: a channel, `thread/n`, or a job's id."""

    id: UUID
    source: Source
    origin: str
    beginning: bytes
    size_bytes: int
    reason: str
    created_at: datetime
    closed_at: datetime | None
    requeued_at: datetime | None

    @property
    def shown(self) -> str:
        """The beginning as text that does nothing to who shows it.

        What is not UTF-8 and every control, bidi and zero-width character becomes U+FFFD; line breaks and tabs stay.
        A character cut in half at the end is left out.
        """
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(self.beginning)
        return "".join(each if each in "\n\t" or each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


async def keep(
    session: AsyncSession, tenant_id: UUID | None, *, source: Source, origin: str, body: bytes, reason: str
) -> None:
    """Keep what could not be used, as it came; without a tenant when nobody can be said to own it."""
    letter = DeadLetter(
        tenant_id=tenant_id, id=new_id(), source=source.value, origin=origin, body=body, reason=reason[:LONGEST_REASON]
    )
    session.add(letter)
    await session.flush()
    DEAD_LETTERS.labels(source.value).inc()


async def newest(
    session: AsyncSession,
    tenant_id: UUID,
    *,
    source: Source | None,
    is_open: bool | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Letter]:
    """The tenant's letters, the newest first, from behind a place on; of one source, only open or only closed ones."""
    wanted = _LETTERS.where(DeadLetter.tenant_id == tenant_id)
    if source is not None:
        wanted = wanted.where(DeadLetter.source == source.value)
    if is_open is not None:
        wanted = wanted.where(DeadLetter.closed_at.is_(None) if is_open else DeadLetter.closed_at.is_not(None))
    if before is not None:
        wanted = wanted.where(tuple_(DeadLetter.created_at, DeadLetter.id) < tuple_(*before))
    order = (DeadLetter.created_at.desc(), DeadLetter.id.desc())
    rows = await session.execute(wanted.order_by(*order).limit(limit))
    return [_letter(row) for row in rows.mappings()]


async def nobodys(session: AsyncSession, *, limit: int) -> Sequence[Letter]:
    """Letters that belong to no tenant, the newest first: they are the operator's, whom the session has to be."""
    wanted = _LETTERS.where(DeadLetter.tenant_id.is_(None)).order_by(DeadLetter.created_at.desc()).limit(limit)
    return [_letter(row) for row in (await session.execute(wanted)).mappings()]


async def lock(session: AsyncSession, tenant_id: UUID, letter_id: UUID) -> Letter | None:
    """One letter of the tenant; nobody else closes it until this transaction ends."""
    wanted = _LETTERS.where(DeadLetter.tenant_id == tenant_id, DeadLetter.id == letter_id)
    row = (await session.execute(wanted.with_for_update())).mappings().one_or_none()
    return _letter(row) if row else None


async def body_of(session: AsyncSession, tenant_id: UUID, letter_id: UUID) -> bytes:
    """All of what a letter of the tenant holds."""
    wanted = select(DeadLetter.body).where(DeadLetter.tenant_id == tenant_id, DeadLetter.id == letter_id)
    return bytes(await session.scalar(wanted) or b"")


async def close(
    session: AsyncSession, tenant_id: UUID, letter_id: UUID, *, at: datetime, by: UUID | None, requeued: bool
) -> None:
    """Write that somebody has dealt with a letter, which is locked."""
    mine = update(DeadLetter).where(DeadLetter.tenant_id == tenant_id, DeadLetter.id == letter_id)
    await session.execute(mine.values(closed_at=at, closed_by=by, requeued_at=at if requeued else None))


async def revive_job(session: AsyncSession, tenant_id: UUID, job_id: UUID) -> bool:
    """Let a job that died run again, with all its attempts before it; False when it is not there or not dead."""
    dead = update(JobRow).where(JobRow.tenant_id == tenant_id, JobRow.id == job_id, JobRow.dead_at.is_not(None))
    done = await session.execute(dead.values(ready_at=func.clock_timestamp(), dead_at=None, crashes=0))
    if rows_affected(done) != 1:
        return False
    await session.execute(sql("select pg_notify('lumi_wake', 'jobs')"))
    return True


async def forget(session: AsyncSession, tenant_id: UUID | None, *, before: datetime, limit: int) -> int:
    """Delete letters from before a time, so many at most: the closed ones of a tenant, or all that belong to none.

    Returns how many it was.
    """
    mine = DeadLetter.tenant_id.is_(None) if tenant_id is None else DeadLetter.tenant_id == tenant_id
    old = select(DeadLetter.id).where(mine, DeadLetter.created_at < before).limit(limit)
    if tenant_id is not None:
        old = old.where(DeadLetter.closed_at.is_not(None))
    return rows_affected(await session.execute(delete(DeadLetter).where(DeadLetter.id.in_(old))))


_LETTERS = select(
    DeadLetter.id,
    DeadLetter.source,
    DeadLetter.origin,
    func.substring(DeadLetter.body, 1, SHOWN_BYTES).label("beginning"),
    func.octet_length(DeadLetter.body).label("size_bytes"),
    DeadLetter.reason,
    DeadLetter.created_at,
    DeadLetter.closed_at,
    DeadLetter.requeued_at,
)


def _letter(row: RowMapping) -> Letter:
    return Letter(
        row["id"], Source(row["source"]), row["origin"], bytes(row["beginning"]), row["size_bytes"], row["reason"],
        row["created_at"], row["closed_at"], row["requeued_at"],
    )  # fmt: skip

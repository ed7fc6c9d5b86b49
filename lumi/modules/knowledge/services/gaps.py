"""Gaps: questions nothing answered, for people to close."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.ids import new_id
from lumi.core.pagination import Cursor, Page
from lumi.modules.knowledge import models, repository
from lumi.modules.knowledge.engine import words
from lumi.modules.knowledge.errors import GapNotFound
from lumi.modules.knowledge.values import Gap

CURSOR = Cursor("knowledge gaps", tuple[datetime, UUID])
MAX_QUESTION_CHARACTERS = 4000


async def log_gap(ctx: Context, *, question: str, lang: str | None) -> Gap:
    """Put a question on the list; the same words, whatever their case and signs, are counted once more.

    A closed question that is asked again is open again.
    """
    question = question.replace("\x00", "").strip()[:MAX_QUESTION_CHARACTERS]
    same = " ".join(words.surface(question)) or question
    row: repository.Row = {
        "tenant_id": ctx.tenant_id,
        "id": new_id(),
        "question": question,
        "fingerprint": hashlib.sha256(same.encode()).hexdigest(),
        "lang": lang,
        "first_asked_at": ctx.now,
        "last_asked_at": ctx.now,
    }
    return _shown(await repository.count_gap(ctx.session, row))


async def close_gap(ctx: Context, gap_id: UUID) -> Gap:
    """Take a question off the list; closing it twice is the same as once. Raises GapNotFound."""
    row = await repository.lock_gap(ctx.session, ctx.tenant_id, gap_id)
    if row is None:
        raise GapNotFound
    if row.closed_at is None:
        row.closed_at, row.closed_by = ctx.now, ctx.actor.id
        await audit(ctx, "knowledge.gap_closed", target=f"gap:{row.id}", detail={"times": row.times})
    return _shown(row)


async def list_gaps(ctx: Context, *, closed: bool, cursor: str | None, limit: int) -> Page[Gap]:
    """Open or closed questions, those asked last first."""
    after = CURSOR.after(cursor)
    rows = await repository.list_gaps(ctx.session, ctx.tenant_id, closed=closed, after=after, limit=limit + 1)
    return CURSOR.page([_shown(row) for row in rows], limit, lambda one: (one.last_asked_at, one.id))


def _shown(row: models.Gap) -> Gap:
    return Gap(
        id=row.id,
        question=row.question,
        lang=row.lang,
        times=row.times,
        first_asked_at=row.first_asked_at,
        last_asked_at=row.last_asked_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )

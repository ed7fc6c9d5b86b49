"""Dead letters over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from lumi.core import errors
from lumi.core.dead_letters import Source
from lumi.core.page_query import CursorToken, Limit
from lumi.core.pagination import DEFAULT_LIMIT, Page
from lumi.core.problems import refusals
from lumi.modules.channels.deps import DeadLettersRead, DeadLettersWrite
from lumi.modules.channels.errors import CannotRequeue, LetterClosed, LetterNotFound
from lumi.modules.channels.schemas import DeadLetterRead
from lumi.modules.channels.services import letters

router = APIRouter(tags=["dead letters"])

GUARDED = (errors.Unauthenticated, errors.Forbidden)


@router.get("", responses=refusals(*GUARDED))
async def list_dead_letters(
    ctx: DeadLettersRead,
    source: Source | None = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Only those nobody has closed, or the rest.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorToken = None,
) -> Page[DeadLetterRead]:
    """What was authentic and could not be used, the newest first."""
    page = await letters.list_letters(ctx, source=source, is_open=is_open, cursor=cursor, limit=limit)
    return page.map(DeadLetterRead.of)


@router.post("/{letter_id}/close", responses=refusals(*GUARDED, LetterNotFound, LetterClosed))
async def close_dead_letter(ctx: DeadLettersWrite, letter_id: UUID) -> DeadLetterRead:
    """Nothing more is to be done about it."""
    return DeadLetterRead.of(await letters.close(ctx, letter_id))


@router.post("/{letter_id}/requeue", responses=refusals(*GUARDED, LetterNotFound, LetterClosed, CannotRequeue))
async def requeue_dead_letter(ctx: DeadLettersWrite, letter_id: UUID) -> DeadLetterRead:
    """Try again, once: an event goes to the next turn of its conversation, a job runs again.

    What came by webhook and could not be read cannot be tried again, only closed.
    """
    return DeadLetterRead.of(await letters.requeue(ctx, letter_id))

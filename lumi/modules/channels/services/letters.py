"""What staff do with dead letters: look, close, try again."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from uuid import UUID

from lumi.core import dead_letters
from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.dead_letters import Letter, Source
from lumi.core.pagination import Cursor, Page
from lumi.modules.channels.errors import CannotRequeue, LetterClosed, LetterNotFound
from lumi.modules.channels.repositories import account_rows, thread_rows
from lumi.modules.channels.services.laying_down import let_come_again, origin_of
from lumi.modules.channels.services.receive import Receiver

_Place = tuple[datetime, UUID]


async def list_letters(
    ctx: Context, *, source: Source | None, is_open: bool | None, cursor: str | None, limit: int
) -> Page[Letter]:
    """A page of the tenant's letters, the newest first."""
    keyset = Cursor(f"dead_letters:{source}:{is_open}", _Place)
    found = await dead_letters.newest(
        ctx.session, ctx.tenant_id, source=source, is_open=is_open, before=keyset.after(cursor), limit=limit + 1
    )
    return keyset.page(found, limit, lambda each: (each.created_at, each.id))


async def close(ctx: Context, letter_id: UUID) -> Letter:
    """Nothing more is to be done about this letter; refuses (LetterClosed) when somebody has closed it."""
    return await _closed(ctx, await _open(ctx, letter_id), requeued=False)


async def requeue(ctx: Context, receiver: Receiver, letter_id: UUID) -> Letter:
    """Try again, once: an event waits for the next turn of its thread, a job runs with all its attempts before it,
    and what came by webhook is read as if it had just come.

    Refuses (LetterClosed) when somebody has closed or requeued it, and (CannotRequeue) what still nobody can read,
    or what is not there any more.
    """
    letter = await _open(ctx, letter_id)
    if letter.source is Source.JOB:
        revived = await dead_letters.revive_job(ctx.session, ctx.tenant_id, UUID(letter.origin))
    elif letter.source is Source.EVENT:
        thread, _, n = letter.origin.partition("/")
        revived = await thread_rows.reopen_dead_event(ctx, UUID(thread), int(n))
    else:
        revived = await _read_again(ctx, receiver, letter)
    if not revived:
        raise CannotRequeue
    return await _closed(ctx, letter, requeued=True)


async def _read_again(ctx: Context, receiver: Receiver, letter: Letter) -> bool:
    """A newer release may read it. Without its account it is looked for among all of the channel."""
    place = origin_of(letter.origin)
    if place is None:
        return False
    channel, account_id = place
    accounts = {
        row.external_id: row.id
        for row in await account_rows.accounts(ctx)
        if row.channel == channel and row.disconnected_at is None and account_id in (None, row.id)
    }
    body = await dead_letters.body_of(ctx.session, ctx.tenant_id, letter.id)
    await let_come_again(ctx.session, ctx.tenant_id, letter.origin, body)
    return await receiver.take_again(ctx.tenant_id, channel, accounts, body)


async def _open(ctx: Context, letter_id: UUID) -> Letter:
    letter = await dead_letters.lock(ctx.session, ctx.tenant_id, letter_id)
    if letter is None:
        raise LetterNotFound
    if letter.closed_at is not None:
        raise LetterClosed
    return letter


async def _closed(ctx: Context, letter: Letter, *, requeued: bool) -> Letter:
    await dead_letters.close(
        ctx.session, ctx.tenant_id, letter.id, at=ctx.now, by=ctx.actor.id, requeued=requeued
    )  # fmt: skip
    deed = "channels.dead_letter_requeued" if requeued else "channels.dead_letter_closed"
    detail = {"source": letter.source.value, "origin": letter.origin}
    await audit(ctx, deed, target=f"dead_letter:{letter.id}", detail=detail)
    return dataclasses.replace(letter, closed_at=ctx.now, requeued_at=ctx.now if requeued else None)

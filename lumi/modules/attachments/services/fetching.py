"""Fetching what people send: from its provider into the vault, once, whatever dies on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.errors import DependencyUnavailable
from lumi.core.http import OutcomeUnknown, RateLimited, Rejected, Unavailable
from lumi.core.logging import get_logger
from lumi.modules.attachments import repository, rules
from lumi.modules.attachments.events import FetchAttachment, HearAttachment
from lumi.modules.attachments.services.desk import Desk
from lumi.modules.attachments.values import Attachment, AttachmentState, Why
from lumi.modules.channels.public import Channel, Media, MediaTooLarge
from lumi.modules.files.public import (
    EmptyFile,
    FileNotFound,
    FileScanned,
    FileState,
    FileTooLarge,
    TypeContradicted,
    TypeRefused,
)

log = get_logger("lumi.attachments")

_CHUNK_BYTES = 1 << 18
_NO_PLACE_SECONDS = 0.5
# The provider is away, or whoever keeps what it gives: a storage out of reach, a full disk.
_AWAY = (Unavailable, RateLimited, OutcomeUnknown, DependencyUnavailable, OSError)


async def fetch(desk: Desk, ctx: Context, task: FetchAttachment) -> None:
    """Fetch it and keep it; what comes next follows from whether somebody looks at files first.

    Run again after a crash it finds the file it kept, or fetches anew what was never committed.
    """
    async with desk.db.transaction(ctx.tenant_id) as session:
        found = await repository.find(session, ctx.tenant_id, task.attachment_id)
    if found is None or found.state is not AttachmentState.WAITING or found.file_id is not None:
        return
    if (kept := desk.sender.kept(Channel(found.channel), _media(found))) is not None:
        await _take_over(desk, ctx, found, kept)
        return
    if desk.fetching.locked():
        await ctx.defer(task, run_at=now() + timedelta(seconds=_NO_PLACE_SECONDS))
        return
    async with desk.fetching:
        try:
            await _keep(desk, ctx, found, await _content(desk, ctx, found))
        except _AWAY as failure:
            await _later(ctx, task, failure)
        except Rejected as refusal:
            too_large = isinstance(refusal, MediaTooLarge)
            log.warning("attachment_refused", attachment=str(found.id), reason=str(refusal))
            await repository.settle(
                ctx, found.id, AttachmentState.REFUSED if too_large else AttachmentState.FAILED,
                why=Why.TOO_LARGE if too_large else Why.GONE,
            )  # fmt: skip


async def give_up(ctx: Context, task: FetchAttachment) -> None:
    """Its job died of what nobody expected: nobody waits for it any longer."""
    await repository.settle(ctx, task.attachment_id, AttachmentState.FAILED, why=Why.UNREACHABLE)


async def scanned(ctx: Context, event: FileScanned) -> None:
    """Somebody has looked at a file; when it was sent to us, the conversation can go on."""
    found = await repository.of_file(ctx, event.file_id)
    if found is not None:
        await _after_look(ctx, found, event.state)


async def give_up_look(ctx: Context, event: FileScanned) -> None:
    """Going on from a look died of what nobody expected: what may be had is there, unheard; nobody waits for more."""
    found = await repository.of_file(ctx, event.file_id)
    if found is not None and found.state is AttachmentState.WAITING:
        state, why = rules.unfinished(event.state, is_recording=found.kind == "audio")
        await repository.settle(ctx, found.id, state, why=why)


async def _take_over(desk: Desk, ctx: Context, found: Attachment, kept: UUID) -> None:
    """It lies in the vault already: from now on it is this message's.

    Nobody writes down what they found in it meanwhile: either it is known here, or told to `scanned`.
    """
    try:
        await desk.vault.get(ctx, kept)
    except FileNotFound:
        await repository.settle(ctx, found.id, AttachmentState.FAILED, why=Why.GONE)
        return
    if await repository.keep_file(ctx, found.id, kept):
        await _after_look(ctx, found, (await desk.vault.get(ctx, kept, still=True)).state)


def _media(found: Attachment) -> Media:
    return Media(found.kind, found.reference, found.is_voice, found.name, found.mime, found.size_bytes)


async def _content(desk: Desk, ctx: Context, found: Attachment) -> bytes:
    media = _media(found)
    if found.size_bytes is not None and found.size_bytes > desk.most_bytes:
        raise MediaTooLarge
    return await desk.sender.fetch_media(
        Channel(found.channel), media, tenant_id=ctx.tenant_id, account_id=found.account_id,
        most_bytes=desk.most_bytes,
    )  # fmt: skip


async def _later(ctx: Context, task: FetchAttachment, failure: Exception) -> None:
    if task.attempt + 1 >= rules.MOST_FETCHES:
        await give_up(ctx, task)
        return
    pause = rules.pause_seconds(task.attempt, getattr(failure, "retry_after", None))
    log.warning("attachment_postponed", attachment=str(task.attachment_id), reason=str(failure))
    again = FetchAttachment(task.attachment_id, task.attempt + 1)
    await ctx.defer(again, run_at=now() + timedelta(seconds=pause), key=str(task.attachment_id))


async def _keep(desk: Desk, ctx: Context, found: Attachment, content: bytes) -> None:
    try:
        file = await desk.vault.store(
            ctx,
            name=rules.file_name(found.name, found.kind, is_voice=found.is_voice),
            chunks=_chunks(content),
            declared=found.mime,
            key=f"attachment:{found.id}",
        )
    except (EmptyFile, FileTooLarge, TypeRefused, TypeContradicted) as refusal:
        why = Why.TOO_LARGE if isinstance(refusal, FileTooLarge) else Why.TYPE
        await repository.settle(ctx, found.id, AttachmentState.REFUSED, why=why)
        return
    if not await repository.keep_file(ctx, found.id, file.id):
        await desk.vault.delete(ctx, file.id)  # its message was taken back meanwhile
        return
    await _after_look(ctx, found, file.state)


async def _after_look(ctx: Context, found: Attachment, state: FileState) -> None:
    """Hand on what may be handed out; nothing while nobody has looked."""
    if found.state is not AttachmentState.WAITING or state is FileState.PENDING:
        return
    if found.is_ours:
        await repository.settle_ours(ctx, found.id, *(rules.after_look(state) or (AttachmentState.READY, None)))
    elif (end := rules.after_look(state)) is not None:
        await repository.settle(ctx, found.id, end[0], why=end[1])
    elif found.kind == "audio":
        await ctx.defer(HearAttachment(found.id), key=str(found.id))
    else:
        await repository.settle(ctx, found.id, AttachmentState.READY)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _CHUNK_BYTES):
        yield content[start : start + _CHUNK_BYTES]

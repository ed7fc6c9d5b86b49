"""Hearing voice notes: what somebody said becomes the words of their message."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.errors import DependencyUnavailable
from lumi.core.http import RateLimited, Unavailable
from lumi.core.logging import get_logger
from lumi.integrations.speech.errors import SpeechRejected
from lumi.integrations.speech.transcriber import Silence, Transcriber, Transcript
from lumi.modules.attachments import repository, rules
from lumi.modules.attachments.events import HearAttachment
from lumi.modules.attachments.services.desk import Desk
from lumi.modules.attachments.values import Attachment, AttachmentState, Why
from lumi.modules.files.public import BytesGone, FileNotFound, Infected, NotScanned, ScanFailed

log = get_logger("lumi.attachments")

_NO_PLACE_SECONDS = 0.5
_LONGEST_WORDS = 20_000
# Whoever hears is away, or whoever keeps the recording.
_AWAY = (Unavailable, RateLimited, DependencyUnavailable, OSError)


async def hear(desk: Desk, ctx: Context, task: HearAttachment) -> None:
    """Write down what is said in it and let its lane go on; heard or not, the recording stays for staff.

    Run again after a crash it hears again: only one outcome is written.
    """
    async with desk.db.transaction(ctx.tenant_id) as session:
        found = await repository.find(session, ctx.tenant_id, task.attachment_id)
    if found is None or found.state is not AttachmentState.WAITING or found.file_id is None:
        return
    if desk.transcriber is None:
        await repository.settle(ctx, found.id, AttachmentState.READY, why=Why.NOBODY_HEARS)
        return
    if desk.hearing.locked():
        await ctx.defer(task, run_at=now() + timedelta(seconds=_NO_PLACE_SECONDS))
        return
    async with desk.hearing:
        await _hear(desk, desk.transcriber, ctx, task, found)


async def give_up(ctx: Context, task: HearAttachment) -> None:
    """Nobody will hear it: the recording stays for staff, who are told so."""
    await repository.settle(ctx, task.attachment_id, AttachmentState.READY, why=Why.UNHEARD)


async def _hear(desk: Desk, transcriber: Transcriber, ctx: Context, task: HearAttachment, found: Attachment) -> None:
    try:
        heard = await transcriber.transcribe(await _recording(desk, ctx.tenant_id, found))
    except _AWAY as failure:
        log.warning("hearing_postponed", attachment=str(found.id), attempt=task.attempt, reason=str(failure))
        if task.attempt + 1 < rules.MOST_HEARINGS:
            pause = rules.pause_seconds(task.attempt, getattr(failure, "retry_after", None))
            again = HearAttachment(found.id, task.attempt + 1)
            await ctx.defer(again, run_at=now() + timedelta(seconds=pause), key=f"{found.id}:{again.attempt}")
            return
        await give_up(ctx, task)
    except SpeechRejected as refusal:
        log.warning("hearing_refused", attachment=str(found.id), reason=str(refusal))
        await repository.settle(ctx, found.id, AttachmentState.READY, why=rules.unheard(refusal))
    except (BytesGone, FileNotFound, Infected, NotScanned, ScanFailed) as refusal:
        log.warning("recording_gone", attachment=str(found.id), reason=refusal.code)
        await repository.settle(ctx, found.id, AttachmentState.FAILED, why=Why.GONE)
    else:
        await _write_down(ctx, found, heard)


async def _write_down(ctx: Context, found: Attachment, heard: Transcript | Silence) -> None:
    if isinstance(heard, Silence):
        await repository.settle(ctx, found.id, AttachmentState.READY, why=Why.SILENCE)
        return
    words = heard.text.replace("\x00", "")[:_LONGEST_WORDS]
    await repository.settle(ctx, found.id, AttachmentState.READY, words=words, lang=heard.language)
    log.info("heard", attachment=str(found.id), seconds=round(heard.seconds, 1), lang=heard.language)


async def _recording(desk: Desk, tenant_id: UUID, found: Attachment) -> bytes:
    """Its bytes; no transaction is held while they are read. Where nobody looks at files it is heard all the same."""
    assert found.file_id is not None  # noqa: S101 - whoever hears has looked
    async with desk.db.transaction(tenant_id) as session:
        file = await desk.vault.get_for_us(Context(session, tenant_id), found.file_id)
    return b"".join([chunk async for chunk in await desk.vault.begin(file)])

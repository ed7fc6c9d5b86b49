"""Files that staff send: attached to a conversation first, looked at, then sent with a message, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.ids import new_id
from lumi.core.multipart import Incoming
from lumi.modules.attachments import repository, rules
from lumi.modules.attachments.errors import AttachmentNotFound, AttachmentSent
from lumi.modules.attachments.events import DropUnsent
from lumi.modules.attachments.values import AttachmentState, OurFile, Why
from lumi.modules.channels import public as channels
from lumi.modules.files import public as files

# Whoever attaches something sends it on the same day, or not at all.
KEPT_UNSENT = timedelta(hours=24)


async def attach(vault: files.Vault, ctx: Context, thread_id: UUID, sent: Incoming, *, key: str | None) -> OurFile:
    """Keep a file that is to be sent in a conversation; whoever never sends it has it for a day.

    Raises NotFound. Refuses what channels.takes_files, the vault and channels.taken_as refuse, and (NoScanner) any
    where nothing is handed out: what cannot leave, or cannot now, is refused here and not when it is sent. The same
    `key` of the same person in the same conversation gives the same file; with another file it is refused (KeyReused).
    """
    if not vault.opens_new:
        raise files.NoScanner
    async with vault.db.transaction(ctx.tenant_id) as session:  # that of `ctx` begins when all bytes are here
        can = await channels.takes_files(vault, replace(ctx, session=session), thread_id)
    kept_under = _kept_under(thread_id, key) if key is not None else None
    file = await vault.store(ctx, name=sent.name, chunks=sent.chunks, declared=sent.declared, key=kept_under)
    if key is not None and (known := await repository.our_file_of(ctx, file.id)) is not None:
        return known
    shown_as = channels.taken_as(file.kind, file.mime, file.size_bytes, can)
    state, why = _after_look(file.state)
    ours = OurFile(
        new_id(), thread_id, file.kind.value, shown_as.value, file.name, file.mime, file.size_bytes, state,
        why.value if why else None, file.id, None,
    )  # fmt: skip
    await repository.add_ours(ctx, ours)
    await ctx.defer(DropUnsent(ours.id), run_at=now() + KEPT_UNSENT)
    return ours


async def get_ours(ctx: Context, thread_id: UUID, attachment_id: UUID) -> OurFile:
    """A file that was attached to a conversation; raises AttachmentNotFound."""
    found = await repository.our_file(ctx, thread_id, attachment_id)
    if found is None:
        raise AttachmentNotFound
    return found


async def take_back(ctx: Context, thread_id: UUID, attachment_id: UUID) -> None:
    """Let a file go that was attached. Raises AttachmentNotFound; refuses (AttachmentSent) one that was sent."""
    await get_ours(ctx, thread_id, attachment_id)
    if not await drop_unsent(ctx, attachment_id):
        await get_ours(ctx, thread_id, attachment_id)  # another let it go at the same moment
        raise AttachmentSent
    await audit(ctx, "attachments.taken_back", target=str(thread_id), detail={"attachment": str(attachment_id)})


async def drop_unsent(ctx: Context, attachment_id: UUID) -> bool:
    """Forget a file of ours that is no message's, its bytes with it; False where it is one's, or is not there."""
    gone, left_over = await repository.delete_unsent(ctx, attachment_id)
    await files.forget_these(ctx, left_over)
    return gone > 0


async def enclosed(vault: files.Vault, ctx: Context, thread_id: UUID, attachment_id: UUID) -> channels.Enclosed:
    """The file as it leaves. Raises AttachmentNotFound; refuses AttachmentSent, and what the vault does not hand out.

    The thread's lane is locked: nobody sends it at the same moment.
    """
    found = await get_ours(ctx, thread_id, attachment_id)
    if found.message_id is not None:
        raise AttachmentSent
    if (refusal := rules.refusal(found.state)) is not None:
        raise refusal
    if found.file_id is None:
        raise AttachmentNotFound
    await vault.get_open(ctx, found.file_id)
    return channels.Enclosed(found.file_id, files.FileKind(found.shown_as), found.name, found.mime, found.size_bytes)


async def send_with(ctx: Context, attachment_id: UUID, message_id: UUID) -> None:
    """It belongs to this message from now on, and is kept as long as that is.

    Raises AttachmentNotFound: somebody has let it go since it was looked at, which no lane keeps anybody from.
    """
    if not await repository.set_message(ctx, attachment_id, message_id):
        raise AttachmentNotFound


def _kept_under(thread_id: UUID, key: str) -> str:
    """The key of its file. No header has a line in it, so that none of those who keep files by themselves is like it:
    theirs stay when this is taken back.
    """
    return f"attachment\n{thread_id}\n{key}"


def _after_look(state: files.FileState) -> tuple[AttachmentState, Why | None]:
    if state is files.FileState.PENDING:
        return AttachmentState.WAITING, None
    return rules.after_look(state) or (AttachmentState.READY, None)

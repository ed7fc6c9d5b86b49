"""Background entry points of attachments."""

from __future__ import annotations

from lumi.core.context import Context
from lumi.core.jobs import Registry
from lumi.modules.attachments.events import (
    DropAttachments,
    DropUnclaimed,
    DropUnsent,
    FetchAttachment,
    HearAttachment,
)
from lumi.modules.attachments.services import enclosing, fetching, forgetting, hearing, keeping
from lumi.modules.attachments.services.desk import Desk
from lumi.modules.files.public import FileScanned


def work_for(desk: Desk, jobs: Registry) -> None:
    """Let the jobs of this process be done at this desk."""

    async def fetch_attachment(ctx: Context, task: FetchAttachment) -> None:
        await fetching.fetch(desk, ctx, task)

    async def hear_attachment(ctx: Context, task: HearAttachment) -> None:
        await hearing.hear(desk, ctx, task)

    jobs.add(FetchAttachment, fetch_attachment, given_up=fetching.give_up)
    jobs.add(HearAttachment, hear_attachment, given_up=hearing.give_up)


async def file_scanned(ctx: Context, event: FileScanned) -> None:
    """Go on with what was looked at, where it was sent to us."""
    await fetching.scanned(ctx, event)


async def file_scanned_in_vain(ctx: Context, event: FileScanned) -> None:
    """End the wait for what was looked at, where going on with it died for good."""
    await fetching.give_up_look(ctx, event)


async def drop_unsent(ctx: Context, task: DropUnsent) -> None:
    """Let a file go that staff attached and never sent; one that was sent, or let go before, is no failure."""
    await enclosing.drop_unsent(ctx, task.attachment_id)


async def drop_unclaimed(ctx: Context, task: DropUnclaimed) -> None:
    """Let a file go that a visitor sent and that no message ever had; one that a message has stays."""
    await keeping.drop_unclaimed(ctx, task.file_id)


async def drop_attachments(ctx: Context, task: DropAttachments) -> None:
    """Let the files of a message go that was taken back."""
    await forgetting.drop(ctx, task)

"""Files that visitors send: kept before their message is entered, which then has them as any other channel's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.multipart import Incoming
from lumi.modules.attachments import repository
from lumi.modules.attachments.events import DropUnclaimed
from lumi.modules.channels.public import Media
from lumi.modules.files import public as files

# Whoever sends it is nobody we know.
MOST_BYTES = 10 << 20
# Longer than any outage in which its message waits to be recorded.
KEPT_UNCLAIMED = timedelta(days=7)
_DAY = timedelta(days=1)
_REQUEST = "widget:"


async def make_sure_of_room(ctx: Context, *, bytes_a_day: int) -> None:
    """Raises NoRoom when visitors have sent this organisation so much within a day."""
    if await files.bytes_since(ctx, now() - _DAY, request=_REQUEST) >= bytes_a_day:
        raise files.NoRoom("No more files are taken here today.")


async def keep(vault: files.Vault, ctx: Context, sent: Incoming, *, key: str) -> Media:
    """Keep what a visitor sends, to be entered with their message; let go after a week if it never is.

    Refuses what the vault refuses, and (FileTooLarge) what is larger than MOST_BYTES as soon as it is. The same `key`
    gives the same file; with another file it is refused (KeyReused).
    """
    file = await vault.store(
        ctx, name=sent.name, chunks=_bounded(sent.chunks), declared=sent.declared, key=_REQUEST + key
    )
    await ctx.defer(DropUnclaimed(file.id), run_at=now() + KEPT_UNCLAIMED, key=str(file.id))
    return Media.of_kept(file)


async def drop_unclaimed(ctx: Context, file_id: UUID) -> None:
    """Forget a file that no message has, its bytes with it; nothing where one has it, or it is not there."""
    if await repository.of_file(ctx, file_id) is None:
        await files.forget_these(ctx, [file_id])


async def _bounded(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    left = MOST_BYTES
    async for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise files.FileTooLarge(limit_bytes=MOST_BYTES)
        yield chunk

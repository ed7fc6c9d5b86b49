"""Letting bytes and records go: of files that were deleted, that are old, and of a tenant that leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.modules.files import repository
from lumi.modules.files.events import RemoveBytes
from lumi.modules.files.services.vault import Vault
from lumi.modules.files.values import FileState, Place

# Nobody is still sending after so long.
LONGEST_UPLOAD = timedelta(hours=12)


async def remove_bytes(vault: Vault, ctx: Context, task: RemoveBytes) -> None:
    """Remove these bytes, unless a file that can still be had is made of them. Twice is once."""
    async with vault.db.transaction(ctx.tenant_id) as session:
        file = await repository.find(session, ctx.tenant_id, task.file_id)
    if file is None or file.state is FileState.INFECTED:
        await vault.storage(Place(task.storage, task.key)).delete(task.key)


async def sweep(vault: Vault) -> int:
    """Remove what arrived half a day ago and was never finished: its process died. Returns how many it was."""
    return await asyncio.to_thread(_sweep, vault.incoming, (now() - LONGEST_UPLOAD).timestamp())


def _sweep(folder: Path, before: float) -> int:
    left = [each for each in folder.glob("*") if each.stat().st_mtime < before] if folder.is_dir() else []
    for each in left:
        each.unlink(missing_ok=True)
    return len(left)


async def forget(ctx: Context, *, before: datetime, limit: int) -> int:
    """Delete the files from before a time, so many at most; their bytes follow. Returns how many it was."""
    old = await repository.oldest(ctx.session, ctx.tenant_id, before=before, limit=limit)
    for file in old:
        await ctx.defer(RemoveBytes(file.id, file.place.storage, file.place.key))
    await repository.remove(ctx.session, ctx.tenant_id, [file.id for file in old])
    return len(old)


async def forget_these(ctx: Context, ids: Sequence[UUID]) -> None:
    """Delete these files; their bytes follow. What is not there any more is no failure."""
    for file in await repository.these(ctx.session, ctx.tenant_id, ids) if ids else ():
        await ctx.defer(RemoveBytes(file.id, file.place.storage, file.place.key))
    await repository.remove(ctx.session, ctx.tenant_id, ids)


async def forget_all(vault: Vault, ctx: Context, *, limit: int) -> int:
    """The same of whatever there is, bytes first: for a tenant about to be deleted, whose jobs go with it."""
    found = await repository.oldest(ctx.session, ctx.tenant_id, before=now() + timedelta(days=1), limit=limit)
    for file in found:
        await vault.storage(file.place).delete(file.place.key)
    await repository.remove(ctx.session, ctx.tenant_id, [file.id for file in found])
    return len(found)

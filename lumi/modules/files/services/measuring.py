"""How much came, and how much more fits."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from lumi.core.context import Context
from lumi.modules.files import repository


async def bytes_since(ctx: Context, at: datetime, *, request: str) -> int:
    """How many bytes came since then under request keys that begin so, from nobody who is signed in."""
    return await repository.bytes_since(ctx.session, ctx.tenant_id, at, request=request)


def free_bytes(folder: Path) -> int:
    """How much more fits on the disk of a folder that may still have to be made."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free

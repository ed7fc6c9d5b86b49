"""How much came."""

from __future__ import annotations

from datetime import datetime

from lumi.core.context import Context
from lumi.modules.files import repository


async def bytes_since(ctx: Context, at: datetime, *, request: str) -> int:
    """How many bytes came since then under request keys that begin so, from nobody who is signed in."""
    return await repository.bytes_since(ctx.session, ctx.tenant_id, at, request=request)

"""Reading who did what."""

from datetime import datetime
from uuid import UUID

from lumi.core.audit import AuditEntry
from lumi.core.context import Context
from lumi.core.pagination import Cursor, Page
from lumi.modules.accounts import repository

CURSOR = Cursor("audit", tuple[datetime, UUID])


async def list_audit(ctx: Context, *, cursor: str | None, limit: int, action: str | None) -> Page[AuditEntry]:
    """Deeds, newest first; of one action only when it is given."""
    rows = await repository.list_audit(ctx.session, CURSOR.after(cursor), limit, action=action)
    return CURSOR.page(rows, limit, lambda entry: (entry.at, entry.id))

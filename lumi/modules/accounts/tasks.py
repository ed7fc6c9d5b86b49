"""Work of accounts that nobody waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from lumi.core.db import Database
from lumi.core.jobs import HouseTask
from lumi.core.logging import get_logger
from lumi.modules.tenants import public as tenants

log = get_logger("lumi.accounts")

# Rows of one transaction.
PIECE = 1_000
_PURGE = text("select app.purge_audit(:older_than, :at_most)")


@dataclass(frozen=True)
class ForgetAudit(HouseTask):
    """Forget who did what before so many days, of every organisation."""

    days: int


async def forget_audit(db: Database, task: ForgetAudit) -> None:
    """Delete what is old, a piece at a time; running twice deletes nothing more."""
    for tenant in await tenants.list_all(db):
        gone = forgotten = await _forget_piece(db, task, tenant)
        while gone == PIECE:
            gone = await _forget_piece(db, task, tenant)
            forgotten += gone
        if forgotten:
            log.info("audit_forgotten", tenant=tenant.slug, entries=forgotten)


async def _forget_piece(db: Database, task: ForgetAudit, tenant: tenants.Tenant) -> int:
    async with db.transaction(tenant.id) as session:
        values = {"older_than": timedelta(days=task.days), "at_most": PIECE}
        return int(await session.scalar(_PURGE, values) or 0)

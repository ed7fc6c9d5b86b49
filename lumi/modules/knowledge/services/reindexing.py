"""Indexing again what was indexed by older rules, a piece at a time."""

from __future__ import annotations

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.logging import get_logger
from lumi.modules.knowledge import repository
from lumi.modules.knowledge.events import IndexAgain
from lumi.modules.knowledge.services import documents
from lumi.modules.tenants import public as tenants

log = get_logger("lumi.knowledge")

# Sections of one transaction: writers of the same tenant wait for it.
PIECE = 500
_KEY = "knowledge.index_again"


async def index_again(ctx: Context) -> int:
    """Index the next piece by today's rules and come back for what is left; returns how many sections it was."""
    await repository.touch(ctx.session, ctx.tenant_id)
    old = await repository.outdated(ctx.session, ctx.tenant_id, PIECE)
    await repository.index(
        ctx.session, ctx.tenant_id, [documents.entry_of(section, keywords) for section, keywords in old]
    )
    if len(old) == PIECE:
        await ctx.defer(IndexAgain())
    log.info("indexed_again", sections=len(old))
    return len(old)


async def refresh_indexes(db: Database) -> None:
    """Have every tenant's outdated sections indexed again; for those that have none this changes nothing."""
    for tenant in await tenants.list_all(db):
        async with db.transaction(tenant.id) as session:
            if await repository.outdated(session, tenant.id, 1):
                await Context(session, tenant.id).defer(IndexAgain(), key=_KEY)

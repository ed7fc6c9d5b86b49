"""Background entry points of knowledge."""

from __future__ import annotations

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.modules.knowledge.events import IndexAgain, RefreshIndexes
from lumi.modules.knowledge.services import reindexing


async def refresh_indexes(db: Database, _task: RefreshIndexes) -> None:
    """Have what older rules indexed indexed again, whosever it is."""
    await reindexing.refresh_indexes(db)


async def index_again(ctx: Context, _task: IndexAgain) -> None:
    """The next piece of a tenant's outdated sections."""
    await reindexing.index_again(ctx)

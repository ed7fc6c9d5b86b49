"""Standing by: a worker reads accounts the moment something is new there, where the provider lets it wait for that."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

from lumi.core.db import DATABASE_GONE
from lumi.core.logging import get_logger
from lumi.modules.channels.services.pull import Puller

log = get_logger("lumi.pull")

LOOK_EVERY_SECONDS = 2.0


async def stand_by(puller: Puller, *, most: int) -> None:
    """Take accounts nobody stands by for, so many at a time, for ever; ends in error when the database is gone.

    An account that fails is let go and taken again when its pause is over, by whichever worker. Those for which no
    worker has room are pulled from time to time.
    """
    standing: dict[UUID, asyncio.Task[None]] = {}
    try:
        while True:
            standing = {account: task for account, task in standing.items() if not _has_ended(account, task)}
            for tenant_id, account_id in await puller.unattended(most - len(standing)):
                if account_id not in standing:
                    standing[account_id] = asyncio.create_task(puller.stand_by(tenant_id, account_id))
            # Not all workers at the same moment, or one would take all that another let go.
            await asyncio.sleep(random.uniform(0.5, 1.5) * LOOK_EVERY_SECONDS)  # noqa: S311 - nobody has to guess it
    finally:
        for task in standing.values():
            task.cancel()
        await asyncio.gather(*standing.values(), return_exceptions=True)


def _has_ended(account_id: UUID, task: asyncio.Task[None]) -> bool:
    """Whether nobody stands by for it any more. What nobody foresaw in one account costs that account only."""
    if not task.done():
        return False
    error = task.exception()
    if isinstance(error, DATABASE_GONE):
        raise error
    if error is not None:
        log.error("standing_by_failed", account=str(account_id), error=f"{type(error).__name__}: {error}"[:300])
    return True

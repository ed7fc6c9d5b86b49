"""Messages that were only announced: read by their id, once it is clear that they do not come by themselves."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from lumi.core import jobs
from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Unavailable
from lumi.core.logging import get_logger
from lumi.modules.channels import rules
from lumi.modules.channels.adapters.ports import Announcing
from lumi.modules.channels.events import ReadAnnounced
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services.laying_down import lay_down
from lumi.modules.channels.services.receive import Receiver
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.accounts import Account
from lumi.modules.channels.values.incoming import Broken

log = get_logger("lumi.channels")


async def read(db: Database, sender: Sender, receiver: Receiver, task: ReadAnnounced) -> None:
    """Take the message as if it had come, under the same key.

    While its provider is away it is tried again for an hour; then the announcement is laid down for the tenant, whose
    staff can have it tried once more.
    """
    async with db.transaction(task.tenant_id) as session:
        if await account_rows.was_seen(Context(session, task.tenant_id), task.account_id, task.message_id):
            return
    account = await sender.ready(task.tenant_id, task.account_id)
    adapter = sender.adapter(account.channel) if account is not None else None
    if account is None or not isinstance(adapter, Announcing):
        return
    try:
        parsed = await adapter.read_announced(account, task.message_id)
    except (Unavailable, RateLimited, OutcomeUnknown) as failure:
        await _later(db, adapter, account, task, failure)
        return
    await receiver.take_pulled(account, parsed)


async def read_later(db: Database, task: ReadAnnounced, seconds: float) -> None:
    """Have it read; once, however often it is announced until then."""
    async with db.transaction(None) as session:
        key = f"{task.account_id}:{task.message_id}"
        await jobs.insert(session, None, task, run_at=now() + timedelta(seconds=seconds), key=key)


async def _later(
    db: Database, adapter: Announcing, account: Account, task: ReadAnnounced, failure: OutsideFailure
) -> None:
    pause = rules.announced_pause(task.attempt, failure.retry_after)
    if pause is None:
        broken = Broken(adapter.announcement(account, task.message_id), str(failure), account.external_id)
        await lay_down(db, account.channel, task.tenant_id, task.account_id, broken)
        return
    log.warning("announced_postponed", account=str(task.account_id), reason=str(failure))
    await read_later(db, dataclasses.replace(task, attempt=task.attempt + 1), pause)

"""Messages that were only announced: read by their id, once it is clear that they do not come by themselves."""

from __future__ import annotations

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.modules.channels.adapters.ports import Announcing
from lumi.modules.channels.events import ReadAnnounced
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services.receive import Receiver
from lumi.modules.channels.services.send import Sender


async def read(db: Database, sender: Sender, receiver: Receiver, task: ReadAnnounced) -> None:
    """Take the message as if it had come, under the same key; raises as an adapter's `send` does."""
    async with db.transaction(task.tenant_id) as session:
        if await account_rows.was_seen(Context(session, task.tenant_id), task.account_id, task.message_id):
            return
    account = await sender.ready(task.tenant_id, task.account_id)
    adapter = sender.adapter(account.channel) if account is not None else None
    if account is not None and isinstance(adapter, Announcing):
        await receiver.take_pulled(account, await adapter.read_announced(account, task.message_id))

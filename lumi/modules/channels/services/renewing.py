"""Subscriptions that run out: each day every one of them is made anew."""

from __future__ import annotations

from uuid import UUID

from lumi.core import crypto, jobs
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.modules.channels.adapters.ports import Renewing
from lumi.modules.channels.events import RenewSubscription
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.tenants import public as tenants


async def renew_all(db: Database, sender: Sender) -> None:
    """Let every account be renewed by a job of its own, so that one that fails is tried again alone."""
    channels = {each.channel for each in sender.connectable() if isinstance(each, Renewing)}
    for tenant in await tenants.list_all(db) if channels else ():
        async with db.transaction(tenant.id) as session:
            rows = await account_rows.accounts(Context(session, tenant.id))
        for row in rows:
            if Channel(row.channel) in channels and row.disconnected_at is None:
                async with db.transaction(None) as session:
                    task = RenewSubscription(tenant.id, row.id)
                    await jobs.insert(session, None, task, run_at=None, key=str(row.id))


async def renew(db: Database, sender: Sender, tenant_id: UUID, account_id: UUID, *, address: str) -> None:
    """Have the provider go on telling of an account, as when it was connected; raises as `subscribe` does."""
    account = await sender.account(tenant_id, account_id)
    async with db.transaction(tenant_id) as session:
        app = await account_rows.find_app(Context(session, tenant_id), account.channel, account.external_id)
    if app is not None:
        secret = crypto.open_sealed(app.secret, tenant_id=tenant_id).decode()
        url = f"{address}/webhooks/{account.channel}/{account_id}"
        await sender.adapter(account.channel).subscribe(account, url, secret)

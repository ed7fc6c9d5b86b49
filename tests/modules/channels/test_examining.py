"""What a provider said of an account is kept of that account as it was asked about, and of no other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text as sql

from lumi.modules.channels import public as channels
from lumi.modules.channels.adapters.ports import Health
from lumi.modules.channels.public import Channel, Credentials, Sender
from lumi.modules.channels.services import examining
from tests.waiting import until

if TYPE_CHECKING:
    from lumi.core.context import Context
    from lumi.core.db import Database
    from lumi.modules.channels.public import Account
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin

_IS_WAITED_FOR = sql("select 1 from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))")


async def connect(ctx: Context, tenant: Tenant, token: str) -> UUID:
    """Connect one and the same number."""
    return await channels.connect(
        ctx, channel=Channel.WHATSAPP, external_id=str(tenant.id), name="Accueil",
        credentials=Credentials("secret", "verify", token),
    )  # fmt: skip


async def keep(begin: Begin, tenant: Tenant, account: Account) -> None:
    async with begin(tenant) as ctx:
        await examining.keep(ctx, account, Health(new_token="given for the old"))


async def test_credentials_that_are_given_as_an_examination_ends_outlast_it(
    begin: Begin, tenant: Tenant, database: Database
) -> None:
    sender = Sender(database, {})
    async with begin(tenant) as ctx:
        account_id = await connect(ctx, tenant, "old")
    examined = await sender.ready(tenant.id, account_id)
    assert examined is not None

    async with begin(tenant) as owner:
        await connect(owner, tenant, "new")
        keeping = asyncio.create_task(keep(begin, tenant, examined))
        await until(lambda: owner.session.scalar(_IS_WAITED_FOR), what="the examination that waits")
    await keeping

    found = await sender.ready(tenant.id, account_id)
    assert found is not None
    assert found.access_token == "new"

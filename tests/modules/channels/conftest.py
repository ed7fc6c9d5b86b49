"""A delivery on its way out, and who writes its outcome down."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import text as sql

from lumi.core.ids import new_id
from lumi.core.runner import Pulse
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from tests import factories
from tests.modules.channels.leaving import PERSON, SECRET, Sending

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.modules.channels.leaving import Connection


@pytest.fixture
async def pulse(database: Database) -> AsyncGenerator[Pulse]:
    """A worker that lives, so that nobody frees what it holds."""
    started = await Pulse.start(database)
    yield started
    await started.stop()


@pytest.fixture
async def sending(database: Database, tenant: Tenant, pulse: Pulse) -> Sending:
    """A delivery on its way out; the lane is due to nobody else."""
    thread_id, delivery_id, number = new_id(), new_id(), str(new_id().int)[:15]
    async with factories.begin_work(database, tenant) as ctx:
        account_id = await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=number, name="WhatsApp",
            credentials=Credentials(SECRET, "verify", "token"),
        )  # fmt: skip
        values = {
            "tenant": tenant.id, "thread": thread_id, "account": account_id, "delivery": delivery_id,
            "worker": pulse.worker, "person": PERSON,
        }  # fmt: skip
        for statement in (
            "insert into thread (tenant_id, id, account_id, channel, address)"
            " values (:tenant, :thread, :account, 'whatsapp', :person)",
            "insert into thread_address (tenant_id, account_id, address, thread_id)"
            " values (:tenant, :account, :person, :thread)",
            "insert into lane (tenant_id, key, owner, epoch) values (:tenant, :thread, :worker, 1)",
            "insert into delivery (tenant_id, id, thread_id, n, account_id, message_n, author, body, state, sending_at)"
            " values (:tenant, :delivery, :thread, 1, :account, 1, 'assistant', '{}', 'sending', now())",
        ):
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            await ctx.session.execute(sql(statement), used)
    return Sending(pulse.worker, tenant, account_id, number, thread_id, delivery_id, f"wamid.{new_id().hex}")


@pytest.fixture
async def finisher(database: Database) -> AsyncGenerator[Connection]:
    """Another connection, which writes the outcome down in a transaction we can hold open."""
    conn = await asyncpg.connect(database.url)
    yield conn
    await conn.close()


@pytest.fixture
async def second(database: Database) -> AsyncGenerator[Connection]:
    """And one more, which comes between."""
    conn = await asyncpg.connect(database.url)
    yield conn
    await conn.close()

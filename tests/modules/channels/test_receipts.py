"""A status that comes while what it speaks of is being written down is never lost, whoever is first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import orjson
import pytest
from sqlalchemy import text as sql

from lumi.core.ids import new_id
from lumi.core.runner import Pulse
from lumi.integrations.graph import signature
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from tests import factories

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant

    Connection = asyncpg.Connection[asyncpg.Record]

SECRET = "the app's secret"


@dataclass
class Sending:
    """A delivery whose POST is under way, in a lane that this worker owns."""

    worker: int
    tenant: Tenant
    account_id: UUID
    number: str
    thread_id: UUID
    delivery_id: UUID
    provider_id: str

    @property
    def finish(self) -> str:
        """The end of its turn: the provider took it and named it."""
        mark = {"id": self.delivery_id, "state": "sent", "provider_id": self.provider_id}
        item = {"tenant": self.tenant.id, "key": self.thread_id, "epoch": 1, "marks": [mark], "failed": False}
        return orjson.dumps([item], default=str).decode()

    async def post(self, client: AsyncClient, state: str) -> int:
        """The provider tells what became of it, without our key."""
        status = {"id": self.provider_id, "status": state, "timestamp": "1790000000", "recipient_id": "33100000009"}
        metadata = {"display_phone_number": "33100000001", "phone_number_id": self.number}
        value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
        change = {"field": "messages", "value": value}
        body = orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})
        headers = {signature.HEADER: signature.sign(SECRET, body), "content-type": "application/json"}
        path = f"/webhooks/whatsapp/{self.account_id}"
        return (await client.post(path, content=body, headers=headers)).status_code


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
            "worker": pulse.worker,
        }  # fmt: skip
        for statement in (
            "insert into thread (tenant_id, id, account_id, channel, address)"
            " values (:tenant, :thread, :account, 'whatsapp', 'phone:33100000009')",
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


async def state(database: Database, sending: Sending) -> tuple[object, ...]:
    async with database.transaction(sending.tenant.id) as session:
        row = (await session.execute(sql("select state, provider_id from delivery"))).one()
        return tuple(row)


async def parked(database: Database, sending: Sending) -> int:
    async with database.transaction(sending.tenant.id) as session:
        return int(await session.scalar(sql("select count(*) from receipt")) or 0)


async def until_parked(database: Database, sending: Sending) -> None:
    for _ in range(400):
        if await parked(database, sending):
            return
        await asyncio.sleep(0.01)


async def test_one_that_comes_after_finish_looked_and_before_it_commits_is_applied(
    database: Database, client: AsyncClient, sending: Sending, finisher: Connection
) -> None:
    finishing = finisher.transaction()
    await finishing.start()
    await finisher.fetchval("select app.finish_turns($1, $2::jsonb)", sending.worker, sending.finish)

    coming = asyncio.ensure_future(sending.post(client, "delivered"))
    async with asyncio.timeout(5):
        await until_parked(database, sending)
        await asyncio.sleep(0.1)
        assert not coming.done()  # it waits for the outcome that is being written down
        await finishing.commit()
        assert await coming == 200

    assert await state(database, sending) == ("delivered", sending.provider_id)


async def test_one_that_is_parked_before_finish_looks_is_applied_by_finish(
    database: Database, client: AsyncClient, sending: Sending, finisher: Connection
) -> None:
    assert await sending.post(client, "read") == 200
    assert await state(database, sending) == ("sending", None)

    await finisher.fetchval("select app.finish_turns($1, $2::jsonb)", sending.worker, sending.finish)

    assert await state(database, sending) == ("read", sending.provider_id)


async def test_one_that_comes_when_the_outcome_is_known_is_applied_at_once(
    database: Database, client: AsyncClient, sending: Sending, finisher: Connection
) -> None:
    await finisher.fetchval("select app.finish_turns($1, $2::jsonb)", sending.worker, sending.finish)

    assert await sending.post(client, "delivered") == 200

    assert await state(database, sending) == ("delivered", sending.provider_id)
    assert await parked(database, sending) == 0


async def test_looking_again_never_takes_a_delivery_backward(
    database: Database, client: AsyncClient, sending: Sending, finisher: Connection
) -> None:
    assert await sending.post(client, "delivered") == 200
    await finisher.fetchval("select app.finish_turns($1, $2::jsonb)", sending.worker, sending.finish)
    assert await sending.post(client, "read") == 200

    rows = await finisher.fetch(
        "select app.apply_parked($1, array[$2::uuid], array[$3::text])",
        sending.tenant.id, sending.account_id, sending.provider_id,
    )  # fmt: skip

    assert [row[0] for row in rows] == [0]
    assert await state(database, sending) == ("read", sending.provider_id)

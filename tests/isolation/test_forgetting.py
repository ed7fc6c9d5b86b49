"""A tenant that is deleted takes everything with it, whatever the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text as sql

from lumi.core import dead_letters
from lumi.core.dead_letters import Source
from tests import factories
from tests.isolation import whole
from tests.modules.channels.dead import a_dead_job, a_doomed_message

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.isolation.whole import Connection


async def left(truth: Connection, tenant: Tenant) -> dict[str, int]:
    """How many rows of the tenant there are, by table, where there are any."""
    counted = {table.name: await whole.owned(truth, table, tenant.id) for table in await whole.tables(truth)}
    return {name: count for name, count in counted.items() if count}


async def fill(database: Database, tenant: Tenant) -> None:
    await a_dead_job(database, tenant)
    await a_doomed_message(database, tenant, "Bonjour")
    async with factories.begin_work(database, tenant) as ctx:
        await dead_letters.keep(ctx.session, tenant.id, source=Source.WEBHOOK, origin="web", body=b"x", reason="x")
        await ctx.session.execute(
            sql(
                "insert into receipt (tenant_id, account_id, provider_id, state)"
                " select tenant_id, id, 'wamid.x', 'read' from channel_account"
            )
        )


async def test_nothing_of_it_is_left_and_nothing_of_another_is_gone(
    database: Database, truth: Connection, tenant: Tenant, other_tenant: Tenant
) -> None:
    for each in (tenant, other_tenant):
        await fill(database, each)
    full = await left(truth, tenant)
    assert {"lane", "job", "dead_letter", "event", "event_key", "receipt", "thread_address"} <= full.keys()
    before = set(await left(truth, other_tenant))

    async with factories.begin_work(database, tenant) as ctx:
        await ctx.session.execute(sql("delete from tenant where id = :id"), {"id": tenant.id})

    assert await left(truth, tenant) == {}
    assert set(await left(truth, other_tenant)) >= before

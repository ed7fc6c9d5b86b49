"""What nobody asked for is counted when it leaves, over every thread of a person."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Author, Channel, Purpose
from tests import factories

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from lumi.core.context import Context
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant

WORKER = 1


@pytest.fixture
async def lanes(database: Database, tenant: Tenant) -> list[UUID]:
    """Two threads of one person, each with something proactive to say, in the hands of one worker."""
    async with factories.begin_work(database, tenant) as ctx:
        account = await channels.connect(ctx, channel=Channel.TELEGRAM, external_id=new_id().hex, name="Bot")
        contact = await factories.make_contact(ctx)
        return [await _thread(ctx, account, contact.id) for _ in range(2)]


async def _thread(ctx: Context, account: UUID, contact: UUID) -> UUID:
    thread = new_id()
    values = {"tenant": ctx.tenant_id, "thread": thread, "account": account, "contact": contact, "worker": WORKER}
    await ctx.session.execute(
        text(
            "insert into thread (tenant_id, id, account_id, channel, address, contact_id)"
            " values (:tenant, :thread, :account, 'telegram', 'telegram:1', :contact)"
        ),
        values,
    )
    await ctx.session.execute(
        text("insert into lane (tenant_id, key, seq, owner, epoch) values (:tenant, :thread, 1, :worker, 1)"), values
    )
    await channels.commit_delivery(
        ctx, thread, message_n=1, message_id=new_id(), author=Author.SYSTEM, body="Bonjour", purpose=Purpose.PROACTIVE
    )
    return thread


async def depart(session: AsyncSession, tenant: Tenant, lane: UUID, per_day: int, per_week: int = 10) -> object:
    """Let what the lane has to say begin to leave."""
    return await session.scalar(
        text(
            "select app.depart_proactive(:worker, :tenant, :lane, 1, 1, d.id, :day, :week) from delivery d"
            " where d.tenant_id = :tenant and d.thread_id = :lane"
        ),
        {"worker": WORKER, "tenant": tenant.id, "lane": lane, "day": per_day, "week": per_week},
    )


async def test_of_two_that_leave_at_once_the_second_waits_and_then_counts_the_first(
    database: Database, tenant: Tenant, lanes: list[UUID]
) -> None:
    async def second() -> object:
        async with database.transaction(tenant.id) as session:
            return await depart(session, tenant, lanes[1], 1)

    async with database.transaction(tenant.id) as session:
        assert await depart(session, tenant, lanes[0], 1) == "gone"
        other = asyncio.create_task(second())
        await asyncio.sleep(0.2)
        assert not other.done()

    assert await other == "day_full"


@pytest.mark.parametrize(("days", "said"), [(0, "week_full"), (2, "week_full"), (8, "gone")])
async def test_a_week_is_the_last_seven_days(
    database: Database, tenant: Tenant, lanes: list[UUID], days: int, said: str
) -> None:
    async with database.transaction(tenant.id) as session:
        await depart(session, tenant, lanes[0], 5)
        await session.execute(
            text("update delivery set sending_at = sending_at - make_interval(days => :days) where state = 'sending'"),
            {"days": days},
        )
        assert await depart(session, tenant, lanes[1], 5, 1) == said


async def test_a_worker_that_lost_the_lane_says_nothing(database: Database, tenant: Tenant, lanes: list[UUID]) -> None:
    async with database.transaction(tenant.id) as session:
        await session.execute(text("update lane set epoch = 2 where key = :lane"), {"lane": lanes[0]})
        assert await depart(session, tenant, lanes[0], 5) == "moved"
        assert await session.scalar(text("select count(*) from delivery where state = 'sending'")) == 0


async def test_what_goes_on_in_another_thread_is_there_once_however_often_it_is_tried(
    database: Database, tenant: Tenant, lanes: list[UUID]
) -> None:
    async with database.transaction(tenant.id) as session:
        await session.execute(
            text(
                "insert into message (tenant_id, thread_id, n, id, author, text)"
                " select tenant_id, thread_id, message_n, uuidv7(), 'system', 'Bonjour' from delivery"
                " where thread_id = :lane"
            ),
            {"lane": lanes[0]},
        )
        moved = [
            await session.scalar(
                text(
                    "select app.move_on(:worker, :tenant, :lane, 1, 1, d.id, :target, uuidv7(), 'Bonjour',"
                    " jsonb_build_array(jsonb_build_object('id', uuidv7(), 'body', '{\"text\": \"Bonjour\"}'::jsonb)))"
                    " from delivery d where d.thread_id = :lane"
                ),
                {"worker": WORKER, "tenant": tenant.id, "lane": lanes[0], "target": lanes[1]},
            )
            for _ in range(2)
        ]
        assert moved == [True, False]
        assert await session.scalar(text("select count(*) from delivery where continues is not null")) == 1

"""A status that comes while what it speaks of is being written down is never lost, whoever is first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import text as sql

from tests.modules.channels.leaving import state
from tests.waiting import PATIENCE_SECONDS, until

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from tests.modules.channels.leaving import Connection, Sending


async def parked(database: Database, sending: Sending) -> int:
    async with database.transaction(sending.tenant.id) as session:
        return int(await session.scalar(sql("select count(*) from receipt")) or 0)


async def test_one_that_comes_after_finish_looked_and_before_it_commits_is_applied(
    database: Database, client: AsyncClient, sending: Sending, finisher: Connection
) -> None:
    finishing = finisher.transaction()
    await finishing.start()
    await finisher.fetchval("select app.finish_turns($1, $2::jsonb)", sending.worker, sending.finish)

    coming = asyncio.ensure_future(sending.post(client, "delivered"))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await until(lambda: parked(database, sending))
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

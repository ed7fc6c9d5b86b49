"""Everything up to a moment arrived, or was read: also what is being written down as sent at that moment."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from lumi.core.clock import now
from lumi.modules.channels.repositories import thread_rows
from tests import factories
from tests.modules.channels.leaving import PERSON, state

if TYPE_CHECKING:
    from datetime import datetime

    from lumi.core.db import Database
    from tests.modules.channels.leaving import Connection, Sending

SOON = timedelta(seconds=5)


async def reached(by: Connection, sending: Sending, state: str, up_to: datetime | None = None) -> int:
    """The provider says how far the person has come; how many deliveries that says something new of."""
    rows = await by.fetch(
        "select app.apply_watermark($1, $2, $3, $4, $5)",
        sending.tenant.id, sending.account_id, PERSON, state, up_to or now(),
    )  # fmt: skip
    return int(rows[0][0])


async def finish(by: Connection, sending: Sending, **mark: object) -> None:
    await by.fetchval("select app.finish_turns($1, $2::jsonb)", sending.worker, sending.ended(mark))


@pytest.mark.parametrize("known", ["delivered", "read"])
async def test_what_came_before_the_post_was_written_down_is_applied_when_it_is(
    database: Database, sending: Sending, finisher: Connection, known: str
) -> None:
    assert await reached(finisher, sending, known) == 1
    assert await state(database, sending) == ("sending", None)

    await finish(finisher, sending, state="sent", provider_id=sending.provider_id)

    assert await state(database, sending) == (known, sending.provider_id)


async def test_one_that_comes_after_finish_looked_and_before_it_commits_is_applied(
    database: Database, sending: Sending, finisher: Connection, second: Connection
) -> None:
    async with finisher.transaction():
        await finish(finisher, sending, state="sent", provider_id=sending.provider_id)
        coming = asyncio.ensure_future(reached(second, sending, "read"))
        await asyncio.sleep(0.1)
        assert not coming.done()  # it waits for the outcome that is being written down

    assert await coming == 1
    assert await state(database, sending) == ("read", sending.provider_id)


async def test_who_writes_the_outcome_down_waits_for_one_that_is_being_kept(
    database: Database, sending: Sending, finisher: Connection, second: Connection
) -> None:
    async with finisher.transaction():
        await reached(finisher, sending, "read")
        outcome = finish(second, sending, state="sent", provider_id=sending.provider_id)
        coming = asyncio.ensure_future(outcome)
        await asyncio.sleep(0.1)
        assert not coming.done()

    await coming
    assert await state(database, sending) == ("read", sending.provider_id)


async def test_a_lower_one_takes_nothing_back(database: Database, sending: Sending, finisher: Connection) -> None:
    assert await reached(finisher, sending, "read") == 1
    assert await reached(finisher, sending, "delivered") == 0
    assert await reached(finisher, sending, "read") == 0

    await finish(finisher, sending, state="sent", provider_id=sending.provider_id)
    assert await reached(finisher, sending, "delivered") == 0

    assert await state(database, sending) == ("read", sending.provider_id)


async def test_what_left_after_that_moment_is_not_spoken_of(
    database: Database, sending: Sending, finisher: Connection
) -> None:
    assert await reached(finisher, sending, "read", now() - SOON) == 0

    await finish(finisher, sending, state="sent", provider_id=sending.provider_id)
    assert await state(database, sending) == ("sent", sending.provider_id)


@pytest.mark.parametrize("mark", [{"state": "committed", "pause": 0}, {"state": "failed", "error": "refused"}], ids=str)
async def test_of_an_attempt_that_failed_it_says_nothing(
    sending: Sending, finisher: Connection, mark: dict[str, object]
) -> None:
    await reached(finisher, sending, "read")

    await finish(finisher, sending, **mark)

    await finisher.execute("select set_config('app.tenant_id', $1, false)", str(sending.tenant.id))
    rows = await finisher.fetch("select state, reached from delivery where id = $1", sending.delivery_id)
    assert [tuple(row) for row in rows] == [(mark["state"], None)]


async def test_an_unknown_outcome_keeps_it_until_somebody_knows(
    database: Database, sending: Sending, finisher: Connection
) -> None:
    await finish(finisher, sending, state="unknown")
    assert await reached(finisher, sending, "read") == 1
    assert await state(database, sending) == ("unknown", None)

    echo = (
        "insert into event (tenant_id, thread_id, n, provider_id, kind, payload, sent_at)"
        ' values ($1, $2, 2, $3, \'echo\', \'{"text": "Hello", "unsigned": true}\', clock_timestamp())'
    )
    async with finisher.transaction():
        await finisher.execute("select app.bind($1)", sending.tenant.id)
        await finisher.execute('update delivery set body = \'{"text": "Hello"}\' where id = $1', sending.delivery_id)
        await finisher.execute(echo, sending.tenant.id, sending.thread_id, sending.provider_id)
        applied = "select app.apply_echo($1, $2, 2, $3, 'Hello')"
        await finisher.execute(applied, sending.tenant.id, sending.thread_id, sending.provider_id)

    assert await state(database, sending) == ("read", sending.provider_id)


async def test_what_is_sent_again_has_not_been_read_yet(
    database: Database, sending: Sending, finisher: Connection
) -> None:
    """They read the chat, and nobody knows whether the first attempt was in it."""
    async with factories.begin_work(database, sending.tenant) as ctx:
        await ctx.session.execute(sql("update delivery set state = 'unknown', settled_at = now()"))
    assert await reached(finisher, sending, "read") == 1

    async with factories.begin_work(database, sending.tenant) as ctx:
        assert await thread_rows.renew_deliveries(ctx, sending.thread_id, 1) == 1
        await ctx.session.execute(sql("update delivery set state = 'sending', sending_at = now()"))
    await finish(finisher, sending, state="sent", provider_id=sending.provider_id)

    assert await state(database, sending) == ("sent", sending.provider_id)

"""Accounts are counted, watched and examined; what is wrong is raised once, told, and cleared when it is over."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from lumi.core.clock import now
from lumi.core.db import fetch
from lumi.core.http import OutcomeUnknown, Rejected, Unavailable
from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.engine.traffic import hour_of
from lumi.modules.channels.public import Account, AccountState, Channel, Credentials
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services import watching
from lumi.modules.channels.services.failures import Troubles
from lumi.modules.channels.services.laying_down import lay_down
from lumi.modules.channels.services.status import get_status
from lumi.modules.channels.values.incoming import Broken
from lumi.modules.channels.values.kinds import Failure
from tests.modules.channels.troubled import make_deliveries
from tests.waiting import until

if TYPE_CHECKING:
    from lumi.core.context import Context
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin

TOKEN = "a token of ours"


@pytest.fixture
async def account(begin: Begin, tenant: Tenant) -> UUID:
    """A number that is connected."""
    keys = Credentials("the app's secret", "verify", TOKEN)
    async with begin(tenant) as ctx:
        return await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=new_id().hex, name="Accueil", credentials=keys
        )


async def receive(ctx: Context, account: UUID, *moments: datetime) -> None:
    """Something came in at these moments."""
    for moment in moments:
        await ctx.session.execute(
            sql("insert into event_key (tenant_id, account_id, provider_id, seen_at) values (:t, :a, :p, :at)"),
            {"t": ctx.tenant_id, "a": account, "p": new_id().hex, "at": moment},
        )


async def brought(ctx: Context, account: UUID, hour: datetime, received: int) -> None:
    """An hour that was counted long ago."""
    await ctx.session.execute(
        sql(
            "insert into channel_traffic (tenant_id, account_id, hour, received, heard_at)"
            " values (:t, :a, :hour, :n, cast(:hour as timestamptz) + interval '59 min')"
        ),
        {"t": ctx.tenant_id, "a": account, "hour": hour, "n": received},
    )


async def busy_until(ctx: Context, account: UUID, end: datetime) -> None:
    """Four weeks of thirty messages an hour."""
    for hour in range(1, 4 * 168):
        await brought(ctx, account, hour_of(end) - timedelta(hours=hour), 30)


async def open_alerts(begin: Begin, tenant: Tenant) -> list[tuple[object, ...]]:
    async with begin(tenant) as ctx:
        found = await ctx.session.execute(
            sql("select kind, stage from channel_alert where cleared_at is null order by kind")
        )
        return [tuple(row) for row in found.all()]


async def watch(begin: Begin, tenant: Tenant) -> None:
    async with begin(tenant) as ctx:
        await watching.watch(ctx)


async def test_two_that_watch_at_once_raise_what_is_wrong_once(
    begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    """As when an account could not be read just as the hour came."""
    waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted and pid in (select pid from"
    ours = " pg_stat_activity where datname = current_database())"
    async with begin(tenant) as ctx:
        await account_rows.note_failure(ctx, account, Failure.TOKEN, "the token has expired")
    async with begin(tenant) as first:
        await watching.watch(first)
        second = asyncio.ensure_future(watch(begin, tenant))
        await until(lambda: fetch(database.pool, waiting + ours))
        assert not second.done()
    await second

    assert await open_alerts(begin, tenant) == [("token_refused", 0)]


async def column(begin: Begin, tenant: Tenant, name: str) -> object:
    async with begin(tenant) as ctx:
        return await ctx.session.scalar(sql(f"select {name} from channel_account"))


async def test_hours_are_counted_from_what_was_committed_and_counting_again_changes_nothing(
    begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    last = hour_of(now()) - timedelta(hours=1)
    async with begin(tenant) as ctx:
        await receive(ctx, account, last, last + timedelta(minutes=59), last - timedelta(hours=2))

    for _ in range(2):
        await watching.count(database)
        async with begin(tenant) as ctx:
            rows = await ctx.session.execute(sql("select hour, received, heard_at from channel_traffic order by hour"))
            assert [tuple(row) for row in rows.all()] == [
                (last - timedelta(hours=2), 1, last - timedelta(hours=2)), (last, 2, last + timedelta(minutes=59)),
            ]  # fmt: skip


async def test_what_nobody_could_read_is_no_message_that_came_in(
    begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    """A provider that changes its shape is silent as one that posts nothing."""
    await lay_down(database, Channel.WHATSAPP, tenant.id, account, Broken(b"[not json", "not a JSON object"))

    await watching.count(database)

    async with begin(tenant) as ctx:
        assert (await ctx.session.execute(sql("select received from channel_traffic"))).all() == []
        assert await account_rows.heard_accounts(ctx, [account]) == frozenset()
        await receive(ctx, account, now())
        assert await account_rows.heard_accounts(ctx, [account]) == frozenset({account})


async def test_what_left_is_counted_by_what_became_of_it(
    begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    async with begin(tenant) as ctx:
        await make_deliveries(ctx, account, "sent", "read", "failed", "unknown", "held", "committed")

    await watching.count(database)

    async with begin(tenant) as ctx:
        rows = await ctx.session.execute(sql("select received, sent, failed, unknown from channel_traffic"))
        assert [tuple(row) for row in rows.all()] == [(0, 2, 1, 1)]


@pytest.mark.parametrize(("hours", "is_noticed"), [(24, True), (72, True), (168, True), (30, False)])
async def test_what_is_read_later_is_noticed_when_its_hour_reaches_an_age(
    begin: Begin, tenant: Tenant, database: Database, account: UUID, hours: int, is_noticed: bool
) -> None:
    then = hour_of(now()) - timedelta(hours=hours)
    async with begin(tenant) as ctx:
        (sent,) = await make_deliveries(ctx, account, "sent")
        earlier = sql("update delivery set id = app.least_id(:then), created_at = :then where id = :id")
        await ctx.session.execute(earlier, {"then": then, "id": sent})
        await brought(ctx, account, hour_of(now()), 1)
        await brought(ctx, account, then, 1)
    async with begin(tenant) as ctx:
        await ctx.session.execute(sql("update delivery set state = 'read'"))

    await watching.count(database)

    async with begin(tenant) as ctx:
        rows = await ctx.session.execute(
            sql("select sent, read from channel_traffic where hour = :then"), {"then": then}
        )
        assert [tuple(row) for row in rows.all()] == [(1, 1) if is_noticed else (0, 0)]


async def test_an_account_that_falls_silent_is_told_once_examined_and_cleared_when_it_is_heard(
    begin: Begin, tenant: Tenant, account: UUID
) -> None:
    async with begin(tenant) as ctx:
        await busy_until(ctx, account, now() - timedelta(hours=12))

    await watch(begin, tenant)
    await watch(begin, tenant)

    assert await open_alerts(begin, tenant) == [("silent", 0)]
    async with begin(tenant) as ctx:
        jobs = await ctx.session.execute(sql("select kind from job where kind = 'channels.ExamineAccount'"))
        assert len(jobs.all()) == 1
        await brought(ctx, account, hour_of(now()) - timedelta(hours=1), 1)
    await watch(begin, tenant)
    assert await open_alerts(begin, tenant) == []


async def test_a_silence_is_not_over_when_what_was_usual_is_so_long_ago_that_it_is_forgotten(
    begin: Begin, tenant: Tenant, account: UUID
) -> None:
    last = now() - timedelta(hours=12)
    async with begin(tenant) as ctx:
        await busy_until(ctx, account, last)
    await watch(begin, tenant)
    async with begin(tenant) as ctx:
        await ctx.session.execute(sql("select app.forget_traffic(:at)"), {"at": now() + timedelta(days=1)})
        assert (await ctx.session.execute(sql("select count(*) from channel_traffic"))).scalar_one() == 0

    await watch(begin, tenant)

    assert await open_alerts(begin, tenant) == [("silent", 0)]
    async with begin(tenant) as ctx:
        found = await get_status(ctx, account)
        assert (found.state, found.heard_at is not None) == (AccountState.BROKEN, True)
        await brought(ctx, account, hour_of(now()), 1)
    await watch(begin, tenant)
    assert await open_alerts(begin, tenant) == []


async def test_a_new_account_on_which_nothing_comes_in_raises_nothing(
    begin: Begin, tenant: Tenant, account: UUID
) -> None:
    await watch(begin, tenant)

    assert await open_alerts(begin, tenant) == []


async def test_a_token_that_ends_is_told_again_at_each_stage_and_no_more_once_it_is_renewed(
    begin: Begin, tenant: Tenant, account: UUID
) -> None:
    for days, told in ((13, [("token_expiring", 1)]), (2, [("token_expiring", 3)]), (60, [])):
        async with begin(tenant) as ctx:
            ends = {"at": now() + timedelta(days=days)}
            await ctx.session.execute(sql("update channel_account set token_expires_at = :at"), ends)
        await watch(begin, tenant)
        assert await open_alerts(begin, tenant) == told


async def test_messages_of_which_nobody_knows_whether_they_arrived_are_told(
    begin: Begin, tenant: Tenant, account: UUID
) -> None:
    async with begin(tenant) as ctx:
        await make_deliveries(ctx, account, "unknown", "unknown")

    await watch(begin, tenant)

    assert await open_alerts(begin, tenant) == [("unknown_outcomes", 0)]


def ready(tenant: Tenant, account: UUID) -> Account:
    return Account(tenant.id, account, Channel.WHATSAPP, "1", "Accueil", TOKEN, {})


async def test_a_token_that_a_send_found_refused_is_written_down_at_once_and_the_account_looked_at(
    begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    troubles = Troubles(database)

    troubles.failed(ready(tenant, account), Rejected(401, reason=f"Malformed access token {TOKEN}"))
    await troubles.written()

    assert await column(begin, tenant, "failed_why") == "token"
    assert await column(begin, tenant, "failure") == "Malformed access token …"
    async with begin(tenant) as ctx:
        assert await ctx.session.scalar(sql("select count(*) from job where kind = 'channels.WatchAccounts'")) == 1
    await watch(begin, tenant)
    assert await open_alerts(begin, tenant) == [("token_refused", 0)]


async def test_the_next_send_that_is_taken_ends_the_failure(
    begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    troubles, mine = Troubles(database), ready(tenant, account)
    troubles.failed(mine, Rejected(401))
    await troubles.written()
    await watch(begin, tenant)

    troubles.succeeded(mine)
    await troubles.written()
    await watch(begin, tenant)

    assert await column(begin, tenant, "failed_at") is None
    assert await open_alerts(begin, tenant) == []


async def test_a_provider_that_is_away_is_written_down_once_and_not_at_every_send(
    begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    troubles, mine = Troubles(database), ready(tenant, account)
    troubles.failed(mine, Unavailable("not connected"))
    await troubles.written()
    first = await column(begin, tenant, "failed_at")

    for _ in range(3):
        troubles.failed(mine, Unavailable("not connected"))
    await troubles.written()

    assert await column(begin, tenant, "failed_at") == first
    assert await column(begin, tenant, "failed_why") == "unreachable"


async def test_a_send_whose_outcome_nobody_knows_is_named_so(
    begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    troubles = Troubles(database)
    troubles.failed(ready(tenant, account), OutcomeUnknown("no answer"))
    await troubles.written()

    assert await column(begin, tenant, "failed_why") == "unknown"
    assert await column(begin, tenant, "token_refused_at") is None

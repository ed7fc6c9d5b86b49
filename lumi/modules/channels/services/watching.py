"""Watching accounts: counting their hours, raising what is wrong, clearing what is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.db import Database, fetch
from lumi.core.ids import new_id
from lumi.modules.channels.adapters.ports import Examined
from lumi.modules.channels.engine import traffic
from lumi.modules.channels.engine.alerts import Alert, Observed, alerts, stays
from lumi.modules.channels.engine.traffic import HISTORY_WEEKS, History, Silence, hour_of
from lumi.modules.channels.events import (
    EXAMINE,
    WATCH,
    AlertCleared,
    AlertRaised,
    ExamineAccount,
    ExamineAccounts,
    WatchAccounts,
)
from lumi.modules.channels.models import ChannelAccount, ChannelAlert, ChannelTraffic
from lumi.modules.channels.repositories import account_rows, cursor_rows, watch_rows
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.failures import Unread
from lumi.modules.channels.values.kinds import AlertKind, Channel, DeliveryState

# Whether a delivery left is mostly known by then; what changes later is in the lists of deliveries alone.
COUNT_AGAIN = timedelta(hours=3)
# People read when they read: at these ages an hour is counted once more.
COUNT_LATER = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
COUNT_AT_ONCE = timedelta(days=1)
# Keys of what came in are kept for thirty days: an installation that begins to count has its history at once.
LOOK_BACK = timedelta(days=28)
KEPT = timedelta(weeks=HISTORY_WEEKS + 2)
FAILING_WITHIN = timedelta(hours=2)
UNKNOWN_WITHIN = timedelta(days=3)


async def count(db: Database) -> None:
    """Count every hour since the last time, and those that reached an age; counting again changes nothing."""
    ((counted_to,),) = await fetch(db.pool, "select app.traffic_counted_to()")
    end = now()
    begin = hour_of(end) - LOOK_BACK
    if isinstance(counted_to, datetime):
        begin = max(begin, counted_to - COUNT_AGAIN)
    await _count(db, begin, end + COUNT_AGAIN)
    if isinstance(counted_to, datetime):
        for age in COUNT_LATER:
            await _count(db, max(begin, counted_to) - age, hour_of(end) - age + timedelta(hours=1))
    await fetch(db.pool, "select app.forget_traffic($1)", end - KEPT)


async def _count(db: Database, begin: datetime, until: datetime) -> None:
    """Count the hours within [begin, until), a day at a time."""
    while begin < until:
        next_day = min(begin + COUNT_AT_ONCE, until)
        await fetch(db.pool, "select app.count_traffic($1, $2)", begin, next_day)
        begin = next_day


async def have_all_watched(db: Database, task: WatchAccounts | ExamineAccounts) -> None:
    """Let this be done for every tenant that has accounts."""
    for (tenant_id,) in await fetch(db.pool, "select app.tenants_with_accounts()"):
        async with db.transaction(tenant_id) as session:
            key = WATCH if isinstance(task, WatchAccounts) else EXAMINE
            await Context(session, tenant_id).defer(task, key=key)


async def examine_all(ctx: Context, sender: Sender) -> None:
    """Let each account whose provider can be asked be examined, by itself."""
    for account in await _connected(ctx):
        if isinstance(sender.adapter(Channel(account.channel)), Examined):
            await ctx.defer(ExamineAccount(account.id), key=f"{EXAMINE}.{account.id}")


async def watch(ctx: Context) -> None:
    """Raise what is wrong with the tenant's accounts and has not been raised; clear what is over. Emits both.

    An account that fell silent is examined: its provider may know why. Of two at once the second waits for the first.
    """
    await watch_rows.watch_alone(ctx)
    accounts = await _connected(ctx)
    ids = [each.id for each in accounts]
    hours = await watch_rows.traffic(ctx, ids, ctx.now - KEPT)
    troubles = await watch_rows.trouble_counts(ctx, ids, ctx.now - UNKNOWN_WITHIN)
    unread = await cursor_rows.unread(ctx, ids)
    open_ones = await watch_rows.open_alerts(ctx, ids)
    for account in accounts:
        _recover(account, hours[account.id])
        unsure = troubles[account.id].get(DeliveryState.UNKNOWN, 0)
        seen = observed(account, hours[account.id], unsure, unread.get(account.id), ctx.now)
        mine = {AlertKind(each.kind): each for each in open_ones if each.account_id == account.id}
        await _settle(ctx, account, mine, alerts(seen, ctx.now), heard_at(hours[account.id]))


def history_of(account: ChannelAccount, hours: Sequence[ChannelTraffic]) -> History:
    """What the counted hours tell, from the first of them on."""
    began = hours[0].hour if hours else hour_of(account.connected_at)
    return History(began, {each.hour: each.received for each in hours})


def heard_at(hours: Sequence[ChannelTraffic]) -> datetime | None:
    """When anything came in last, as far as it was counted."""
    return max((each.heard_at for each in hours if each.heard_at is not None), default=None)


def observed(
    account: ChannelAccount, hours: Sequence[ChannelTraffic], unknown: int, unread: Unread | None, at: datetime
) -> Observed:
    """What is known of an account, for the rules."""
    late = [each for each in hours if each.hour >= hour_of(at - FAILING_WITHIN)]
    return Observed(
        silence=silence_of(account, hours, at),
        token_expires_at=account.token_expires_at,
        token_refused_at=account.token_refused_at,
        webhook_trouble=account.webhook_trouble,
        unread=unread,
        sent=sum(each.sent for each in late),
        failed=sum(each.failed for each in late),
        unknown=unknown,
    )


def silence_of(account: ChannelAccount, hours: Sequence[ChannelTraffic], at: datetime) -> Silence | None:
    """The silence on an account; None where nothing was heard yet, or nobody is expected."""
    heard = heard_at(hours)
    if heard is None or account.channel == Channel.TERMINAL:
        return None
    return traffic.silence(history_of(account, hours), heard, at)


def _recover(account: ChannelAccount, hours: Sequence[ChannelTraffic]) -> None:
    """A failure is over when something was sent in a later hour; who sends notes it at once where it can."""
    if account.failed_at is not None and any(each.sent and each.hour > account.failed_at for each in hours):
        account.failed_at = account.failed_why = account.failure = account.token_refused_at = None


async def _settle(
    ctx: Context, account: ChannelAccount, open_ones: dict[AlertKind, ChannelAlert], wanted: Sequence[Alert],
    heard: datetime | None,
) -> None:  # fmt: skip
    channel = Channel(account.channel)
    for alert in wanted:
        known = open_ones.pop(alert.kind, None)
        if known is not None and known.stage == alert.stage:
            known.detail = dict(alert.detail)
            continue
        if known is None:
            known = ChannelAlert(
                tenant_id=ctx.tenant_id, id=new_id(), account_id=account.id, kind=alert.kind.value, raised_at=ctx.now
            )
            ctx.session.add(known)
        known.stage, known.detail = alert.stage, dict(alert.detail)
        await ctx.emit(AlertRaised(account.id, channel, alert.kind, alert.stage))
        if alert.kind is AlertKind.SILENT:
            await ctx.defer(ExamineAccount(account.id), key=f"{EXAMINE}.{account.id}")
    for kind, over in open_ones.items():
        if stays(kind, over.detail, heard):
            continue
        over.cleared_at = ctx.now
        await ctx.emit(AlertCleared(account.id, channel, kind))
    await ctx.session.flush()


async def _connected(ctx: Context) -> list[ChannelAccount]:
    return [each for each in await account_rows.accounts(ctx) if each.disconnected_at is None]

"""Hours, alerts and what did not surely arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text, tuple_, update

from lumi.core.context import Context
from lumi.modules.channels.models import ChannelAlert, ChannelTraffic, Delivery
from lumi.modules.channels.values.kinds import DeliveryState


async def watch_alone(ctx: Context) -> None:
    """Nobody else watches this tenant's accounts until the transaction ends: what one raises the next one knows of."""
    await ctx.session.execute(_ALONE, {"tenant": str(ctx.tenant_id)})


_ALONE = text("select pg_advisory_xact_lock(hashtextextended(:tenant, 5))")


async def traffic(ctx: Context, accounts: Sequence[UUID], since: datetime) -> Mapping[UUID, Sequence[ChannelTraffic]]:
    """The counted hours of each account from a time on, in order."""
    found = await ctx.session.scalars(
        select(ChannelTraffic)
        .where(ChannelTraffic.tenant_id == ctx.tenant_id, ChannelTraffic.account_id.in_(accounts))
        .where(ChannelTraffic.hour >= since)
        .order_by(ChannelTraffic.account_id, ChannelTraffic.hour)
    )
    hours: dict[UUID, list[ChannelTraffic]] = {each: [] for each in accounts}
    for row in found:
        hours[row.account_id].append(row)
    return hours


async def heard_lately(ctx: Context, accounts: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """When those of these accounts that were heard within the hour were heard last, counted or not."""
    wanted = {"tenant": ctx.tenant_id, "accounts": list(accounts), "since": ctx.now - timedelta(hours=1)}
    return {row.account_id: row.heard_at for row in await ctx.session.execute(_HEARD, wanted)}


_HEARD = text(
    "select account_id, max(seen_at) as heard_at from event_key"
    " where tenant_id = :tenant and seen_at > :since and account_id = any (:accounts)"
    " and not starts_with(provider_id, 'broken:')"
    " group by account_id"
)


async def open_alerts(ctx: Context, accounts: Sequence[UUID]) -> Sequence[ChannelAlert]:
    """The alerts of these accounts that are not over, oldest first."""
    wanted = select(ChannelAlert).where(
        ChannelAlert.tenant_id == ctx.tenant_id,
        ChannelAlert.account_id.in_(accounts),
        ChannelAlert.cleared_at.is_(None),
    )
    return (await ctx.session.scalars(wanted.order_by(ChannelAlert.raised_at, ChannelAlert.id))).all()


async def clear_alerts(ctx: Context, account_id: UUID) -> None:
    """Nothing of an account is of interest any more."""
    open_ones = (ChannelAlert.account_id == account_id, ChannelAlert.cleared_at.is_(None))
    await ctx.session.execute(update(ChannelAlert).where(*open_ones).values(cleared_at=ctx.now))


_TROUBLE = (Delivery.error.is_not(None), Delivery.settled_at.is_not(None))


async def trouble_counts(
    ctx: Context, accounts: Sequence[UUID], since: datetime
) -> Mapping[UUID, Mapping[DeliveryState, int]]:
    """How many deliveries of each account did not surely arrive, by state, since a time."""
    found = await ctx.session.execute(
        select(Delivery.account_id, Delivery.state, func.count())
        .where(Delivery.tenant_id == ctx.tenant_id, Delivery.account_id.in_(accounts), *_TROUBLE)
        .where(Delivery.settled_at >= since)
        .group_by(Delivery.account_id, Delivery.state)
    )
    counts: dict[UUID, dict[DeliveryState, int]] = {each: {} for each in accounts}
    for account_id, state, count in found.all():
        counts[account_id][DeliveryState(state)] = count
    return counts


async def waiting_counts(ctx: Context, accounts: Sequence[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """How many deliveries of each account have not left yet, and how many of them wait for a time still to come."""
    later = func.count().filter(Delivery.next_try_at > ctx.now)
    found = await ctx.session.execute(
        select(Delivery.account_id, func.count(), later)
        .where(Delivery.tenant_id == ctx.tenant_id, Delivery.account_id.in_(accounts), Delivery.settled_at.is_(None))
        .group_by(Delivery.account_id)
    )
    return dict.fromkeys(accounts, (0, 0)) | {account: (all_, late) for account, all_, late in found.all()}


async def troubled_deliveries(
    ctx: Context, account_id: UUID, state: DeliveryState, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Delivery]:
    """Deliveries of an account in this state, which is one of those with a reason, the newest outcome first."""
    wanted = select(Delivery).where(
        Delivery.tenant_id == ctx.tenant_id, Delivery.account_id == account_id, *_TROUBLE, Delivery.state == state.value
    )
    if before is not None:
        wanted = wanted.where(tuple_(Delivery.settled_at, Delivery.id) < tuple_(*before))
    newest = wanted.order_by(Delivery.settled_at.desc(), Delivery.id.desc()).limit(limit)
    return (await ctx.session.scalars(newest)).all()

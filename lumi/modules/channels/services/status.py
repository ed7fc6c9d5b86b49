"""How accounts are, as their owner reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lumi.core.context import Context
from lumi.core.pagination import Cursor, Page
from lumi.modules.channels.engine.alerts import days_left, silent_since, state_of
from lumi.modules.channels.engine.traffic import hour_of
from lumi.modules.channels.errors import UnknownAccount
from lumi.modules.channels.models import ChannelAccount, ChannelAlert, ChannelTraffic, Delivery
from lumi.modules.channels.repositories import account_rows, watch_rows
from lumi.modules.channels.services import watching
from lumi.modules.channels.values.kinds import AccountState, AlertKind, Channel, DeliveryState, Failure

SHOWN = timedelta(hours=24)
COUNTED_WITHIN = timedelta(days=30)
LONGEST_EXCERPT = 160
TROUBLED = (DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.HELD)
_Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """Something that is wrong now."""

    kind: AlertKind
    raised_at: datetime
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of an account: what came in beside what usually does, and what became of what was to leave."""

    hour: datetime
    expected: float | None
    received: int
    sent: int
    failed: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How many messages of an account are in which state.

    `waiting` have not left yet, `later` of them wait for a time. The rest are of thirty days: of `sent` nothing more is
    known than that the provider took them, and what came of them later than a week is counted there.
    """

    waiting: int
    later: int
    sent: int
    delivered: int
    read: int
    failed: int
    unknown: int
    held: int


@dataclass(frozen=True, slots=True)
class LastFailure:
    """How the last send failed that none has made good since; `said` in the provider's words."""

    at: datetime
    why: Failure
    said: str


@dataclass(frozen=True, slots=True)
class Status:
    """An account, as its owner reads it. `hours` end with the one that runs."""

    id: UUID
    channel: Channel
    name: str
    state: AccountState
    alerts: Sequence[OpenAlert]
    heard_at: datetime | None
    token_expires_at: datetime | None
    token_days: int | None
    token_ended: bool
    token_refused_at: datetime | None
    checked_at: datetime | None
    failure: LastFailure | None
    deliveries: Deliveries
    hours: Sequence[Hour]


@dataclass(frozen=True, slots=True)
class Troubled:
    """A message that did not surely arrive; `message_id` is what sends it again."""

    id: UUID
    thread_id: UUID
    message_id: UUID
    channel: Channel
    state: DeliveryState
    excerpt: str
    error: str
    at: datetime


async def get_status(ctx: Context, account_id: UUID) -> Status:
    """One account with its last day, hour by hour; raises UnknownAccount."""
    row = await account_rows.account(ctx, account_id)
    if row is None:
        raise UnknownAccount
    return (await statuses(ctx, [row]))[0]


async def list_statuses(ctx: Context) -> list[Status]:
    """Every connected account of the tenant, oldest first."""
    rows = [row for row in await account_rows.accounts(ctx) if row.disconnected_at is None]
    return await statuses(ctx, rows)


async def statuses(ctx: Context, rows: Sequence[ChannelAccount]) -> list[Status]:
    """The accounts of these rows."""
    ids = [row.id for row in rows]
    hours = await watch_rows.traffic(ctx, ids, ctx.now - watching.KEPT)
    troubled = await watch_rows.trouble_counts(ctx, ids, ctx.now - COUNTED_WITHIN)
    waiting = await watch_rows.waiting_counts(ctx, ids)
    open_ones = await watch_rows.open_alerts(ctx, ids)
    new_ones = [each for each in ids if watching.heard_at(hours[each]) is None]
    lately = await watch_rows.heard_lately(ctx, new_ones) if new_ones else dict[UUID, datetime]()
    return [
        _status(
            ctx, row, _of(row, open_ones), hours[row.id], lately.get(row.id),
            _deliveries(waiting[row.id], hours[row.id], troubled[row.id], ctx.now - COUNTED_WITHIN),
        )
        for row in rows
    ]  # fmt: skip


async def list_troubled(
    ctx: Context, account_id: UUID, *, state: DeliveryState, cursor: str | None, limit: int
) -> Page[Troubled]:
    """A page of an account's deliveries in one of TROUBLED, the newest outcome first; raises UnknownAccount."""
    row = await account_rows.account(ctx, account_id)
    if row is None:
        raise UnknownAccount
    keyset = Cursor(f"deliveries:{account_id}:{state}", _Place)
    found = await watch_rows.troubled_deliveries(ctx, account_id, state, keyset.after(cursor), limit + 1)
    return keyset.page(
        [_troubled(each, Channel(row.channel)) for each in found], limit, lambda each: (each.at, each.id)
    )


def _of(row: ChannelAccount, alerts: Sequence[ChannelAlert]) -> list[ChannelAlert]:
    return [each for each in alerts if each.account_id == row.id]


def state(ctx: Context, row: ChannelAccount, alerts: Sequence[ChannelAlert], *, was_heard: bool) -> AccountState:
    """How an account is, in one word; `alerts` are the open ones, others' among them."""
    return state_of(
        [AlertKind(each.kind) for each in _of(row, alerts)],
        is_connected=row.disconnected_at is None,
        token_ended=row.token_expires_at is not None and row.token_expires_at <= ctx.now,
        was_heard=was_heard,
    )


def _status(
    ctx: Context,
    row: ChannelAccount,
    alerts: Sequence[ChannelAlert],
    hours: Sequence[ChannelTraffic],
    lately: datetime | None,
    deliveries: Deliveries,
) -> Status:
    heard, ends = watching.heard_at(hours) or lately or _last_word(alerts), row.token_expires_at
    days = None if ends is None else days_left(ends, ctx.now)
    return Status(
        row.id, Channel(row.channel), row.name,
        state(ctx, row, alerts, was_heard=heard is not None),
        [OpenAlert(AlertKind(each.kind), each.raised_at, each.detail) for each in alerts],
        heard, ends, days, ends is not None and days is None, row.token_refused_at, row.checked_at,
        LastFailure(row.failed_at, Failure(row.failed_why), row.failure or "")
        if row.failed_at is not None and row.failed_why is not None else None,
        deliveries,
        _hours(row, hours, ctx.now),
    )  # fmt: skip


def _last_word(alerts: Sequence[ChannelAlert]) -> datetime | None:
    """When an account was heard whose hours of then are forgotten."""
    return next(filter(None, (silent_since(AlertKind(each.kind), each.detail) for each in alerts)), None)


def _deliveries(
    waiting: tuple[int, int], counted: Sequence[ChannelTraffic], troubled: Mapping[DeliveryState, int], since: datetime
) -> Deliveries:
    """What left is as it was counted by the hour: the deliveries themselves are too many to be counted for a page."""
    late = [each for each in counted if each.hour >= since]
    delivered, read = sum(each.delivered for each in late), sum(each.read for each in late)
    sent = sum(each.sent for each in late) - delivered - read
    failed, unknown, held = (troubled.get(state, 0) for state in TROUBLED)
    return Deliveries(*waiting, sent, delivered, read, failed, unknown, held)


def _hours(row: ChannelAccount, counted: Sequence[ChannelTraffic], now: datetime) -> list[Hour]:
    history = watching.history_of(row, counted)
    known = {each.hour: each for each in counted}
    last = hour_of(now)
    shown = [last - n * timedelta(hours=1) for n in reversed(range(SHOWN // timedelta(hours=1)))]
    return [_hour(each, history.expected(each), known.get(each)) for each in shown]


def _hour(hour: datetime, expected: float | None, known: ChannelTraffic | None) -> Hour:
    usual = None if expected is None else round(expected, 1)
    if known is None:
        return Hour(hour, usual, 0, 0, 0, 0)
    return Hour(hour, usual, known.received, known.sent, known.failed, known.unknown)


def _troubled(row: Delivery, channel: Channel) -> Troubled:
    settled = row.settled_at or row.created_at
    message_id = UUID(str(row.body.get("message_id")))
    words = str(row.body.get("text") or "")[:LONGEST_EXCERPT]
    return Troubled(
        row.id,
        row.thread_id,
        message_id,
        channel,
        DeliveryState(row.state),
        words[:LONGEST_EXCERPT],
        row.error or "",
        settled,
    )

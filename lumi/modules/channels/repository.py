"""Every query of the channels."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import ColumnElement, func, select, text, tuple_, update
from sqlalchemy.exc import IntegrityError

from lumi.core import jobs
from lumi.core.context import Context
from lumi.core.db import Database, Pool, fetch, rows_affected
from lumi.core.ids import new_id
from lumi.modules.channels.errors import AccountTaken
from lumi.modules.channels.events import EventReopened, PullAccount
from lumi.modules.channels.models import (
    ChannelAccount,
    ChannelAlert,
    ChannelCursor,
    ChannelTraffic,
    Delivery,
    InboundEvent,
    MessageTemplate,
    ProviderApp,
    Thread,
)
from lumi.modules.channels.rules import Route
from lumi.modules.channels.values import (
    Author,
    Channel,
    DeliveryState,
    Failure,
    Purpose,
    SeenTemplate,
    SettledBy,
    TemplatePurpose,
    TemplateStatus,
)


async def signing_apps(pool: Pool, channel: Channel, account_id: UUID | None) -> Sequence[asyncpg.Record]:
    """Apps that may have signed on this path, secrets sealed."""
    return await fetch(pool, "select * from app.provider_apps($1, $2)", channel.value, account_id)


async def showing_apps(pool: Pool, channel: Channel, proof: bytes) -> Sequence[asyncpg.Record]:
    """Apps whose posts show the secret of this hash, and those whose hash was never taken; secrets sealed."""
    return await fetch(pool, "select * from app.provider_apps_shown($1, $2)", channel.value, proof)


async def find_app(ctx: Context, channel: Channel, name: str) -> ProviderApp | None:
    """The tenant's provider app of this name."""
    found = await ctx.session.scalars(
        select(ProviderApp).where(ProviderApp.channel == channel.value, ProviderApp.name == name)
    )
    return found.one_or_none()


async def find_account(ctx: Context, channel: Channel, external_id: str) -> ChannelAccount | None:
    """The tenant's account under the provider's id."""
    found = await ctx.session.scalars(
        select(ChannelAccount).where(ChannelAccount.channel == channel.value, ChannelAccount.external_id == external_id)
    )
    return found.one_or_none()


@asynccontextmanager
async def connected_once(ctx: Context) -> AsyncGenerator[None]:
    """Write an account inside; raises AccountTaken, and undoes only that, when another tenant has connected it."""
    try:
        async with ctx.session.begin_nested():
            yield
            await ctx.session.flush()
    except IntegrityError as error:
        if "channel_account_connected" in str(error.orig):
            raise AccountTaken from None
        raise


async def account(ctx: Context, account_id: UUID) -> ChannelAccount | None:
    """The tenant's account by our id."""
    found = await ctx.session.scalars(select(ChannelAccount).where(ChannelAccount.id == account_id))
    return found.one_or_none()


async def accounts(ctx: Context) -> Sequence[ChannelAccount]:
    """All accounts of the tenant, oldest first."""
    found = await ctx.session.scalars(select(ChannelAccount).order_by(ChannelAccount.connected_at))
    return found.all()


async def accounts_after(ctx: Context, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[ChannelAccount]:
    """Accounts of the tenant, oldest first, from behind a place on."""
    wanted = select(ChannelAccount).where(ChannelAccount.tenant_id == ctx.tenant_id)
    if after is not None:
        wanted = wanted.where(tuple_(ChannelAccount.connected_at, ChannelAccount.id) > tuple_(*after))
    found = await ctx.session.scalars(wanted.order_by(ChannelAccount.connected_at, ChannelAccount.id).limit(limit))
    return found.all()


async def heard_accounts(ctx: Context, accounts: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the accounts on which anything came in, as long as its key is kept."""
    asked = text(
        # In the order of the key: else every key of the tenant is read for an account on which nothing came in.
        "select a.id from unnest(cast(:accounts as uuid[])) a (id) cross join lateral"
        " (select from event_key k where k.tenant_id = :tenant and k.account_id = a.id"
        " order by k.tenant_id, k.account_id, k.provider_id limit 1) heard"
    )
    found = await ctx.session.scalars(asked, {"tenant": ctx.tenant_id, "accounts": list(accounts)})
    return frozenset(found.all())


async def thread(ctx: Context, thread_id: UUID) -> Thread | None:
    """A thread of the tenant."""
    found = await ctx.session.scalars(select(Thread).where(Thread.id == thread_id))
    return found.one_or_none()


async def find_thread(ctx: Context, account_id: UUID, address: str) -> UUID | None:
    """The thread an address leads to on an account."""
    found = await ctx.session.scalar(
        text("select thread_id from thread_address where account_id = :account and address = :address"),
        {"account": account_id, "address": address},
    )
    return found if isinstance(found, UUID) else None


async def is_at_rest(ctx: Context, thread_id: UUID) -> bool:
    """Whether nothing of a thread waits to be answered or to leave."""
    return bool(
        await ctx.session.scalar(
            text(
                "select not exists (select from event where tenant_id = :tenant and thread_id = :thread"
                " and settled_at is null and due_at <= clock_timestamp())"
                " and not exists (select from delivery where tenant_id = :tenant and thread_id = :thread"
                " and settled_at is null)"
            ),
            {"tenant": ctx.tenant_id, "thread": thread_id},
        )
    )


async def lock_lane(ctx: Context, thread_id: UUID, *, stale: bool = True) -> None:
    """Take the thread's lane, due at once; every pending answer becomes stale, unless it should not."""
    await ctx.session.execute(
        text("select app.touch_lane(:tenant, :thread, :stale)"),
        {"tenant": ctx.tenant_id, "thread": thread_id, "stale": stale},
    )


async def set_holder(ctx: Context, thread_id: UUID, holder: UUID | None, at: datetime | None) -> None:
    """Write who holds a thread; taking it over answers the wish for a human."""
    values = {"held_by": holder, "held_at": at}
    statement = update(Thread).where(Thread.id == thread_id).values(**values, wants_human_at=None)
    await ctx.session.execute(statement)


async def set_contact(ctx: Context, thread_id: UUID, contact_id: UUID, asked: int) -> None:
    """Write whose thread this is, and that so many of its new addresses were asked about."""
    values = {"contact_id": contact_id, "new_addresses": Thread.new_addresses - asked}
    await ctx.session.execute(update(Thread).where(Thread.id == thread_id).values(values))


async def set_contacts(pool: Pool, tenant_id: UUID, contact_of: Mapping[UUID, UUID]) -> None:
    """The same for many threads in one transaction."""
    threads, contacts = list(contact_of), list(contact_of.values())
    await fetch(pool, "select app.threads_belong($1, $2, $3)", tenant_id, threads, contacts)


async def settle_recorded(ctx: Context, thread_id: UUID, by: SettledBy) -> None:
    """Settle every event that staff can see already; the lane is locked."""
    await ctx.session.execute(
        update(InboundEvent)
        .where(
            InboundEvent.thread_id == thread_id,
            InboundEvent.settled_at.is_(None),
            InboundEvent.recorded_at.is_not(None),
        )
        .values(settled_at=ctx.now, settled_by=by.value)
    )


async def add_delivery(
    ctx: Context, *, thread: Thread, message_n: int, author: str, message_id: UUID, body: str, choices: Sequence[str],
    purpose: str, valid_until: datetime | None,
) -> None:  # fmt: skip
    """Commit a message to leaving; the lane is locked, its worker sends."""
    n = await ctx.session.scalar(
        text(
            "update lane set delivery_n = delivery_n + 1 where tenant_id = :tenant and key = :thread"
            " returning delivery_n"
        ),
        {"tenant": ctx.tenant_id, "thread": thread.id},
    )
    ctx.session.add(
        Delivery(
            tenant_id=ctx.tenant_id, id=new_id(), thread_id=thread.id, n=n, account_id=thread.account_id,
            message_n=message_n, author=author, purpose=purpose, next_try_at=ctx.now, valid_until=valid_until,
            body={"text": body, "message_id": str(message_id), **({"choices": list(choices)} if choices else {})},
        )
    )  # fmt: skip
    await ctx.session.flush()


async def renew_deliveries(ctx: Context, thread_id: UUID, message_n: int) -> int:
    """Commit to leaving again what of a message did not surely leave; returns how many parts that is."""
    again = update(Delivery).where(
        Delivery.thread_id == thread_id,
        Delivery.message_n == message_n,
        Delivery.state.in_([DeliveryState.UNKNOWN, DeliveryState.FAILED, DeliveryState.HELD]),
    )
    fresh = {"attempt": 0, "error": None, "provider_id": None, "sending_at": None, "settled_at": None, "held_at": None}
    theirs = {"author": Author.STAFF.value, "purpose": Purpose.STAFF.value}
    values = {**fresh, **theirs, "valid_until": None, "next_try_at": ctx.now}
    return rows_affected(await ctx.session.execute(again.values(state=DeliveryState.COMMITTED.value, **values)))


async def routes_to(ctx: Context, contact_id: UUID) -> Sequence[Route]:
    """The threads of a person on accounts that are connected, whichever of their rows is asked for."""
    rows = await ctx.session.execute(_ROUTES, {"tenant": ctx.tenant_id, "contact": contact_id})
    return [Route(row[0], row[1], Channel(row[2]), row[3], row[4]) for row in rows]


_ROUTES = text("""
    select t.id, t.account_id, t.channel,
           t.held_by is not null or (t.quiet_until is not null and t.quiet_until > clock_timestamp()),
           (select e.received_at from event e
            where e.tenant_id = t.tenant_id and e.thread_id = t.id and e.kind = 'message' order by e.n desc limit 1)
    from (select case when merged_into is null then id else merged_into end as id
          from contact where tenant_id = :tenant and id = :contact) person
    join contact c on c.tenant_id = :tenant and (c.id = person.id or c.merged_into = person.id)
    join thread t on t.tenant_id = :tenant and t.contact_id = c.id
    join channel_account a on a.tenant_id = :tenant and a.id = t.account_id and a.disconnected_at is null
    order by t.created_at, t.id
""")


async def templates(
    ctx: Context, account_id: UUID, *, purpose: TemplatePurpose | None = None
) -> Sequence[MessageTemplate]:
    """The templates of an account by name and language, all or those for a purpose."""
    wanted = select(MessageTemplate).where(
        MessageTemplate.tenant_id == ctx.tenant_id, MessageTemplate.account_id == account_id
    )
    if purpose is not None:
        wanted = wanted.where(MessageTemplate.purpose == purpose.value)
    found = await ctx.session.scalars(wanted.order_by(MessageTemplate.name, MessageTemplate.language))
    return found.all()


async def template(ctx: Context, account_id: UUID, template_id: UUID) -> MessageTemplate | None:
    """One template of an account."""
    found = await ctx.session.scalars(
        select(MessageTemplate).where(
            MessageTemplate.tenant_id == ctx.tenant_id,
            MessageTemplate.account_id == account_id,
            MessageTemplate.id == template_id,
        )
    )
    return found.one_or_none()


async def reopened_accounts(ctx: Context, accounts: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the accounts that have an approved template for a closed window."""
    found = await ctx.session.scalars(
        select(MessageTemplate.account_id).where(
            MessageTemplate.tenant_id == ctx.tenant_id,
            MessageTemplate.account_id.in_(accounts),
            MessageTemplate.purpose == TemplatePurpose.REOPEN.value,
            MessageTemplate.status == TemplateStatus.APPROVED.value,
        )
    )
    return frozenset(found.all())


async def keep_templates(ctx: Context, account_id: UUID, seen: Sequence[SeenTemplate]) -> None:
    """Make the account's templates those that were seen; what one was chosen for stays."""
    kept = {(row.name, row.language): row for row in await templates(ctx, account_id)}
    for each in seen:
        row = kept.pop((each.name, each.language), None)
        if row is None:
            row = MessageTemplate(tenant_id=ctx.tenant_id, id=new_id(), account_id=account_id)
            row.name, row.language, row.purpose = each.name, each.language, None
            ctx.session.add(row)
        row.provider_id, row.category, row.body, row.plain = each.provider_id, each.category, each.body, each.plain
        row.status, row.reason, row.seen_at = each.status.value, each.reason, ctx.now
    for row in kept.values():
        await ctx.session.delete(row)
    await ctx.session.flush()


async def reopen_dead_event(ctx: Context, thread_id: UUID, n: int) -> bool:
    """Let the next turn of the thread answer an event that was given up; False when it is not there or not dead."""
    dead = (
        InboundEvent.tenant_id == ctx.tenant_id,
        InboundEvent.thread_id == thread_id,
        InboundEvent.n == n,
        InboundEvent.settled_by == SettledBy.DEAD.value,
    )
    if await ctx.session.scalar(select(InboundEvent.n).where(*dead)) is None:
        return False
    await lock_lane(ctx, thread_id)
    open_again = update(InboundEvent).where(*dead).values(settled_at=None, settled_by=None, turn_id=None)
    if rows_affected(await ctx.session.execute(open_again)) != 1:
        return False
    if await ctx.session.scalar(select(Thread.merged_into).where(Thread.id == thread_id)) is not None:
        await ctx.emit(EventReopened(thread_id))
    return True


async def threads_after(ctx: Context, after: UUID | None, limit: int) -> list[UUID]:
    """Ids of the tenant's threads in their order, from behind one on."""
    wanted = select(Thread.id).where(Thread.tenant_id == ctx.tenant_id).order_by(Thread.id).limit(limit)
    return list(await ctx.session.scalars(wanted if after is None else wanted.where(Thread.id > after)))


async def delete_events(ctx: Context, threads: Sequence[UUID], before: datetime, limit: int) -> int:
    """Delete events settled before a time, so many at most; returns how many."""
    return await _delete_settled(ctx, "event", threads, before, limit)


async def delete_deliveries(ctx: Context, threads: Sequence[UUID], before: datetime, limit: int) -> int:
    """Delete deliveries whose outcome was known before a time, so many at most; returns how many."""
    return await _delete_settled(ctx, "delivery", threads, before, limit)


async def _delete_settled(ctx: Context, table: str, threads: Sequence[UUID], before: datetime, limit: int) -> int:
    old = (
        f"select thread_id, n from {table} where tenant_id = :tenant and thread_id = any (:threads)"  # noqa: S608 (one of two words)
        " and settled_at < :before order by thread_id, n limit :limit"
    )
    done = await ctx.session.execute(
        text(f"delete from {table} where tenant_id = :tenant and (thread_id, n) in ({old})"),  # noqa: S608 (the same)
        {"tenant": ctx.tenant_id, "threads": list(threads), "before": before, "limit": limit},
    )
    return rows_affected(done)


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


async def note_failure(ctx: Context, account_id: UUID, why: Failure, said: str) -> None:
    """Write down how the last send of an account failed; a token that was refused stays so until one works."""
    refused = func.coalesce(ChannelAccount.token_refused_at, ctx.now if why is Failure.TOKEN else None)
    values = {"failed_at": ctx.now, "failed_why": why.value, "failure": said, "token_refused_at": refused}
    await ctx.session.execute(update(ChannelAccount).where(ChannelAccount.id == account_id).values(**values))


async def note_success(ctx: Context, account_id: UUID) -> bool:
    """The account sends again; whether it had not."""
    well = {"failed_at": None, "failed_why": None, "failure": None, "token_refused_at": None}
    failing = (ChannelAccount.id == account_id, ChannelAccount.failed_at.is_not(None))
    return rows_affected(await ctx.session.execute(update(ChannelAccount).where(*failing).values(**well))) == 1


async def prove(ctx: Context, app_id: UUID, proof: bytes) -> None:
    """Remember the hash of what an app shows."""
    await ctx.session.execute(update(ProviderApp).where(ProviderApp.id == app_id).values(proof=proof))


@dataclass(frozen=True, slots=True)
class Leased:
    """An account that is ours to read."""

    cursor: Mapping[str, object] | None
    failures: int


async def due_pulls(pool: Pool, channels: Sequence[Channel], most: int) -> list[tuple[UUID, UUID]]:
    """Tenant and id of accounts of these channels that are due and that nobody reads, of all tenants."""
    rows = await fetch(pool, "select * from app.due_pulls($1, $2)", [each.value for each in channels], most)
    return [(row["tenant_id"], row["account_id"]) for row in rows]


async def pull_soon(db: Database, tenant_id: UUID, account_id: UUID) -> None:
    """Have an account pulled by whichever worker is free; asked for twice before one begins is once."""
    async with db.transaction(None) as session:
        await jobs.insert(session, None, PullAccount(tenant_id, account_id), run_at=None, key=str(account_id))


async def unattended(pool: Pool, channels: Sequence[Channel], most: int) -> list[tuple[UUID, UUID]]:
    """Tenant and id of accounts of these channels for which no worker stands by, of all tenants."""
    rows = await fetch(pool, "select * from app.unattended($1, $2)", [each.value for each in channels], most)
    return [(row["tenant_id"], row["account_id"]) for row in rows]


async def has_cursor(ctx: Context, account_id: UUID) -> bool:
    """Whether it is known how far an account was read."""
    found = await ctx.session.scalar(select(ChannelCursor.cursor).where(*_cursor_of(ctx, account_id)))
    return found is not None


async def put_cursor(ctx: Context, account_id: UUID, cursor: Mapping[str, object]) -> None:
    """An account is read from here on, whoever reads it at this moment."""
    await ctx.session.execute(
        text(
            "insert into channel_cursor (tenant_id, account_id, cursor)"
            " values (:tenant, :account, cast(:cursor as jsonb))"
            " on conflict (tenant_id, account_id) do update set cursor = excluded.cursor, next_at = clock_timestamp(),"
            " failures = 0, failed_at = null, error = null, leased_by = null, leased_until = null, owner = null,"
            " wanted = false"
        ),
        {"tenant": ctx.tenant_id, "account": account_id, "cursor": orjson.dumps(dict(cursor)).decode()},
    )


async def lease_cursor(
    ctx: Context, account_id: UUID, lease: UUID, seconds: float, *, owner: int | None
) -> Leased | None:
    """Take an account to read it; None when another has it, who is told to look again, or it is to be let alone.

    It is free again after so many seconds, and as soon as its `owner` among the workers is dead.
    """
    named = {"tenant": ctx.tenant_id, "account": account_id}
    await ctx.session.execute(
        text("insert into channel_cursor (tenant_id, account_id) values (:tenant, :account) on conflict do nothing"),
        named,
    )
    taken = await ctx.session.execute(_LEASE, {**named, "lease": lease, "seconds": seconds, "owner": owner})
    row = taken.first()
    if row is None:
        await ctx.session.execute(_WANT, named)
        return None
    return Leased(row.cursor, row.failures)


async def move_cursor(
    ctx: Context, account_id: UUID, lease: UUID, cursor: Mapping[str, object], *, next_in: float, lease_for: float
) -> bool:
    """An account was read up to here; False, and nothing moves, when it is another's meanwhile."""
    moved = await ctx.session.execute(
        _MOVE_CURSOR,
        {
            "tenant": ctx.tenant_id, "account": account_id, "lease": lease,
            "cursor": orjson.dumps(dict(cursor)).decode(), "next_in": next_in, "lease_for": lease_for,
        },
    )  # fmt: skip
    return rows_affected(moved) == 1


async def end_lease(ctx: Context, account_id: UUID, lease: UUID, failed: tuple[str, float] | None) -> bool:
    """Let an account go, with what went wrong and for how many seconds to let it alone; whether it is wanted again."""
    error, pause = failed or (None, None)
    ended = await ctx.session.execute(
        _END_LEASE,
        {"tenant": ctx.tenant_id, "account": account_id, "lease": lease, "error": error, "pause": pause},
    )
    return failed is None and bool(ended.scalar())


def _cursor_of(ctx: Context, account_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ChannelCursor.tenant_id == ctx.tenant_id, ChannelCursor.account_id == account_id


_LEASE = text(
    "update channel_cursor set leased_by = :lease, owner = :owner, wanted = false,"
    " leased_until = clock_timestamp() + make_interval(secs => :seconds)"
    " where tenant_id = :tenant and account_id = :account"
    " and (leased_until is null or leased_until < clock_timestamp()"
    " or (owner is not null and not exists (select from worker where worker.id = channel_cursor.owner)))"
    " and (failures = 0 or next_at <= clock_timestamp()) returning cursor, failures"
)
_WANT = text(
    "update channel_cursor set wanted = true"
    " where tenant_id = :tenant and account_id = :account and leased_until >= clock_timestamp()"
)
_MOVE_CURSOR = text(
    "update channel_cursor set cursor = cast(:cursor as jsonb), pulled_at = clock_timestamp(), failures = 0,"
    " failed_at = null, error = null, next_at = clock_timestamp() + make_interval(secs => :next_in),"
    " leased_until = clock_timestamp() + make_interval(secs => :lease_for)"
    " where tenant_id = :tenant and account_id = :account and leased_by = :lease"
)
_END_LEASE = text(
    "update channel_cursor set leased_by = null, leased_until = null, owner = null, wanted = false,"
    " failures = case when cast(:error as text) is null then failures else failures + 1 end,"
    " failed_at = case when cast(:error as text) is null then failed_at else clock_timestamp() end,"
    " error = coalesce(cast(:error as text), error),"
    " next_at = case when cast(:error as text) is null then next_at"
    " else clock_timestamp() + make_interval(secs => cast(:pause as double precision)) end"
    " where tenant_id = :tenant and account_id = :account and leased_by = :lease returning old.wanted"
)

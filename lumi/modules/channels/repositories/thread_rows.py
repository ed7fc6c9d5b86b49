"""Threads, their lanes, events and deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update

from lumi.core.context import Context
from lumi.core.db import Pool, fetch, rows_affected
from lumi.core.ids import new_id
from lumi.modules.channels.events import EventReopened
from lumi.modules.channels.models import Delivery, InboundEvent, Thread, ThreadAddress
from lumi.modules.channels.rules import Route
from lumi.modules.channels.values.kinds import Channel, DeliveryState, Purpose, SettledBy
from lumi.modules.channels.values.media import Part


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


async def known_addresses(ctx: Context, account_id: UUID, addresses: Sequence[str]) -> set[str]:
    """Those of them that lead to a thread on an account."""
    wanted = select(ThreadAddress.address).where(
        ThreadAddress.tenant_id == ctx.tenant_id, ThreadAddress.account_id == account_id,
        ThreadAddress.address.in_(addresses),
    )  # fmt: skip
    return set(await ctx.session.scalars(wanted))


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
    """Write who holds a thread; taking it over answers the wish for a human, and ends the silence after an echo."""
    values = {"held_by": holder, "held_at": at, "wants_human_at": None, "quiet_until": None}
    statement = update(Thread).where(Thread.id == thread_id).values(values)
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
    ctx: Context, *, thread: Thread, message_n: int, author: str, message_id: UUID, part: Part, purpose: str,
    valid_until: datetime | None,
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
            body={"message_id": str(message_id), **_body(part)},
        )
    )  # fmt: skip
    await ctx.session.flush()


def _body(part: Part) -> dict[str, object]:
    """What of a message leaves in one delivery; of a file what it is, and which."""
    body: dict[str, object] = {"text": part.text}
    if part.choices:
        body["choices"] = list(part.choices)
    if (file := part.file) is not None:
        body["file"] = {
            "id": str(file.file_id), "kind": file.kind.value, "name": file.name, "mime": file.mime,
            "size_bytes": file.size_bytes,
        }  # fmt: skip
    return body


async def heard_at(ctx: Context, thread_id: UUID) -> datetime | None:
    """When the person of a thread last wrote, or was heard of before that was written down here."""
    found = await ctx.session.scalar(_HEARD, {"tenant": ctx.tenant_id, "thread": thread_id})
    return found if isinstance(found, datetime) else None


_HEARD = text("""
    select greatest(t.heard_at, (
        select max(h.at) from (
            select least(e.sent_at, e.received_at) as at from event e
            where e.tenant_id = t.tenant_id and e.thread_id = t.id and e.kind = 'message' order by e.n desc limit 5) h))
    from thread t where t.tenant_id = :tenant and t.id = :thread
""")


async def renew_deliveries(ctx: Context, thread_id: UUID, message_n: int) -> int:
    """Commit to leaving again what of a message did not surely leave; returns how many parts that is.

    A person wants it so; whose words they are stays as it was.
    """
    again = update(Delivery).where(
        Delivery.thread_id == thread_id,
        Delivery.message_n == message_n,
        Delivery.state.in_([DeliveryState.UNKNOWN, DeliveryState.FAILED, DeliveryState.HELD]),
    )
    fresh = {"attempt": 0, "error": None, "provider_id": None, "sending_at": None, "settled_at": None, "held_at": None,
             "reached": None}  # fmt: skip
    values = {**fresh, "purpose": Purpose.STAFF.value, "valid_until": None, "next_try_at": ctx.now}
    return rows_affected(await ctx.session.execute(again.values(state=DeliveryState.COMMITTED.value, **values)))


async def routes_to(ctx: Context, contact_id: UUID) -> Sequence[Route]:
    """The threads of a person on accounts that are connected, whichever of their rows is asked for."""
    rows = await ctx.session.execute(_ROUTES, {"tenant": ctx.tenant_id, "contact": contact_id})
    return [Route(row[0], row[1], Channel(row[2]), row[3], row[4]) for row in rows]


_ROUTES = text("""
    select t.id, t.account_id, t.channel,
           t.held_by is not null or (t.quiet_until is not null and t.quiet_until > clock_timestamp()),
           greatest(t.heard_at, (
               select least(e.sent_at, e.received_at) from event e
               where e.tenant_id = t.tenant_id and e.thread_id = t.id and e.kind = 'message' order by e.n desc limit 1))
    from (select case when merged_into is null then id else merged_into end as id
          from contact where tenant_id = :tenant and id = :contact) person
    join contact c on c.tenant_id = :tenant and (c.id = person.id or c.merged_into = person.id)
    join thread t on t.tenant_id = :tenant and t.contact_id = c.id and t.merged_into is null
    join channel_account a on a.tenant_id = :tenant and a.id = t.account_id and a.disconnected_at is null
    order by t.created_at, t.id
""")


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

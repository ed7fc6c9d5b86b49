"""Numbers that changed hands: whoever comes with one under another name is not who had it before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.logging import get_logger
from lumi.modules.channels.adapters.ports import Unite
from lumi.modules.channels.values.incoming import Moved
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import BadPoint, ContactBusy, ContactNotFound, Point, PointKind

log = get_logger("lumi.channels")

# Stands for the name of somebody that nobody has told: what is another's is so for them, too.
_NOT_TOLD = "?"


async def hand_over(
    db: Database,
    tenant_id: UUID,
    account_id: UUID,
    channel: Channel,
    addresses: Sequence[str],
    written_at: datetime | None,
) -> None:
    """Take from thread and contact what is somebody else's by now; nothing happens where nothing is.

    Nobody takes anything by what was written before it was told whose it is now.
    """
    async with db.transaction(tenant_id) as session:
        ctx = Context(session, tenant_id)
        named = {**_named(tenant_id, account_id, channel, addresses), "written": written_at or now()}
        handed = await session.execute(_HAND_OVER, named)
        await _release(ctx, [(str(address), contact_id) for address, contact_id in handed.all()])
    log.info("address_handed_over", channel=channel.value, account=str(account_id))


async def move(db: Database, unite: Unite, tenant_id: UUID, account_id: UUID, channel: Channel, moved: Moved) -> None:
    """Have somebody be reached where they are now, and no more where they were.

    Whoever had the new number before keeps their conversation and loses the number. Nothing happens where nobody knows
    them by what they were known by, which is so when it is told again.
    """
    written = moved.at or now()
    async with db.transaction(tenant_id) as session:
        about = {"account": account_id, "was": list(moved.was), "written": written, "own": f"{channel.value}:%"}
        was = list(await session.scalars(_KNOWN_BEFORE, about))
        names = list(await session.scalars(_OWN_NAMES, {**about, "was": was}))
    if not was:
        return
    theirs = [*moved.now, *names, f"{channel.value}:{_NOT_TOLD}"]
    await hand_over(db, tenant_id, account_id, channel, theirs, written)
    async with db.transaction(tenant_id) as session:
        lost = set(await session.scalars(_STRAYS, _named(tenant_id, account_id, channel, theirs)))
    reached = [each for each in moved.now if each not in lost]
    if not reached:
        return  # others have come with it since
    await unite(tenant_id, account_id, [*reached, *was], moved=True)
    async with db.transaction(tenant_id) as session:
        ctx = Context(session, tenant_id)
        named = _named(tenant_id, account_id, channel, moved.left)
        leaving = {**named, "at": reached[0], "unnamed": moved.unnamed, "written": written}
        left = await session.execute(_LEAVE, leaving)
        await _release(ctx, [(str(address), contact_id) for address, contact_id in left.all()])


async def _release(ctx: Context, left: Sequence[tuple[str, UUID | None]]) -> None:
    """Take from contacts what their threads have lost; what cannot be let go is lost to the thread all the same."""
    for address, contact_id in left:
        kind, _, value = address.partition(":")
        if contact_id is None:
            continue
        try:
            await contacts.release(ctx, contact_id, Point(PointKind(kind), value))
        except (ContactNotFound, BadPoint, ContactBusy, ValueError) as refusal:
            log.warning("address_not_released", contact=str(contact_id), kind=kind, reason=type(refusal).__name__)


def _named(tenant_id: UUID, account_id: UUID, channel: Channel, addresses: Sequence[str]) -> dict[str, object]:
    return {"tenant": tenant_id, "account": account_id, "via": channel.value, "addresses": list(addresses)}


_HAND_OVER = text("select * from app.hand_over(:tenant, :account, :via, :addresses, :written)")
_STRAYS = text("select address from app.strays(:tenant, :account, :via, :addresses)")
_LEAVE = text("select * from app.leave_addresses(:tenant, :account, :via, :at, :addresses, :unnamed, :written)")
_KNOWN_BEFORE = text(
    "select address from thread_address where account_id = :account and address = any(:was) and told_at <= :written"
    " order by address"
)
_OWN_NAMES = text(
    "select o.address from thread_address o where o.account_id = :account and o.address like :own and o.thread_id in ("
    "select thread_id from thread_address where account_id = :account and address = any(:was)) order by o.address"
)

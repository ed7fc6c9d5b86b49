"""Numbers that changed hands: whoever comes with one under another name is not who had it before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy import text

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.logging import get_logger
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import ContactNotFound, Point, PointKind

log = get_logger("lumi.channels")


async def hand_over(
    db: Database, tenant_id: UUID, account_id: UUID, channel: Channel, addresses: Sequence[str]
) -> None:
    """Take from thread and contact what is somebody else's by now; nothing happens where nothing is."""
    async with db.transaction(tenant_id) as session:
        ctx = Context(session, tenant_id)
        moved = await session.execute(_HAND_OVER, _named(tenant_id, account_id, channel, addresses))
        for address, contact_id in moved.all():
            kind, _, value = str(address).partition(":")
            with suppress(ContactNotFound, ValueError):
                await contacts.release(ctx, contact_id, Point(PointKind(kind), value))
    log.info("address_handed_over", channel=channel.value, account=str(account_id))


async def forget_own_names(
    db: Database, tenant_id: UUID, account_id: UUID, channel: Channel, addresses: Sequence[str]
) -> None:
    """Whoever is at these addresses has a name at the provider that nobody has told yet."""
    async with db.transaction(tenant_id) as session:
        await session.execute(_FORGET, _named(tenant_id, account_id, channel, addresses))


def _named(tenant_id: UUID, account_id: UUID, channel: Channel, addresses: Sequence[str]) -> dict[str, object]:
    return {"tenant": tenant_id, "account": account_id, "via": channel.value, "addresses": list(addresses)}


_HAND_OVER = text("select * from app.hand_over(:tenant, :account, :via, :addresses)")
_FORGET = text("select app.forget_own_names(:tenant, :account, :via, :addresses)")

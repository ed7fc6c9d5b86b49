"""What is authentic and cannot be used: laid down as it came, once however often it comes."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core import dead_letters
from lumi.core.db import Database
from lumi.core.dead_letters import Source
from lumi.core.logging import get_logger
from lumi.modules.channels.values.incoming import Broken
from lumi.modules.channels.values.kinds import Channel

log = get_logger("lumi.channels")

_NO_ACCOUNT = UUID(int=0)


async def lay_down(
    db: Database, channel: Channel, tenant_id: UUID | None, account_id: UUID | None, broken: Broken
) -> bool:
    """Keep it for a person to look at; False when the same came before. Nobody's is shown to nobody."""
    origin = f"{channel}/{account_id}" if account_id else channel.value
    digest = _digest(broken.raw)
    async with db.transaction(tenant_id) as session:
        if tenant_id is not None:
            is_new = (await session.execute(_KEY, _key(channel, tenant_id, account_id, digest))).first() is not None
        else:
            await session.execute(_ALONE, {"digest": digest})
            is_new = not await session.scalar(_THERE, {"origin": origin, "body": broken.raw})
        if not is_new:
            return False
        await dead_letters.keep(
            session, tenant_id, source=Source.WEBHOOK, origin=origin, body=broken.raw, reason=broken.reason
        )
    log.warning("webhook_item_laid_down", channel=channel.value, reason=broken.reason)
    return True


async def let_come_again(session: AsyncSession, tenant_id: UUID, origin: str, body: bytes) -> None:
    """What was laid down is tried once more: if that is in vain, it is laid down again."""
    place = origin_of(origin)
    if place is not None:
        await session.execute(_FORGOTTEN, _key(place[0], tenant_id, place[1], _digest(body)))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _key(channel: Channel, tenant_id: UUID, account_id: UUID | None, digest: str) -> dict[str, object]:
    return {"tenant": tenant_id, "account": account_id or _NO_ACCOUNT, "id": f"broken:{channel}:{digest}"}


def origin_of(origin: str) -> tuple[Channel, UUID | None] | None:
    """Channel and account of a letter, as it was laid down; None when that is no channel of ours."""
    channel, _, account = origin.partition("/")
    try:
        return Channel(channel), UUID(account) if account else None
    except ValueError:
        return None


_KEY = text(
    "insert into event_key (tenant_id, account_id, provider_id) values (:tenant, :account, :id)"
    " on conflict do nothing returning 1"
)
_FORGOTTEN = text("delete from event_key where tenant_id = :tenant and account_id = :account and provider_id = :id")
# Nobody's has no key of an account: those there are, and they are few, are looked at one after the other.
_ALONE = text("select pg_advisory_xact_lock(hashtextextended(:digest, 4))")
_THERE = text(
    "select exists (select from dead_letter where tenant_id is null and source = 'webhook' and origin = :origin"
    " and body = :body)"
)

"""Provider apps and connected accounts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.exc import IntegrityError

from lumi.core.context import Context
from lumi.core.db import Pool, fetch, rows_affected
from lumi.modules.channels.errors import AccountTaken
from lumi.modules.channels.models import ChannelAccount, ProviderApp
from lumi.modules.channels.values.kinds import Channel, Failure


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


async def hold_account(ctx: Context, account_id: UUID) -> ChannelAccount | None:
    """The same as it was last committed; who else would change it waits until this unit of work ends."""
    wanted = select(ChannelAccount).where(ChannelAccount.id == account_id).with_for_update(key_share=True)
    found = await ctx.session.scalars(wanted, execution_options={"populate_existing": True})
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
    """Those of the accounts on which anything came in that could be read, as long as its key is kept."""
    asked = text(
        # In the order of the key: else every key of the tenant is read for an account on which nothing came in.
        "select a.id from unnest(cast(:accounts as uuid[])) a (id) cross join lateral"
        " (select from event_key k where k.tenant_id = :tenant and k.account_id = a.id"
        " and not starts_with(k.provider_id, 'broken:')"
        " order by k.tenant_id, k.account_id, k.provider_id limit 1) heard"
    )
    found = await ctx.session.scalars(asked, {"tenant": ctx.tenant_id, "accounts": list(accounts)})
    return frozenset(found.all())


async def was_seen(ctx: Context, account_id: UUID, provider_id: str) -> bool:
    """Whether an item of this id has come in, as long as its key is kept."""
    seen = text(
        "select exists (select from event_key"
        " where tenant_id = :tenant and account_id = :account and provider_id = :id)"
    )
    return bool(await ctx.session.scalar(seen, {"tenant": ctx.tenant_id, "account": account_id, "id": provider_id}))


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

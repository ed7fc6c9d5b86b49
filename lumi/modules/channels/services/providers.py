"""Connecting a provider's account as its owner does: asked whether it is right, kept, and told where to post."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.errors import DependencyUnavailable
from lumi.core.http import OutcomeUnknown, RateLimited, Rejected, Unavailable
from lumi.core.pagination import Cursor, Page
from lumi.modules.channels import repository
from lumi.modules.channels.errors import NotConnectable, ProviderRefused, UnknownAccount
from lumi.modules.channels.models import ChannelAccount
from lumi.modules.channels.services.connect import Credentials, connect
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values import Account, Channel, ConnectedAccount, NewAccount
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import IdentifierKind, IdentifierNotFound

CURSOR = Cursor("channels", tuple[datetime, UUID])
# Whose accounts a tenant connects with credentials, and the name under which the outside knows such an account.
CONNECTABLE = {Channel.WHATSAPP: IdentifierKind.PHONE_NUMBER_ID}
_NEW = UUID(int=0)


async def connect_account(ctx: Context, sender: Sender, wanted: NewAccount) -> tuple[ConnectedAccount, str]:
    """Ask the provider whether id and token are right, then connect; returns the account and its verify token.

    Connecting again renews the credentials. Raises NotConnectable, BadIdentifier, ProviderRefused, AccountTaken and,
    when nobody answered, DependencyUnavailable: nothing was stored.
    """
    if wanted.channel not in CONNECTABLE:
        raise NotConnectable
    await tenants.claim_identifier(ctx, CONNECTABLE[wanted.channel], wanted.external_id)
    known = await repository.find_account(ctx, wanted.channel, wanted.external_id)
    settings = known.settings if known else {}
    await _ask(ctx, sender, wanted, settings)
    verify_token = wanted.verify_token or secrets.token_urlsafe(24)
    account_id = await connect(
        ctx, channel=wanted.channel, external_id=wanted.external_id, name=wanted.name,
        credentials=Credentials(wanted.app_secret, verify_token, wanted.access_token),
        settings=settings,
    )  # fmt: skip
    if known is not None:
        await audit(
            ctx, "channels.credentials_renewed", target=str(account_id), detail={"channel": wanted.channel.value}
        )
    return await get_account(ctx, account_id), verify_token


async def get_account(ctx: Context, account_id: UUID) -> ConnectedAccount:
    """One account; raises UnknownAccount."""
    row = await repository.account(ctx, account_id)
    if row is None:
        raise UnknownAccount
    return (await _seen(ctx, [row]))[0]


async def list_connected(ctx: Context, *, cursor: str | None, limit: int) -> Page[ConnectedAccount]:
    """A page of the tenant's accounts, connected ones and those that were, oldest first."""
    rows = await repository.accounts_after(ctx, CURSOR.after(cursor), limit + 1)
    return CURSOR.page(await _seen(ctx, rows), limit, lambda each: (each.connected_at, each.id))


async def disconnect(ctx: Context, account_id: UUID) -> None:
    """Nothing comes in or goes out any more, and somebody else may connect it; raises UnknownAccount.

    What was said stays. Other processes go by what they knew for a few seconds.
    """
    row = await repository.account(ctx, account_id)
    if row is None or Channel(row.channel) not in CONNECTABLE:
        raise UnknownAccount
    if row.disconnected_at is None:
        row.disconnected_at = ctx.now
        await ctx.session.flush()
        with suppress(IdentifierNotFound):
            await tenants.release_identifier(ctx, CONNECTABLE[Channel(row.channel)], row.external_id)
        await audit(ctx, "channels.account_disconnected", target=str(row.id), detail={"channel": row.channel})


async def _ask(ctx: Context, sender: Sender, wanted: NewAccount, settings: Mapping[str, object]) -> None:
    account = Account(
        ctx.tenant_id, _NEW, wanted.channel, wanted.external_id, wanted.name, wanted.access_token, settings
    )
    try:
        await sender.try_account(account)
    except Rejected as refusal:
        raise ProviderRefused(provider_status=refusal.status) from refusal
    except (Unavailable, RateLimited, OutcomeUnknown) as failure:
        raise DependencyUnavailable from failure


async def _seen(ctx: Context, rows: Sequence[ChannelAccount]) -> list[ConnectedAccount]:
    heard = await repository.heard_accounts(ctx, [row.id for row in rows])
    return [
        ConnectedAccount(
            row.id, Channel(row.channel), row.external_id, row.name, row.connected_at, row.disconnected_at,
            row.id in heard, f"/webhooks/{row.channel}/{row.id}" if row.app_id else None,
        )
        for row in rows
    ]  # fmt: skip

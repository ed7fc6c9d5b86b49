"""The identity secret of a widget: with it the page around it vouches for who its visitor is."""

from __future__ import annotations

import secrets
from uuid import UUID

from lumi.core import crypto
from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.modules.channels.errors import UnknownAccount
from lumi.modules.channels.models import ChannelAccount
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.values.kinds import Channel


async def renew_secret(ctx: Context, account_id: UUID) -> str:
    """A new secret, told this once; what was signed with the one before is refused. Raises UnknownAccount."""
    account = await _widget(ctx, account_id)
    secret = secrets.token_urlsafe(32)
    account.access_token = crypto.seal(secret, tenant_id=ctx.tenant_id)
    await ctx.session.flush()
    await audit(ctx, "channels.identity_secret_renewed", target=str(account.id))
    return secret


async def drop_secret(ctx: Context, account_id: UUID) -> None:
    """Nobody is vouched for any more. Raises UnknownAccount."""
    account = await _widget(ctx, account_id)
    if account.access_token is not None:
        account.access_token = None
        await ctx.session.flush()
        await audit(ctx, "channels.identity_secret_dropped", target=str(account.id))


async def find_secret(ctx: Context, account_id: UUID) -> str | None:
    """The secret, where there is one."""
    account = await _widget(ctx, account_id)
    if account.access_token is None:
        return None
    return crypto.open_sealed(account.access_token, tenant_id=ctx.tenant_id).decode()


async def _widget(ctx: Context, account_id: UUID) -> ChannelAccount:
    account = await account_rows.account(ctx, account_id)
    if account is None or Channel(account.channel) is not Channel.WEB:
        raise UnknownAccount
    return account

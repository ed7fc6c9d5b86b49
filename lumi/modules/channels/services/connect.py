"""Connecting accounts: who signs, where it is, with which token."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from lumi.core import crypto
from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.ids import new_id
from lumi.modules.channels.models import ChannelAccount, ProviderApp
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.values.accounts import ACCOUNT_KEPT_AS
from lumi.modules.channels.values.kinds import Channel


@dataclass(frozen=True)
class Credentials:
    """What a provider gave us: the app's secret and verify token, the account's access token."""

    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    access_token: str = field(repr=False)
    is_shown: bool = False
    """Whether the app's secret is shown by whoever posts; otherwise they sign with it."""


async def connect(
    ctx: Context,
    *,
    channel: Channel,
    external_id: str,
    name: str,
    credentials: Credentials | None = None,
    settings: Mapping[str, object] | None = None,
) -> UUID:
    """Connect an account, or renew its credentials when it is connected already; returns its id.

    Secrets are sealed with the tenant's key. Lumi's own surfaces have no credentials. Raises AccountTaken when
    another tenant has connected this account and not disconnected it: a provider posts for it under one name, so
    only one of the two would ever hear anything.
    """
    app_id = await _app(ctx, channel, external_id, credentials) if credentials else None
    known = await account_rows.find_account(ctx, channel, external_id)
    account = known or ChannelAccount(
        tenant_id=ctx.tenant_id, id=new_id(), channel=channel.value, external_id=external_id
    )
    async with account_rows.connected_once(ctx):
        account.app_id = app_id
        account.name = name
        account.settings = dict(settings or {})
        account.disconnected_at = None
        if credentials is not None:
            account.access_token = crypto.seal(credentials.access_token, tenant_id=ctx.tenant_id)
            _begin_anew(account)
        ctx.session.add(account)
    ctx.outdate(ACCOUNT_KEPT_AS, str(account.id))
    if known is None:
        await audit(ctx, "channels.account_connected", target=str(account.id), detail={"channel": channel.value})
    return account.id


def proof_of(secret: str) -> bytes:
    """What an app is found by whose posts show their secret: its hash, which gives the secret to nobody."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _begin_anew(account: ChannelAccount) -> None:
    """Of other credentials nothing is known yet."""
    account.checked_at = account.token_expires_at = account.token_refused_at = None
    account.failed_at = account.failed_why = account.failure = account.webhook_trouble = None


async def _app(ctx: Context, channel: Channel, name: str, credentials: Credentials) -> UUID:
    app = await account_rows.find_app(ctx, channel, name)
    if app is None:
        app = ProviderApp(tenant_id=ctx.tenant_id, id=new_id(), channel=channel.value, name=name)
        ctx.session.add(app)
    app.secret = crypto.seal(credentials.app_secret, tenant_id=ctx.tenant_id)
    app.proof = proof_of(credentials.app_secret) if credentials.is_shown else None
    app.verify_token = crypto.seal(credentials.verify_token, tenant_id=ctx.tenant_id)
    await ctx.session.flush()
    return app.id

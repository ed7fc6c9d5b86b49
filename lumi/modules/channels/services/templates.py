"""The texts a provider approved: read from it, listed, and chosen for a purpose."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.errors import DependencyUnavailable
from lumi.core.http import OutcomeUnknown, RateLimited, Rejected, Unavailable
from lumi.core.logging import get_logger
from lumi.modules.channels.engine.templates import PLACE
from lumi.modules.channels.errors import NoTemplates, ProviderRefused, TemplateNotFound, TemplateUnfit, UnknownAccount
from lumi.modules.channels.events import RefreshTemplates
from lumi.modules.channels.models import ChannelAccount, MessageTemplate
from lumi.modules.channels.repositories import account_rows, template_rows
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.kinds import Channel, TemplatePurpose
from lumi.modules.tenants import public as tenants

log = get_logger("lumi.templates")


async def list_templates(ctx: Context, account_id: UUID) -> Sequence[MessageTemplate]:
    """Every template of an account as its provider told last, by name; raises UnknownAccount, NoTemplates."""
    await _account(ctx, account_id)
    return await template_rows.templates(ctx, account_id)


async def refresh(ctx: Context, sender: Sender, account_id: UUID) -> Sequence[MessageTemplate]:
    """Ask the provider now; what it no longer names is forgotten, what it was chosen for stays.

    Raises UnknownAccount, NoTemplates, ProviderRefused and, when nobody answered, DependencyUnavailable.
    """
    account = await _account(ctx, account_id)
    try:
        seen = await sender.templates(Channel(account.channel), tenant_id=ctx.tenant_id, account_id=account_id)
    except Rejected as refusal:
        raise ProviderRefused(provider_status=refusal.status) from refusal
    except (Unavailable, RateLimited, OutcomeUnknown) as failure:
        raise DependencyUnavailable from failure
    await template_rows.keep_templates(ctx, account_id, seen)
    await audit(ctx, "channels.templates_refreshed", target=str(account_id), detail={"templates": len(seen)})
    return await template_rows.templates(ctx, account_id)


async def choose(ctx: Context, account_id: UUID, template_id: UUID, purpose: TemplatePurpose | None) -> MessageTemplate:
    """Have a template sent for this purpose, or for none any more.

    Refuses (TemplateUnfit) one that needs more than one text, a file or a button's value.
    """
    await _account(ctx, account_id)
    row = await template_rows.template(ctx, account_id, template_id)
    if row is None:
        raise TemplateNotFound
    if purpose is not None and not (row.plain and len(set(PLACE.findall(row.body))) <= 1):
        raise TemplateUnfit
    row.purpose = purpose.value if purpose else None
    await ctx.session.flush()
    await audit(
        ctx, "channels.template_chosen", target=f"template:{row.id}", detail={"name": row.name, "purpose": row.purpose}
    )
    return row


async def refresh_later(ctx: Context, account_id: UUID) -> None:
    """Have a worker ask the provider; of several wishes that wait one is enough."""
    await ctx.defer(RefreshTemplates(account_id), key=f"templates:{account_id}")


async def refresh_all(db: Database) -> None:
    """Have the provider of every connected account that has templates asked again."""
    for tenant in await tenants.list_all(db):
        async with db.transaction(tenant.id) as session:
            ctx = Context(session, tenant.id)
            for account in await account_rows.accounts(ctx):
                if _has_templates(account):
                    await refresh_later(ctx, account.id)


async def refresh_kept(ctx: Context, sender: Sender, account_id: UUID) -> None:
    """The same for a worker: an account that is gone, or whose owner has not named its business account, is let be."""
    try:
        await refresh(ctx, sender, account_id)
    except (UnknownAccount, NoTemplates, ProviderRefused) as refusal:
        log.warning("templates_not_read", account=str(account_id), reason=refusal.code)


async def _account(ctx: Context, account_id: UUID) -> ChannelAccount:
    account = await account_rows.account(ctx, account_id)
    if account is None or account.disconnected_at is not None:
        raise UnknownAccount
    if not _has_templates(account):
        raise NoTemplates
    return account


def _has_templates(account: ChannelAccount) -> bool:
    return account.disconnected_at is None and CAPABILITIES[Channel(account.channel)].templates

"""Texts that providers approved."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from lumi.core.context import Context
from lumi.core.ids import new_id
from lumi.modules.channels.models import ChannelAccount, MessageTemplate
from lumi.modules.channels.values.kinds import TemplatePurpose, TemplateStatus
from lumi.modules.channels.values.outgoing import SeenTemplate


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
    """Make the account's templates those that were seen; what one was chosen for stays.

    The account's row is locked: its provider may be asked by several at once.
    """
    mine = select(ChannelAccount.id).where(ChannelAccount.tenant_id == ctx.tenant_id, ChannelAccount.id == account_id)
    await ctx.session.execute(mine.with_for_update(key_share=True))
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

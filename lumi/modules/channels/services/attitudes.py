"""What a provider says of more than one message: who wants nothing unasked, whom nothing reaches, what is off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.http import OutsideFailure
from lumi.modules.channels.events import RefreshTemplates
from lumi.modules.channels.repositories import attitude_rows
from lumi.modules.channels.values.accounts import Account
from lumi.modules.channels.values.incoming import Shown
from lumi.modules.channels.values.kinds import Attitude, TemplateStatus
from lumi.modules.channels.values.outgoing import Outgoing

_OFF = {"template_paused": TemplateStatus.PAUSED, "template_disabled": TemplateStatus.DISABLED}
AT_ONCE = timedelta(minutes=1)
_SHUNNED = {each.value: each for each in Attitude}


async def take(db: Database, tenant_id: UUID, account_id: UUID, shown: Shown) -> bool:
    """Note what a person made known; False where they never wrote, or something later is known."""
    async with db.transaction(tenant_id) as session:
        ctx = Context(session, tenant_id)
        threads = await attitude_rows.threads_at(ctx, account_id, shown.addresses)
        return await _note(ctx, threads, shown)


def lasts(failure: OutsideFailure) -> str | None:
    """What a refusal says beyond its message, in the word of its integration."""
    word = getattr(failure, "lasting", None)
    return word if word in _OFF or word in _SHUNNED else None


async def learn(db: Database, account: Account, word: str, message: Outgoing) -> None:
    """Keep in mind what the refusal of a message says beyond it."""
    async with db.transaction(account.tenant_id) as session:
        ctx = Context(session, account.tenant_id)
        if word in _SHUNNED:
            await _note(ctx, [message.thread_id], Shown(None, (), _SHUNNED[word], at=ctx.now))
        elif message.template is not None:
            named = message.template.name, message.template.language
            await attitude_rows.switch_off(ctx, account.id, *named, _OFF[word])
            await ctx.defer(RefreshTemplates(account.id), key=f"templates:{account.id}")


def _when(shown: Shown, now: datetime) -> datetime:
    """By our clock where it came at once: the provider's counts in seconds, and what they write is told by ours."""
    return shown.at if shown.at is not None and now - shown.at > AT_ONCE else now


async def _note(ctx: Context, threads: Sequence[UUID], shown: Shown) -> bool:
    if not threads or not await attitude_rows.note(
        ctx, threads, shown.attitude, _when(shown, ctx.now), holds=shown.holds
    ):
        return False
    deed = f"channels.{shown.attitude.value}" if shown.holds else f"channels.{shown.attitude.value}_ended"
    for thread_id in threads:
        await audit(ctx, deed, target=str(thread_id))
    return True

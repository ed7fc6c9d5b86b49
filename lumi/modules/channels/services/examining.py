"""Asking the provider how an account is: its token, and whether it still posts to us."""

from __future__ import annotations

from datetime import timedelta

from lumi.core import crypto
from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.http import OutsideFailure, Rejected
from lumi.core.logging import get_logger
from lumi.modules.channels.adapters.ports import Examined, Health
from lumi.modules.channels.events import WATCH, ExamineAccount, WatchAccounts
from lumi.modules.channels.models import ChannelAccount
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services.failures import described, why
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.accounts import ACCOUNT_KEPT_AS, Account
from lumi.modules.channels.values.kinds import Failure

log = get_logger("lumi.channels")

MOST_ATTEMPTS = 4
_PAUSE = timedelta(minutes=2)


async def examine(ctx: Context, sender: Sender, task: ExamineAccount, *, address: str) -> None:
    """Ask, and keep what is said: when the token ends, a new token, why nothing would be posted.

    A token that is refused is noted; who gives no answer is asked again a few times. Nothing is held while it takes.
    """
    account = await sender.ready(ctx.tenant_id, task.account_id)
    adapter = sender.adapter(account.channel) if account else None
    if account is None or not isinstance(adapter, Examined):
        return
    url = f"{address}/webhooks/{account.channel}/{account.id}"
    try:
        health = await adapter.examine(account, url)
    except Rejected as refusal:
        if why(refusal) is not Failure.TOKEN:
            log.warning("account_not_examined", account=str(task.account_id), reason=str(refusal))
            return
        await account_rows.note_failure(ctx, task.account_id, Failure.TOKEN, described(refusal, account))
    except OutsideFailure as failure:
        log.warning("account_not_examined", account=str(task.account_id), reason=str(failure))
        if task.attempt + 1 < MOST_ATTEMPTS:
            await ctx.defer(ExamineAccount(task.account_id, task.attempt + 1), run_at=now() + _PAUSE)
        return
    else:
        await keep(ctx, account, health)
    await ctx.defer(WatchAccounts(), key=WATCH)


async def keep(ctx: Context, account: Account, health: Health) -> None:
    """Write down what a provider said of an account; a new token is sealed in the place of the old.

    Nothing is written where its owner has given other credentials meanwhile.
    """
    row = await account_rows.hold_account(ctx, account.id)  # who is just giving them is waited for
    if row is None or not _is_of(row, account):
        return
    row.checked_at, row.webhook_trouble = ctx.now, health.webhook_trouble
    row.token_refused_at, row.token_expires_at = None, health.token_expires_at
    if health.new_token is not None:
        row.access_token = crypto.seal(health.new_token, tenant_id=ctx.tenant_id)
        ctx.outdate(ACCOUNT_KEPT_AS, str(account.id))
    _forgive(row)
    await ctx.session.flush()


def _is_of(row: ChannelAccount, account: Account) -> bool:
    sealed = row.access_token
    return sealed is not None and crypto.open_sealed(sealed, tenant_id=row.tenant_id).decode() == account.access_token


def _forgive(row: ChannelAccount) -> None:
    """A token that was just taken is not refused: that failure is over."""
    if row.failed_why == Failure.TOKEN.value:
        row.failed_at = row.failed_why = row.failure = None

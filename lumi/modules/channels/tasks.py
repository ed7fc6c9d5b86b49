"""Work of the channels that nobody waits for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from lumi.core.context import Context
from lumi.core.db import Database, fetch
from lumi.core.http import OutsideFailure
from lumi.core.jobs import HouseTask, Registry
from lumi.core.logging import get_logger
from lumi.core.realtime import Realtime
from lumi.modules.channels.events import (
    AlertCleared,
    AlertRaised,
    AnswerPress,
    CountTraffic,
    ExamineAccount,
    ExamineAccounts,
    ExamineAll,
    PullAccount,
    PullDue,
    ReadAnnounced,
    RefreshAllTemplates,
    RefreshTemplates,
    RenewSubscription,
    RenewSubscriptions,
    ShowAccount,
    WatchAccounts,
)
from lumi.modules.channels.repositories import cursor_rows
from lumi.modules.channels.services import announced, examining, renewing, templates, watching
from lumi.modules.channels.services.pull import Puller
from lumi.modules.channels.services.receive import Receiver
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.kinds import Channel

log = get_logger("lumi.channels")


@dataclass(frozen=True)
class PurgeSeen(HouseTask):
    """Forget dedupe keys and parked receipts older than any provider repeats."""

    days: int


async def purge_seen(db: Database, task: PurgeSeen) -> None:
    """Delete what is old; running twice deletes nothing more."""
    rows = await fetch(db.pool, "select app.purge_seen($1)", timedelta(days=task.days))
    log.info("seen_purged", keys=rows[0][0])


async def alert_changed(ctx: Context, event: AlertRaised | AlertCleared) -> None:
    """Something of an account is wrong, or is over: those who look at it see that."""
    await ctx.defer(ShowAccount(event.account_id))


def watch_for(sender: Sender, realtime: Realtime, address: str, jobs: Registry) -> None:
    """Let the accounts of this installation be watched: counted every ten minutes, examined once a day."""

    async def count_traffic(db: Database, _task: CountTraffic) -> None:
        await watching.count(db)
        await watching.have_all_watched(db, WatchAccounts())

    async def examine_all(db: Database, _task: ExamineAll) -> None:
        await watching.have_all_watched(db, ExamineAccounts())

    async def watch(ctx: Context, _task: WatchAccounts) -> None:
        await watching.watch(ctx)

    async def examine_accounts(ctx: Context, _task: ExamineAccounts) -> None:
        await watching.examine_all(ctx, sender)

    async def examine(ctx: Context, task: ExamineAccount) -> None:
        await examining.examine(ctx, sender, task, address=address)

    async def show(ctx: Context, task: ShowAccount) -> None:
        realtime.publish(f"tenant:{ctx.tenant_id}", {"type": "channel", "id": str(task.account_id)})

    jobs.add_house(CountTraffic, count_traffic)
    jobs.add_house(ExamineAll, examine_all)
    jobs.add(WatchAccounts, watch)
    jobs.add(ExamineAccounts, examine_accounts)
    jobs.add(ExamineAccount, examine)
    jobs.add(ShowAccount, show)
    jobs.schedule("*/10 * * * *", CountTraffic())
    jobs.schedule("41 4 * * *", ExamineAll())


def read_for(sender: Sender, receiver: Receiver, jobs: Registry) -> None:
    """Let the jobs of this process read what was only announced."""

    async def read_announced(db: Database, task: ReadAnnounced) -> None:
        await announced.read(db, sender, receiver, task)

    jobs.add_house(ReadAnnounced, read_announced)


def pull_for(puller: Puller, sender: Sender, address: str, jobs: Registry) -> None:
    """Let the jobs of this process read accounts and renew subscriptions; the outside reaches us at `address`."""

    async def pull_due(db: Database, _task: PullDue) -> None:
        for tenant_id, account_id in await puller.due():
            await cursor_rows.pull_soon(db, tenant_id, account_id)

    async def pull_account(_db: Database, task: PullAccount) -> None:
        await puller.pull(task.tenant_id, task.account_id)

    async def renew_all(db: Database, _task: RenewSubscriptions) -> None:
        await renewing.renew_all(db, sender)

    async def renew(db: Database, task: RenewSubscription) -> None:
        await renewing.renew(db, sender, task.tenant_id, task.account_id, address=address)

    jobs.add_house(PullDue, pull_due)
    jobs.add_house(PullAccount, pull_account)
    jobs.add_house(RenewSubscriptions, renew_all)
    jobs.add_house(RenewSubscription, renew)
    jobs.schedule("* * * * *", PullDue())
    jobs.schedule("7 4 * * *", RenewSubscriptions())


async def refresh_all_templates(db: Database, _task: RefreshAllTemplates) -> None:
    """Have every provider that approves texts asked which."""
    await templates.refresh_all(db)


def work_for(sender: Sender, registry: Registry) -> None:
    """Let a worker that can send ask providers for what they approved, and tell them what was taken."""

    async def refresh_templates(ctx: Context, task: RefreshTemplates) -> None:
        await templates.refresh_kept(ctx, sender, task.account_id)

    async def answer_press(ctx: Context, task: AnswerPress) -> None:
        with suppress(OutsideFailure):  # nobody waits for long: it is not tried again
            await sender.answer_press(
                Channel(task.channel), tenant_id=ctx.tenant_id, account_id=task.account_id, press=task.press
            )

    registry.add(RefreshTemplates, refresh_templates)
    registry.add(AnswerPress, answer_press)

"""News of the channels, and the work that watching accounts takes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lumi.core.events import Event
from lumi.core.jobs import HouseTask, Task
from lumi.modules.channels.values.kinds import AlertKind, Channel

# Of waiting looks at a tenant's accounts one is enough.
WATCH = "channels.watch"
# And of an account one examination.
EXAMINE = "channels.examine"


@dataclass(frozen=True)
class AlertRaised(Event):
    """Something is wrong with an account: it fell silent, its token ends, sends fail. Again when it got worse."""

    account_id: UUID
    channel: Channel
    kind: AlertKind
    stage: int = 0


@dataclass(frozen=True)
class AlertCleared(Event):
    """It is over: the account was heard again, its token renewed, its sends arrive."""

    account_id: UUID
    channel: Channel
    kind: AlertKind


@dataclass(frozen=True)
class CountTraffic(HouseTask):
    """Count what came in and went out since the last time, and have every tenant's accounts looked at."""


@dataclass(frozen=True)
class WatchAccounts(Task):
    """Look at a tenant's accounts: raise what is wrong, clear what is over."""


@dataclass(frozen=True)
class ExamineAll(HouseTask):
    """Have every account's provider asked how it is."""


@dataclass(frozen=True)
class ExamineAccounts(Task):
    """Have each of a tenant's accounts examined."""


@dataclass(frozen=True)
class ShowAccount(Task):
    """Have the pages that are open show how an account is now."""

    account_id: UUID


@dataclass(frozen=True)
class ExamineAccount(Task):
    """Ask the provider of one account."""

    account_id: UUID
    attempt: int = 0


@dataclass(frozen=True)
class PullDue(HouseTask):
    """See to it that every account is pulled that was not for its time."""


@dataclass(frozen=True)
class PullAccount(HouseTask):
    """Read what is new in an account. No transaction is open meanwhile, which is why it is a task of the house."""

    tenant_id: UUID
    account_id: UUID


@dataclass(frozen=True)
class ReadAnnounced(HouseTask):
    """Read a message that was only announced, unless it has come by itself. As PullAccount, without a transaction.

    `attempt` counts how often its provider was away.
    """

    tenant_id: UUID
    account_id: UUID
    message_id: str
    attempt: int = 0


@dataclass(frozen=True)
class RenewSubscriptions(HouseTask):
    """See to it that every subscription that runs out is renewed."""


@dataclass(frozen=True)
class RenewSubscription(HouseTask):
    """Have a provider go on telling of an account."""

    tenant_id: UUID
    account_id: UUID


@dataclass(frozen=True)
class EventReopened(Event):
    """An event of this thread, which was closed for another one, waits to be answered again."""

    thread_id: UUID


@dataclass(frozen=True)
class RefreshTemplates(Task):
    """Ask an account's provider which texts it approved."""

    account_id: UUID


@dataclass(frozen=True)
class AnswerPress(Task):
    """Tell the provider that a button's press was taken: whoever pressed it waits for that."""

    account_id: UUID
    channel: str
    press: str


@dataclass(frozen=True)
class RefreshAllTemplates(HouseTask):
    """Ask for every account that has templates."""

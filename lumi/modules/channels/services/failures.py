"""What a failed send says of its account: whom it concerns, and the provider's own words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from lumi.core.context import Context
from lumi.core.db import DATABASE_GONE, Database
from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected
from lumi.core.known import MOST_KEPT
from lumi.core.logging import get_logger
from lumi.modules.channels.events import WATCH, WatchAccounts
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services import attitudes
from lumi.modules.channels.values.accounts import Account
from lumi.modules.channels.values.failures import LONGEST_WORDS, called, noted
from lumi.modules.channels.values.kinds import Failure
from lumi.modules.channels.values.outgoing import Outgoing

log = get_logger("lumi.channels")

# The same failure of an account is written down so often at most.
NOTED_EVERY_SECONDS = 30.0
_UNAUTHORISED = 401


def why(failure: OutsideFailure) -> Failure:
    """Whom a failure concerns: by what its integration calls it, else by how the call ended."""
    if isinstance(failure, OutcomeUnknown):
        return Failure.UNKNOWN
    if isinstance(failure, RateLimited):
        return Failure.BUSY
    if not isinstance(failure, Rejected):
        return Failure.UNREACHABLE
    named = called(str(getattr(failure, "reason", "")))
    return Failure.TOKEN if named is Failure.OTHER and failure.status == _UNAUTHORISED else named


def of_send(failure: OutsideFailure) -> str:
    """What a delivery keeps of a send that failed."""
    return noted(why(failure), failure.said)


def said_by(failure: OutsideFailure, account: Account) -> str:
    """What the provider said; what happened where it said nothing and we have no better word for it."""
    said = str(getattr(failure, "details", ""))
    return _freed(said or (str(failure) if why(failure) is Failure.OTHER else ""), account)


def says_window_closed(refusal: Rejected) -> bool:
    """Whether a provider refuses because the person has not written for too long."""
    return why(refusal) is Failure.WINDOW


def says_access_ended(refusal: Rejected) -> bool:
    """Whether a provider refuses the account and not the message: that can leave when it is connected again."""
    return refusal.of_account


def described(failure: OutsideFailure, account: Account) -> str:
    """What the provider said, or else what happened."""
    return _freed(str(getattr(failure, "details", "") or failure), account)


def _freed(said: str, account: Account) -> str:
    """Without the token, which some providers quote."""
    return (said.replace(account.access_token, "…") if account.access_token else said)[:LONGEST_WORDS]


class Troubles:
    """Which accounts fail, written down beside the sends and never in their way."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._noted: dict[UUID, tuple[Failure, float]] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def known(self, account_id: UUID, *, is_failing: bool) -> None:
        """What the account's row says, read a moment ago: another process may have noted it."""
        if is_failing:
            self._noted.setdefault(account_id, (Failure.OTHER, -NOTED_EVERY_SECONDS))

    def failed(self, account: Account, failure: OutsideFailure, message: Outgoing | None = None) -> None:
        """A send failed. A token that was refused has the account looked at, at once."""
        if message is not None and (word := attitudes.lasts(failure)) is not None:
            self.beside(attitudes.learn(self._db, account, word, message))
        found, at = why(failure), time.monotonic()
        before = self._noted.get(account.id)
        if before is not None and before[0] is found and at - before[1] < NOTED_EVERY_SECONDS:
            return
        if len(self._noted) >= MOST_KEPT:
            self._noted.clear()
        self._noted[account.id] = (found, at)
        self.beside(self._note(account, found, described(failure, account)))

    def succeeded(self, account: Account) -> None:
        """A send was taken: what failed before is over."""
        if self._noted.pop(account.id, None) is not None:
            self.beside(self._clear(account))

    async def written(self) -> None:
        """Wait until everything noted so far is written, or could not be."""
        await asyncio.gather(*self._writing)

    def beside(self, what: Coroutine[object, object, None]) -> None:
        """Do this in nobody's way; what the database cannot do now is not done."""
        task = asyncio.ensure_future(_forgivingly(what))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _note(self, account: Account, found: Failure, said: str) -> None:
        async with self._db.transaction(account.tenant_id) as session:
            ctx = Context(session, account.tenant_id)
            await account_rows.note_failure(ctx, account.id, found, said)
            if found is Failure.TOKEN:
                await ctx.defer(WatchAccounts(), key=WATCH)

    async def _clear(self, account: Account) -> None:
        async with self._db.transaction(account.tenant_id) as session:
            ctx = Context(session, account.tenant_id)
            if await account_rows.note_success(ctx, account.id):
                await ctx.defer(WatchAccounts(), key=WATCH)


async def _forgivingly(what: Coroutine[object, object, None]) -> None:
    """A send stays what it was when nobody can write down how it went."""
    try:
        await what
    except (*DATABASE_GONE, SQLAlchemyError) as error:
        log.warning("failure_not_noted", reason=type(error).__name__)

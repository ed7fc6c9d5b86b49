"""How fast an account may be spoken for: by what its provider says, and by how long its calls take."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from lumi.core.http import RateLimited, Rejected
from lumi.core.known import MOST_KEPT

# So many calls of one account that take longer than this, and the rest of it waits: a slot is for those who are heard.
SLOW_SECONDS = 2.0
MOST_SLOW = 16
STUCK_PAUSE_SECONDS = 2.0
# An account that is refused is not tried by each of its threads. Who connects it ends the rest, this only its worst.
REFUSED_PAUSE_SECONDS = 3600.0


class Paces:
    """What a process knows of its accounts: a provider that is stuck, or wants patience, holds up its account only."""

    def __init__(self) -> None:
        self._under_way: dict[UUID, list[float]] = {}
        self._silent: dict[UUID, tuple[float, float]] = {}  # from when and until when
        self._given: dict[UUID, bytes] = {}

    @contextmanager
    def call(self, account_id: UUID) -> Generator[None]:
        """A call for an account, as long as it takes.

        A provider that wants patience of the whole account gets it, and so does one that refuses the account.
        """
        began = self._under_way.setdefault(account_id, [])
        began.append(now := time.monotonic())
        try:
            yield
        except RateLimited as failure:
            if not failure.of_person:
                self._rest(account_id, failure.retry_after)
            raise
        except Rejected as refusal:
            if refusal.of_account:
                self._rest(account_id, REFUSED_PAUSE_SECONDS)
            raise
        finally:
            began.remove(now)
            if not began:
                self._under_way.pop(account_id, None)

    def pause(self, account_id: UUID) -> float:
        """Seconds until another call of an account makes sense; 0 when it does now."""
        _, until = self._silent.get(account_id, (0.0, 0.0))
        if (silent := until - time.monotonic()) > 0:
            return silent
        self._silent.pop(account_id, None)
        return STUCK_PAUSE_SECONDS if self._is_stuck(account_id) else 0.0

    def silent_for(self, account_id: UUID) -> float:
        """Seconds since a provider wanted patience that it still has; 0 when it wants none."""
        at = time.monotonic()
        since, until = self._silent.get(account_id, (at, at))
        return at - since if until > at else 0.0

    def given(self, account_id: UUID, credentials: bytes) -> None:
        """With these an account is spoken for. Sealed anew it was connected anew: what was said to the old is over."""
        if len(self._given) >= MOST_KEPT:
            self._given.clear()
        if self._given.get(account_id, credentials) != credentials:
            self.forget(account_id)
        self._given[account_id] = credentials

    def forget(self, account_id: UUID) -> None:
        """Its provider wants no patience any more."""
        self._silent.pop(account_id, None)

    def _rest(self, account_id: UUID, seconds: float) -> None:
        if len(self._silent) >= MOST_KEPT:
            self._silent.clear()
        self._silent[account_id] = (at := time.monotonic(), at + seconds)

    def _is_stuck(self, account_id: UUID) -> bool:
        """Whether so many calls wait for the provider that more would only wait with them."""
        began = self._under_way.get(account_id, ())
        if len(began) < MOST_SLOW:
            return False
        slow = time.monotonic() - SLOW_SECONDS
        return sum(each < slow for each in began) >= MOST_SLOW

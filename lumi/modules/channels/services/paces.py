"""How fast an account may be spoken for: by what its provider says, and by how long its calls take."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from lumi.core.http import RateLimited
from lumi.core.known import MOST_KEPT

# So many calls of one account that take longer than this, and the rest of it waits: a slot is for those who are heard.
SLOW_SECONDS = 2.0
MOST_SLOW = 16
STUCK_PAUSE_SECONDS = 2.0


class Paces:
    """What a process knows of its accounts: a provider that is stuck, or wants patience, holds up its account only."""

    def __init__(self) -> None:
        self._under_way: dict[UUID, list[float]] = {}
        self._silent_until: dict[UUID, float] = {}

    @contextmanager
    def call(self, account_id: UUID) -> Generator[None]:
        """A call for an account, as long as it takes; a provider that wants patience of the whole account gets it."""
        began = self._under_way.setdefault(account_id, [])
        began.append(now := time.monotonic())
        try:
            yield
        except RateLimited as failure:
            if not failure.of_person:
                if len(self._silent_until) >= MOST_KEPT:
                    self._silent_until.clear()
                self._silent_until[account_id] = time.monotonic() + failure.retry_after
            raise
        finally:
            began.remove(now)
            if not began:
                self._under_way.pop(account_id, None)

    def pause(self, account_id: UUID) -> float:
        """Seconds until another call of an account makes sense; 0 when it does now."""
        silent = self._silent_until.get(account_id, 0.0) - time.monotonic()
        if silent > 0:
            return silent
        self._silent_until.pop(account_id, None)
        return STUCK_PAUSE_SECONDS if self._is_stuck(account_id) else 0.0

    def _is_stuck(self, account_id: UUID) -> bool:
        """Whether so many calls wait for the provider that more would only wait with them."""
        began = self._under_way.get(account_id, ())
        if len(began) < MOST_SLOW:
            return False
        slow = time.monotonic() - SLOW_SECONDS
        return sum(each < slow for each in began) >= MOST_SLOW

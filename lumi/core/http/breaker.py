"""A circuit breaker: after so many failures in a row a target is left alone, then asked by one call alone."""

import time
from collections.abc import Callable


class Breaker:
    """Closed, it lets everything pass; open, nothing; once it has rested, one probe that decides."""

    __slots__ = ("_clock", "_failures", "_failures_to_open", "_opened_at", "_probing", "_rest_seconds")

    def __init__(self, failures_to_open: int, rest_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures_to_open = failures_to_open
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether the target is left alone, or asked by a probe."""
        return self._opened_at is not None

    def refusal(self) -> float | None:
        """Seconds to wait before asking again, or None: go ahead, and say afterwards how it went."""
        if self._opened_at is None:
            return None
        left = self._opened_at + self._rest_seconds - self._clock()
        if left > 0:
            return left
        if self._probing:
            return self._rest_seconds / 2
        self._probing = True
        return None

    def answered(self) -> None:
        """The target spoke, even if only to refuse: it is there."""
        self._failures = 0
        self._opened_at = None
        self._probing = False

    def failed(self) -> None:
        """The target did not do its part. Calls still under way when it opened do not prolong the rest."""
        self._failures += 1
        if self._opened_at is not None and not self._probing:
            return
        if self._probing or self._failures >= self._failures_to_open:
            self._opened_at = self._clock()
            self._probing = False

    def abandoned(self) -> None:
        """The call ended on our side and says nothing about the target; the next one may probe."""
        self._probing = False

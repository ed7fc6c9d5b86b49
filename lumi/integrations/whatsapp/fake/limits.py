"""How much may be sent to whom and when; all of it off, until a test or a demo wants it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import Self

from lumi.core import clock
from lumi.integrations.whatsapp.fake.chats import Chat
from lumi.integrations.whatsapp.fake.graph import GraphError, Outgoing

OUTSIDE_WINDOW = 131047
_PAIR_LIMIT = 131056
_THROUGHPUT = 130429
THROUGHPUT_SECONDS = 1.0
_MOST_PAIRS = 50_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force. Zero means none, except for the pause between two messages to one person."""

    enforce_window: bool = False
    """Free messages only within `window_hours` after the person last wrote."""
    window_hours: float = 24.0
    window_as_status: bool = False
    """What is outside the window is taken and then fails, instead of being refused."""
    pair_burst: int = 0
    """So many messages to one person at once (45 in the original), then one in `pair_seconds`."""
    pair_seconds: float = 6.0
    throughput: int = 0
    """Messages a second of one number, in both directions (80 in the original)."""
    media_url_seconds: float = 300.0

    def changed(self, wishes: dict[str, object]) -> Self:
        """These limits with some replaced; ValueError names what is none."""
        now: dict[str, object] = asdict(self)
        taken: dict[str, object] = {}
        for name, value in wishes.items():
            if name not in now or not isinstance(value, bool | int | float) or value < 0:
                raise ValueError(f"{name} is not a limit, or its value is none")
            if isinstance(now[name], bool):
                taken[name] = bool(value)
            else:
                taken[name] = int(value) if isinstance(now[name], int) else float(value)
        return replace(self, **taken)  # pyright: ignore[reportArgumentType] - each has the type of its default


class Gate:
    """Counts what is sent, and says what is too much."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], tuple[float, float]] = {}
        self._lately: dict[str, deque[float]] = {}

    def admit(self, limits: Limits, number: str, message: Outgoing) -> None:
        """Count a message that the business sends; GraphError when it is one too many."""
        if limits.throughput and self._lately_by(number) >= limits.throughput:
            raise GraphError(400, _THROUGHPUT, "Cloud API message throughput has been reached")
        if limits.pair_burst and not self._spend(limits, number, message.address):
            raise GraphError(400, _PAIR_LIMIT, "Too many messages sent to the same recipient in a short time")
        self.count(limits, number)

    def count(self, limits: Limits, number: str) -> None:
        """Count a message in either direction."""
        if limits.throughput:
            self._lately.setdefault(number, deque()).append(time.monotonic())

    def _lately_by(self, number: str) -> int:
        lately, now = self._lately.setdefault(number, deque()), time.monotonic()
        while lately and lately[0] <= now - THROUGHPUT_SECONDS:
            lately.popleft()
        return len(lately)

    def _spend(self, limits: Limits, number: str, address: str) -> bool:
        """A bucket of `pair_burst` messages that fills by one every `pair_seconds`."""
        now = time.monotonic()
        left, at = self._pairs.pop((number, address), (float(limits.pair_burst), now))
        grown = (now - at) / limits.pair_seconds if limits.pair_seconds else limits.pair_burst
        left = min(float(limits.pair_burst), left + grown)
        allowed = left >= 1
        self._pairs[number, address] = (left - 1 if allowed else left, now)
        if len(self._pairs) > _MOST_PAIRS:
            del self._pairs[next(iter(self._pairs))]
        return allowed


def is_open(limits: Limits, chat: Chat | None) -> bool:
    """Whether the person wrote lately enough to be written to freely."""
    if not limits.enforce_window:
        return True
    if chat is None or chat.last_written_at is None:
        return False
    return clock.now().timestamp() - chat.last_written_at < limits.window_hours * 3600

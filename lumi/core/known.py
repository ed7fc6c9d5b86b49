"""What was read a moment ago is not read again, and never by two at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST_KEPT = 10_000


class Known(Generic[K, V]):
    """Answers to a question, each kept for some seconds: `await known(key, lambda: read(key))`.

    Whoever asks while it is being read waits for that reading; a reading that fails fails for all of them.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: dict[K, tuple[float, asyncio.Future[V]]] = {}

    async def __call__(self, key: K, read: Callable[[], Awaitable[V]], *, younger_than: float | None = None) -> V:
        """The answer, at most so many seconds old."""
        kept = self._kept.get(key)
        if kept is None or time.monotonic() - kept[0] >= (self._seconds if younger_than is None else younger_than):
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            reading = asyncio.ensure_future(read())
            reading.add_done_callback(lambda done: self._drop_failed(key, done))
            self._kept[key] = kept = (time.monotonic(), reading)
        return await asyncio.shield(kept[1])

    def forget(self) -> None:
        """Read everything afresh."""
        self._kept.clear()

    def drop(self, key: K) -> None:
        """Read this afresh; who waits for a reading that has begun gets that one."""
        self._kept.pop(key, None)

    def _drop_failed(self, key: K, done: asyncio.Future[V]) -> None:
        kept = self._kept.get(key)
        if kept is not None and kept[1] is done and (done.cancelled() or done.exception() is not None):
            del self._kept[key]

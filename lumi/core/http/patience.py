"""How long work waits between the attempts of a call: no longer than whoever does it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


class Patience:
    """The pauses of one kind of work, all of which can be ended at once."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Task[object]] = set()
        self._is_over = False

    @contextmanager
    def lent(self) -> Generator[None]:
        """Let calls made in this block wait by this patience."""
        token = _patience.set(self)
        try:
            yield
        finally:
            _patience.reset(token)

    def end(self) -> None:
        """Cancel what waits now or would later: nothing of it is under way, and somebody else can begin it anew."""
        self._is_over = True
        for task in self._waiting:
            task.cancel()

    @contextmanager
    def kept(self) -> Generator[None]:
        """One pause of this task."""
        task = asyncio.current_task()
        if self._is_over or task is None:
            raise asyncio.CancelledError
        self._waiting.add(task)
        try:
            yield
        finally:
            self._waiting.discard(task)


@contextmanager
def pausing() -> Generator[None]:
    """Around a pause between two attempts; raises CancelledError when the patience that was lent ends."""
    patience = _patience.get()
    if patience is None:
        yield
        return
    with patience.kept():
        yield

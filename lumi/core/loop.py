"""The event loop of our processes, uvloop where there is one and the standard library's elsewhere; and its doors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Protocol, TypeVar

T = TypeVar("T")
_LAST_ROUNDS = 3


class Door(Protocol):
    """A socket that is listened at."""

    def fileno(self) -> int:
        """The number of its descriptor."""
        ...


async def shut(doors: Iterable[Door]) -> None:
    """Let nobody in any more; whoever was at the door is in when this returns, and the server may be closed.

    A server of asyncio that closes in the two rounds between `accept` and the first call to its protocol leaves half a
    connection: a socket nobody closes, and somebody at its other end who waits.
    """
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows, whose loop knows no readers
        for door in doors:
            loop.remove_reader(door.fileno())
    for _ in range(_LAST_ROUNDS):
        await asyncio.sleep(0)


def run(work: Coroutine[object, object, T]) -> T:
    """Run to the end, as asyncio.run does."""
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(work)


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop

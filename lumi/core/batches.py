"""Everything that waits at this moment goes to the database in one call."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

from lumi.core.db import DATABASE_GONE

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class WrongLength(RuntimeError):
    """A group was answered with another number of results than it has items: nobody knows which is whose."""


class Batcher(Generic[I, R]):
    """Groups concurrent calls: `await batcher(item)` returns that item's own result.

    Nothing waits for company: a call alone is sent alone at once; under load a call waits only while the
    flushers are busy. A group that fails is tried one by one, so that a bad item fails alone; when the database is
    gone the whole group fails at once.
    """

    def __init__(
        self, send: Callable[[Sequence[I]], Awaitable[Sequence[R]]], *, largest: int = 200, flushers: int = 2
    ) -> None:
        self._send, self._largest, self._flushers = send, largest, flushers
        self._waiting: list[tuple[I, asyncio.Future[R]]] = []
        self._busy: set[asyncio.Task[None]] = set()

    async def __call__(self, item: I) -> R:
        """The result for this item; raises what sending it alone raised."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._busy) < self._flushers:
            self._busy.add(asyncio.ensure_future(self._flush()))
        return await future

    async def _flush(self) -> None:
        try:
            await asyncio.sleep(0)  # calls made in the same turn of the loop go together
            while self._waiting:
                group, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
                await self._send_group(group)
        finally:
            # here and not in a callback: a call made before the callback ran would find us busy and wait for ever
            self._busy.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _send_group(self, group: Sequence[tuple[I, asyncio.Future[R]]]) -> None:
        try:
            results = await self._send([item for item, _ in group])
            if len(results) != len(group):
                raise WrongLength(f"{len(group)} items were sent and {len(results)} results came back")
        except Exception as error:
            if len(group) == 1 or _spares_nobody(error):
                for _, future in group:
                    _fail(future, error)
                return
            for alone in group:
                await self._send_group([alone])
            return
        for (_, future), result in zip(group, results, strict=True):
            if not future.done():
                future.set_result(result)


def _spares_nobody(error: Exception) -> bool:
    """Whether the error is no single item's: without the database the others would only fail after it."""
    return isinstance(error, (WrongLength, *DATABASE_GONE))


def _fail(future: "asyncio.Future[R]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)

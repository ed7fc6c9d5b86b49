"""What happened to a bot and was not taken yet: in the order of its ids, until somebody does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from lumi.integrations.telegram.fake.refusal import STATUS_WORDS, ApiError
from lumi.integrations.telegram.fake.wire import to_bytes

_UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True)
class Update:
    """One of them; those of one `line` are posted one after the other."""

    id: int
    line: int
    content: dict[str, object]
    on_taken: Callable[[], None] | None = None

    @property
    def body(self) -> bytes:
        """As it is posted."""
        return to_bytes(self.content)


class Updates:
    """Ids grow by one. `allowed` kinds are kept, all others forgotten at once; None: all but the rare ones."""

    def __init__(self, first_id: int) -> None:
        self._next_id = first_id
        self._kept: dict[int, Update] = {}
        self._poll: asyncio.Future[None] | None = None
        self.allowed: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, kind: str, item: object, line: int, on_taken: Callable[[], None] | None = None) -> Update | None:
        """Keep it until it is taken; None when nobody asked for its kind."""
        wanted = kind not in _UNASKED if self.allowed is None else kind in self.allowed
        if not wanted:
            return None
        update = Update(self._next_id, line, {"update_id": self._next_id, kind: item}, on_taken)
        self._next_id += 1
        self._kept[update.id] = update
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        return update

    def all(self) -> list[Update]:
        """Whatever waits, oldest first."""
        return list(self._kept.values())

    def taken(self, update: Update) -> None:
        """Forget it: somebody has it."""
        if self._kept.pop(update.id, None) is not None and update.on_taken is not None:
            update.on_taken()

    def clear(self) -> None:
        """Forget whatever waits."""
        self._kept.clear()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[dict[str, object]]:
        """Up to `limit` updates from `offset` on, those before it being forgotten; waits while there is none.

        ApiError for whoever was waiting when another began to.
        """
        self.end_poll(STATUS_WORDS[409])
        if offset < 0:
            offset = max(self._next_id + offset, 0)
        for update in [each for each in self._kept.values() if each.id < offset]:
            self.taken(update)
        if not self._kept and seconds > 0:
            await self._wait(seconds)
        return [each.content for each in islice(self._kept.values(), limit)]

    def end_poll(self, why: str) -> None:
        """Refuse whoever is waiting for updates."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(ApiError(409, why))

    async def _wait(self, seconds: float) -> None:
        waiting = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            return
        finally:
            if self._poll is waiting:
                self._poll = None

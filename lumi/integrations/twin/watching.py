"""What is looked at while it changes: a chat on a phone, a mailbox."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Protocol


class Bubble(Protocol):
    """One message on a phone, a dataclass: `n` counts in its chat."""

    n: int
    id: str
    state: str


class Chat(Protocol):
    """What somebody sees of a dialogue."""

    version: int
    last: int

    @property
    def entries(self) -> Iterable[Bubble]:
        """Its messages, oldest first."""
        ...


def shown(chat: Chat, after: int) -> dict[str, object]:
    """A chat as the phone gets it: messages with `n` above `after`, the states of all, and its version."""
    return {
        "messages": [asdict(each) for each in chat.entries if each.n > after],  # pyright: ignore[reportArgumentType] - no protocol says "a dataclass"
        "states": {each.id: each.state for each in chat.entries},
        "last": chat.last,
        "version": chat.version,
    }


@dataclass(slots=True, kw_only=True, eq=False)
class Watched:
    """`version` grows with all that can be seen of it."""

    version: int = 0
    _waiting: list[asyncio.Event] = field(default_factory=list[asyncio.Event])

    def changed(self) -> None:
        """Wake everybody who waits for news of it."""
        self.version += 1
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.set()

    async def newer_than(self, version: int, seconds: float) -> None:
        """Return once there is something newer than `version`, or after so many seconds."""
        if self.version > version:
            return
        news = asyncio.Event()
        self._waiting.append(news)
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            if news in self._waiting:
                self._waiting.remove(news)

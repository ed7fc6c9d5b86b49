"""People who write: each one message after the other or in bursts, until every one is acknowledged."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

from tests.chaos.storm.providers import Provider

TEXTS = (
    "Merci beaucoup !", "Vielen Dank!", "Thank you!", "Gracias", "شكرا جزيلا!", "Bonjour", "Hello!",
    "Where can I park?", "Wann habt ihr geöffnet?", "Vous faites des retouches sur les vélos ?", "Hasta luego",
)  # fmt: skip
AGAIN_SECONDS = 0.3
POST_SECONDS = 8.0


@dataclass
class Written:
    """One message: `after` is the one that was acknowledged before this was first posted."""

    id: str
    person: str
    after: str | None
    acknowledged_at: float = 0.0


@dataclass
class People:
    """Everybody who writes to one provider, and what was acknowledged to them."""

    provider: Provider
    webhooks: Sequence[str]
    dice: random.Random
    written: dict[str, Written] = field(default_factory=dict[str, Written])
    posts: int = 0
    refused: int = 0

    async def write(self, session: aiohttp.ClientSession, person: str, messages: int, seconds: float) -> None:
        """A person writes so many messages within so many seconds, however long each takes to be acknowledged.

        Most wait for the acknowledgement of the last, some come at once.
        """
        bursts = self._bursts(messages)
        began, last = time.monotonic(), None
        for burst, at in zip(bursts, sorted(self.dice.uniform(0, seconds) for _ in bursts), strict=True):
            await asyncio.sleep(max(0.0, began + at - time.monotonic()))
            names = await asyncio.gather(*(self._one(session, person, last) for _ in range(burst)))
            last = names[-1] if burst == 1 else None

    def _bursts(self, messages: int) -> list[int]:
        found: list[int] = []
        while left := messages - sum(found):
            found.append(min(left, self.dice.choice((1, 1, 1, 1, 2, 3, 5))))
        return found

    async def _one(self, session: aiohttp.ClientSession, person: str, after: str | None) -> str:
        name, body = self.provider.message(person, self.dice.choice(TEXTS))
        written = self.written[name] = Written(name, person, after)
        copies = 2 if self.dice.random() < 0.1 else 1  # providers post twice, also to two of our processes at once
        await asyncio.gather(*(self._until_taken(session, body) for _ in range(copies)))
        written.acknowledged_at = time.time()
        return name

    async def _until_taken(self, session: aiohttp.ClientSession, body: bytes) -> None:
        headers = {"Content-Type": "application/json", **self.provider.proof(body)}
        patience = aiohttp.ClientTimeout(total=POST_SECONDS)
        while True:
            self.posts += 1
            try:
                url = self.dice.choice(self.webhooks)
                async with session.post(url, data=body, headers=headers, timeout=patience) as answer:
                    if answer.status == 200:
                        return
                    if answer.status not in {502, 503, 504}:
                        raise AssertionError(f"{url} answered {answer.status}: {await answer.text()}")
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            self.refused += 1
            await asyncio.sleep(AGAIN_SECONDS * (0.5 + self.dice.random()))

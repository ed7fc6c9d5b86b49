"""Posts what a twin has to tell to its subscriber, and posts it again until it is acknowledged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp

ACKNOWLEDGED = frozenset({200, 201, 202, 204})
_POSTERS = 16
_POST_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 30.0
_MOST_ATTEMPTS = 30


class Poster:
    """Posts several at a time, so that order is not promised, and repeats with growing pauses."""

    def __init__(self, prove: Callable[[bytes], Mapping[str, str]]) -> None:
        """`prove` gives the headers that show whose body it is."""
        self._prove = prove
        self.url: str | None = None
        self.counts: Counter[str] = Counter()
        self._waiting: asyncio.Queue[_Post] = asyncio.Queue()
        self._posters: list[asyncio.Task[None]] = []
        self._repeats: set[asyncio.TimerHandle] = set()
        self._is_closed = False

    def post(self, body: bytes, *, on_taken: Callable[[], None] | None = None) -> None:
        """Have it posted soon; `on_taken` is called once, when it was answered with 200."""
        if self.url is None or self._is_closed:
            self.counts["no_subscriber"] += 1
            return
        if not self._posters:
            session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_POST_SECONDS))
            self._posters = [asyncio.create_task(self._work(session)) for _ in range(_POSTERS)]
            self._session = session
        self._waiting.put_nowait(_Post(body, on_taken))

    def told(self) -> dict[str, object]:
        """What became of all that was posted."""
        return {**self.counts, "pending": self.pending}

    @property
    def pending(self) -> int:
        """How many wait to be posted, or posted again."""
        return self._waiting.qsize() + len(self._repeats)

    async def close(self) -> None:
        """Stop posting; what is still waiting is lost, and so is what comes after."""
        self._is_closed = True
        for timer in self._repeats:
            timer.cancel()
        for task in self._posters:
            task.cancel()
        await asyncio.gather(*self._posters, return_exceptions=True)
        if self._posters:
            await self._session.close()
        self._posters = []

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            post = await self._waiting.get()
            if await self._try(session, post):
                self.counts["taken"] += 1
                if post.on_taken is not None:
                    post.on_taken()
            else:
                self._repeat_later(post)

    async def _try(self, session: aiohttp.ClientSession, post: _Post) -> bool:
        headers = {"Content-Type": "application/json", **self._prove(post.body)}
        self.counts["posts"] += 1
        try:
            async with session.post(self.url or "", data=post.body, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                return answer.status in ACKNOWLEDGED
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _repeat_later(self, post: _Post) -> None:
        post.attempts += 1
        if post.attempts >= _MOST_ATTEMPTS:
            self.counts["given_up"] += 1
            return
        self.counts["repeated"] += 1
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** (post.attempts - 1), _LONGEST_PAUSE_SECONDS)

        def again() -> None:
            self._repeats.discard(timer)
            self._waiting.put_nowait(post)

        timer = asyncio.get_running_loop().call_later(pause, again)
        self._repeats.add(timer)


@dataclass(slots=True)
class _Post:
    body: bytes
    on_taken: Callable[[], None] | None
    attempts: int = 0

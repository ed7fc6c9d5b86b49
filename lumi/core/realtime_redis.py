"""Notes over Redis: a channel a topic, so that a process hears only what it reads."""

# The client is only partly typed: its keyword arguments and messages are bare.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast

from redis.asyncio.client import PubSub

from lumi.core.realtime_link import EVERYONE, LinkLost
from lumi.core.redis_client import LOST, open_redis

CHECK_SECONDS = 5.0
ANSWER_SECONDS = 5.0


class RedisLink:
    """Publishes through a pipeline; listens on one connection for the topics that are watched."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._redis = open_redis(url, answer_seconds=ANSWER_SECONDS)
        self._prefix = f"{prefix}:note:"
        self._hearing: PubSub | None = None
        self._watched: set[str] = set()
        self._confirmed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._asking = asyncio.Lock()

    async def send(self, group: Sequence[tuple[str, str]]) -> None:
        """Publish in one round trip."""
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for topic, text in group:
                    pipeline.publish(self._prefix + topic, text)
                await pipeline.execute()
        except LOST as lost:
            raise LinkLost(type(lost).__name__) from lost

    async def listen(self, heard: Callable[[str, str], None], listening: Callable[[], None]) -> None:
        """Hear what is watched, and what is told everyone."""
        for confirmed in self._confirmed.values():
            confirmed.clear()
        hearing = self._redis.pubsub()
        try:
            async with self._asking:
                # What is told everyone comes last: once it is confirmed, all the others are.
                for topic in (*self._watched, EVERYONE):
                    await self._ask(hearing, topic)
                self._hearing = hearing
            await self._read(hearing, heard, listening)
        except LOST as lost:
            raise LinkLost(type(lost).__name__) from lost
        finally:
            self._hearing = None
            with suppress(*LOST):
                await hearing.aclose()

    async def watch(self, topic: str) -> None:
        """Returns when Redis has confirmed that this topic is heard."""
        self._watched.add(topic)
        async with self._asking:
            confirmed = self._confirmed[topic]
            if not confirmed.is_set() and self._hearing is not None:
                try:
                    await self._ask(self._hearing, topic)
                except LOST as lost:
                    raise LinkLost(type(lost).__name__) from lost
        await confirmed.wait()

    async def unwatch(self, topic: str) -> None:
        """Forget the topic, unless somebody watches it again meanwhile; a note under way may still come."""
        self._watched.discard(topic)
        async with self._asking:
            if topic in self._watched:
                return
            self._confirmed.pop(topic, None)
            if self._hearing is None:
                return
            try:
                leave = self._hearing.punsubscribe if topic.endswith(":*") else self._hearing.unsubscribe
                await leave(self._prefix + topic)
            except LOST as lost:
                raise LinkLost(type(lost).__name__) from lost

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()

    async def _ask(self, hearing: PubSub, topic: str) -> None:
        ask = hearing.psubscribe if topic.endswith(":*") else hearing.subscribe
        await ask(self._prefix + topic)

    async def _read(self, hearing: PubSub, heard: Callable[[str, str], None], listening: Callable[[], None]) -> None:
        silent = False
        while True:
            message = await hearing.get_message(timeout=CHECK_SECONDS)
            if message is None:
                if silent:
                    raise TimeoutError
                silent = True
                await hearing.ping()
                continue
            silent = False
            self._take(message, heard, listening)

    def _take(
        self, message: Mapping[str, object], heard: Callable[[str, str], None], listening: Callable[[], None]
    ) -> None:
        kind = message["type"]
        if kind == "pong":
            return
        topic = cast("bytes", message["channel"]).decode().removeprefix(self._prefix)
        if kind in ("message", "pmessage"):
            heard(topic, cast("bytes", message["data"]).decode())
        elif kind in ("subscribe", "psubscribe"):
            if confirmed := self._confirmed.get(topic):
                confirmed.set()
            if topic == EVERYONE:
                listening()

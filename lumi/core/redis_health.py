"""Whether Redis answers: asked by whoever looks at the health of this process."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from redis.asyncio import Redis

ANSWER_SECONDS = 1.0


class RedisState(StrEnum):
    """How Redis is; `disabled` where none is configured, which is no fault."""

    OK = "ok"
    DISABLED = "disabled"
    DOWN = "down"


class RedisHealth(TypedDict, total=False):
    """What is told of it; `reason` names the kind of failure, never the address."""

    status: RedisState
    latency_ms: float | None
    reason: str


class RedisProbe:
    """Asks the Redis at this address, over a connection of its own; connects when it is first asked."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._client: Redis | None = None

    async def look(self) -> RedisHealth:
        """How it is, within a second."""
        if self._url is None:
            return {"status": RedisState.DISABLED, "latency_ms": None}
        from lumi.core.redis_client import LOST, milliseconds_to, open_redis

        self._client = self._client or open_redis(self._url, answer_seconds=ANSWER_SECONDS)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return {"status": RedisState.OK, "latency_ms": await milliseconds_to(self._client)}
        except LOST as lost:
            return {"status": RedisState.DOWN, "latency_ms": None, "reason": type(lost).__name__}

    async def close(self) -> None:
        """Give the connection back."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

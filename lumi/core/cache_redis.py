"""The part of the cache that all processes share."""

# The client's commands are only partly typed.
# pyright: reportUnknownMemberType=false

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import cast
from uuid import UUID

from lumi.core import metrics
from lumi.core.logging import get_logger
from lumi.core.packing import pack, unpack
from lumi.core.redis_client import LOST, open_redis
from lumi.core.redis_keys import Holder, redis_key

ANSWER_SECONDS = 0.25
PAUSE_SECONDS = 1.0
WARNING_EVERY_SECONDS = 60.0
MOST_OWED_DROPS = 50_000

_log = get_logger(__name__)

Name = tuple[UUID, str, str]
Command = tuple[str | bytes | int, ...]
HolderOf = Callable[[UUID], Awaitable[Holder]]


async def any_tenant(_tenant_id: UUID) -> Holder:
    """Where nobody tells creators from others."""
    return Holder.TENANT


class SharedCache:
    """Entries in Redis. A Redis that is gone is worth a warning a minute, never an error.

    `counts` says whether hits and misses are counted, `holder_of` what the keys of a tenant begin with.
    """

    def __init__(self, url: str, *, prefix: str, counts: bool = False, holder_of: HolderOf = any_tenant) -> None:
        self._redis = open_redis(url, answer_seconds=ANSWER_SECONDS)
        self._prefix = prefix
        self._counts = counts
        self._holder_of = holder_of
        self._owed_drops: set[str] = set()
        self._paused_until = 0.0
        self._warned_at = float("-inf")

    async def get(self, name: Name) -> tuple[bytes, float] | None:
        """The value and the seconds it has left."""
        key = await self._key(name)
        answers = await self._run(("GET", key), ("PTTL", key))
        if answers is None:
            return None
        value = None if answers[0] is None else unpack(cast("bytes", answers[0]))
        if self._counts:
            (metrics.REDIS_MISSES if value is None else metrics.REDIS_HITS).labels(name[1]).inc()
        return None if value is None else (value, cast("int", answers[1]) / 1000)

    async def set(self, name: Name, value: bytes, ttl: float) -> None:
        """Keep the value for `ttl` seconds."""
        key = await self._key(name)
        await self._run(("SET", key, pack(value), "PX", max(1, int(ttl * 1000))))

    async def drop(self, name: Name) -> None:
        """Forget the value; when Redis does not answer, as soon as it does."""
        key = await self._key(name)
        if await self._run(("DEL", key)) is None and len(self._owed_drops) < MOST_OWED_DROPS:
            self._owed_drops.add(key)

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()

    async def _run(self, *commands: Command) -> Sequence[object] | None:
        if time.monotonic() < self._paused_until:
            return None
        owed = tuple(self._owed_drops)
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for command in (*(("DEL", key) for key in owed), *commands):
                    pipeline.execute_command(*command)
                answers = cast("list[object]", await pipeline.execute())
        except LOST as lost:
            self._pause(lost)
            return None
        self._owed_drops.difference_update(owed)
        return answers[len(owed) :]

    def _pause(self, lost: Exception) -> None:
        now = time.monotonic()
        self._paused_until = now + PAUSE_SECONDS
        if now - self._warned_at >= WARNING_EVERY_SECONDS:
            self._warned_at = now
            _log.warning("the shared cache does not answer; each process uses its own", reason=type(lost).__name__)

    async def _key(self, name: Name) -> str:
        tenant_id, kind, key = name
        return redis_key(self._prefix, kind, tenant_id, key, holder=await self._holder_of(tenant_id))

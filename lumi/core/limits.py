"""How often somebody may do something: a sliding window of one minute, in memory or shared through Redis.

The count is two counters a key, the last full minute weighted by how much of it still lies inside the window.
With Redis configured and gone, each process counts by itself until it is back: looser, never closed.
"""

import ipaddress
import math
import time
from typing import TYPE_CHECKING

from lumi.core import metrics
from lumi.core.errors import TooManyRequests
from lumi.core.logging import get_logger
from lumi.core.settings import Settings

if TYPE_CHECKING:
    from limits.aio.storage import MemoryStorage, RedisStorage, SlidingWindowCounterSupport
    from redis.asyncio import Redis

log = get_logger(__name__)

WINDOW_SECONDS = 60
# So long nothing is asked of a Redis that did not answer: one slow request, not all of them.
REDIS_PAUSE_SECONDS = 5.0
REDIS_TIMEOUT_SECONDS = 0.5


class Limiter:
    """Counts hits and refuses those beyond the limit. One a process; connects at the first hit."""

    def __init__(self, redis_url: str | None = None, *, prefix: str = "lumi", enabled: bool = True) -> None:
        self._redis_url = redis_url
        self._prefix = prefix
        self._enabled = enabled
        self._memory: MemoryStorage | None = None
        self._redis: RedisStorage | None = None
        self._client: Redis | None = None
        self._redis_pause_until = 0.0

    @classmethod
    def from_settings(cls, settings: Settings) -> "Limiter":
        """The limiter these settings ask for."""
        return cls(settings.redis_address, prefix=settings.redis_prefix, enabled=settings.rate_limit_enabled)

    async def hit(self, bucket: str, key: str, *, per_minute: int) -> None:
        """Count one; refuse, with the seconds to wait, beyond `per_minute` of this bucket and key.

        A refused hit is not counted: whoever keeps knocking is let in when the window has moved on.
        """
        if not self._enabled:
            return
        wait = await self._wait(f"{bucket}/{key}", per_minute)
        if wait is not None:
            metrics.RATE_LIMITED.labels(bucket).inc()
            raise TooManyRequests(wait)

    async def close(self) -> None:
        """Give the connections to Redis back."""
        if self._client is not None:
            client, self._client, self._redis = self._client, None, None
            await client.aclose()

    async def _wait(self, key: str, per_minute: int) -> float | None:
        from limits.aio.storage import MemoryStorage  # 0.1 s, which the start of a process need not pay
        from limits.errors import StorageError

        if self._redis_url is not None and time.monotonic() >= self._redis_pause_until:
            try:
                return await _count(self._shared(self._redis_url), key, per_minute)
            except (StorageError, OSError) as failure:
                self._redis_pause_until = time.monotonic() + REDIS_PAUSE_SECONDS
                log.warning("rate limits are counted by each process alone", reason=type(failure).__name__)
        self._memory = self._memory or MemoryStorage()
        return await _count(self._memory, key, per_minute)

    def _shared(self, url: str) -> "RedisStorage":
        if self._redis is None:
            from limits.aio.storage import RedisStorage

            from lumi.core.redis_client import open_redis

            self._client = open_redis(url, answer_seconds=REDIS_TIMEOUT_SECONDS)
            self._redis = RedisStorage(
                f"async+{url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix=f"{self._prefix}:limits",
                # typed as if every option were a number or a word
                connection_pool=self._client.connection_pool,  # pyright: ignore[reportArgumentType]
            )
        return self._redis


async def _count(storage: "SlidingWindowCounterSupport", key: str, per_minute: int) -> float | None:
    if await storage.acquire_sliding_window_entry(key, per_minute, WINDOW_SECONDS):
        return None
    return seconds_to_wait(per_minute, *await storage.get_sliding_window(key, WINDOW_SECONDS))


def seconds_to_wait(limit: int, previous: int, previous_left: float, current: int, current_left: float) -> float:
    """Whole seconds until one more hit is within the limit.

    `previous` hits still weigh `previous_left / 60`; the `current` ones weigh whole until their minute is
    over and then fade as the previous ones do; `current_left` counts to the end of that fading.
    """
    if current < limit:
        room = (limit - current) / max(previous, 1) * WINDOW_SECONDS
        return max(1, math.floor(previous_left - room) + 1)
    until_fading = max(0.0, current_left - WINDOW_SECONDS)
    return max(1, math.floor(until_fading + WINDOW_SECONDS * (1 - limit / max(current, 1))) + 1)


def network(host: str) -> str:
    """The key under which an address is counted: an IPv6 customer has a whole /64 to choose from."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)

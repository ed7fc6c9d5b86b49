"""Answers kept for a while, per tenant: in this process, and in Redis where it is configured.

    found = await cache.get(tenant_id, "widget_theme", slug)
    await cache.set(tenant_id, "widget_theme", slug, value, ttl=60)
    await cache.drop(tenant_id, "widget_theme", slug)      # after the transaction that changed it

A drop is seen by every process within a second, also while the connection that tells them is down: until it
is back nothing older than a second is used. `ttl` bounds what a reader that read before the change puts back.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from lumi.core import metrics
from lumi.core.ids import new_id
from lumi.core.logging import get_logger
from lumi.core.realtime import Realtime
from lumi.core.redis_keys import TenantMissing, check

if TYPE_CHECKING:
    from lumi.core.cache_redis import HolderOf, SharedCache

__all__ = ["Cache", "ProcessCache", "TenantMissing", "open_cache"]

MOST_ENTRIES = 20_000
MOST_BYTES = 32 << 20
TRUSTED_UNHEARD_SECONDS = 1.0

_log = get_logger(__name__)

Name = tuple[UUID, str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    value: bytes
    kept_at: float
    expires_at: float


class ProcessCache:
    """The entries of one process, least recently used out first, bounded in number and bytes."""

    def __init__(self, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._entries: OrderedDict[Name, _Entry] = OrderedDict()
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._bytes = 0

    def get(self, name: Name, *, not_older_than: float | None = None) -> bytes | None:
        """The value, unless it has expired or was kept more than `not_older_than` seconds ago."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        now = time.monotonic()
        if now >= entry.expires_at:
            self.drop(name)
            return None
        if not_older_than is not None and now - entry.kept_at > not_older_than:
            return None
        self._entries.move_to_end(name)
        return entry.value

    def set(self, name: Name, value: bytes, ttl: float) -> None:
        """Keep the value for `ttl` seconds or until its room is needed; too large a one is not kept."""
        self.drop(name)
        if len(value) > self._most_bytes:
            return
        now = time.monotonic()
        self._entries[name] = _Entry(value, now, now + ttl)
        self._bytes += len(value)
        while self._entries and (len(self._entries) > self._most_entries or self._bytes > self._most_bytes):
            _, oldest = self._entries.popitem(last=False)
            self._bytes -= len(oldest.value)

    def drop(self, name: Name) -> None:
        """Forget this one."""
        entry = self._entries.pop(name, None)
        if entry is not None:
            self._bytes -= len(entry.value)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0


class Cache:
    """What callers use; `open_cache` makes one."""

    def __init__(self, realtime: Realtime, shared: "SharedCache | None" = None) -> None:
        self._own = ProcessCache()
        self._realtime = realtime
        self._shared = shared
        self._me = new_id().hex
        self._drops = 0
        self._follower: asyncio.Task[None] | None = None
        self._following = asyncio.Event()

    async def get(self, tenant_id: UUID, kind: str, key: str) -> bytes | None:
        """The kept value, or None."""
        name = _name(tenant_id, kind, key)
        unheard = None if self._realtime.is_listening else TRUSTED_UNHEARD_SECONDS
        found = self._own.get(name, not_older_than=unheard)
        if found is None and self._shared is not None:
            found = await self._fetch(self._shared, name)
        (metrics.CACHE_MISSES if found is None else metrics.CACHE_HITS).labels(kind).inc()
        return found

    async def set(self, tenant_id: UUID, kind: str, key: str, value: bytes, *, ttl: float) -> None:
        """Keep a value for at most `ttl` seconds."""
        name = _name(tenant_id, kind, key)
        await self._follow()
        self._own.set(name, value, ttl)
        if self._shared is not None:
            await self._shared.set(name, value, ttl)

    async def drop(self, tenant_id: UUID, kind: str, key: str) -> None:
        """Forget a value in every process; call it after the change is committed."""
        name = _name(tenant_id, kind, key)
        self._forget(name)
        if self._shared is not None:
            await self._shared.drop(name)
        note = {"type": "drop", "tenant": str(tenant_id), "kind": kind, "key": key, "by": self._me}
        self._realtime.publish(f"cache:{tenant_id}", note)

    async def close(self) -> None:
        """Stop listening and give the connections back."""
        if self._follower is not None:
            self._follower.cancel()
            with suppress(asyncio.CancelledError):
                await self._follower
        if self._shared is not None:
            await self._shared.close()

    async def _fetch(self, shared: "SharedCache", name: Name) -> bytes | None:
        drops = self._drops
        found = await shared.get(name)
        if found is None:
            return None
        value, ttl = found
        await self._follow()
        # What was dropped while we were asking must not come back.
        if drops == self._drops and ttl > 0:
            self._own.set(name, value, ttl)
        return value

    async def _follow(self) -> None:
        if self._follower is not None and not self._follower.done():
            return
        self._following.clear()
        self._follower = asyncio.create_task(self._follow_drops(), name="cache-drops")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._following.wait(), TRUSTED_UNHEARD_SECONDS)

    async def _follow_drops(self) -> None:
        async with self._realtime.subscribe("cache:*") as notes:
            # Drops from before this moment were not heard.
            self._forget_all()
            self._following.set()
            while True:
                note = await notes.get()
                dropped = _name_in(note)
                if dropped is None:  # a resync, or nothing we understand: the safe reading of both is "anything"
                    self._forget_all()
                elif note.get("by") != self._me:
                    self._forget(dropped)

    def _forget(self, name: Name) -> None:
        self._drops += 1
        self._own.drop(name)

    def _forget_all(self) -> None:
        self._drops += 1
        self._own.clear()


def open_cache(
    realtime: Realtime,
    *,
    redis_url: str | None = None,
    redis_prefix: str = "lumi",
    redis_metrics: bool = False,
    holder_of: "HolderOf | None" = None,
) -> Cache:
    """The cache of this process, shared with others through Redis where it is configured."""
    if not redis_url:
        return Cache(realtime)
    from lumi.core.cache_redis import SharedCache, any_tenant

    shared = SharedCache(redis_url, prefix=redis_prefix, counts=redis_metrics, holder_of=holder_of or any_tenant)
    return Cache(realtime, shared)


def _name(tenant_id: UUID | None, kind: str, key: str) -> Name:
    return check(tenant_id, kind), kind, key


def _name_in(note: Mapping[str, object]) -> Name | None:
    """What a note says was dropped; None when it says no such thing."""
    tenant, kind, key = note.get("tenant"), note.get("kind"), note.get("key")
    if not (isinstance(tenant, str) and isinstance(kind, str) and isinstance(key, str)):
        return None
    try:
        return UUID(tenant), kind, key
    except ValueError:
        return None

"""The cache answers quickly, never for another tenant, and never for long after something changed."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from lumi.core import cache as cache_module
from lumi.core import cache_redis
from lumi.core.cache import Cache, ProcessCache, TenantMissing, open_cache
from lumi.core.db import Database
from lumi.core.realtime import open_realtime
from tests.core.conftest import RedisServer
from tests.waiting import until

Opened = AbstractAsyncContextManager[Cache]


@asynccontextmanager
async def opened(dsn: str, redis_url: str | None = None) -> AsyncGenerator[Cache]:
    """A cache as one process has it."""
    realtime = open_realtime(dsn, redis_url=redis_url, redis_prefix="test")
    cache = open_cache(realtime, redis_url=redis_url, redis_prefix="test")
    try:
        yield cache
    finally:
        await cache.close()
        await realtime.close()


@pytest.fixture(params=["process", "redis"])
def open_one(request: pytest.FixtureRequest, database: Database) -> Callable[[], Opened]:
    if request.param == "redis":
        url = str(request.getfixturevalue("redis_url"))
        return lambda: opened("", url)
    return lambda: opened(database.url)


async def test_what_was_set_is_found_by_the_same_tenant_kind_and_key_only(
    open_one: Callable[[], Opened],
) -> None:
    tenant = uuid4()
    async with open_one() as cache:
        await cache.set(tenant, "theme", "a", b"blue", ttl=60)
        assert await cache.get(tenant, "theme", "a") == b"blue"
        assert await cache.get(uuid4(), "theme", "a") is None
        assert await cache.get(tenant, "colour", "a") is None
        assert await cache.get(tenant, "theme", "b") is None


async def test_nothing_is_cached_without_a_tenant(open_one: Callable[[], Opened]) -> None:
    missing = cast("UUID", None)
    async with open_one() as cache:
        for attempt in (
            cache.get(missing, "theme", "a"),
            cache.set(missing, "theme", "a", b"x", ttl=1),
            cache.drop(missing, "theme", "a"),
        ):
            with pytest.raises(TenantMissing):
                await attempt


async def test_a_kind_cannot_reach_into_another_part_of_the_key(open_one: Callable[[], Opened]) -> None:
    async with open_one() as cache:
        with pytest.raises(ValueError, match="a kind is a word"):
            await cache.get(uuid4(), "theme:t_other", "a")


async def test_a_value_is_gone_after_its_time(open_one: Callable[[], Opened]) -> None:
    tenant = uuid4()
    async with open_one() as cache:
        await cache.set(tenant, "theme", "a", b"blue", ttl=0.05)
        await asyncio.sleep(0.08)
        assert await cache.get(tenant, "theme", "a") is None


async def test_a_drop_in_one_process_is_seen_by_another_within_a_second(
    open_one: Callable[[], Opened],
) -> None:
    tenant = uuid4()
    async with open_one() as here, open_one() as there:
        await here.set(tenant, "theme", "a", b"old", ttl=60)
        await there.set(tenant, "theme", "a", b"old", ttl=60)
        await there.set(tenant, "theme", "b", b"stays", ttl=60)
        await here.drop(tenant, "theme", "a")
        assert await here.get(tenant, "theme", "a") is None

        async def is_gone() -> bool:
            return await there.get(tenant, "theme", "a") is None

        await until(is_gone)
        assert await there.get(tenant, "theme", "b") == b"stays"


async def test_a_note_that_names_nothing_drops_everything_and_does_not_end_the_listening(database: Database) -> None:
    tenant = uuid4()
    realtime = open_realtime(database.url)
    async with opened(database.url) as here, opened(database.url) as there:
        await here.set(tenant, "theme", "a", b"old", ttl=60)
        realtime.publish(f"cache:{tenant}", {"type": "nonsense"})

        async def is_gone() -> bool:
            return await here.get(tenant, "theme", "a") is None

        await until(is_gone)
        await here.set(tenant, "theme", "a", b"new", ttl=60)
        await there.drop(tenant, "theme", "a")
        await until(is_gone)
    await realtime.close()


async def test_what_is_set_after_ones_own_drop_stays(open_one: Callable[[], Opened]) -> None:
    tenant = uuid4()
    async with open_one() as cache:
        await cache.set(tenant, "theme", "a", b"old", ttl=60)
        await cache.drop(tenant, "theme", "a")
        await cache.set(tenant, "theme", "a", b"new", ttl=60)
        await asyncio.sleep(0.1)
        assert await cache.get(tenant, "theme", "a") == b"new"


async def test_without_the_connection_that_tells_of_drops_nothing_older_than_a_second_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "TRUSTED_UNHEARD_SECONDS", 0.05)
    tenant = uuid4()
    async with opened(f"postgresql://nobody@/nothing?host={tmp_path}") as cache:
        await cache.set(tenant, "theme", "a", b"blue", ttl=60)
        monkeypatch.setattr(cache_module, "TRUSTED_UNHEARD_SECONDS", 60.0)
        assert await cache.get(tenant, "theme", "a") == b"blue"
        monkeypatch.setattr(cache_module, "TRUSTED_UNHEARD_SECONDS", 0.05)
        await asyncio.sleep(0.1)
        assert await cache.get(tenant, "theme", "a") is None


async def test_one_process_finds_what_another_put_into_redis(redis_url: str) -> None:
    tenant = uuid4()
    async with opened("", redis_url) as here, opened("", redis_url) as there:
        await here.set(tenant, "theme", "a", b"blue", ttl=60)
        assert await there.get(tenant, "theme", "a") == b"blue"


async def test_the_key_in_redis_names_the_tenant_and_expires(redis_url: str) -> None:
    tenant = uuid4()
    async with opened("", redis_url) as cache:
        await cache.set(tenant, "theme", "a:b", b"blue", ttl=60)
    client = Redis.from_url(redis_url)  # pyright: ignore[reportUnknownMemberType] -- partly typed
    assert await client.get(f"test:theme:t_{tenant}:a:b") == b"=blue"
    assert 59 <= await client.ttl(f"test:theme:t_{tenant}:a:b") <= 60
    await client.aclose()


async def test_without_redis_the_process_cache_still_answers_and_one_warning_is_written(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cache_redis, "PAUSE_SECONDS", 0.0)
    tenant = uuid4()
    async with opened("", redis_server.url) as cache:
        await cache.set(tenant, "theme", "a", b"old", ttl=60)
        redis_server.stop()
        for n in range(5):
            await cache.set(tenant, "theme", str(n), b"new", ttl=60)
            assert await cache.get(tenant, "theme", str(n)) == b"new"
    assert capfd.readouterr().err.count("the shared cache does not answer") == 1


async def test_a_drop_while_redis_is_away_is_made_up_for_when_it_is_back(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_redis, "PAUSE_SECONDS", 0.05)
    tenant = uuid4()
    async with opened("", redis_server.url) as here:
        await here.set(tenant, "theme", "a", b"old", ttl=60)
        redis_server.stop()
        await here.drop(tenant, "theme", "a")
        redis_server.start()
        # As a Redis that was only unreachable would still have it.
        client = Redis.from_url(redis_server.url)  # pyright: ignore[reportUnknownMemberType] -- partly typed
        await client.set(f"test:theme:t_{tenant}:a", b"=old")
        await asyncio.sleep(0.06)
        assert await here.get(tenant, "theme", "a") is None
        assert await client.get(f"test:theme:t_{tenant}:a") is None
        await client.aclose()


def test_the_least_recently_used_goes_first() -> None:
    kept, tenant = ProcessCache(most_entries=2), uuid4()
    kept.set((tenant, "theme", "a"), b"1", 60)
    kept.set((tenant, "theme", "b"), b"2", 60)
    kept.get((tenant, "theme", "a"))
    kept.set((tenant, "theme", "c"), b"3", 60)
    assert kept.get((tenant, "theme", "b")) is None
    assert kept.get((tenant, "theme", "a")) == b"1"


def test_the_bytes_of_a_process_cache_are_bounded() -> None:
    kept, tenant = ProcessCache(most_bytes=100), uuid4()
    for n in range(50):
        kept.set((tenant, "theme", str(n)), b"x" * 30, 60)
    found = [n for n in range(50) if kept.get((tenant, "theme", str(n)))]
    assert found == [47, 48, 49]
    kept.set((tenant, "theme", "huge"), b"x" * 101, 60)
    assert kept.get((tenant, "theme", "huge")) is None
    assert kept.get((tenant, "theme", "49")) is not None

"""REDIS_URL and what goes with it: which database, which keys, how many connections, what is counted."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from lumi.core import metrics
from lumi.core.cache import Cache, TenantMissing, open_cache
from lumi.core.db import Database
from lumi.core.packing import COMPRESSED_FROM_BYTES, pack, unpack
from lumi.core.realtime import open_realtime
from lumi.core.redis_client import LOST, milliseconds_to, open_redis
from lumi.core.redis_keys import redis_key
from lumi.core.settings import MissingSetting, Settings
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import TenantKind
from tests import factories
from tests.core.conftest import MakeRedis, RedisServer
from tests.core.settings.conftest import Given
from tests.waiting import PATIENCE_SECONDS, until

RESERVED = "p@ss/w:rd?#[%]+&=é"


@asynccontextmanager
async def cached(settings: Settings, db: Database | None = None) -> AsyncGenerator[Cache]:
    """The cache of a process with these settings."""
    url = settings.redis_address
    realtime = open_realtime("", redis_url=url, redis_prefix=settings.redis_prefix)
    cache = open_cache(
        realtime, redis_url=url, redis_prefix=settings.redis_prefix, redis_metrics=settings.redis_metrics,
        holder_of=None if db is None else tenants.holders(db),
    )  # fmt: skip
    try:
        yield cache
    finally:
        await cache.close()
        await realtime.close()


@asynccontextmanager
async def connected(settings: Settings) -> AsyncGenerator[Redis]:
    client = open_redis(settings.redis_address or "", answer_seconds=PATIENCE_SECONDS)
    try:
        yield client
    finally:
        await client.aclose()


async def keys_in(server: RedisServer, number: int = 0) -> list[str]:
    client = Redis.from_url(f"redis://{server.place}/{number}")  # pyright: ignore[reportUnknownMemberType] -- partly typed
    found = cast("list[bytes]", await client.execute_command("KEYS", "*"))  # pyright: ignore[reportUnknownMemberType]
    await client.aclose()
    return sorted(each.decode() for each in found)


async def test_a_password_may_hold_any_character_as_it_is_or_escaped(given: Given, make_redis: MakeRedis) -> None:
    server = make_redis("--requirepass", RESERVED)
    from urllib.parse import quote

    for written in (RESERVED, quote(RESERVED, safe="")):
        async with connected(given(REDIS_URL=f"redis://:{written}@{server.place}/0")) as client:
            assert await milliseconds_to(client) > 0
    async with connected(given(REDIS_URL=f"redis://:wrong@{server.place}/0")) as client:
        with pytest.raises(LOST):
            await milliseconds_to(client)


async def test_the_password_is_in_no_line_of_a_log_nor_in_the_settings(
    given: Given, make_redis: MakeRedis, capfd: pytest.CaptureFixture[str]
) -> None:
    server = make_redis("--requirepass", "hunter2")
    settings = given(REDIS_URL=f"redis://:hunter2@{server.place}/0")
    server.stop()
    async with cached(settings) as cache:
        await cache.set(uuid4(), "theme", "a", b"blue", ttl=60)
    said = capfd.readouterr()
    assert "the shared cache does not answer" in said.err
    assert "hunter2" not in said.err + said.out + repr(settings)


@pytest.mark.parametrize(
    "url", ["http://hunter2@host", "redis://host:port-hunter2", "redis://:hunter2@h?speed=1", "redis://h/hunter2"]
)
def test_an_address_that_is_not_understood_is_refused_and_not_repeated(given: Given, url: str) -> None:
    with pytest.raises(MissingSetting, match="REDIS_URL") as refused:
        given(REDIS_URL=url)
    assert "hunter2" not in str(refused.value)


async def test_any_certificate_is_accepted_only_when_the_url_says_so(given: Given, make_redis: MakeRedis) -> None:
    server = make_redis(tls=True)
    async with connected(given(REDIS_URL=f"{server.url}?ssl_cert_reqs=none")) as client:
        assert await milliseconds_to(client) > 0
    async with connected(given(REDIS_URL=server.url)) as client:
        with pytest.raises(LOST):
            await milliseconds_to(client)


async def test_every_client_of_a_process_speaks_tls(given: Given, make_redis: MakeRedis) -> None:
    settings = given(REDIS_URL=f"{make_redis(tls=True).url}?ssl_cert_reqs=none")
    tenant = uuid4()
    async with cached(settings) as here, cached(settings) as there:
        await here.set(tenant, "theme", "a", b"blue", ttl=60)
        assert await there.get(tenant, "theme", "a") == b"blue"
        await here.drop(tenant, "theme", "a")

        async def is_gone() -> bool:
            return await there.get(tenant, "theme", "a") is None

        await until(is_gone)


async def test_the_number_of_the_database_counts_only_when_the_url_names_none(
    given: Given, redis_server: RedisServer
) -> None:
    for url, number in (("", 3), ("/", 3), ("/5", 5), ("?db=6", 6)):
        tenant = uuid4()
        async with cached(given(REDIS_URL=f"redis://{redis_server.place}{url}", REDIS_DB="3")) as cache:
            await cache.set(tenant, "theme", "a", b"blue", ttl=60)
        assert f"lumi:theme:t_{tenant}:a" in await keys_in(redis_server, number)
    assert await keys_in(redis_server, 0) == []


async def test_every_key_begins_with_the_prefix_its_type_and_who_holds_it(
    given: Given, redis_server: RedisServer, database: Database
) -> None:
    salon = await factories.make_tenant(database)
    coach = await factories.make_tenant(database, name="Nora", kind=TenantKind.CREATOR)
    async with cached(given(REDIS_URL=redis_server.url, REDIS_PREFIX="ours"), database) as cache:
        for each in (salon, coach):
            await cache.set(each.id, "theme", "a", b"blue", ttl=60)
        assert await keys_in(redis_server) == sorted([f"ours:theme:t_{salon.id}:a", f"ours:theme:creator_{coach.id}:a"])
        await cache.drop(coach.id, "theme", "a")
    assert await keys_in(redis_server) == [f"ours:theme:t_{salon.id}:a"]


def test_a_key_without_a_tenant_is_refused() -> None:
    with pytest.raises(TenantMissing):
        redis_key("lumi", "theme", cast("UUID", None), "a")
    with pytest.raises(ValueError, match="a kind is a word"):
        redis_key("lumi", "theme:t_x", uuid4(), "a")


def test_a_prefix_that_could_be_taken_for_another_part_of_a_key_is_refused(given: Given) -> None:
    with pytest.raises(MissingSetting, match="REDIS_PREFIX"):
        given(REDIS_PREFIX="a:b")


async def test_a_client_opens_no_more_connections_than_its_pool_holds(given: Given, redis_server: RedisServer) -> None:
    async with connected(given(REDIS_URL=redis_server.url, REDIS_POOL_SIZE="3")) as client:
        await asyncio.gather(*(milliseconds_to(client) for _ in range(30)))
        lines = cast("bytes", await client.execute_command("CLIENT", "LIST", "TYPE", "NORMAL"))  # pyright: ignore[reportUnknownMemberType]
        assert lines.decode().count("\n") == 3


async def test_a_connection_that_is_not_made_is_given_up_in_time(given: Given) -> None:
    with socket.socket() as silent, socket.socket() as first, socket.socket() as second:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        for each in (first, second):  # the queue is full: nobody else is let in
            each.setblocking(False)
            each.connect_ex(silent.getsockname())
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        async with connected(given(REDIS_URL=url, REDIS_CONNECT_TIMEOUT_MS="60")) as client:
            began = time.perf_counter()
            with pytest.raises(LOST):
                await milliseconds_to(client)
            assert 0.05 < time.perf_counter() - began < PATIENCE_SECONDS / 2


@pytest.mark.parametrize(("seconds", "tried"), [("1", True), ("0", False)])
async def test_an_idle_connection_is_tried_before_it_is_used(
    given: Given, redis_server: RedisServer, seconds: str, *, tried: bool
) -> None:
    async with connected(given(REDIS_URL=redis_server.url, REDIS_HEALTHCHECK_SECONDS=seconds)) as client:
        await milliseconds_to(client)
        before = await pings(redis_server)
        await asyncio.sleep(1.2)
        await milliseconds_to(client)
        assert (await pings(redis_server) > before) is tried


async def pings(server: RedisServer) -> int:
    client = Redis.from_url(server.url)  # pyright: ignore[reportUnknownMemberType] -- partly typed
    said = cast("dict[str, dict[str, int]]", await client.info("commandstats"))  # pyright: ignore[reportUnknownMemberType]
    await client.aclose()
    return said.get("cmdstat_ping", {"calls": 0})["calls"]


def counted(kind: str) -> tuple[float, float]:
    found = [
        metrics.REGISTRY.get_sample_value(f"lumi_redis_{each}_total", {"key_type": kind}) for each in ("hits", "misses")
    ]
    return found[0] or 0, found[1] or 0


@pytest.mark.parametrize(("said", "figures"), [("true", (1, 1)), ("false", (0, 0))])
async def test_hits_and_misses_are_counted_by_the_class_of_their_key(
    given: Given, redis_server: RedisServer, said: str, figures: tuple[int, int]
) -> None:
    kind, tenant = f"kind_{said}", uuid4()
    settings = given(REDIS_URL=redis_server.url, REDIS_METRICS=said)
    async with cached(settings) as here, cached(settings) as there:
        assert await here.get(tenant, kind, "a") is None
        await there.set(tenant, kind, "a", b"blue", ttl=60)
        assert await here.get(tenant, kind, "a") == b"blue"
    assert counted(kind) == figures


def test_large_values_are_compressed_when_that_helps() -> None:
    import os

    text, noise = b"opening hours " * 500, os.urandom(5_000)
    small = b"a" * COMPRESSED_FROM_BYTES
    assert len(pack(text)) < len(text) / 10
    assert len(pack(noise)) == len(noise) + 1
    assert len(pack(small)) == len(small) + 1
    assert [unpack(pack(each)) for each in (text, noise, small, b"")] == [text, noise, small, b""]
    assert unpack(b"anything else") is None
    assert unpack(b"z not compressed") is None


async def test_a_large_value_takes_less_room_in_redis_and_comes_back_whole(
    given: Given, redis_server: RedisServer
) -> None:
    tenant, value = uuid4(), b"opening hours " * 500
    settings = given(REDIS_URL=redis_server.url)
    async with cached(settings) as here, cached(settings) as there, connected(settings) as client:
        await here.set(tenant, "faqs", "a", value, ttl=60)
        assert await there.get(tenant, "faqs", "a") == value
        stored = cast("int", await client.execute_command("STRLEN", f"lumi:faqs:t_{tenant}:a"))  # pyright: ignore[reportUnknownMemberType]
        assert stored < len(value) / 10

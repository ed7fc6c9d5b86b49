"""CACHE_TTL_CONFIG_SEC and CACHE_TTL_FAQS_SEC: how long something is remembered, and that a change is seen."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from lumi.api.house import House
from lumi.core.db import Database
from lumi.core.settings import Settings
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.public import DocumentKind, Draft, Passage, Recall
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import Tenant, TenantChanges
from lumi.wiring import open_house
from tests import factories
from tests.core.conftest import RedisServer
from tests.core.settings.conftest import Given


@asynccontextmanager
async def house(settings: Settings, database: Database) -> AsyncGenerator[House]:
    async with open_house(settings, database_url=database.url) as opened:
        yield opened


async def seconds_left(server: RedisServer, pattern: str) -> list[int]:
    """For how long Redis keeps what matches."""
    client = Redis.from_url(server.url)  # pyright: ignore[reportUnknownMemberType] -- partly typed
    keys = cast("list[bytes]", await client.execute_command("KEYS", pattern))  # pyright: ignore[reportUnknownMemberType]
    left = [cast("int", await client.execute_command("TTL", key)) for key in keys]  # pyright: ignore[reportUnknownMemberType]
    await client.aclose()
    return left


async def rename(database: Database, tenant: Tenant, name: str) -> None:
    async with factories.begin_work(database, tenant) as ctx:
        await tenants.change(ctx, version=None, changes=TenantChanges(name=name))


async def rename_and_fail(database: Database, tenant: Tenant) -> None:
    async with factories.begin_work(database, tenant) as ctx:
        await tenants.change(ctx, version=None, changes=TenantChanges(name="Salon Neuf"))
        raise RuntimeError("after all not")


async def behind_its_back(database: Database, tenant: Tenant, name: str) -> None:
    async with database.transaction(tenant.id) as session:
        await session.execute(text("update tenant set name = :name"), {"name": name})


async def test_an_organisation_is_remembered_for_so_long_and_dropped_in_every_process_when_it_changes(
    given: Given, database: Database, tenant: Tenant, redis_server: RedisServer
) -> None:
    settings = given(REDIS_URL=redis_server.url, CACHE_TTL_CONFIG_SEC="45")
    async with house(settings, database) as here, house(settings, database) as there:
        assert await here.directory.by_id(tenant.id) == await there.directory.find_by_slug(tenant.slug) == tenant
        assert [44 <= left <= 45 for left in await seconds_left(redis_server, "lumi:config:*")] == [True]
        await behind_its_back(database, tenant, "Nobody was told")
        assert await here.directory.by_id(tenant.id) == tenant

        await rename(here.db, tenant, "Salon Neuf")
        assert await seconds_left(redis_server, "lumi:config:*") == []
        changed = await here.directory.by_id(tenant.id)
        assert changed is not None
        assert changed.name == "Salon Neuf"
        assert await until_seen(there, tenant, "Salon Neuf")


async def until_seen(there: House, tenant: Tenant, name: str) -> bool:
    """Whether this process sees the name within a second."""
    give_up_at = time.monotonic() + 1
    while time.monotonic() < give_up_at:
        found = await there.directory.by_id(tenant.id)
        if found is not None and found.name == name:
            return True
    return False


async def test_a_change_that_is_not_committed_drops_nothing(given: Given, database: Database, tenant: Tenant) -> None:
    async with house(given(CACHE_TTL_CONFIG_SEC="45"), database) as here:
        await here.directory.by_id(tenant.id)
        with pytest.raises(RuntimeError, match="after all not"):
            await rename_and_fail(here.db, tenant)
        await behind_its_back(database, tenant, "Nobody was told")
        assert await here.directory.by_id(tenant.id) == tenant


async def test_an_organisation_is_read_each_time_when_nothing_is_to_be_remembered(
    given: Given, database: Database, tenant: Tenant
) -> None:
    async with house(given(CACHE_TTL_CONFIG_SEC="0"), database) as here:
        await here.directory.by_id(tenant.id)
        await behind_its_back(database, tenant, "Nobody was told")
        found = await here.directory.by_id(tenant.id)
        assert found is not None
        assert found.name == "Nobody was told"


QUESTION = "When does the sauna open?"


async def learn(database: Database, tenant: Tenant, words: str) -> None:
    async with factories.begin_work(database, tenant) as ctx:
        await knowledge.store_document(ctx, Draft(kind=DocumentKind.DOCUMENT, lang="en", title="Sauna", body=words))


async def ask(house: House, tenant: Tenant) -> list[str]:
    recall = Recall(house.db.pool, house.cache, seconds=house.settings.cache_ttl_faqs_sec)
    found: list[Passage] = list(await recall.find_passages(tenant.id, QUESTION, "en", 3))
    return [each.text for each in found]


async def test_what_was_found_is_remembered_for_so_long_and_a_change_is_seen_by_the_next_question(
    given: Given, database: Database, tenant: Tenant, redis_server: RedisServer
) -> None:
    settings = given(REDIS_URL=redis_server.url, CACHE_TTL_FAQS_SEC="45")
    await learn(database, tenant, "The sauna opens at nine.")
    async with house(settings, database) as here, house(settings, database) as there:
        first = await ask(here, tenant)
        assert any("nine" in each for each in first)
        assert [44 <= left <= 45 for left in await seconds_left(redis_server, "lumi:faqs:*")] == [True]
        assert await ask(there, tenant) == first
        assert len(await seconds_left(redis_server, "lumi:faqs:*")) == 1

        await learn(database, tenant, "On Sundays the sauna opens at noon.")
        for each in (here, there):
            assert any("noon" in words for words in await ask(each, tenant))


async def test_nothing_that_was_found_is_kept_when_nothing_is_to_be_remembered(
    given: Given, database: Database, tenant: Tenant, redis_server: RedisServer
) -> None:
    await learn(database, tenant, "The sauna opens at nine.")
    async with house(given(REDIS_URL=redis_server.url, CACHE_TTL_FAQS_SEC="0"), database) as here:
        assert any("nine" in each for each in await ask(here, tenant))
        assert await seconds_left(redis_server, "lumi:faqs:*") == []

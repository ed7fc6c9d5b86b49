"""Whether a process lives, whether what it needs answers, and the figures of the house."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest
from httpx2 import ASGITransport, AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text as sql

from lumi.core import dead_letters
from lumi.core.dead_letters import Source
from lumi.core.ids import new_id
from lumi.core.runner import Pulse
from tests import factories, template
from tests.waiting import until

if TYPE_CHECKING:
    from lumi.api.house import House

# on a database of its own
pytestmark = pytest.mark.integration


@pytest.fixture
async def house() -> AsyncGenerator[House]:
    """A house on a database that nobody else looks at."""
    from lumi.core.settings import get_settings
    from lumi.wiring import open_house

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    async with (
        template.copy_of_template(f"{worker}_health") as url,
        open_house(get_settings(), database_url=url) as opened,
    ):
        yield opened


@pytest.fixture
async def visitor(house: House) -> AsyncGenerator[AsyncClient]:
    """Whoever asks it."""
    from fastapi import FastAPI

    from lumi.api.router import router
    from lumi.wiring import furnish

    app = FastAPI()
    furnish(app, house)
    app.include_router(router)
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://localhost") as made:
        yield made


async def figure(visitor: AsyncClient, name: str, **labels: str) -> float:
    answer = await visitor.get("/metrics")
    assert answer.status_code == 200
    found = [each for each in text_string_to_metric_families(answer.text) if each.name == name]
    return next(float(each.value) for each in found[0].samples if each.labels == labels)


async def test_a_process_that_answers_lives_whatever_else_is_gone(visitor: AsyncClient, house: House) -> None:
    await house.db.pool.close()

    assert (await visitor.get("/livez")).json() == {"status": "ok"}


async def test_without_a_worker_it_is_ready_and_says_that_nobody_works(visitor: AsyncClient) -> None:
    answer = await visitor.get("/readyz")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["database"]["status"]) == ("degraded", "ok")
    assert body["workers"] == {"status": "down", "alive": 0}


async def test_with_a_worker_all_is_well(visitor: AsyncClient, house: House) -> None:
    pulse = await Pulse.start(house.db)
    try:
        body = (await visitor.get("/readyz")).json()
    finally:
        await pulse.stop()

    assert (body["status"], body["workers"]) == ("ok", {"status": "ok", "alive": 1})


async def test_a_worker_that_was_killed_a_moment_ago_counts_no_more(visitor: AsyncClient, house: House) -> None:
    pulse = await Pulse.start(house.db)
    pulse.connection.terminate()

    async def is_noticed() -> bool:
        return (await visitor.get("/readyz")).json()["workers"] == {"status": "down", "alive": 0}

    await until(is_noticed, what="that nobody works")
    await house.db.pool.execute("select app.reap(array(select id from app.lost_workers()))")


async def test_without_the_database_it_is_not_ready_and_says_so_by_name(visitor: AsyncClient, house: House) -> None:
    await house.db.pool.close()

    answer = await visitor.get("/readyz")

    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["database"]["status"]) == ("down", "down")


async def test_the_figures_say_how_many_lanes_wait_and_how_long_the_oldest_has(
    visitor: AsyncClient, house: House
) -> None:
    assert (await figure(visitor, "lumi_lanes_due"), await figure(visitor, "lumi_lane_oldest_seconds")) == (0, 0)
    for slug in ("one", "two"):
        tenant = await factories.make_tenant(house.db, name=slug)
        async with factories.begin_work(house.db, tenant) as ctx:
            lane = "insert into lane (tenant_id, key, owner, ready_at) values (:tenant, :key, :owner, now() - :ago)"
            for owner, ago in ((None, "1 h"), (None, "-1 h"), (7, "2 h")):  # due, later, somebody's
                statement = sql(lane.replace(":ago", f"interval '{ago}'"))
                await ctx.session.execute(statement, {"tenant": tenant.id, "key": new_id(), "owner": owner})

    assert await figure(visitor, "lumi_lanes_due") == 2
    assert 3600 <= await figure(visitor, "lumi_lane_oldest_seconds") < 3660


async def test_the_figures_say_how_many_dead_letters_of_a_kind_nobody_has_dealt_with(
    visitor: AsyncClient, house: House
) -> None:
    assert await figure(visitor, "lumi_dead_letters_open", kind="webhook") == 0
    for owner in (None, (await factories.make_tenant(house.db, name="one")).id):
        async with house.db.transaction(owner) as session:
            for _ in range(2):
                await dead_letters.keep(
                    session, owner, source=Source.WEBHOOK, origin="whatsapp", body=b"?", reason="not JSON"
                )
    async with house.db.transaction(owner) as session:
        await session.execute(
            sql("update dead_letter set closed_at = now() where id in (select id from dead_letter limit 1)")
        )

    assert await figure(visitor, "lumi_dead_letters_open", kind="webhook") == 3
    assert await figure(visitor, "lumi_dead_letters_open", kind="job") == 0


async def test_without_the_database_the_figures_say_that_nobody_can_tell(visitor: AsyncClient, house: House) -> None:
    await house.db.pool.close()

    assert math.isnan(await figure(visitor, "lumi_lanes_due"))
    assert math.isnan(await figure(visitor, "lumi_lane_oldest_seconds"))
    assert math.isnan(await figure(visitor, "lumi_dead_letters_open", kind="job"))

"""The world of the isolation suite, furnished once a worker."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest

from lumi.core.settings import get_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.isolation.whole import Connection
    from tests.isolation.world import World


@pytest.fixture(scope="session")
async def truth(database_url: str) -> AsyncGenerator[Connection]:
    """The database as it is: a superuser's connection."""
    from sqlalchemy.engine import make_url

    from tests import template
    from tests.isolation import whole

    async with template.cluster() as place:
        conn = await whole.connect(place.admin, str(make_url(database_url).database))
        yield conn
        await conn.close()


@pytest.fixture(scope="package")
async def copy(furnished: World) -> AsyncGenerator[Connection]:
    """A superuser's connection to another database with the rows of both, for tests that break its schema."""
    from sqlalchemy.engine import make_url

    from tests import template
    from tests.isolation import whole

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    async with template.cluster() as place, template.copy_of_template(f"{worker}_broken") as url:
        conn = await whole.connect(place.admin, str(make_url(url).database))
        await whole.fill(furnished.truth, conn, [side.tenant.id for side in furnished.sides])
        yield conn
        await conn.close()


@pytest.fixture(scope="session")
async def served(app: FastAPI) -> AsyncGenerator[int]:
    """The application on a port."""
    import uvicorn

    from lumi.main import layered
    from tests.serving import on_a_port

    house = layered(app, get_settings())
    config = uvicorn.Config(house, port=0, lifespan="off", log_config=None, ws="websockets-sansio", ws_max_size=80_000)
    async with on_a_port(config) as port:
        yield port


@pytest.fixture(scope="package")
async def furnished(app: FastAPI, served: int, truth: Connection) -> AsyncGenerator[World]:
    """A and B with a row in every table, and a worker that takes their turns."""
    from httpx2 import ASGITransport, AsyncClient

    from lumi.integrations.whatsapp.fake.server import running
    from lumi.integrations.whatsapp.fake.twin import TwinSettings
    from lumi.main import layered
    from tests.isolation import whole
    from tests.isolation.furnishing import furnish
    from tests.isolation.world import World
    from tests.serving import working

    numbers = {str(10**14 + secrets.randbelow(10**14)): "33100000001" for _ in range(2)}
    transport = ASGITransport(app=layered(app, get_settings()), raise_app_exceptions=False)
    async with (
        working(app.state.house) as worker,
        running(TwinSettings(statuses=(), numbers=numbers)) as twin,
        AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        world = World(app, app.state.house, client, twin, served, truth, worker.wake)
        first, second = numbers
        await furnish(world, "a", first, changes=3)
        await furnish(world, "b", second, changes=0)
        world.ids_of_a = await whole.ids(truth, world.a.tenant.id) - await whole.ids(truth, world.b.tenant.id)
        yield world


@pytest.fixture
async def world(furnished: World) -> AsyncGenerator[World]:
    """Both sides; whatever the test does from B, A is the same afterwards."""
    from tests.isolation.attempts import changed

    before = await furnished.fingerprint()
    yield furnished
    await furnished.at_rest(furnished.b)
    assert changed(before, await furnished.fingerprint()) == []

"""Whatever is sent to a route, it answers what its description promises, and never that something went wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest

from lumi.core.settings import get_settings
from tests.api.test_description import COMMITTED

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import AsyncClient
    from starlette.types import ASGIApp

    from lumi.integrations.whatsapp.fake.server import RunningTwin
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders

PATHS = cast("dict[str, dict[str, object]]", json.loads(COMMITTED.read_text())["paths"])
# Hypothesis draws in a thread and asks whether the global `random` moved meanwhile. It did: the application,
# on the loop of this process, draws its waits from it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)
ROUTES = [f"{method.upper()} {path}" for path, methods in PATHS.items() for method in methods]


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[str]:
    """The URL of this application on a port."""
    import uvicorn

    from tests.serving import on_a_port

    async with on_a_port(uvicorn.Config(app, port=0, lifespan="off", log_config=None)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
async def served(app: FastAPI) -> AsyncGenerator[str]:
    """The application with all its layers, on a port."""
    from lumi.main import layered

    async with serving(layered(app, get_settings())) as url:
        yield url


async def everything(app: FastAPI, client: AsyncClient, tenant: Tenant, graph: RunningTwin) -> dict[str, str]:
    """An id of each kind that a path may name."""
    from tests.shape.changes import Scene

    scene = Scene(client, app.state.house, tenant, graph)
    key = await client.post("/v1/api-keys", json={"name": "Caisse", "permissions": ["contacts:read"]})
    return {
        "slug": tenant.slug,
        "channel": "whatsapp",
        "contact_id": str((await scene.contact()).id),
        "conversation_id": await scene.conversation(),
        "document_id": await scene.document(),
        "file_id": (file_id := await scene.file()),
        "token": (await client.post(f"/v1/files/{file_id}/url")).json()["url"].rpartition("/")[2],
        "gap_id": await scene.gap(),
        "letter_id": await scene.letter(),
        "key_id": str(key.json()["id"]),
    }


@pytest.mark.parametrize("route", ROUTES)
async def test_a_route_keeps_its_promise(
    app: FastAPI, client: AsyncClient, tenant: Tenant, graph: RunningTwin, staff: StaffHeaders, served: str, route: str
) -> None:
    from lumi.modules.accounts.values import DEFAULT_ROLES, OWNER
    from tests.api.any_request import Asked, operations

    headers = await staff(*DEFAULT_ROLES[OWNER])
    client.headers.update(headers)
    known = await everything(app, client, tenant, graph)

    asked = Asked(served, operations(app.openapi())[route], headers, known)

    assert await asyncio.to_thread(asked.try_everything) == []


@pytest.mark.parametrize(("status", "told"), [(500, "failed: GET"), (418, "never promised: GET")])
async def test_a_route_that_does_not_keep_its_promise_is_told(status: int, told: str) -> None:
    from fastapi import FastAPI, HTTPException

    from tests.api.any_request import Asked, operations

    toys = FastAPI()

    @toys.get("/toys/{number}")
    async def get_toy(number: int) -> None:
        raise HTTPException(status)

    async with serving(toys) as url:
        asked = Asked(url, operations(toys.openapi())["GET /toys/{number}"], {}, {"number": "7"})
        wrong = await asyncio.to_thread(asked.try_everything)

    assert any(each.startswith(told) for each in wrong)

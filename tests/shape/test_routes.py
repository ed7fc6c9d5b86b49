"""Routes keep the rules, and each rule is seen to fail on an application in which it is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest

from lumi.core import auth
from lumi.core.context import Context

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import AsyncClient

    from lumi.integrations.whatsapp.fake.server import RunningTwin
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders
    from tests.shape.changes import Change, Recipe, Scene
    from tests.shape.schema import Connection


MayWrite = Annotated[Context, auth.allow("contacts:write")]


@pytest.fixture
async def scene(app: FastAPI, client: AsyncClient, tenant: Tenant, staff: StaffHeaders, graph: RunningTwin) -> Scene:
    """A tenant, and somebody signed in who may do everything there."""
    from lumi.modules.accounts.values import DEFAULT_ROLES, OWNER
    from tests.shape.changes import Scene

    client.headers.update(await staff(*DEFAULT_ROLES[OWNER]))
    return Scene(client, app.state.house, tenant, graph)


@pytest.fixture
def with_toys(app: FastAPI) -> FastAPI:
    """The same application with three routes that should not be."""
    from fastapi import FastAPI
    from sqlalchemy import text

    toys = FastAPI(routes=list(app.routes))
    toys.state = app.state

    @toys.post("/v1/toys")
    async def make_toy(ctx: MayWrite) -> None:
        await ctx.session.execute(text("update tenant set version = version + 1"))

    @toys.get("/v1/toys")
    async def list_toys() -> None: ...

    @toys.get("/v1/toys/open", dependencies=[auth.public])
    async def show_toys() -> None: ...

    return toys


async def ask_for(scene: Scene, name: str, change: Change) -> int:
    """Send it; the status of the answer."""
    files = None if change.file is None else {"file": change.file}
    answer = await scene.client.request(
        name.split(" ")[0], change.path, json=change.json, headers=dict(change.headers), data=change.form, files=files
    )
    return answer.status_code


async def without_audit(scene: Scene, truth: Connection, names: list[str], recipes: dict[str, Recipe]) -> list[str]:
    """Of these routes, those that cannot be tried, are refused, or leave no row in the audit."""
    found = [f"{name}: no recipe in tests/shape/changes.py" for name in names if name not in recipes]
    for name in (each for each in recipes if each in names):
        change = await recipes[name](scene)
        before = await entries(truth, scene)
        status = await ask_for(scene, name, change)
        if not 200 <= status < 300:
            found.append(f"{name}: {status}")
        elif await entries(truth, scene) == before:
            found.append(f"{name}: left no row in audit_entry")
    return found


async def entries(truth: Connection, scene: Scene) -> int:
    """How many rows the audit of the tenant has."""
    return int(await truth.fetchval("select count(*) from audit_entry where tenant_id = $1", scene.tenant.id))


def test_every_route_has_a_permission_or_is_meant_for_everybody(app: FastAPI) -> None:
    from tests.shape.routes import open_routes

    assert open_routes(app) == []


def test_a_route_without_a_permission_is_told(with_toys: FastAPI) -> None:
    from tests.shape.routes import open_routes

    assert "GET /v1/toys: neither a permission nor public" in open_routes(with_toys)
    assert "GET /v1/toys/open: not on the list" in open_routes(with_toys)


async def test_every_change_leaves_a_row_in_the_audit(app: FastAPI, scene: Scene, superuser: Connection) -> None:
    from tests.shape.changes import CHANGES, QUESTIONS
    from tests.shape.routes import guarded_changes

    names = [name for name in guarded_changes(app) if name not in QUESTIONS]
    assert await without_audit(scene, superuser, names, dict(CHANGES)) == []


async def test_a_change_without_a_row_is_told(with_toys: FastAPI, scene: Scene, superuser: Connection) -> None:
    from httpx2 import ASGITransport, AsyncClient

    from tests.shape.changes import Change, Scene
    from tests.shape.routes import guarded_changes

    async def make_toy(_scene: Scene) -> Change:
        return Change("/v1/toys")

    assert "POST /v1/toys" in guarded_changes(with_toys)
    transport = ASGITransport(app=with_toys)
    async with AsyncClient(transport=transport, base_url="http://localhost", headers=scene.client.headers) as client:
        broken = Scene(client, scene.house, scene.tenant, scene.graph)
        told = await without_audit(broken, superuser, ["POST /v1/toys"], {"POST /v1/toys": make_toy})
    assert told == ["POST /v1/toys: left no row in audit_entry"]
    assert await without_audit(scene, superuser, ["POST /v1/toys"], {}) == [
        "POST /v1/toys: no recipe in tests/shape/changes.py"
    ]


async def test_a_question_with_a_body_changes_nothing(scene: Scene, superuser: Connection) -> None:
    from tests.isolation.whole import fingerprint
    from tests.shape.changes import QUESTIONS

    await scene.document()
    before = await fingerprint(superuser, scene.tenant.id)
    for name, recipe in QUESTIONS.items():
        assert await ask_for(scene, name, await recipe(scene)) == 200
    assert await fingerprint(superuser, scene.tenant.id) == before

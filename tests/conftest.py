"""What every test can ask for: the database as the application role, tenants, the application, who asks it."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Awaitable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Protocol, cast

import pytest

from lumi.core.settings import Settings, get_settings

if TYPE_CHECKING:
    # What only some tests need is imported by the fixtures that need it: a test of a pure rule starts at once.
    from fastapi import FastAPI
    from httpx2 import AsyncClient

    from lumi.core.context import Actor, Context
    from lumi.core.db import Database
    from lumi.core.runner import Runner
    from lumi.integrations.whatsapp.fake.server import RunningTwin
    from lumi.modules.accounts.public import Entrance
    from lumi.modules.tenants.public import Tenant

HOME = Path(__file__).resolve().parents[1] / ".lumi" / "test"
COUNTING = "COUNT_BRANCHES_IN"
"""Where a process writes which branches it took: see scripts/branches.py."""
counted_in = os.environ.get(COUNTING)

# Tests look the same on every machine: whatever its environment and .env say is not ours.
for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "RSA_PRIVATE_KEY", "RSA_PUBLIC_KEY", "PUBLIC_URL"):
    os.environ.pop(name, None)
# The twins of mail servers are on this machine.
os.environ.update(APP_ENV="test", LUMI_HOME=str(HOME), RATE_LIMIT_ENABLED="false", MAIL_NETWORKS="127.0.0.0/8")
Settings.model_config["env_file"] = None
get_settings.cache_clear()


class Begin(Protocol):
    """`async with begin(tenant) as ctx`: a unit of work that commits at its end."""

    def __call__(self, tenant: Tenant, actor: Actor = ...) -> AbstractAsyncContextManager[Context]: ...


class StaffHeaders(Protocol):
    """`await staff("contacts:read")`: the headers of somebody of the tenant who may do exactly this."""

    def __call__(self, *permissions: str, tenant: Tenant | None = None) -> Awaitable[dict[str, str]]: ...


@pytest.fixture(scope="session", autouse=True)
def children() -> None:
    """The processes that tests start begin quickly: counted they take 3 s more, and those that are killed tell nothing.

    Commands are counted all the same: what they do happens nowhere else.
    """
    os.environ.pop(COUNTING, None)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(HOME / "pycache")


@pytest.fixture(scope="session")
async def database_url() -> AsyncGenerator[str]:
    """The URL of this worker's own fresh database, as the application role."""
    from tests import template

    async with template.copy_of_template(os.environ.get("PYTEST_XDIST_WORKER", "main")) as url:
        yield url


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncGenerator[Database]:
    """This worker's database. Tests commit for real: each has tenants of its own."""
    from lumi.core.db import Database

    opened = await Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    """A salon in Paris that speaks every language."""
    from tests import factories

    return await factories.make_tenant(database)


@pytest.fixture
async def other_tenant(database: Database) -> Tenant:
    """A hotel that must never be seen from the salon."""
    from lumi.modules.tenants.public import TenantKind
    from tests import factories

    return await factories.make_tenant(database, name="Casa Brava", kind=TenantKind.HOTEL, locale="es")


@pytest.fixture
def begin(database: Database) -> Begin:
    """Units of work, for tests that need several."""
    from tests import factories

    return partial(factories.begin_work, database)


@pytest.fixture
async def ctx(begin: Begin, tenant: Tenant) -> AsyncGenerator[Context]:
    """One unit of work in the tenant; it commits after the test."""
    async with begin(tenant) as work:
        yield work


@pytest.fixture(scope="session")
async def graph() -> AsyncGenerator[RunningTwin]:
    """The WhatsApp that accounts lead to which name no other; a test gives it the numbers it should know."""
    from lumi.integrations.whatsapp.fake.server import running
    from lumi.integrations.whatsapp.fake.twin import TwinSettings

    async with running(TwinSettings(statuses=(), numbers={})) as twin:
        yield twin


@pytest.fixture(scope="session")
async def app(
    database_url: str, graph: RunningTwin, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[FastAPI]:
    """The whole application on this worker's database, started."""
    from lumi.main import create_app

    ours = {"whatsapp_api_base": graph.url, "uploads_root": tmp_path_factory.mktemp("uploads")}
    settings = get_settings().model_copy(update=ours)
    made = create_app(settings, database_url=database_url)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A client of the application with all its layers, anonymous until it is given headers."""
    from httpx2 import ASGITransport, AsyncClient

    from lumi.main import layered

    transport = ASGITransport(app=layered(app, get_settings()), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://localhost") as made:
        yield made


@pytest.fixture
def staff(app: FastAPI, database: Database, tenant: Tenant) -> StaffHeaders:
    """Headers of people who work for the tenant, or for the one that is named."""
    from tests import factories

    ours = tenant

    def headers(*permissions: str, tenant: Tenant | None = None) -> Awaitable[dict[str, str]]:
        entrance = cast("Entrance", app.state.entrance)
        return factories.make_staff_headers(database, entrance, tenant or ours, permissions)

    return headers


@pytest.fixture(scope="module")
async def worker(app: FastAPI) -> AsyncGenerator[Runner]:
    """A worker for the tests of one file that ask for it: others count jobs that nobody takes away."""
    from tests.serving import working

    async with working(app.state.house) as runner:
        yield runner


@pytest.fixture
def in_one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minutes of limits in memory are the clock's, and a test that spans two of them would count less: here it is
    the middle of one for as long as the test takes.
    """
    middle = time.time() // 60 * 60 + 30
    monkeypatch.setattr("limits.aio.storage.memory.time", SimpleNamespace(time=lambda: middle))

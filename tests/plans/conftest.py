"""A database of its own with many rows, and the application on it."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from lumi.core.settings import get_settings

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.shape.schema import Connection


@dataclass(frozen=True, slots=True)
class Full:
    """An installation in which one tenant has much of everything."""

    client: AsyncClient
    engine: AsyncEngine
    truth: Connection
    tenant: UUID
    thread: UUID
    account: UUID


@pytest.fixture(scope="session")
async def full() -> AsyncGenerator[Full]:
    """The tenant's owner at the door, and a superuser's connection beside it."""
    from httpx2 import ASGITransport, AsyncClient
    from sqlalchemy.engine import make_url

    from lumi.main import create_app, layered
    from lumi.modules.accounts.values import DEFAULT_ROLES, OWNER
    from lumi.modules.channels import public as channels
    from tests import factories, template
    from tests.isolation import whole
    from tests.plans.rows import fill

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    async with template.cluster() as place, template.copy_of_template(f"{worker}_plans") as url:
        app = create_app(database_url=url)
        async with (
            _closing(await whole.connect(place.admin, str(make_url(url).database))) as truth,
            app.router.lifespan_context(app),
        ):
            db = app.state.house.db
            tenant = await factories.make_tenant(db)
            headers = await factories.make_staff_headers(db, app.state.entrance, tenant, sorted(DEFAULT_ROLES[OWNER]))
            async with factories.begin_work(db, tenant) as ctx:
                account = await channels.connect(
                    ctx, channel=channels.Channel.WEB, external_id=tenant.slug, name="Site"
                )
            thread = await fill(truth, tenant.id, account)
            transport = ASGITransport(app=layered(app, get_settings()))
            async with AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
                yield Full(client, db.engine, truth, tenant.id, thread, account)


@asynccontextmanager
async def _closing(conn: Connection) -> AsyncGenerator[Connection]:
    try:
        yield conn
    finally:
        await conn.close()

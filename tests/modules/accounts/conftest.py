"""Accounts alone: its router on the real database, cheap password hashes, nothing remembered between requests."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from lumi.api import problems
from lumi.core.auth import Principal
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.ids import new_id
from lumi.core.limits import Limiter
from lumi.core.settings import get_settings
from lumi.modules.accounts import public as accounts
from lumi.modules.accounts.router import router
from lumi.modules.accounts.services import staff
from lumi.modules.accounts.services.entrance import Entrance, Recent
from lumi.modules.accounts.services.keys import SigningKeys
from lumi.modules.accounts.services.passwords import Passwords
from lumi.modules.accounts.values import Standing

PASSWORD = "correct horse battery"


class Organisation(Protocol):
    """What these tests need of a tenant."""

    @property
    def id(self) -> UUID: ...
    @property
    def slug(self) -> str: ...


@dataclass(frozen=True)
class Member:
    """Somebody who works for a tenant and can sign in."""

    identity_id: UUID
    email: str
    tenant_id: UUID
    slug: str


Unit = Callable[[UUID], AbstractAsyncContextManager[Context]]
MakeMember = Callable[..., Awaitable[Member]]
SignIn = Callable[..., Awaitable[Response]]
HeadersOf = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def unit(database: Database) -> Unit:
    """A unit of work of the system in one tenant, committed at its end."""

    @asynccontextmanager
    async def begin(tenant_id: UUID) -> AsyncGenerator[Context]:
        async with database.transaction(tenant_id) as session:
            yield Context(session, tenant_id)

    return begin


@pytest.fixture(scope="session")
def keys() -> SigningKeys:
    """The keys of this test run."""
    return SigningKeys.load(get_settings())


@pytest.fixture
def entrance(database: Database, keys: SigningKeys) -> Entrance:
    """Real in all but the cost of a hash; looks everything up each time."""
    return Entrance(
        database,
        Limiter(enabled=False),
        keys,
        Passwords(memory_kib=64, passes=1),
        access_minutes=10,
        standings=Recent[Standing](0),
        api_keys=Recent[Principal](0),
    )


@pytest.fixture
def app(database: Database, entrance: Entrance) -> FastAPI:
    """The routes of accounts where the application has them."""
    made = FastAPI()
    made.include_router(router, prefix="/v1")
    made.state.database = database
    made.state.entrance = entrance
    made.state.authenticator = accounts.authenticator(entrance)

    problems.install(made)
    return made


@pytest.fixture
async def http(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A client of the application."""
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://lumi.test") as client:
        yield client


@pytest.fixture
def member(unit: Unit, entrance: Entrance) -> MakeMember:
    """`await member(tenant, role="agent")`: a person who works there; `email` makes an existing one join."""

    async def make(organisation: Organisation, *, role: str = "owner", email: str | None = None) -> Member:
        address = email or f"{new_id().hex}@example.org"
        async with unit(organisation.id) as ctx:
            await staff.create_default_roles(ctx)
            found = await staff.ensure_staff(
                ctx, entrance.passwords, email=address, name="Léa Martin", password=PASSWORD, role=role
            )
        return Member(found.person.id, address, organisation.id, organisation.slug)

    return make


@pytest.fixture
def sign_in(http: AsyncClient) -> SignIn:
    """Sign in over HTTP; the answer as it comes."""

    async def ask(email: str, password: str = PASSWORD, **more: object) -> Response:
        return await http.post("/v1/auth/sign-in", json={"email": email, "password": password, **more})

    return ask


@pytest.fixture
def headers_of(sign_in: SignIn) -> HeadersOf:
    """The Authorization header of a member who has just signed in."""

    async def ask(who: Member) -> dict[str, str]:
        answer = await sign_in(who.email, tenant=who.slug)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return ask

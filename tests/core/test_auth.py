"""The door of every request: who, what they may, and the transaction around it."""

from collections.abc import AsyncGenerator, Mapping
from typing import Annotated
from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import func, select, text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumi.api import problems
from lumi.core import auth
from lumi.core.audit import AuditEntry, audit
from lumi.core.auth import Principal, allow, guards_of
from lumi.core.context import ActorKind, Context
from lumi.core.db import Database
from lumi.core.errors import NotFound, Unauthenticated
from tests.modules.accounts.conftest import Organisation

ThingsWrite = Annotated[Context, allow("things:write")]
SignedIn = Annotated[Context, auth.signed_in]
Headers = Mapping[str, str]

router = APIRouter()


@router.post("/things")
async def make_thing(ctx: ThingsWrite) -> dict[str, str]:
    await audit(ctx, "test.made", target="thing")
    return {"tenant": str(ctx.tenant_id), "actor": f"{ctx.actor.kind}:{ctx.actor.name}"}


@router.post("/refused")
async def make_and_refuse(ctx: ThingsWrite) -> None:
    await audit(ctx, "test.made", target="thing")
    raise NotFound


@router.post("/fails-at-commit")
async def make_what_fails_at_commit(ctx: ThingsWrite) -> dict[str, str]:
    await audit(ctx, "test.made", target="thing")
    await ctx.session.execute(
        text("create temporary table once (n int unique deferrable initially deferred) on commit drop")
    )
    await ctx.session.execute(text("insert into once values (1), (1)"))
    return {"all": "well"}


@router.get("/seen")
async def see(ctx: SignedIn, principal: auth.CurrentPrincipal) -> dict[str, object]:
    return {"bound": await ctx.session.scalar(text("select app.tenant_id()::text")), "name": principal.name}


@router.get("/open", dependencies=[auth.public])
async def open_to_all() -> None: ...


@router.get("/forgotten")
async def forgotten() -> None: ...


class People:
    """An authenticator with a few tokens."""

    def __init__(self) -> None:
        self._by_token: dict[str, Principal] = {}

    async def __call__(self, token: str, /) -> Principal:
        if token not in self._by_token:
            raise Unauthenticated
        return self._by_token[token]

    def headers(self, tenant: Organisation, *permissions: str) -> Headers:
        """The header of somebody new with these permissions."""
        token = uuid4().hex
        who = Principal(ActorKind.STAFF, uuid4(), tenant.id, "Léa", frozenset(permissions))
        self._by_token[token] = who
        return {"Authorization": f"Bearer {token}"}


class Witness:
    """Notes what another connection sees at the moment the answer begins to leave."""

    def __init__(self, app: ASGIApp, database: Database, tenant: Organisation) -> None:
        self._app, self._database, self._tenant = app, database, tenant
        self.saw: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.saw.append(await made(self._database, self._tenant))
            await send(message)

        await self._app(scope, receive, watched)


async def made(database: Database, tenant: Organisation) -> int:
    """How many things were made and committed."""
    statement = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "test.made")
    async with database.transaction(tenant.id) as session:
        return int(await session.scalar(statement) or 0)


@pytest.fixture
def people() -> People:
    """Who can come in."""
    return People()


@pytest.fixture
def witness(database: Database, people: People, tenant: Organisation) -> Witness:
    """The application, watched."""
    app = FastAPI()
    app.include_router(router)
    app.state.database, app.state.authenticator = database, people

    problems.install(app)
    return Witness(app, database, tenant)


@pytest.fixture
async def http(witness: Witness) -> AsyncGenerator[AsyncClient]:
    """A client of the application."""
    transport = ASGITransport(app=witness, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://lumi.test") as client:
        yield client


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}, {"Authorization": "Basic bGVhOng="}]
)
async def test_without_a_token_that_is_right_the_answer_is_401_and_nothing_happens(
    http: AsyncClient, headers: Headers, witness: Witness
) -> None:
    answer = await http.post("/things", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert witness.saw == [0]


async def test_without_the_permission_the_answer_is_403_names_it_and_nothing_happens(
    http: AsyncClient, people: People, tenant: Organisation, witness: Witness
) -> None:
    answer = await http.post("/things", headers=people.headers(tenant, "things:read", "other:write"))
    assert (answer.status_code, answer.json()["permission"]) == (403, "things:write")
    assert witness.saw == [0]


async def test_with_the_permission_the_handler_works_for_its_tenant_in_its_name(
    http: AsyncClient, people: People, tenant: Organisation
) -> None:
    answer = await http.post("/things", headers=people.headers(tenant, "things:write"))
    assert answer.json() == {"tenant": str(tenant.id), "actor": "staff:Léa"}


async def test_the_commit_is_done_before_the_answer_begins_to_leave(
    http: AsyncClient, people: People, tenant: Organisation, witness: Witness
) -> None:
    assert (await http.post("/things", headers=people.headers(tenant, "things:write"))).status_code == 200
    assert witness.saw == [1]


async def test_a_failing_commit_is_a_500(
    http: AsyncClient, people: People, tenant: Organisation, witness: Witness, database: Database
) -> None:
    answer = await http.post("/fails-at-commit", headers=people.headers(tenant, "things:write"))
    assert answer.status_code == 500
    assert await made(database, tenant) == 0


async def test_a_refusal_undoes_what_the_handler_did_before(
    http: AsyncClient, people: People, tenant: Organisation, database: Database
) -> None:
    assert (await http.post("/refused", headers=people.headers(tenant, "things:write"))).status_code == 404
    assert await made(database, tenant) == 0


async def test_requests_one_after_another_are_bound_to_their_own_tenants(
    http: AsyncClient, people: People, tenant: Organisation, other_tenant: Organisation
) -> None:
    for each in (tenant, other_tenant, tenant):
        seen = (await http.get("/seen", headers=people.headers(each))).json()
        assert seen == {"bound": str(each.id), "name": "Léa"}


def guards(name: str) -> set[str]:
    (route,) = [each for each in router.routes if isinstance(each, APIRoute) and each.name == name]
    return guards_of(route.dependant)


def test_each_route_tells_what_it_asks_for_and_a_forgotten_one_tells_nothing() -> None:
    assert guards("make_thing") == {"things:write"}
    assert guards("see") == {"signed in"}
    assert guards("open_to_all") == {"public"}
    assert guards("forgotten") == set()

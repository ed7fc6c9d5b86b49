"""A whole line: provider's twin, webhook, worker, reply."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from uuid import UUID

import orjson
import pytest
import uvicorn
from sqlalchemy import text as sql

from lumi.api.house import House
from lumi.core.clock import now
from lumi.core.ids import new_id
from lumi.core.settings import get_settings
from lumi.integrations.graph import signature
from lumi.integrations.whatsapp.fake.ledger import Accepted
from lumi.integrations.whatsapp.fake.server import RunningTwin, running
from lumi.integrations.whatsapp.fake.twin import TwinSettings
from lumi.main import layered
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import TenantChanges, TenantSettings
from tests import factories
from tests.journeys.guests import Guest
from tests.journeys.visiting import SITE, Site
from tests.serving import on_a_port
from tests.waiting import until

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import AsyncClient, Response

    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant


@dataclass
class Line:
    """One tenant's WhatsApp number at the twin, and somebody who writes to it."""

    tenant: Tenant
    house: House
    client: AsyncClient
    twin: RunningTwin
    number: str
    account_id: UUID
    secret: str = field(repr=False)
    person: str = field(default_factory=lambda: factories.a_phone_number().lstrip("+"))

    def message(self, words: str | None, **changes: object) -> dict[str, object]:
        """One inbound text as WhatsApp writes it."""
        base: dict[str, object] = {
            "from": self.person,
            "id": f"wamid.{new_id().hex}",
            "timestamp": str(int(now().timestamp())),
            "type": "text",
            "text": None if words is None else {"body": words},
        }
        return {key: value for key, value in {**base, **changes}.items() if value is not None}

    def body(
        self, *messages: Mapping[str, object], number: str | None = None, extra: Mapping[str, object] | None = None
    ) -> bytes:
        """A webhook body with these messages for this number; `extra` replaces parts of its value."""
        contacts = [{"profile": {"name": "Amélie"}, "wa_id": self.person}]
        inside = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "33100000001", "phone_number_id": number or self.number},
            "contacts": contacts,
            "messages": list(messages),
            **(extra or {}),
        }
        change = {"field": "messages", "value": inside}
        return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})

    async def post(self, body: bytes, *, path: str = "/webhook", secret: str | None = None) -> Response:
        """Post a body, signed with the app's secret unless another is given."""
        headers = {signature.HEADER: signature.sign(secret or self.secret, body), "content-type": "application/json"}
        return await self.client.post(path, content=body, headers=headers)

    async def write(self, *texts: str) -> None:
        """Write these texts, one webhook each."""
        for text in texts:
            answer = await self.post(self.body(self.message(text)))
            assert answer.status_code == 200, answer.text

    def heard(self) -> list[Accepted]:
        """What the twin took for this person, in order."""
        return [each for each in self.twin.twin.ledger.after(0, 10_000) if each.to.lstrip("+") == self.person]

    async def hears(self, count: int) -> list[Accepted]:
        """Wait until the person has got this many messages, and a moment longer for one too many."""
        await until(lambda: len(self.heard()) >= count)
        await self.settled()
        return self.heard()

    async def rows(self, statement: str, **values: object) -> Sequence[tuple[object, ...]]:
        """Rows of the tenant's own tables."""
        async with self.house.db.transaction(self.tenant.id) as session:
            found = await session.execute(sql(statement), values)
            return [tuple(row) for row in found.all()]

    async def settled(self) -> None:
        """Wait until every event is settled and every lane is at rest."""

        async def at_rest() -> bool:
            open_ones = await self.rows("select 1 from event where settled_at is null and due_at <= now() limit 1")
            busy = await self.rows("select 1 from lane where owner is not null limit 1")
            leaving = await self.rows("select 1 from delivery where state = 'committed' limit 1")
            return not open_ones and not busy and not leaving

        await until(at_rest, every=0.02)

    async def thread(self) -> UUID:
        """The person's thread."""
        ((found,),) = await self.rows("select id from thread")
        assert isinstance(found, UUID)
        return found


@pytest.fixture
async def twin() -> AsyncGenerator[RunningTwin]:
    """A WhatsApp that takes messages and says nothing of its own accord."""
    settings = TwinSettings(statuses=(), numbers={str(secrets.randbelow(10**14) + 10**14): "33100000001"})
    async with running(settings) as opened:
        yield opened


@pytest.fixture
async def line(tenant: Tenant, app: FastAPI, client: AsyncClient, twin: RunningTwin) -> Line:
    """A tenant's number, connected to the twin."""
    house: House = app.state.house
    (number,) = twin.twin.settings.numbers
    keys = Credentials(twin.twin.settings.app_secret, secrets.token_hex(8), twin.twin.settings.token)
    async with factories.begin_work(house.db, tenant) as ctx:
        account_id = await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=number, name="WhatsApp", credentials=keys,
            settings={"api_base": twin.url},
        )  # fmt: skip
    house.receiver.forget_apps()
    return Line(tenant, house, client, twin, number, account_id, twin.twin.settings.app_secret)


@pytest.fixture(scope="module")
async def served(app: FastAPI) -> AsyncGenerator[int]:
    """The application on a port."""
    house = layered(app, get_settings())
    config = uvicorn.Config(house, port=0, lifespan="off", log_config=None, ws="websockets-sansio", ws_max_size=80_000)
    async with on_a_port(config) as port:
        yield port


@pytest.fixture
async def site(tenant: Tenant, served: int, client: AsyncClient, database: Database, app: FastAPI) -> Site:
    """The tenant's widget, allowed on one page."""
    async with factories.begin_work(database, tenant) as ctx:
        await channels.connect(ctx, channel=Channel.WEB, external_id=tenant.slug, name="Site")
        settings = TenantSettings(widget_origins=(SITE,))
        await tenants.change(ctx, version=None, changes=TenantChanges(settings=settings))
    return Site(tenant, served, client, database)


@pytest.fixture
async def guest(site: Site) -> Guest:
    """Somebody who has opened the page and said nothing yet."""
    return Guest(site, str((await site.session())["token"]))


@pytest.fixture
def house(app: FastAPI) -> House:
    return cast("House", app.state.house)

"""An account of each channel, connected as its owner would, with the application on a port."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, NewAccount
from tests import factories
from tests.journeys.channels.browsers import Browser, web
from tests.journeys.channels.desk import Desk
from tests.journeys.channels.sites import PROVIDERS, Provider
from tests.waiting import until

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import AsyncClient

    from lumi.api.house import House
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders


@dataclass
class Dialogue:
    """One tenant's account at a provider, and somebody who writes to it."""

    provider: Provider
    tenant: Tenant
    house: House
    account_id: UUID
    webhook: str
    """Where its provider posts; of channels nobody posts for, where a stranger would."""
    is_posted_to: bool = True

    @property
    def is_ours(self) -> bool:
        """Whether this is a surface of our own: nothing is needed to connect it, and nobody else takes what leaves."""
        return not self.house.sender.adapter(self.provider.channel).needs

    async def rows(self, statement: str, **values: object) -> Sequence[tuple[object, ...]]:
        """Rows of the tenant's own tables."""
        async with self.house.db.transaction(self.tenant.id) as session:
            return [tuple(row) for row in (await session.execute(sql(statement), values)).all()]

    async def hears(self, count: int) -> list[str]:
        """Wait until the person has got so many messages and nothing more is on its way."""

        async def all_said() -> bool:
            busy = await self.rows(
                "select 1 from lane l where l.owner is not null"
                " or exists (select from event e where e.thread_id = l.key and e.settled_at is null)"
                " or exists (select from delivery d where d.thread_id = l.key and d.state = 'committed') limit 1"
            )
            return not busy and len(await self.provider.heard()) >= count

        await until(all_said)
        return await self.provider.heard()

    async def states(self) -> list[object]:
        """The states of everything that was to leave, in order."""
        return [row[0] for row in await self.rows("select state from delivery order by n")]


@pytest.fixture(scope="session")
async def address(app: FastAPI) -> AsyncGenerator[str]:
    """Where the application answers to the outside."""
    import uvicorn

    from lumi.core.settings import get_settings
    from lumi.main import layered
    from tests.serving import on_a_port

    served = layered(app, get_settings())
    async with on_a_port(
        uvicorn.Config(served, port=0, lifespan="off", log_config=None, ws="websockets-sansio")
    ) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(params=[*PROVIDERS, Channel.WEB], ids=str)
async def dialogue(
    request: pytest.FixtureRequest, app: FastAPI, address: str, tenant: Tenant
) -> AsyncGenerator[Dialogue]:
    """An account of every channel in turn."""
    house: House = app.state.house
    if request.param is Channel.WEB:
        async with web() as browser:
            yield await _on_the_page(browser, house, tenant, address)
        return
    async with PROVIDERS[request.param]() as provider:
        async with factories.begin_work(house.db, tenant) as ctx:
            # its address is an operator's business, so it is there before the owner comes
            await channels.connect(
                ctx, channel=provider.channel, external_id=provider.external_id, name="?",
                settings=provider.settings,
            )  # fmt: skip
        async with factories.begin_work(house.db, tenant) as ctx:
            wanted = NewAccount(provider.channel, provider.given)
            made = await channels.connect_account(ctx, house.sender, wanted, address=address)
        house.receiver.forget_apps()
        path = made.account.webhook_path
        webhook = address + (path or f"/webhooks/{provider.channel}/{made.account.id}")
        if provider.channel is Channel.GMAIL:  # what the owner enters at Pub/Sub
            await provider.ask("POST", "webhook", {"url": webhook, "audience": provider.given["push_audience"]})
        if made.verify_token is not None:  # what the owner enters at the provider
            await provider.ask("POST", "webhook", {"url": webhook, "verify_token": made.verify_token})
        yield Dialogue(provider, tenant, house, made.account.id, webhook, is_posted_to=path is not None)


async def _on_the_page(browser: Browser, house: House, tenant: Tenant, address: str) -> Dialogue:
    """The widget of the tenant, and somebody who opened it."""
    async with factories.begin_work(house.db, tenant) as ctx:
        account_id = await channels.connect(ctx, channel=Channel.WEB, external_id=tenant.slug, name="Site")
    await browser.enter(address, tenant.slug)
    webhook = f"{address}/webhooks/{Channel.WEB}/{account_id}"
    return Dialogue(browser, tenant, house, account_id, webhook, is_posted_to=False)


@pytest.fixture
async def desk(dialogue: Dialogue, client: AsyncClient, staff: StaffHeaders, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Somebody has written, was answered, and a person reads it. Meta fetches files from addresses with TLS alone."""
    desk = Desk(dialogue, client, await staff("conversations:read", "conversations:write"))
    desk.with_vault(monkeypatch, address="https://lumi.example")
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    return desk

"""What processes know of an account: what it is, and not what it was before somebody connected it again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import text as sql

from lumi.core import crypto
from lumi.core.cache import open_cache
from lumi.core.http import Rejected
from lumi.core.realtime import open_realtime
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Adapter, Channel, Credentials, Sender
from lumi.modules.channels.services import providers
from tests import factories
from tests.waiting import until

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi import FastAPI

    from lumi.api.house import House
    from lumi.modules.channels.values.accounts import Account
    from lumi.modules.channels.values.outgoing import SeenTemplate
    from lumi.modules.tenants.public import Tenant


@pytest.fixture
def house(app: FastAPI) -> House:
    return cast("House", app.state.house)


@pytest.fixture
async def elsewhere(house: House) -> AsyncGenerator[Sender]:
    """The sender of another process."""
    realtime = open_realtime(house.db.url)
    cache = open_cache(realtime)
    yield Sender(house.db, {}, cache=cache)
    await cache.close()
    await realtime.close()


async def knows(sender: Sender, tenant: Tenant, account_id: UUID, token: str) -> bool:
    return (await sender.account(tenant.id, account_id)).access_token == token


async def connect(house: House, tenant: Tenant, token: str) -> UUID:
    async with factories.begin_work(house.db, tenant) as ctx:
        return await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=str(tenant.id.int)[-15:], name="WhatsApp",
            credentials=Credentials("secret", "verify", token), settings={"api_base": "http://127.0.0.1:1"},
        )  # fmt: skip


async def test_a_new_token_is_known_at_once_where_it_was_given_and_soon_everywhere(
    house: House, elsewhere: Sender, tenant: Tenant
) -> None:
    account_id = await connect(house, tenant, "first")
    for sender in (house.sender, elsewhere):
        assert (await sender.account(tenant.id, account_id)).access_token == "first"

    await connect(house, tenant, "second")

    assert (await house.sender.account(tenant.id, account_id)).access_token == "second"
    await until(lambda: knows(elsewhere, tenant, account_id, "second"))


async def test_an_account_that_was_given_up_is_spoken_for_by_nobody(
    house: House, elsewhere: Sender, tenant: Tenant
) -> None:
    account_id = await connect(house, tenant, "token")
    await until(lambda: knows(elsewhere, tenant, account_id, "token"))

    async with factories.begin_work(house.db, tenant) as ctx:
        await providers.disconnect(ctx, house.sender, account_id)

    with pytest.raises(Rejected):
        await until(lambda: knows(elsewhere, tenant, account_id, "none"))


async def test_while_nothing_changes_an_account_is_read_once(house: House, elsewhere: Sender, tenant: Tenant) -> None:
    account_id = await connect(house, tenant, "first")
    for attempt in range(5):  # what is known is known for seconds, which a busy machine may take between two lines
        known = (await elsewhere.account(tenant.id, account_id)).access_token
        await write_behind_everybody(house, tenant, f"token {attempt}")
        if (await elsewhere.account(tenant.id, account_id)).access_token == known:
            return
    raise AssertionError("it was read each time")


@dataclass
class Asked:
    """A provider that remembers as whom it was asked."""

    tokens: list[str] = field(default_factory=list[str])

    async def probe(self, account: Account) -> str:
        self.tokens.append(account.access_token)
        return account.name

    async def templates(self, account: Account) -> list[SeenTemplate]:
        self.tokens.append(account.access_token)
        return []


async def test_what_somebody_asks_for_now_is_asked_with_the_token_of_now(house: House, tenant: Tenant) -> None:
    provider = Asked()
    sender = Sender(house.db, {Channel.WHATSAPP: cast("Adapter", provider)})
    account_id = await connect(house, tenant, "first")
    await sender.account(tenant.id, account_id)
    await write_behind_everybody(house, tenant, "second")

    await sender.probe(Channel.WHATSAPP, tenant_id=tenant.id, account_id=account_id)
    await sender.templates(Channel.WHATSAPP, tenant_id=tenant.id, account_id=account_id)

    assert provider.tokens == ["second", "second"]


async def write_behind_everybody(house: House, tenant: Tenant, token: str) -> None:
    """Another token, and nobody hears of it."""
    sealed = crypto.seal(token, tenant_id=tenant.id)
    async with house.db.transaction(tenant.id) as session:
        await session.execute(sql("update channel_account set access_token = :sealed"), {"sealed": sealed})

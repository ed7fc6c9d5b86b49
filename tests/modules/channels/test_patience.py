"""A provider that wants patience gets it, whatever else of the account is taken meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import pytest

from lumi.core.http import RateLimited
from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Account, Adapter, Channel, Credentials, Outgoing, Sender, Sent
from lumi.modules.channels.services import send as sending
from tests import factories
from tests.waiting import until

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant

PATIENCE_WANTED_SECONDS = 600.0
SLOW, QUICK = "slow", "quick"


class Provider:
    """Takes the slow message when it is let; to the quick one it says: not for ten minutes."""

    channel = Channel.WHATSAPP

    def __init__(self) -> None:
        self.takes = asyncio.Event()

    async def send(self, _account: Account, message: Outgoing) -> Sent:
        if message.text == SLOW:
            await self.takes.wait()
            return Sent("1")
        raise RateLimited(PATIENCE_WANTED_SECONDS)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at once whether the account was connected anew."""
    monkeypatch.setattr(sending, "LOOKED_AT_SECONDS", 0.0)
    monkeypatch.setattr(sending, "ACCOUNTS_KNOWN_SECONDS", 0.0)
    monkeypatch.setattr(sending, "ASKED_AGAIN_SECONDS", PATIENCE_WANTED_SECONDS)


async def connect(database: Database, tenant: Tenant) -> UUID:
    """Connect one and the same number, with the same token."""
    async with factories.begin_work(database, tenant) as ctx:
        return await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=str(tenant.id), name="Accueil",
            credentials=Credentials("secret", "verify", "token"),
        )  # fmt: skip


async def test_patience_outlasts_what_was_on_its_way_before_and_ends_when_the_account_is_connected_again(
    database: Database, tenant: Tenant
) -> None:
    provider = Provider()
    sender = Sender(database, {Channel.WHATSAPP: cast("Adapter", provider)})
    account = await connect(database, tenant)

    async def say(text: str) -> Sent:
        message = Outgoing(uuid4(), new_id(), 1, "phone:1", text)
        return await sender.send(
            Channel.WHATSAPP, tenant_id=tenant.id, account_id=account, addresses=["phone:1"], message=message
        )

    before = asyncio.create_task(say(SLOW))
    with pytest.raises(RateLimited):
        await say(QUICK)
    provider.takes.set()
    await before
    sender.pause(account)  # who asks how long to wait has the account read again
    await sender.troubles.written()
    assert sender.pause(account) > PATIENCE_WANTED_SECONDS / 2

    await connect(database, tenant)
    await until(lambda: sender.pause(account) == 0)

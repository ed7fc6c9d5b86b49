"""Connecting accounts: a number leads to one tenant."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from lumi.modules.channels import public as channels
from lumi.modules.channels.errors import AccountTaken
from lumi.modules.channels.public import Channel, Credentials

if TYPE_CHECKING:
    from lumi.core.context import Context
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin

KEYS = Credentials("the app's secret", "verify", "token")


@pytest.fixture
def number() -> str:
    """The id of a number nobody has."""
    return str(10**14 + secrets.randbelow(10**14))


async def connect(ctx: Context, number: str, channel: Channel = Channel.WHATSAPP) -> UUID:
    return await channels.connect(ctx, channel=channel, external_id=number, name="WhatsApp", credentials=KEYS)


async def disconnect(ctx: Context) -> None:
    await ctx.session.execute(sql("update channel_account set disconnected_at = now()"))


async def test_a_number_another_tenant_has_connected_is_refused_and_nothing_of_it_stays(
    begin: Begin, tenant: Tenant, other_tenant: Tenant, number: str
) -> None:
    async with begin(tenant) as ctx:
        first = await connect(ctx, number)
    with pytest.raises(AccountTaken) as refused:
        async with begin(other_tenant) as ctx:
            await connect(ctx, number)

    assert (refused.value.code, refused.value.status) == ("account_taken", 409)
    assert str(first) not in refused.value.detail
    async with begin(other_tenant) as ctx:
        assert await channels.list_accounts(ctx) == []
        assert await ctx.session.scalar(sql("select count(*) from provider_app")) == 0
    async with begin(tenant) as ctx:
        assert [each.id for each in await channels.list_accounts(ctx)] == [first]


async def test_after_the_refusal_the_same_unit_of_work_goes_on(
    begin: Begin, tenant: Tenant, other_tenant: Tenant, number: str
) -> None:
    async with begin(tenant) as ctx:
        await connect(ctx, number)
    async with begin(other_tenant) as ctx:
        with pytest.raises(AccountTaken):
            await connect(ctx, number)
        other = await connect(ctx, f"9{number}")
    async with begin(other_tenant) as ctx:
        assert [each.id for each in await channels.list_accounts(ctx)] == [other]


async def test_of_two_tenants_who_connect_a_number_at_once_one_is_refused(
    begin: Begin, tenant: Tenant, other_tenant: Tenant, number: str
) -> None:
    async def one(who: Tenant) -> UUID:
        async with begin(who) as ctx:
            return await connect(ctx, number)

    done = await asyncio.gather(one(tenant), one(other_tenant), return_exceptions=True)

    assert sorted(type(each).__name__ for each in done) == ["AccountTaken", "UUID"]


async def test_a_number_that_was_given_up_may_be_connected_by_another_and_not_taken_back(
    begin: Begin, tenant: Tenant, other_tenant: Tenant, number: str
) -> None:
    async with begin(tenant) as ctx:
        await connect(ctx, number)
        await disconnect(ctx)
    async with begin(other_tenant) as ctx:
        await connect(ctx, number)
    with pytest.raises(AccountTaken):
        async with begin(tenant) as ctx:
            await connect(ctx, number)


async def test_connecting_again_renews_the_credentials_of_the_same_account(
    begin: Begin, tenant: Tenant, database: Database, number: str
) -> None:
    async with begin(tenant) as ctx:
        first = await connect(ctx, number)
    async with begin(tenant) as ctx:
        before = await ctx.session.scalar(sql("select access_token from channel_account"))
        assert await connect(ctx, number) == first
        assert await ctx.session.scalar(sql("select access_token from channel_account")) != before
        deeds = await ctx.session.execute(sql("select action from audit_entry where action like 'channels.%'"))
        assert deeds.scalars().all() == ["channels.account_connected"]


async def test_our_own_surfaces_may_have_the_same_name_at_two_tenants(
    begin: Begin, tenant: Tenant, other_tenant: Tenant
) -> None:
    for each in (tenant, other_tenant):
        async with begin(each) as ctx:
            await channels.connect(ctx, channel=Channel.WEB, external_id="site", name="Site")

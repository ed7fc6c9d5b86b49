"""The names under which the outside knows a tenant."""

import secrets

import pytest
from sqlalchemy import text

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.errors import BadIdentifier, IdentifierNotFound
from lumi.modules.tenants.public import Identifier, IdentifierKind, Tenant
from tests.conftest import Begin

PHONE = IdentifierKind.PHONE_NUMBER_ID


@pytest.fixture
def number() -> str:
    """A phone number id nobody has."""
    return str(10**14 + secrets.randbelow(10**14))


async def test_a_claimed_identifier_leads_to_its_tenant(
    database: Database, begin: Begin, tenant: Tenant, number: str
) -> None:
    async with begin(tenant) as ctx:
        assert await tenants.claim_identifier(ctx, PHONE, number) == Identifier(PHONE, number)
    assert await tenants.find_identifier(database, PHONE, number) == tenant.id
    assert await tenants.find_identifier(database, IdentifierKind.BOT, number) is None


async def test_an_identifier_that_two_tenants_claim_leads_to_neither(
    database: Database, begin: Begin, tenant: Tenant, other_tenant: Tenant, number: str
) -> None:
    for each in (tenant, other_tenant):
        async with begin(each) as ctx:
            await tenants.claim_identifier(ctx, PHONE, number)
    assert await tenants.find_identifier(database, PHONE, number) is None
    async with begin(other_tenant) as ctx:
        await tenants.release_identifier(ctx, PHONE, number)
    assert await tenants.find_identifier(database, PHONE, number) == tenant.id


async def test_a_released_identifier_leads_nowhere(
    database: Database, begin: Begin, tenant: Tenant, number: str
) -> None:
    async with begin(tenant) as ctx:
        await tenants.claim_identifier(ctx, PHONE, number)
    async with begin(tenant) as ctx:
        await tenants.release_identifier(ctx, PHONE, number)
    assert await tenants.find_identifier(database, PHONE, number) is None


async def test_claiming_twice_is_claiming_once(ctx: Context, number: str) -> None:
    await tenants.claim_identifier(ctx, PHONE, number)
    await tenants.claim_identifier(ctx, PHONE, f" {number} ")
    claims = await ctx.session.execute(
        text("select detail from audit_entry where action = 'tenants.identifier_claimed'")
    )
    assert [row[0] for row in claims] == [{"kind": "phone_number_id", "value": number}]


@pytest.mark.parametrize("value", ["not a number", "", "1\0"])
async def test_what_is_no_identifier_is_neither_claimed_nor_released_nor_found(
    ctx: Context, database: Database, value: str
) -> None:
    with pytest.raises(BadIdentifier):
        await tenants.claim_identifier(ctx, PHONE, value)
    with pytest.raises(IdentifierNotFound):
        await tenants.release_identifier(ctx, PHONE, value)
    assert await tenants.find_identifier(database, PHONE, value) is None


async def test_nobody_releases_what_another_tenant_claimed(
    database: Database, begin: Begin, tenant: Tenant, other_tenant: Tenant, number: str
) -> None:
    async with begin(tenant) as ctx:
        await tenants.claim_identifier(ctx, PHONE, number)
    async with begin(other_tenant) as ctx:
        with pytest.raises(IdentifierNotFound):
            await tenants.release_identifier(ctx, PHONE, number)
    assert await tenants.find_identifier(database, PHONE, number) == tenant.id

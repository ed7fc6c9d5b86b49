"""The WhatsApp number of the environment, which the first start connects."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from lumi.cli.first_start import connect_first_tenant
from lumi.core import crypto
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.settings import Settings, get_settings
from lumi.modules.channels import public as channels
from lumi.modules.channels.models import ChannelAccount
from lumi.modules.channels.public import Channel, Credentials
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import Tenant
from tests import factories

NUMBER = "419900042180099"
WHOLE: dict[str, object] = {
    "whatsapp_phone_number_id": NUMBER,
    "whatsapp_access_token": SecretStr("a token"),
    "whatsapp_app_secret": SecretStr("a secret"),
    "whatsapp_verify_token": SecretStr("a word"),
}


def environment(**whatsapp: object) -> Settings:
    """Settings with these and no other WHATSAPP_ variables."""
    return get_settings().model_copy(update={**dict.fromkeys(WHOLE), **whatsapp})


@pytest.fixture
async def first(database: Database, tenant: Tenant) -> Tenant:
    """The oldest tenant there is."""
    await factories.make_tenant(database)
    return min(await tenants.list_all(database), key=lambda each: each.id)


async def numbers_of(database: Database, tenant: Tenant) -> list[str]:
    """The WhatsApp numbers a tenant has connected."""
    async with database.transaction(tenant.id) as session:
        accounts = await channels.list_accounts(Context(session, tenant.id))
    return [each.external_id for each in accounts if each.channel is Channel.WHATSAPP]


async def account_of(ctx: Context, number: str) -> ChannelAccount:
    """The row of a WhatsApp number."""
    found = await ctx.session.scalars(select(ChannelAccount).where(ChannelAccount.external_id == number))
    return found.one()


async def token_of(database: Database, tenant: Tenant, number: str) -> bytes:
    """The token a number is spoken for with."""
    async with database.transaction(tenant.id) as session:
        kept = (await account_of(Context(session, tenant.id), number)).access_token
    assert kept is not None
    return crypto.open_sealed(kept, tenant_id=tenant.id)


async def test_the_number_is_connected_to_the_oldest_tenant_once_however_often_it_starts(
    database: Database, first: Tenant, tenant: Tenant
) -> None:
    said: list[str] = []
    for _ in range(2):
        assert await connect_first_tenant(database, environment(**WHOLE), said.append)

    assert (await numbers_of(database, first)).count(NUMBER) == 1
    if tenant.id != first.id:
        assert NUMBER not in await numbers_of(database, tenant)
    assert said == [f"whatsapp {NUMBER} is connected to {first.slug}"]


async def test_a_start_brings_back_neither_an_old_token_nor_an_account_that_staff_disconnected(
    database: Database, first: Tenant
) -> None:
    number, said = "419900042180097", list[str]()
    given = environment(**{**WHOLE, "whatsapp_phone_number_id": number})
    await connect_first_tenant(database, given, said.append)
    async with database.transaction(first.id) as session:
        (await account_of(Context(session, first.id), number)).access_token = crypto.seal("renewed", tenant_id=first.id)
    await connect_first_tenant(database, given, said.append)
    assert await token_of(database, first, number) == b"renewed"

    async with factories.begin_work(database, first) as ctx:
        (await account_of(ctx, number)).disconnected_at = ctx.now
    await connect_first_tenant(database, given, said.append)
    assert number not in await numbers_of(database, first)

    another = environment(
        **{**WHOLE, "whatsapp_phone_number_id": number, "whatsapp_access_token": SecretStr("a new one")}
    )
    await connect_first_tenant(database, another, said.append)
    assert await token_of(database, first, number) == b"a new one"


async def test_an_account_that_was_connected_by_other_means_stays_as_it_is(database: Database, first: Tenant) -> None:
    number, said = "419900042180096", list[str]()
    keys = Credentials("a secret", "a word", "by hand")
    async with factories.begin_work(database, first) as ctx:
        await channels.connect(ctx, channel=Channel.WHATSAPP, external_id=number, name="W", credentials=keys)

    await connect_first_tenant(database, environment(**{**WHOLE, "whatsapp_phone_number_id": number}), said.append)

    assert await token_of(database, first, number) == b"by hand"
    assert said == ["whatsapp is connected already, and not by the environment: `lumi channels connect` renews it"]


async def forget_fingerprint(database: Database, tenant: Tenant, number: str, *, disconnected: bool = False) -> None:
    """As an older release left an account behind that the environment had connected."""
    async with factories.begin_work(database, tenant) as ctx:
        row = await account_of(ctx, number)
        row.settings = {name: value for name, value in row.settings.items() if name != "environment"}
        row.disconnected_at = ctx.now if disconnected else None


async def test_an_account_that_has_these_credentials_is_the_environments_and_follows_it(
    database: Database, first: Tenant
) -> None:
    number, said = "419900042180095", list[str]()
    whole = {**WHOLE, "whatsapp_phone_number_id": number}
    await connect_first_tenant(database, environment(**whole), said.append)
    await forget_fingerprint(database, first, number)

    await connect_first_tenant(database, environment(**whole), said.append)
    assert len(said) == 1
    rotated = environment(**{**whole, "whatsapp_access_token": SecretStr("rotated")})
    await connect_first_tenant(database, rotated, said.append)
    assert await token_of(database, first, number) == b"rotated"


@pytest.mark.parametrize("token", ["a token", "another"])
async def test_what_staff_disconnected_is_not_connected_for_having_no_fingerprint(
    database: Database, first: Tenant, token: str
) -> None:
    number, said = "419900042180094", list[str]()
    whole = {**WHOLE, "whatsapp_phone_number_id": number}
    await connect_first_tenant(database, environment(**whole), said.append)
    await forget_fingerprint(database, first, number, disconnected=True)
    said.clear()

    await connect_first_tenant(
        database, environment(**{**whole, "whatsapp_access_token": SecretStr(token)}), said.append
    )

    assert number not in await numbers_of(database, first)
    told = "whatsapp was disconnected, and is no account of the environment: `lumi channels connect` connects it"
    assert said == ([] if token == "a token" else [told])


async def test_half_a_connection_is_not_made_and_what_is_missing_is_named(database: Database, first: Tenant) -> None:
    said: list[str] = []
    number = "419900042180098"
    asked = environment(**{**WHOLE, "whatsapp_phone_number_id": number, "whatsapp_app_secret": None})

    await connect_first_tenant(database, asked, said.append)

    assert number not in await numbers_of(database, first)
    assert said == ["whatsapp is not connected: To connect this account app_secret is needed."]


async def test_without_any_of_the_settings_nothing_is_said(database: Database) -> None:
    said: list[str] = []

    assert not await connect_first_tenant(database, environment(), said.append)
    assert said == []


async def test_a_mailbox_is_connected_although_nobody_answers_for_it(database: Database, first: Tenant) -> None:
    said: list[str] = []
    nowhere = "http://127.0.0.1:9"
    gmail = {
        "gmail_address": "Salon@Env.example", "gmail_client_id": "an id", "gmail_client_secret": SecretStr("a secret"),
        "gmail_refresh_token": SecretStr("a token"), "gmail_token_url": nowhere, "gmail_api_base": nowhere,
    }  # fmt: skip

    assert await connect_first_tenant(database, environment(**gmail), said.append)

    assert said == [f"gmail salon@env.example is connected to {first.slug}"]
    async with database.transaction(first.id) as session:
        names = [each.external_id for each in await channels.list_accounts(Context(session, first.id))]
    assert "salon@env.example" in names


MAILBOX: dict[str, object] = {
    "mailbox_client_id": "an app",
    "mailbox_client_secret": SecretStr("its secret"),
    "mailbox_refresh_token": SecretStr("granted"),
    "mailbox_directory": "contoso.example",
}


async def test_a_mailbox_is_connected_by_what_it_granted_and_a_token_that_replaced_it_stays(
    database: Database, first: Tenant
) -> None:
    address, said = "salon@contoso.example", list[str]()
    given = environment(mailbox_address=address, **MAILBOX)
    await connect_first_tenant(database, given, said.append)
    granted = json.loads(await token_of(database, first, address))
    async with factories.begin_work(database, first) as ctx:
        row = await account_of(ctx, address)
        assert row.settings["imap"] == {"host": "outlook.office365.com", "port": 993, "security": "tls"}
        row.access_token = crypto.seal(json.dumps({**granted, "refresh_token": "replaced"}), tenant_id=first.id)
    await connect_first_tenant(database, given, said.append)

    kept = json.loads(await token_of(database, first, address))
    assert (granted["refresh_token"], kept["refresh_token"]) == ("granted", "replaced")
    assert said == [f"mailbox {address} is connected to {first.slug}"]


async def test_a_mailbox_with_a_password_and_a_grant_is_not_connected_and_a_start_goes_on(
    database: Database, first: Tenant
) -> None:
    said = list[str]()
    both = environment(mailbox_address="spa@contoso.example", mailbox_password=SecretStr("a word"), **MAILBOX)

    assert await connect_first_tenant(database, both, said.append)

    assert len(said) == 1
    assert said[0].startswith("mailbox is not connected: To connect this account password, or client_id and")

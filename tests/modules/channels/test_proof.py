"""Whoever shows a secret is found by its hash: nobody else's secret is opened."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text as sql

from lumi.integrations.telegram.webhook_secret import HEADER
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import AsyncClient, Response

    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin

PATH = "/telegram_webhook"


@pytest.fixture
def shown() -> str:
    """What Telegram shows for this tenant's bot."""
    return secrets.token_hex(32)


async def a_bot(begin: Begin, tenant: Tenant, app: FastAPI, secret: str, *, is_shown: bool = True) -> UUID:
    """A bot whose webhook was set with this secret."""
    keys = Credentials(secret, "", "1:token", is_shown)
    async with begin(tenant) as ctx:
        made = await channels.connect(
            ctx, channel=Channel.TELEGRAM, external_id=str(secrets.randbelow(10**12)), name="bot", credentials=keys
        )
    app.state.house.receiver.forget_apps()
    return made


async def post(client: AsyncClient, secret: str | None) -> Response:
    number = secrets.randbelow(10**9)
    person = {"id": number, "first_name": "Amélie", "is_bot": False}
    message = {
        "message_id": 1, "date": 1_790_000_000, "text": "Bonjour", "from": person,
        "chat": {"id": number, "type": "private", "first_name": "Amélie"},
    }  # fmt: skip
    headers = {"content-type": "application/json"} | ({HEADER: secret} if secret is not None else {})
    return await client.post(PATH, content=orjson.dumps({"update_id": number, "message": message}), headers=headers)


async def heard(begin: Begin, tenant: Tenant) -> object:
    async with begin(tenant) as ctx:
        return await ctx.session.scalar(sql("select count(*) from event_key"))


async def proof(begin: Begin, tenant: Tenant) -> object:
    async with begin(tenant) as ctx:
        return await ctx.session.scalar(sql("select proof from provider_app"))


async def test_an_update_reaches_the_bot_whose_secret_came_with_it_and_no_other(
    begin: Begin, tenant: Tenant, other_tenant: Tenant, app: FastAPI, client: AsyncClient, shown: str
) -> None:
    await a_bot(begin, tenant, app, shown)
    await a_bot(begin, other_tenant, app, secrets.token_hex(32))

    assert (await post(client, shown)).status_code == 200

    assert (await heard(begin, tenant), await heard(begin, other_tenant)) == (1, 0)
    assert await proof(begin, tenant) == hashlib.sha256(shown.encode()).digest()


@pytest.mark.parametrize("secret", [None, "", "0" * 64, "wrong secret"])
async def test_another_secret_and_none_are_refused(
    begin: Begin, tenant: Tenant, app: FastAPI, client: AsyncClient, shown: str, secret: str | None
) -> None:
    await a_bot(begin, tenant, app, shown)
    assert (await post(client, secret)).status_code == 401

    assert await heard(begin, tenant) == 0


async def test_a_bot_connected_before_hashes_were_kept_is_found_and_its_hash_kept(
    begin: Begin, tenant: Tenant, app: FastAPI, client: AsyncClient, shown: str
) -> None:
    await a_bot(begin, tenant, app, shown, is_shown=False)
    assert await proof(begin, tenant) is None

    assert (await post(client, shown)).status_code == 200

    assert await heard(begin, tenant) == 1
    assert await proof(begin, tenant) == hashlib.sha256(shown.encode()).digest()


async def test_an_app_of_a_hash_that_is_not_its_secrets_takes_nothing(
    begin: Begin, tenant: Tenant, app: FastAPI, client: AsyncClient, shown: str
) -> None:
    """The hash finds, the secret proves."""
    await a_bot(begin, tenant, app, secrets.token_hex(32))
    async with begin(tenant) as ctx:
        forged = {"proof": hashlib.sha256(shown.encode()).digest()}
        await ctx.session.execute(sql("update provider_app set proof = :proof"), forged)

    assert (await post(client, shown)).status_code == 401


async def test_a_post_opens_the_secret_of_nobody_else(
    begin: Begin, tenant: Tenant, other_tenant: Tenant, app: FastAPI, client: AsyncClient, shown: str
) -> None:
    await a_bot(begin, other_tenant, app, secrets.token_hex(32))
    async with begin(other_tenant) as ctx:  # opened, it would break every post
        await ctx.session.execute(sql("update provider_app set secret = 'torn'"))
    await a_bot(begin, tenant, app, shown)

    assert (await post(client, shown)).status_code == 200

"""How whoever speaks is answered: the owner's choice, account by account."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel
from tests import factories

if TYPE_CHECKING:
    from uuid import UUID

    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders


async def an_account(database: Database, tenant: Tenant) -> UUID:
    async with factories.begin_work(database, tenant) as ctx:
        return await channels.connect(ctx, channel=Channel.WEB, external_id=f"web-{uuid4()}", name="Site")


async def test_an_owner_chooses_and_it_stays(
    client: AsyncClient, staff: StaffHeaders, database: Database, tenant: Tenant
) -> None:
    account = await an_account(database, tenant)
    owner = await staff("channels:write", "channels:read")

    before = (await client.get("/v1/channels", headers=owner)).json()["items"][0]
    chosen = await client.put(f"/v1/channels/{account}/voice", json={"aloud": False}, headers=owner)
    after = (await client.get("/v1/channels", headers=owner)).json()["items"][0]

    assert chosen.status_code == 204
    assert (before["voice_answers"], after["voice_answers"]) == (True, False)


async def test_who_may_only_read_chooses_nothing(
    client: AsyncClient, staff: StaffHeaders, database: Database, tenant: Tenant
) -> None:
    account = await an_account(database, tenant)

    refused = await client.put(
        f"/v1/channels/{account}/voice", json={"aloud": False}, headers=await staff("channels:read")
    )

    assert refused.status_code == 403


async def test_an_account_that_is_not_there_is_not_found(client: AsyncClient, staff: StaffHeaders) -> None:
    missing = await client.put(
        f"/v1/channels/{uuid4()}/voice", json={"aloud": True}, headers=await staff("channels:write")
    )

    assert missing.status_code == 404

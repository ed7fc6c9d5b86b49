"""A post that is under way, and what is told of it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import text as sql

from lumi.integrations.graph import signature

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant

    Connection = asyncpg.Connection[asyncpg.Record]

SECRET = "the app's secret"
PERSON = "phone:33100000009"


@dataclass
class Sending:
    """A delivery whose POST is under way, in a lane that this worker owns."""

    worker: int
    tenant: Tenant
    account_id: UUID
    number: str
    thread_id: UUID
    delivery_id: UUID
    provider_id: str

    @property
    def finish(self) -> str:
        """The end of its turn: the provider took it and named it."""
        return self.ended({"state": "sent", "provider_id": self.provider_id})

    def ended(self, mark: dict[str, object]) -> str:
        """The end of its turn, with another outcome."""
        mark = {"id": self.delivery_id, **mark}
        item = {"tenant": self.tenant.id, "key": self.thread_id, "epoch": 1, "marks": [mark], "failed": False}
        return orjson.dumps([item], default=str).decode()

    async def post(self, client: AsyncClient, state: str) -> int:
        """The provider tells what became of it, without our key."""
        status = {"id": self.provider_id, "status": state, "timestamp": "1790000000", "recipient_id": "33100000009"}
        metadata = {"display_phone_number": "33100000001", "phone_number_id": self.number}
        value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
        change = {"field": "messages", "value": value}
        body = orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})
        headers = {signature.HEADER: signature.sign(SECRET, body), "content-type": "application/json"}
        path = f"/webhooks/whatsapp/{self.account_id}"
        return (await client.post(path, content=body, headers=headers)).status_code


async def state(database: Database, sending: Sending) -> tuple[object, ...]:
    async with database.transaction(sending.tenant.id) as session:
        row = (await session.execute(sql("select state, provider_id from delivery"))).one()
        return tuple(row)

"""The audit: in the transaction of the deed, and never changed."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from lumi.core.audit import AuditEntry, audit
from lumi.core.context import Actor, ActorKind, Context
from lumi.core.db import Database
from tests.modules.accounts.conftest import Organisation

LEA = Actor(ActorKind.STAFF, uuid4(), "Léa")


async def entries(database: Database, tenant_id: UUID | None) -> list[AuditEntry]:
    async with database.transaction(tenant_id) as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "test.done")))


async def test_it_says_who_did_what_to_what_and_when(database: Database, tenant: Organisation) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    detail = {"number": 1, "id": LEA.id, "at": now, "names": ["é"]}
    async with database.transaction(tenant.id) as session:
        await audit(Context(session, tenant.id, LEA, now, "req-1"), "test.done", target="thing:1", detail=detail)
    (entry,) = await entries(database, tenant.id)
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("staff", LEA.id, "Léa")
    assert (entry.at, entry.target, entry.request_id) == (now, "thing:1", "req-1")
    assert entry.detail == {"number": 1, "id": str(LEA.id), "at": now.isoformat(), "names": ["é"]}


async def test_what_did_not_happen_is_not_recorded(database: Database, tenant: Organisation) -> None:
    async def fail() -> None:
        async with database.transaction(tenant.id) as session:
            await audit(Context(session, tenant.id), "test.done", target="thing:1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await entries(database, tenant.id) == []


async def test_another_tenant_and_nobody_see_nothing_of_it(
    database: Database, tenant: Organisation, other_tenant: Organisation
) -> None:
    async with database.transaction(tenant.id) as session:
        await audit(Context(session, tenant.id), "test.done", target="thing:1")
    assert await entries(database, other_tenant.id) == []
    assert await entries(database, None) == []

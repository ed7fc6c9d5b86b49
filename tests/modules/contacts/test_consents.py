"""What people agreed to and took back: an account that is only added to, whose newest word counts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import ConsentPurpose, ConsentSource, ConsentState, Point, PointKind
from tests import factories

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders

UNASKED = ConsentPurpose.PROACTIVE


async def note(database: Database, tenant: Tenant, contact: UUID, *states: ConsentState) -> None:
    """Write these down, in this order."""
    for state in states:
        async with factories.begin_work(database, tenant) as ctx:
            await contacts.note_consent(ctx, contact, UNASKED, state, source=ConsentSource.STAFF)


async def test_the_newest_word_counts_and_all_of_them_are_kept(
    client: AsyncClient, database: Database, tenant: Tenant, staff: StaffHeaders
) -> None:
    headers = await staff("contacts:read", "contacts:write")
    async with factories.begin_work(database, tenant) as ctx:
        contact = (await factories.make_contact(ctx)).id
        assert await contacts.consent_to(ctx, contact, UNASKED) is None
    path = f"/v1/contacts/{contact}/consents"

    made = await client.post(path, json={"state": "granted", "evidence": "The form of 3 May"}, headers=headers)
    await client.post(path, json={"state": "withdrawn", "source": "person"}, headers=headers)

    assert (made.status_code, made.json()["source"]) == (201, "staff")
    listed = (await client.get(path, headers=headers)).json()["items"]
    assert [(each["state"], each["evidence"]) for each in listed] == [
        ("withdrawn", ""),
        ("granted", "The form of 3 May"),
    ]
    async with factories.begin_work(database, tenant) as ctx:
        assert await contacts.consent_to(ctx, contact, UNASKED) is ConsentState.WITHDRAWN
        told = await ctx.session.scalars(
            text("select action from audit_entry where action like 'contacts.consent%' order by at")
        )
        assert list(told) == ["contacts.consent_granted", "contacts.consent_withdrawn"]


async def test_of_one_person_met_twice_both_rows_words_count(database: Database, tenant: Tenant) -> None:
    async with factories.begin_work(database, tenant) as ctx:
        first = await contacts.add(ctx, points=[Point(PointKind.PHONE, factories.a_phone_number())])
        (phone,) = await contacts.points(ctx, first.id)
        second = await contacts.add(ctx, points=[Point(PointKind.EMAIL, f"{uuid4().hex}@guest.example")])
        (mail,) = await contacts.points(ctx, second.id)
    await note(database, tenant, first.id, ConsentState.GRANTED)
    await note(database, tenant, second.id, ConsentState.WITHDRAWN)

    async with factories.begin_work(database, tenant) as ctx:
        person = await contacts.identify(ctx, [phone, mail])
        assert await contacts.consent_to(ctx, person.id, UNASKED) is ConsentState.WITHDRAWN


async def test_nobody_rewrites_what_was_agreed(database: Database, tenant: Tenant) -> None:
    async with factories.begin_work(database, tenant) as ctx:
        contact = (await factories.make_contact(ctx)).id
    await note(database, tenant, contact, ConsentState.WITHDRAWN)

    for statement in ("update consent set state = 'granted'", "delete from consent"):
        with pytest.raises(DBAPIError) as refused:
            async with database.transaction(tenant.id) as session:
                await session.execute(text(statement))
        assert isinstance(refused.value.__cause__.__cause__, asyncpg.InsufficientPrivilegeError)  # type: ignore[union-attr]


async def test_of_nobody_there_is_nothing_to_note(client: AsyncClient, staff: StaffHeaders) -> None:
    headers = await staff("contacts:read", "contacts:write")
    path = f"/v1/contacts/{uuid4()}/consents"

    for answer in (
        await client.get(path, headers=headers),
        await client.post(path, json={"state": "granted"}, headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

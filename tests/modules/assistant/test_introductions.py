"""Whose thread it is: found or made when the thread has nobody yet, for many threads together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from lumi.core.cache import open_cache
from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.ids import new_id
from lumi.core.lanes import Lane
from lumi.core.realtime import open_realtime
from lumi.modules.assistant.services.surroundings import Surroundings
from lumi.modules.assistant.values import LaneState, OpenEvent
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import Point, PointKind
from lumi.modules.knowledge.public import Recall
from tests.factories import a_phone_number, a_slug, a_user_id

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin


@dataclass(frozen=True)
class Door:
    """Threads that came in at a widget of the tenant, and who is introduced there."""

    tenant: Tenant
    account: UUID
    around: Surroundings

    async def thread(self, ctx: Context, *addresses: str) -> tuple[Lane, list[str]]:
        """A thread of nobody yet."""
        key = new_id()
        await ctx.session.execute(
            text(
                "insert into thread (tenant_id, id, account_id, channel, address)"
                " values (:tenant, :key, :account, 'web', :address)"
            ),
            {"tenant": self.tenant.id, "key": key, "account": self.account, "address": addresses[0]},
        )
        return Lane(self.tenant.id, key, 1, 0), list(addresses)

    async def introduce(self, lane: Lane, addresses: list[str], name: str | None = None) -> UUID | None:
        """What a turn asks first."""
        event = OpenEvent(1, "message", {"name": name, "text": "Bonjour"}, now())
        state = LaneState(
            seq=1, account_id=self.account, channel="web", address=addresses[0], addresses=addresses, language=None,
            contact_id=None, held=False, stopped=False, wants_human=False, parked=False, events=[event], deliveries=[],
            last_inbound_at=None, history=[],
        )  # fmt: skip
        return await self.around.introduce(lane, state)


@pytest.fixture
async def door(begin: Begin, database: Database, tenant: Tenant) -> Door:
    """A door of the tenant."""
    async with begin(tenant) as ctx:
        account = await channels.connect(ctx, channel=Channel.WEB, external_id=a_slug(), name="Site")
    recall = Recall(database.pool, open_cache(open_realtime(database.url)), seconds=0)  # nothing is asked here
    return Door(tenant, account, Surroundings(database, recall))


async def whose(begin: Begin, door: Door, *lanes: Lane) -> list[UUID | None]:
    """Whose these threads are."""
    async with begin(door.tenant) as ctx:
        return [(await channels.get_thread(ctx, lane.key)).contact_id for lane in lanes]


async def test_many_at_once_each_get_their_own_person(begin: Begin, door: Door) -> None:
    async with begin(door.tenant) as ctx:
        threads = [await door.thread(ctx, f"visitor:{new_id().hex}") for _ in range(20)]
    met = await asyncio.gather(*(door.introduce(lane, addresses, "Amélie") for lane, addresses in threads))
    assert len({who for who in met if who is not None}) == 20
    assert await whose(begin, door, *(lane for lane, _ in threads)) == met


async def test_one_person_in_two_threads_at_once_is_one(begin: Begin, door: Door) -> None:
    phone, user_id = f"phone:{a_phone_number()[1:]}", f"whatsapp:{a_user_id()}"
    async with begin(door.tenant) as ctx:
        threads = [await door.thread(ctx, *addresses) for addresses in ([phone], [phone, user_id], [user_id])]
    met = await asyncio.gather(*(door.introduce(lane, addresses) for lane, addresses in threads))
    async with begin(door.tenant) as ctx:
        one = await contacts.find(ctx, Point(PointKind.WHATSAPP, user_id.partition(":")[2]))
        assert one is not None
        today = await contacts.by_ids(ctx, [who for who in met if who is not None])
        assert len(today) == len(set(met))
        assert {who.id for who in today.values()} == {one.id}


async def test_who_is_no_simple_case_is_looked_at_closely(begin: Begin, door: Door) -> None:
    number, user_id = a_phone_number(), a_user_id()
    async with begin(door.tenant) as ctx:
        known = await contacts.identify(ctx, [Point(PointKind.PHONE, number)])
        lane, addresses = await door.thread(ctx, f"phone:{number[1:]}", f"whatsapp:{user_id}")
    assert await door.introduce(lane, addresses, "Amélie") == known.id
    assert await whose(begin, door, lane) == [known.id]
    async with begin(door.tenant) as ctx:
        same = await contacts.find(ctx, Point(PointKind.WHATSAPP, user_id))
        assert same is not None
        assert (same.id, same.name) == (known.id, "Amélie")


async def test_where_no_address_is_one_nobody_is_met_and_nothing_fails(begin: Begin, door: Door) -> None:
    async with begin(door.tenant) as ctx:
        lane, addresses = await door.thread(ctx, "phone:12")
    assert await door.introduce(lane, addresses) is None
    assert await whose(begin, door, lane) == [None]


async def test_a_turn_that_ended_between_the_two_steps_is_repeated_and_finds_the_same_person(
    begin: Begin, database: Database, door: Door
) -> None:
    visitor = new_id().hex
    person = contacts.Introduction([Point(PointKind.VISITOR, visitor)])
    (met,) = await contacts.meet(database.pool, door.tenant.id, [person])
    async with begin(door.tenant) as ctx:
        lane, addresses = await door.thread(ctx, f"visitor:{visitor}")
    assert await door.introduce(lane, addresses) == met
    assert await whose(begin, door, lane) == [met]

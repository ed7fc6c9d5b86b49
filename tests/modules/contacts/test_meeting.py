"""Many people met in one call are the contacts that each would be alone, or are left for `identify`."""

from __future__ import annotations

import asyncio
import random
import re
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import Introduction, Point, PointKind
from tests.factories import a_phone_number, a_user_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin

Rows = list[tuple[object, ...]]


def a_phone() -> Point:
    """A phone nobody has."""
    return Point(PointKind.PHONE, a_phone_number())


def both() -> list[Point]:
    """A user id and a phone nobody has."""
    return [Point(PointKind.WHATSAPP, a_user_id()), a_phone()]


async def rows(ctx: Context, statement: str) -> Rows:
    """What the tenant has."""
    return [tuple(row) for row in await ctx.session.execute(text(statement))]


async def people(begin: Begin, tenant: Tenant) -> Rows:
    """Everything that is known of the tenant's people and was noted of it, without ids and times."""
    async with begin(tenant) as ctx:
        known = await rows(
            ctx,
            "select c.name, c.search_name, c.language, c.is_owner, c.stopped_at, c.merged_into, c.version,"
            " array(select p.kind || ' ' || p.value from contact_point p where p.contact_id = c.id"
            " order by p.created_at, p.id), a.actor_kind, a.actor_id, a.actor_name, a.action, a.detail"
            " from contact c left join audit_entry a on a.target = 'contact:' || c.id order by 8, 12",
        )
        strange = "select id from contact_point where contact_id not in (select id from contact)"
        assert await rows(ctx, strange) == []
        return known


NEWCOMERS = {
    "one address": [Introduction([a_phone()])],
    "two addresses, in any order": [Introduction(both()), Introduction(both()[::-1])],
    "a name and a language": [Introduction(both(), " Ame\u0301lie\nRoux\0", "fr-FR")],
    "neither of which is one": [Introduction(both(), "\0", "?")],
    "an address written in another form": [
        Introduction([Point(PointKind.PHONE, "+33 6 39 98 01 42"), Point(PointKind.EMAIL, "A@Example.org")])
    ],
    "one address, said twice": [Introduction([Point(PointKind.PHONE, "33639980142")] * 2)],
    "many kinds": [Introduction([Point(kind, "33639980142@example.org" if kind is PointKind.EMAIL else "33639980142")])
                   for kind in (PointKind.VISITOR, PointKind.EMAIL, PointKind.TELEGRAM, PointKind.TERMINAL)],
}  # fmt: skip


@pytest.mark.parametrize("who", NEWCOMERS)
async def test_who_is_new_is_written_as_identify_writes_it(
    begin: Begin, database: Database, tenant: Tenant, other_tenant: Tenant, who: str
) -> None:
    met = await contacts.meet(database.pool, tenant.id, NEWCOMERS[who])
    async with begin(other_tenant) as ctx:
        for each in NEWCOMERS[who]:
            await contacts.identify(ctx, each.points, each.name, each.language)
    assert await people(begin, tenant) == await people(begin, other_tenant)
    async with begin(tenant) as ctx:
        assert list(met) == [(await contacts.identify(ctx, each.points)).id for each in NEWCOMERS[who]]


async def test_what_is_noted_of_a_newcomer_has_the_form_of_every_note(
    begin: Begin, database: Database, tenant: Tenant
) -> None:
    (met,) = await contacts.meet(database.pool, tenant.id, [Introduction([a_phone()])])
    async with begin(tenant) as ctx:
        (noted,) = await rows(
            ctx, "select id, target, request_id, at <= now() from audit_entry where target ^@ 'contact'"
        )
        assert isinstance(noted[0], UUID)
        assert isinstance(met, UUID)
        assert (noted[0].version, met.version, noted[1]) == (7, 7, f"contact:{met}")
        assert re.fullmatch("[0-9a-f]{32}", str(noted[2]))
        assert noted[3]


async def test_who_is_known_by_all_addresses_is_found_and_nothing_is_written(
    begin: Begin, database: Database, tenant: Tenant
) -> None:
    points = both()
    async with begin(tenant) as ctx:
        known = await contacts.identify(ctx, points, "Amélie", "fr")
    before = await people(begin, tenant)
    asked = [
        Introduction(points),
        Introduction(points[:1]),
        Introduction(points[::-1], "~A~", "en"),
    ]
    assert list(await contacts.meet(database.pool, tenant.id, asked)) == [known.id] * 3
    assert await people(begin, tenant) == before


async def test_what_takes_more_than_a_look_is_left_as_it_is(begin: Begin, database: Database, tenant: Tenant) -> None:
    nameless, amelie = both(), both()
    async with begin(tenant) as ctx:
        await contacts.identify(ctx, nameless)
        await contacts.identify(ctx, amelie, "Amélie")
    before = await people(begin, tenant)
    asked = {
        "a name to be filled": Introduction(nameless, "Amélie"),
        "a language to be filled": Introduction(amelie, "Amélie", "fr"),
        "an address to be added": Introduction([amelie[0], a_phone()]),
        "addresses of two people": Introduction([amelie[0], nameless[0]]),
        "no address": Introduction([], "Amélie"),
        "an impossible address": Introduction([a_phone(), Point(PointKind.EMAIL, "nobody")]),
    }
    assert dict(zip(asked, await contacts.meet(database.pool, tenant.id, list(asked.values())), strict=True)) == (
        dict.fromkeys(asked)
    )
    assert await people(begin, tenant) == before


async def test_one_call_that_brings_somebody_twice_makes_one_contact(
    begin: Begin, database: Database, tenant: Tenant
) -> None:
    points, other = both(), a_phone()
    asked = [Introduction(points), Introduction([other]), Introduction(points[1:], "Amélie"), Introduction(points)]
    first, apart, *again = await contacts.meet(database.pool, tenant.id, asked)
    assert again == [None, None]
    assert len({first, apart, None}) == 3
    async with begin(tenant) as ctx:
        assert (await contacts.identify(ctx, points, "Amélie")).id == first
        assert await rows(ctx, "select count(*) from contact") == [(2,)]


async def test_who_was_merged_is_who_they_are_today(begin: Begin, database: Database, tenant: Tenant) -> None:
    one, another = a_phone(), a_phone()
    async with begin(tenant) as ctx:
        older = await contacts.identify(ctx, [one])
        await contacts.identify(ctx, [another])
        await contacts.identify(ctx, [one, another])
    asked = [Introduction([another]), Introduction([another, one]), Introduction([one])]
    assert list(await contacts.meet(database.pool, tenant.id, asked)) == [older.id] * 3


async def test_who_another_tenant_knows_is_a_stranger_here(
    begin: Begin, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    points = both()
    async with begin(other_tenant) as ctx:
        theirs = await contacts.identify(ctx, points, "Amélie")
    before = await people(begin, other_tenant)
    (ours,) = await contacts.meet(database.pool, tenant.id, [Introduction(points)])
    assert ours is not None
    assert ours != theirs.id
    assert await people(begin, other_tenant) == before


class TestAtTheSameTime:
    """Real transactions beside each other."""

    async def test_who_lost_an_address_meanwhile_is_undone_and_nobody_else(
        self, begin: Begin, database: Database, tenant: Tenant
    ) -> None:
        points, other = sorted(both()), a_phone()
        async with begin(tenant) as ctx:
            quicker = await contacts.identify(ctx, points[1:])
            meeting = asyncio.ensure_future(
                contacts.meet(database.pool, tenant.id, [Introduction(points), Introduction([other], "Léa")])
            )
            await asyncio.wait([meeting], timeout=0.2)
            assert not meeting.done()
        lost, lea = await meeting
        assert lost is None
        async with begin(tenant) as ctx:
            assert await contacts.find(ctx, points[0]) is None
            assert (await contacts.identify(ctx, [other])).id == lea
            added = await rows(ctx, "select target from audit_entry where action = 'contacts.contact_added'")
            assert set(added) == {(f"contact:{quicker.id}",), (f"contact:{lea}",)}
            assert await rows(ctx, "select count(*) from contact") == [(2,)]

    async def test_calls_that_share_people_make_each_once_and_never_block_each_other(
        self, begin: Begin, database_url: str, tenant: Tenant
    ) -> None:
        numbers = [Point(PointKind.PHONE, f"+33639{n:06}") for n in range(460)]
        everybody = [
            [phone, Point(PointKind.WHATSAPP, f"FR.{phone.value}")][: 1 + n % 2] for n, phone in enumerate(numbers)
        ]
        calls = [random.sample(everybody[n * 8 : n * 8 + 60], 50) for n in range(50)]
        two = await Database.open(database_url, pool_size=2)

        async def call(asked: Sequence[list[Point]]) -> None:
            met = await contacts.meet(two.pool, tenant.id, [Introduction(points) for points in asked])
            for points, who in zip(asked, met, strict=True):
                found.setdefault(tuple(points), set()).add(who or await look_closer(points))

        async def look_closer(points: Sequence[Point]) -> UUID:
            async with two.transaction(tenant.id) as session:
                return (await contacts.identify(Context(session, tenant.id), points)).id

        found: dict[tuple[Point, ...], set[UUID]] = {}
        try:
            await asyncio.gather(*(call(asked) for asked in calls))
        finally:
            await two.close()
        async with begin(tenant) as ctx:
            assert await rows(ctx, "select count(*), count(distinct id) from contact") == [(len(found), len(found))]
            for points, ids in found.items():
                assert ids == {(await contacts.identify(ctx, points)).id}

"""One person is one contact, however they are reached and however many messages come at once."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from lumi.core import jobs
from lumi.core.context import Context
from lumi.core.jobs import Registry
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.errors import BadPoint, ContactNotFound
from lumi.modules.contacts.public import Contact, ContactsMerged, ContactStopped, Point, PointKind
from lumi.modules.tenants.public import Tenant
from tests.conftest import Begin
from tests.factories import a_phone_number, a_user_id


@pytest.fixture
def phone() -> Point:
    """A phone nobody has."""
    return Point(PointKind.PHONE, a_phone_number())


@pytest.fixture
def user_id() -> Point:
    """A WhatsApp user id nobody has."""
    return Point(PointKind.WHATSAPP, a_user_id())


async def count(ctx: Context) -> int:
    """How many people the tenant knows."""
    return int(await ctx.session.scalar(text("select count(*) from contact where merged_into is null")) or 0)


async def test_a_phone_a_user_id_or_both_find_one_person(ctx: Context, phone: Point, user_id: Point) -> None:
    both = await contacts.identify(ctx, [user_id, phone], "Amélie", "fr-FR")
    assert (both.name, both.language, both.is_owner, both.is_stopped) == ("Amélie", "fr", False, False)
    for points in ([phone], [user_id], [phone, user_id], [phone, phone]):
        assert await contacts.identify(ctx, points) == both
    assert await contacts.find(ctx, user_id) == both
    assert await contacts.points(ctx, both.id) == [phone, user_id]


async def test_the_digits_of_a_wa_id_and_the_typed_number_find_one_person(ctx: Context) -> None:
    number = a_phone_number()
    known = await contacts.identify(ctx, [Point(PointKind.PHONE, number)])
    assert await contacts.identify(ctx, [Point(PointKind.PHONE, number[1:])]) == known
    spaced = " ".join((number[:3], number[3:6], number[6:]))
    assert await contacts.identify(ctx, [Point(PointKind.PHONE, spaced)]) == known


async def test_a_second_address_is_added_to_the_person_of_the_first(ctx: Context, phone: Point, user_id: Point) -> None:
    first = await contacts.identify(ctx, [phone])
    second = await contacts.identify(ctx, [phone, user_id])
    assert second.id == first.id
    assert await contacts.identify(ctx, [user_id]) == second
    assert await count(ctx) == 1


async def test_what_is_not_known_is_filled_and_what_is_known_stays(ctx: Context, phone: Point) -> None:
    await contacts.identify(ctx, [phone])
    filled = await contacts.identify(ctx, [phone], "Amélie", "fr")
    assert (filled.name, filled.language) == ("Amélie", "fr")
    again = await contacts.identify(ctx, [phone], "~*A*~", "en")
    assert again == filled


async def test_two_contacts_of_one_person_become_the_older_one(ctx: Context, phone: Point, user_id: Point) -> None:
    email = Point(PointKind.EMAIL, "amelie@example.org")
    older = await contacts.identify(ctx, [phone])
    younger = await contacts.identify(ctx, [user_id, email], "Amélie", "fr")
    one = await contacts.identify(ctx, [user_id, phone])
    assert (one.id, one.name, one.language) == (older.id, "Amélie", "fr")
    assert sorted(await contacts.points(ctx, one.id)) == sorted([phone, user_id, email])
    assert await contacts.find(ctx, email) == one
    assert await count(ctx) == 1
    assert (await contacts.get(ctx, younger.id)) == one
    assert await contacts.by_ids(ctx, [older.id, younger.id]) == {older.id: one, younger.id: one}


async def test_a_merge_is_recorded_with_what_moved_and_told(
    ctx: Context, phone: Point, user_id: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def listener(_ctx: Context, _event: ContactsMerged) -> None: ...

    registry = Registry()
    registry.subscribe(ContactsMerged, listener)
    monkeypatch.setattr(jobs, "registry", registry)
    older = await contacts.identify(ctx, [phone])
    younger = await contacts.identify(ctx, [user_id])
    moved = await ctx.session.scalar(text("select id from contact_point where contact_id = :id"), {"id": younger.id})
    await contacts.identify(ctx, [user_id, phone])
    row = (
        await ctx.session.execute(
            text("select target, detail from audit_entry where action = 'contacts.contacts_merged'")
        )
    ).one()
    assert tuple(row) == (
        f"contact:{older.id}",
        {"merged": str(younger.id), "points": [str(moved)]},
    )
    told = await ctx.session.scalar(text("select args from job where kind like 'contacts.ContactsMerged>%'"))
    assert told == {"contact_id": str(older.id), "merged_id": str(younger.id)}
    await ctx.session.execute(text("delete from job"))


async def test_a_chain_of_merges_ends_at_the_oldest(ctx: Context) -> None:
    points = [Point(PointKind.VISITOR, f"visitor-{n}") for n in range(4)]
    people = [await contacts.identify(ctx, [point]) for point in points]
    await contacts.identify(ctx, [points[2], points[3]])
    await contacts.identify(ctx, [points[1], points[2]])
    last = await contacts.identify(ctx, [points[0], points[3]])
    assert last.id == people[0].id
    assert set((await contacts.by_ids(ctx, [each.id for each in people])).values()) == {last}
    pointers = await ctx.session.scalars(text("select merged_into from contact where merged_into is not null"))
    assert pointers.all() == [last.id] * 3


async def test_three_people_become_one_at_once(ctx: Context) -> None:
    points = [Point(PointKind.VISITOR, f"visitor-{n}") for n in range(3)]
    people = [await contacts.identify(ctx, [point]) for point in points]
    one = await contacts.identify(ctx, points)
    assert one.id == people[0].id
    assert await contacts.points(ctx, one.id) == points


@pytest.mark.parametrize("which", ["older", "younger"])
async def test_who_said_stop_under_one_address_is_silent_under_all(
    ctx: Context, phone: Point, user_id: Point, which: str
) -> None:
    older = await contacts.identify(ctx, [phone])
    younger = await contacts.identify(ctx, [user_id])
    who = older if which == "older" else younger
    await contacts.stop(ctx, who.id)
    await contacts.appoint_owner(ctx, who.id)
    one = await contacts.identify(ctx, [phone, user_id])
    assert one.is_stopped
    assert one.is_owner
    rows = await ctx.session.execute(
        text("select stopped_at, is_owner from contact where id in (:a, :b)"), {"a": older.id, "b": younger.id}
    )
    assert [tuple(row) for row in rows] == [(ctx.now, True)] * 2


async def test_who_falls_silent_by_a_merge_is_told_of(
    ctx: Context, phone: Point, user_id: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def listener(_ctx: Context, _event: ContactStopped) -> None: ...

    older = await contacts.identify(ctx, [phone])
    younger = await contacts.identify(ctx, [user_id])
    await contacts.stop(ctx, younger.id)
    registry = Registry()
    registry.subscribe(ContactStopped, listener)
    monkeypatch.setattr(jobs, "registry", registry)
    await contacts.identify(ctx, [phone, user_id])
    told = await ctx.session.scalar(text("select args from job where kind like 'contacts.ContactStopped>%'"))
    assert told == {"contact_id": str(older.id)}
    await ctx.session.execute(text("delete from job"))


async def test_the_row_a_thread_names_says_the_same_after_a_merge(ctx: Context, phone: Point, user_id: Point) -> None:
    older = await contacts.identify(ctx, [phone])
    younger = await contacts.identify(ctx, [user_id])
    await contacts.identify(ctx, [phone, user_id])
    for change, stopped, owner in (
        (contacts.stop, True, False),
        (contacts.appoint_owner, True, True),
        (contacts.resume, False, True),
        (contacts.dismiss_owner, False, False),
    ):
        await change(ctx, younger.id)
        rows = await ctx.session.execute(
            text("select stopped_at is not null, is_owner from contact where id in (:a, :b)"),
            {"a": older.id, "b": younger.id},
        )
        assert [tuple(row) for row in rows] == [(stopped, owner)] * 2


async def test_the_same_address_is_another_person_in_another_tenant(
    begin: Begin, tenant: Tenant, other_tenant: Tenant, phone: Point
) -> None:
    async with begin(tenant) as ctx:
        ours = await contacts.identify(ctx, [phone], "Amélie")
    async with begin(other_tenant) as ctx:
        assert await contacts.find(ctx, phone) is None
        theirs = await contacts.identify(ctx, [phone])
        assert (theirs.id == ours.id, theirs.name) == (False, None)
        assert await contacts.by_ids(ctx, [ours.id]) == {}
        for ask in (contacts.get, contacts.stop, contacts.points):
            with pytest.raises(ContactNotFound):
                await ask(ctx, ours.id)


async def test_without_a_possible_address_there_is_no_person(ctx: Context) -> None:
    for points in ([], [Point(PointKind.PHONE, "0639980142")], [Point(PointKind.EMAIL, "nobody")]):
        with pytest.raises(BadPoint):
            await contacts.identify(ctx, points)
    assert await contacts.find(ctx, Point(PointKind.EMAIL, "nobody")) is None
    assert await count(ctx) == 0


class TestAtTheSameTime:
    """Real transactions beside each other."""

    async def identify_at_once(self, begin: Begin, tenant: Tenant, asked: Sequence[Sequence[Point]]) -> list[Contact]:
        everybody_is_in = asyncio.Barrier(len(asked))

        async def one(points: Sequence[Point]) -> Contact:
            async with begin(tenant) as ctx:
                await ctx.session.execute(text("select 1"))
                await everybody_is_in.wait()
                return await contacts.identify(ctx, points)

        return list(await asyncio.gather(*(one(points) for points in asked)))

    async def test_the_first_messages_of_one_person_make_one_contact(
        self, begin: Begin, tenant: Tenant, phone: Point, user_id: Point
    ) -> None:
        asked = [[phone, user_id]] * 4 + [[phone]] * 2 + [[user_id]] * 2
        people = await self.identify_at_once(begin, tenant, asked)
        async with begin(tenant) as ctx:
            one = await contacts.identify(ctx, [phone, user_id])
            assert await count(ctx) == 1
            today = await contacts.by_ids(ctx, [person.id for person in people])
            assert {person.id for person in today.values()} == {one.id}
            assert sorted(await contacts.points(ctx, one.id)) == sorted([phone, user_id])

    async def test_two_merges_of_the_same_people_are_one(
        self, begin: Begin, tenant: Tenant, phone: Point, user_id: Point
    ) -> None:
        async with begin(tenant) as ctx:
            older = await contacts.identify(ctx, [phone])
            await contacts.identify(ctx, [user_id])
        people = await self.identify_at_once(begin, tenant, [[phone, user_id], [user_id, phone]] * 3)
        assert {person.id for person in people} == {older.id}
        async with begin(tenant) as ctx:
            merges = await ctx.session.scalar(
                text("select count(*) from audit_entry where action = 'contacts.contacts_merged'")
            )
            assert merges == 1

    async def test_merges_that_share_a_person_end_in_one(self, begin: Begin, tenant: Tenant) -> None:
        for turn in range(6):
            points = [Point(PointKind.PHONE, a_phone_number()) for _ in range(3)]
            pairs = [points[:2], points[1:]]
            async with begin(tenant) as ctx:
                people = [await contacts.identify(ctx, [point]) for point in points]
            await self.identify_at_once(begin, tenant, pairs if turn % 2 else pairs[::-1])
            async with begin(tenant) as ctx:
                today = {(await contacts.identify(ctx, [point])).id for point in points}
                assert today == {people[0].id}

    async def test_a_stop_beside_a_merge_is_not_lost(self, begin: Begin, tenant: Tenant) -> None:
        for _ in range(5):
            a, b = Point(PointKind.PHONE, a_phone_number()), Point(PointKind.WHATSAPP, a_user_id())
            async with begin(tenant) as ctx:
                await contacts.identify(ctx, [a])
                younger = await contacts.identify(ctx, [b])

            async def stop(who: Contact = younger) -> None:
                async with begin(tenant) as ctx:
                    await contacts.stop(ctx, who.id)

            await asyncio.gather(stop(), self.identify_at_once(begin, tenant, [[a, b]]))
            async with begin(tenant) as ctx:
                rows = await ctx.session.scalars(
                    text(
                        "select stopped_at is not null from contact where id = :id or merged_into ="
                        " (select merged_into from contact where id = :id) or id ="
                        " (select merged_into from contact where id = :id)"
                    ),
                    {"id": younger.id},
                )
                assert rows.all() == [True, True]

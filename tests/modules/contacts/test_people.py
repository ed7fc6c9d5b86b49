"""What is known of people: adding, changing, listing, silence."""

from uuid import UUID

import pytest
from sqlalchemy import text

from lumi.core import jobs
from lumi.core.context import Context
from lumi.core.errors import VersionConflict
from lumi.core.events import Event
from lumi.core.ids import new_id
from lumi.core.jobs import Registry
from lumi.core.pagination import BadCursor
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.errors import ContactNotFound
from lumi.modules.contacts.public import ContactResumed, ContactStopped, Point, PointKind, PointTaken
from lumi.modules.contacts.services import people
from lumi.modules.contacts.values import ContactChanges
from tests.factories import a_phone_number, a_user_id, make_contact


async def names(ctx: Context, search: str) -> list[str | None]:
    """Who is found."""
    page = await contacts.list_contacts(ctx, search=search, cursor=None, limit=50)
    return [contact.name for contact in page.items]


async def audited(ctx: Context) -> list[str]:
    """What has been done to contacts."""
    rows = await ctx.session.scalars(
        text("select action from audit_entry where action like 'contacts.%' order by at, id")
    )
    return list(rows)


async def test_an_address_of_somebody_else_is_refused_and_nothing_is_added(ctx: Context) -> None:
    phone = Point(PointKind.PHONE, a_phone_number())
    await contacts.add(ctx, points=[phone], name="Amélie")
    with pytest.raises(PointTaken):
        await contacts.add(ctx, points=[Point(PointKind.EMAIL, "b@example.org"), phone], name="Bruno")
    assert await names(ctx, "") == ["Amélie"]
    assert await contacts.find(ctx, Point(PointKind.EMAIL, "b@example.org")) is None


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ame", ["Amélie Roux"]),
        ("ROUX", ["Amélie Roux"]),
        ("amelie r", ["Amélie Roux"]),
        ("oux", []),
        ("%", []),
        ("_", []),
        ("نادي", ["نادية حداد"]),
        ("+33 6 39 98", ["Amélie Roux"]),
        ("0033639", ["Amélie Roux"]),
        ("33639980", ["Amélie Roux"]),
        ("NADIA@", ["نادية حداد"]),
        ("FR.26", ["نادية حداد"]),
        ("a\0me", []),
        ("", ["نادية حداد", "Amélie Roux"]),
    ],
)
async def test_people_are_found_by_the_beginning_of_a_name_or_an_address(
    ctx: Context, search: str, found: list[str]
) -> None:
    await make_contact(ctx, name="Amélie Roux", points=[Point(PointKind.PHONE, "+33639980142")])
    await make_contact(
        ctx,
        name="نادية حداد",
        points=[Point(PointKind.EMAIL, "nadia@example.org"), Point(PointKind.WHATSAPP, "FR.2610227510000898")],
    )
    assert await names(ctx, search) == found


async def test_who_was_renamed_is_found_under_the_new_name_only(ctx: Context) -> None:
    contact = await make_contact(ctx, name="Amélie Roux")
    changes = ContactChanges(fields=frozenset({"name"}), name="Amélie Blanc")
    await people.change(ctx, contact.id, version=contact.version, changes=changes)
    assert (await names(ctx, "roux"), await names(ctx, "blanc")) == ([], ["Amélie Blanc"])


async def test_pages_follow_each_other_without_gap_or_repeat(ctx: Context) -> None:
    made = [(await make_contact(ctx, name=f"N{n}")).id for n in range(7)]
    seen: list[UUID] = []
    cursor = None
    for expected in (3, 3, 1):
        page = await contacts.list_contacts(ctx, search="", cursor=cursor, limit=3)
        assert len(page.items) == expected
        seen += [contact.id for contact in page.items]
        cursor = page.next
    assert cursor is None
    assert seen == made[::-1]


async def test_a_cursor_made_elsewhere_is_refused(ctx: Context) -> None:
    with pytest.raises(BadCursor):
        await contacts.list_contacts(ctx, search="", cursor="AAAA", limit=3)


async def test_merged_people_are_listed_once(ctx: Context) -> None:
    points = [Point(PointKind.PHONE, a_phone_number()), Point(PointKind.WHATSAPP, a_user_id())]
    for point in points:
        await contacts.identify(ctx, [point], "Amélie")
    await contacts.identify(ctx, points)
    assert await names(ctx, "ame") == ["Amélie"]


async def test_a_change_names_the_version_it_was_made_from(ctx: Context) -> None:
    contact = await make_contact(ctx)
    changes = ContactChanges(fields=frozenset({"language"}), language="ar")
    changed = await people.change(ctx, contact.id, version=1, changes=changes)
    assert (changed.name, changed.language, changed.version) == (contact.name, "ar", 2)
    with pytest.raises(VersionConflict):
        await people.change(ctx, contact.id, version=1, changes=changes)
    assert await people.change(ctx, contact.id, version=None, changes=changes) == changed


async def test_a_name_can_be_taken_away(ctx: Context) -> None:
    contact = await make_contact(ctx)
    changed = await people.change(ctx, contact.id, version=None, changes=ContactChanges(fields=frozenset({"name"})))
    assert (changed.name, changed.language) == (None, "fr")


async def test_stop_and_resume_are_told_once_each(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    async def listener(_ctx: Context, _event: Event) -> None: ...

    registry = Registry()
    registry.subscribe(ContactStopped, listener)
    registry.subscribe(ContactResumed, listener)
    monkeypatch.setattr(jobs, "registry", registry)
    contact = await make_contact(ctx)
    stopped = await contacts.stop(ctx, contact.id)
    assert stopped.stopped_at == ctx.now
    assert await contacts.stop(ctx, contact.id) == stopped
    resumed = await contacts.resume(ctx, contact.id)
    assert (resumed.stopped_at, resumed.version) == (None, 3)
    assert await contacts.resume(ctx, contact.id) == resumed
    kinds = await ctx.session.scalars(text("select split_part(kind, '>', 1) from job order by id"))
    assert kinds.all() == ["contacts.ContactStopped", "contacts.ContactResumed"]
    await ctx.session.execute(text("delete from job"))


async def test_every_deed_leaves_an_audit_row(ctx: Context) -> None:
    contact = await make_contact(ctx)
    point = (await contacts.points(ctx, contact.id))[0]
    await contacts.identify(ctx, [point, Point(PointKind.WHATSAPP, a_user_id())])
    await contacts.stop(ctx, contact.id)
    await contacts.resume(ctx, contact.id)
    await contacts.appoint_owner(ctx, contact.id)
    await contacts.dismiss_owner(ctx, contact.id)
    assert sorted(await audited(ctx)) == sorted(
        [
            "contacts.contact_added",
            "contacts.point_added",
            "contacts.contact_stopped",
            "contacts.contact_resumed",
            "contacts.owner_appointed",
            "contacts.owner_dismissed",
        ]
    )


async def test_what_changes_nothing_leaves_no_audit_row(ctx: Context) -> None:
    contact = await make_contact(ctx)
    await contacts.resume(ctx, contact.id)
    await contacts.dismiss_owner(ctx, contact.id)
    await contacts.identify(ctx, await contacts.points(ctx, contact.id), "Somebody", "en")
    assert await audited(ctx) == ["contacts.contact_added"]


async def test_nobody_by_that_id(ctx: Context) -> None:
    for ask in (contacts.get, contacts.points, contacts.stop, contacts.resume, contacts.appoint_owner):
        with pytest.raises(ContactNotFound):
            await ask(ctx, new_id())
    assert await contacts.by_ids(ctx, []) == {}

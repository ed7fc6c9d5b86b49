"""What is known of the people a tenant talks with."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.errors import VersionConflict
from lumi.core.pagination import Cursor, Page
from lumi.modules.contacts import repository, rules
from lumi.modules.contacts.errors import ContactNotFound, PointTaken
from lumi.modules.contacts.services.identity import locked, seen
from lumi.modules.contacts.values import Contact, ContactChanges, Point, PointKind
from lumi.modules.tenants import public as tenants

CURSOR = Cursor("contacts", tuple[datetime, UUID])


async def add(
    ctx: Context, *, points: Sequence[Point] = (), name: str | None = None, language: str | None = None
) -> Contact:
    """A new contact; raises BadPoint, and PointTaken when one of the addresses is somebody's already."""
    wanted = rules.normalise(points)
    async with ctx.session.begin_nested():
        row = await repository.add(ctx.session, ctx.tenant_id, name=name, language=language)
        if wanted and await repository.add_points(ctx.session, ctx.tenant_id, row.id, wanted) < len(wanted):
            raise PointTaken
    detail = {"points": [point.kind.value for point in wanted]}
    await audit(ctx, "contacts.contact_added", target=f"contact:{row.id}", detail=detail)
    return seen(row)


async def get(ctx: Context, contact_id: UUID) -> Contact:
    """The contact, or the one it was merged into; raises ContactNotFound."""
    found = await by_ids(ctx, [contact_id])
    if contact_id not in found:
        raise ContactNotFound
    return found[contact_id]


async def by_ids(ctx: Context, ids: Collection[UUID]) -> dict[UUID, Contact]:
    """The contacts by the asked ids, also of those merged into another since; unknown ids are left out."""
    if not ids:
        return {}
    found = await repository.survivors(ctx.session, ctx.tenant_id, ids)
    return {asked: seen(row) for asked, row in found.items()}


async def points(ctx: Context, contact_id: UUID) -> list[Point]:
    """The addresses of the contact, oldest first; raises ContactNotFound."""
    contact = await get(ctx, contact_id)
    rows = await repository.points_of(ctx.session, ctx.tenant_id, contact.id)
    return [Point(PointKind(row.kind), row.value) for row in rows]


async def list_contacts(ctx: Context, *, search: str, cursor: str | None, limit: int) -> Page[Contact]:
    """Contacts, the newest first; `search` finds beginnings of words of a name and of addresses."""
    rows = await repository.newest(
        ctx.session,
        ctx.tenant_id,
        key=rules.search_key(search),
        prefixes=rules.point_prefixes(search),
        after=CURSOR.after(cursor),
        limit=limit + 1,
    )
    return CURSOR.page([seen(row) for row in rows], limit, lambda contact: (contact.created_at, contact.id))


async def change(ctx: Context, contact_id: UUID, *, version: int | None, changes: ContactChanges) -> Contact:
    """The contact with these changes; raises VersionConflict unless `version` is the present one or None.

    Refuses a time zone that there is not (UnknownTimeZone).
    """
    if changes.time_zone is not None:
        tenants.check_time_zone(changes.time_zone)
    row = await locked(ctx, contact_id)
    if version is not None and version != row.version:
        raise VersionConflict(version=row.version)
    new = {"name": changes.name, "language": changes.language, "time_zone": changes.time_zone}
    fields = sorted(field for field in changes.fields if getattr(row, field) != new[field])
    if fields:
        if "name" in fields:
            repository.rename(row, changes.name)
        row.language = changes.language if "language" in fields else row.language
        row.time_zone = changes.time_zone if "time_zone" in fields else row.time_zone
        row.version += 1
        await ctx.session.flush()
        await repository.mirror(ctx.session, row)
        await audit(ctx, "contacts.contact_changed", target=f"contact:{row.id}", detail={"fields": fields})
    return seen(row)


async def appoint_owner(ctx: Context, contact_id: UUID) -> Contact:
    """This person speaks for the organisation from now on."""
    return await _set_owner(ctx, contact_id, True)


async def dismiss_owner(ctx: Context, contact_id: UUID) -> Contact:
    """This person no longer speaks for the organisation."""
    return await _set_owner(ctx, contact_id, False)


async def _set_owner(ctx: Context, contact_id: UUID, is_owner: bool) -> Contact:
    row = await locked(ctx, contact_id)
    if row.is_owner != is_owner:
        row.is_owner = is_owner
        row.version += 1
        await ctx.session.flush()
        await repository.mirror(ctx.session, row)
        deed = "owner_appointed" if is_owner else "owner_dismissed"
        await audit(ctx, f"contacts.{deed}", target=f"contact:{row.id}")
    return seen(row)

"""Who somebody is: the addresses a message came with lead to one person."""

from collections.abc import Sequence
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.modules.contacts import repository, rules
from lumi.modules.contacts.errors import BadPoint, ContactBusy, ContactNotFound
from lumi.modules.contacts.events import ContactsMerged, ContactStopped
from lumi.modules.contacts.models import Contact as Row
from lumi.modules.contacts.values import Contact, Point

ATTEMPTS = 8


class _Overtaken(Exception):
    """Somebody else was quicker; look again."""


async def identify(
    ctx: Context, points: Sequence[Point], name: str | None = None, language: str | None = None
) -> Contact:
    """The one person all these addresses belong to, made if nobody has any of them.

    Addresses of several contacts make them one: the oldest keeps its id and takes the others' addresses, and
    ContactsMerged tells of each. Whoever calls has proof that the addresses are one person's: a provider said
    so. `name` and `language` fill what is not known yet. Called for one person by many at the same time it
    gives one contact. Raises BadPoint.
    """
    wanted = rules.normalise(points)
    if not wanted:
        raise BadPoint("A contact needs an address.")
    name, language = rules.clean_name(name), rules.clean_language(language)
    for _ in range(ATTEMPTS):
        known = await repository.holders(ctx.session, ctx.tenant_id, wanted)
        if _is_settled(known, wanted, name, language):
            return seen(known[wanted[0]])
        try:
            async with ctx.session.begin_nested():
                return await _settle(ctx, wanted, known, name, language)
        except _Overtaken:
            continue
    raise ContactBusy


async def find(ctx: Context, point: Point) -> Contact | None:
    """Whose address this is, if anybody's."""
    try:
        wanted = rules.normalise([point])
    except BadPoint:
        return None
    known = await repository.holders(ctx.session, ctx.tenant_id, wanted)
    return seen(known[wanted[0]]) if known else None


async def release(ctx: Context, contact_id: UUID, point: Point) -> bool:
    """This address is theirs no longer: who comes with it next is somebody else. False where it was not theirs.

    Raises ContactNotFound, BadPoint.
    """
    row = await locked(ctx, contact_id)
    (given_up,) = rules.normalise([point])
    if not await repository.remove_point(ctx.session, ctx.tenant_id, row.id, given_up):
        return False
    row.version += 1
    await ctx.session.flush()
    await audit(ctx, "contacts.point_released", target=f"contact:{row.id}", detail=_kinds([given_up]))
    return True


async def locked(ctx: Context, contact_id: UUID) -> Row:
    """The contact that `contact_id` is today, locked; raises ContactNotFound."""
    for _ in range(ATTEMPTS):
        found = await repository.survivors(ctx.session, ctx.tenant_id, [contact_id])
        if contact_id not in found:
            raise ContactNotFound
        rows = await repository.lock(ctx.session, ctx.tenant_id, [found[contact_id].id])
        if rows:
            return rows[0]
    raise ContactBusy


def seen(row: Row) -> Contact:
    """What others see of a row."""
    return Contact(
        row.id, row.name, row.language, row.is_owner, row.stopped_at, row.version, row.created_at, row.time_zone
    )


def _is_settled(known: dict[Point, Row], wanted: Sequence[Point], name: str | None, language: str | None) -> bool:
    rows = {row.id: row for row in known.values()}
    if len(known) < len(wanted) or len(rows) > 1:
        return False
    row = known[wanted[0]]
    return (row.name is not None or name is None) and (row.language is not None or language is None)


async def _settle(
    ctx: Context, wanted: Sequence[Point], known: dict[Point, Row], name: str | None, language: str | None
) -> Contact:
    if not known:
        row = await repository.add(ctx.session, ctx.tenant_id, name=name, language=language)
        await _take(ctx, row, wanted)
        await audit(ctx, "contacts.contact_added", target=f"contact:{row.id}", detail=_kinds(wanted))
        return seen(row)
    row = await _one(ctx, wanted, known)
    if missing := [point for point in wanted if point not in known]:
        await _take(ctx, row, missing)
        row.version += 1
        await audit(ctx, "contacts.point_added", target=f"contact:{row.id}", detail=_kinds(missing))
    await _fill(ctx, row, name, language)
    await ctx.session.flush()
    return seen(row)


async def _one(ctx: Context, wanted: Sequence[Point], known: dict[Point, Row]) -> Row:
    ids = {row.id for row in known.values()}
    rows = await repository.lock(ctx.session, ctx.tenant_id, ids)
    again = await repository.holders(ctx.session, ctx.tenant_id, wanted)
    if {row.id for row in rows} != ids or again.keys() != known.keys() or {r.id for r in again.values()} != ids:
        raise _Overtaken
    oldest, *younger = sorted(rows, key=lambda row: (row.created_at, row.id))
    if younger:
        await _merge(ctx, oldest, younger)
    return oldest


async def _merge(ctx: Context, oldest: Row, younger: Sequence[Row]) -> None:
    was_stopped = oldest.stopped_at is not None
    for row in younger:
        if oldest.name is None:
            repository.rename(oldest, row.name)
        oldest.language = oldest.language or row.language
        oldest.is_owner = oldest.is_owner or row.is_owner
        oldest.stopped_at = min((at for at in (oldest.stopped_at, row.stopped_at) if at), default=None)
        moved = await repository.move_points(ctx.session, ctx.tenant_id, source=[row.id], target=oldest.id)
        detail = {"merged": row.id, "points": moved}
        await audit(ctx, "contacts.contacts_merged", target=f"contact:{oldest.id}", detail=detail)
        await ctx.emit(ContactsMerged(contact_id=oldest.id, merged_id=row.id))
    oldest.version += 1
    await ctx.session.flush()
    merged = [row.id for row in younger]
    await repository.point_to(ctx.session, ctx.tenant_id, merged=merged, survivor=oldest.id)
    await repository.mirror(ctx.session, oldest)
    if oldest.stopped_at is not None and not was_stopped:
        await ctx.emit(ContactStopped(contact_id=oldest.id))


async def _take(ctx: Context, row: Row, points: Sequence[Point]) -> None:
    if await repository.add_points(ctx.session, ctx.tenant_id, row.id, points) < len(points):
        raise _Overtaken


async def _fill(ctx: Context, row: Row, name: str | None, language: str | None) -> None:
    fields: list[str] = []
    if row.name is None and name is not None:
        repository.rename(row, name)
        fields.append("name")
    if row.language is None and language is not None:
        row.language = language
        fields.append("language")
    if fields:
        row.version += 1
        await audit(ctx, "contacts.contact_changed", target=f"contact:{row.id}", detail={"fields": fields})


def _kinds(points: Sequence[Point]) -> dict[str, object]:
    return {"points": [point.kind.value for point in points]}

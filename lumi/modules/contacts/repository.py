"""Every query about contacts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict, cast
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from lumi.core.db import Pool, fetch, rows_affected
from lumi.core.ids import new_id
from lumi.modules.contacts.models import Consent, Contact, ContactPoint
from lumi.modules.contacts.rules import search_key
from lumi.modules.contacts.values import Point, PointKind

_FRESH = {"populate_existing": True}


class Stranger(TypedDict):
    """Somebody to be met, in the form that is stored."""

    name: str | None
    search_name: str
    language: str | None
    points: Sequence[dict[str, str]]


async def meet(pool: Pool, tenant_id: UUID, people: Sequence[Stranger]) -> list[UUID | None]:
    """Place by place who it is, known or new; None for who is no simple case."""
    rows = await fetch(pool, "select app.meet($1, $2::jsonb)", tenant_id, orjson.dumps(people).decode())
    return cast("list[UUID | None]", rows[0][0])


async def add(session: AsyncSession, tenant_id: UUID, *, name: str | None, language: str | None) -> Contact:
    """A new row, without an address yet."""
    row = Contact(tenant_id=tenant_id, id=new_id(), language=language)
    rename(row, name)
    session.add(row)
    await session.flush()
    return row


def rename(row: Contact, name: str | None) -> None:
    """Give the row a name that is also found."""
    row.name, row.search_name = name, search_key(name or "")


async def holders(session: AsyncSession, tenant_id: UUID, points: Collection[Point]) -> dict[Point, Contact]:
    """Whose these addresses are; nobody's are left out."""
    statement = (
        select(ContactPoint.kind, ContactPoint.value, Contact)
        .join(
            Contact,
            and_(Contact.tenant_id == ContactPoint.tenant_id, Contact.id == ContactPoint.contact_id),
        )
        .where(ContactPoint.tenant_id == tenant_id, _among(points))
        .execution_options(**_FRESH)
    )
    rows = (await session.execute(statement)).all()
    return {Point(PointKind(kind), value): contact for kind, value, contact in rows}


async def add_points(session: AsyncSession, tenant_id: UUID, contact_id: UUID, points: Sequence[Point]) -> int:
    """How many of the addresses were free and are the contact's now. Waits for those being taken."""
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "contact_id": contact_id,
            "kind": point.kind.value,
            "value": point.value,
        }
        for point in points
    ]
    statement = insert(ContactPoint).values(rows).on_conflict_do_nothing().returning(ContactPoint.id)
    return len((await session.scalars(statement)).all())


async def remove_point(session: AsyncSession, tenant_id: UUID, contact_id: UUID, point: Point) -> bool:
    """Whether the contact had this address, which is nobody's now."""
    mine = (ContactPoint.tenant_id == tenant_id, ContactPoint.contact_id == contact_id)
    theirs = delete(ContactPoint).where(*mine, ContactPoint.kind == point.kind.value, ContactPoint.value == point.value)
    return rows_affected(await session.execute(theirs)) == 1


async def move_points(session: AsyncSession, tenant_id: UUID, *, source: Collection[UUID], target: UUID) -> list[UUID]:
    """The ids of the addresses that were moved."""
    statement = (
        update(ContactPoint)
        .where(ContactPoint.tenant_id == tenant_id, ContactPoint.contact_id.in_(source))
        .values(contact_id=target)
        .returning(ContactPoint.id)
        .execution_options(synchronize_session=False)
    )
    return list(await session.scalars(statement))


async def points_of(session: AsyncSession, tenant_id: UUID, contact_id: UUID) -> list[ContactPoint]:
    """The contact's addresses, oldest first."""
    statement = select(ContactPoint).where(ContactPoint.tenant_id == tenant_id, ContactPoint.contact_id == contact_id)
    return list(await session.scalars(statement.order_by(ContactPoint.created_at, ContactPoint.id)))


async def consents(session: AsyncSession, tenant_id: UUID, contact_id: UUID, limit: int) -> Sequence[Consent]:
    """What a person said, under any of their rows, of what may be done; the newest first."""
    statement = _consents(tenant_id, contact_id).limit(limit)
    return (await session.scalars(statement)).all()


async def newest_consent(session: AsyncSession, tenant_id: UUID, contact_id: UUID, purpose: str) -> Consent | None:
    """The newest word of a person on one purpose."""
    statement = _consents(tenant_id, contact_id).where(Consent.purpose == purpose).limit(1)
    return (await session.scalars(statement)).one_or_none()


def _consents(tenant_id: UUID, contact_id: UUID) -> Select[Consent]:
    rows = select(Contact.id).where(
        Contact.tenant_id == tenant_id, or_(Contact.id == contact_id, Contact.merged_into == contact_id)
    )
    return (
        select(Consent).where(Consent.tenant_id == tenant_id, Consent.contact_id.in_(rows)).order_by(Consent.id.desc())
    )


async def survivors(session: AsyncSession, tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, Contact]:
    """For each asked id the contact it is today; ids of nobody are left out."""
    asked = aliased(Contact)
    # Not `coalesce`: row-level security trusts it with no index, and every contact would be read.
    survivor = case((asked.merged_into.is_not(None), asked.merged_into), else_=asked.id)
    statement = (
        select(asked.id, Contact)
        .join(
            asked,
            and_(asked.tenant_id == Contact.tenant_id, survivor == Contact.id),
        )
        .where(asked.tenant_id == tenant_id, asked.id.in_(ids))
        .execution_options(**_FRESH)
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def lock(session: AsyncSession, tenant_id: UUID, ids: Collection[UUID]) -> list[Contact]:
    """The contacts that were not merged meanwhile; nobody else changes them until this transaction ends."""
    statement = (
        select(Contact)
        .where(Contact.tenant_id == tenant_id, Contact.id.in_(ids), Contact.merged_into.is_(None))
        .order_by(Contact.id)
        .with_for_update()
        .execution_options(**_FRESH)
    )
    return list(await session.scalars(statement))


async def point_to(session: AsyncSession, tenant_id: UUID, *, merged: Collection[UUID], survivor: UUID) -> None:
    """The merged ones, and whoever was merged into them, are the survivor from now on."""
    statement = (
        update(Contact)
        .where(Contact.tenant_id == tenant_id, or_(Contact.id.in_(merged), Contact.merged_into.in_(merged)))
        .values(merged_into=survivor)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def mirror(session: AsyncSession, row: Contact) -> None:
    """What the gate reads is the same in every row that was merged into this one."""
    statement = (
        update(Contact)
        .where(Contact.tenant_id == row.tenant_id, Contact.merged_into == row.id)
        .values(stopped_at=row.stopped_at, is_owner=row.is_owner, time_zone=row.time_zone)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def newest(
    session: AsyncSession,
    tenant_id: UUID,
    *,
    key: str,
    prefixes: Collection[str],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Contact]:
    """Contacts, the newest first: with a `key`, those with a word or an address that begins like it."""
    statement = select(Contact).where(Contact.tenant_id == tenant_id, Contact.merged_into.is_(None))
    if key:
        named = func.strpos(" " + Contact.search_name, f" {key}") > 0
        statement = statement.where(or_(named, Contact.id.in_(_reached_at(tenant_id, prefixes))))
    if after is not None:
        statement = statement.where(tuple_(Contact.created_at, Contact.id) < tuple_(*after))
    ordered = statement.order_by(Contact.created_at.desc(), Contact.id.desc()).limit(limit)
    return list(await session.scalars(ordered))


def _reached_at(tenant_id: UUID, prefixes: Collection[str]) -> Select[UUID]:
    begins = or_(*(func.starts_with(ContactPoint.value, prefix) for prefix in prefixes))
    return select(ContactPoint.contact_id).where(ContactPoint.tenant_id == tenant_id, begins)


def _among(points: Collection[Point]) -> ColumnElement[bool]:
    place = tuple_(ContactPoint.kind, ContactPoint.value)
    return place.in_([(point.kind.value, point.value) for point in points])

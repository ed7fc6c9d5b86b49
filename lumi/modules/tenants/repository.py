"""Every query about tenants."""

from typing import cast
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core.db import Database, fetch, rows_affected
from lumi.modules.tenants.models import InboundIdentifier, Tenant


async def add(session: AsyncSession, row: dict[str, object]) -> Tenant | None:
    """The new row, or None when its slug is taken."""
    statement = insert(Tenant).values(row).on_conflict_do_nothing(index_elements=[Tenant.slug]).returning(Tenant)
    return await session.scalar(statement)


async def find(session: AsyncSession, tenant_id: UUID) -> Tenant | None:
    """The tenant, if it is the one bound."""
    return await session.scalar(select(Tenant).where(Tenant.id == tenant_id))


async def lock(session: AsyncSession, tenant_id: UUID) -> Tenant | None:
    """The tenant as it is now; nobody else changes it until this transaction ends."""
    statement = select(Tenant).where(Tenant.id == tenant_id).with_for_update()
    return await session.scalar(statement.execution_options(populate_existing=True))


async def id_of_slug(db: Database, slug: str) -> UUID | None:
    """Whose slug this is."""
    rows = await fetch(db.pool, "select app.tenant_by_slug($1)", slug)
    return cast("UUID | None", rows[0][0])


async def ids(db: Database) -> list[UUID]:
    """All tenants, by slug."""
    return [cast("UUID", row["id"]) for row in await fetch(db.pool, "select id from app.tenant_slugs()")]


async def id_of_identifier(db: Database, kind: str, value: str) -> UUID | None:
    """The only tenant that claims this identifier."""
    rows = await fetch(db.pool, "select app.tenant_of_identifier($1, $2)", kind, value)
    return cast("UUID | None", rows[0][0])


async def add_identifier(session: AsyncSession, tenant_id: UUID, kind: str, value: str) -> bool:
    """Whether it was new."""
    statement = insert(InboundIdentifier).values(tenant_id=tenant_id, kind=kind, value=value)
    return rows_affected(await session.execute(statement.on_conflict_do_nothing())) == 1


async def remove_identifier(session: AsyncSession, tenant_id: UUID, kind: str, value: str) -> bool:
    """Whether it was there."""
    mine = (
        InboundIdentifier.tenant_id == tenant_id,
        InboundIdentifier.kind == kind,
        InboundIdentifier.value == value,
    )
    return rows_affected(await session.execute(delete(InboundIdentifier).where(*mine))) == 1


async def identifiers(
    session: AsyncSession, tenant_id: UUID, *, after: tuple[str, str] | None, limit: int
) -> list[InboundIdentifier]:
    """The tenant's identifiers in the order of kind and value."""
    place = tuple_(InboundIdentifier.kind, InboundIdentifier.value)
    statement = select(InboundIdentifier).where(InboundIdentifier.tenant_id == tenant_id)
    if after is not None:
        statement = statement.where(place > tuple_(*after))
    return list(await session.scalars(statement.order_by(InboundIdentifier.kind, InboundIdentifier.value).limit(limit)))

"""The names under which the outside knows a tenant."""

from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.pagination import Cursor, Page
from lumi.modules.tenants import repository, rules
from lumi.modules.tenants.errors import BadIdentifier, IdentifierNotFound
from lumi.modules.tenants.values import Identifier, IdentifierKind

CURSOR = Cursor("tenant identifiers", tuple[str, str])


async def claim_identifier(ctx: Context, kind: IdentifierKind, value: str) -> Identifier:
    """This tenant is known by that name from now on; claiming it twice is the same as once.

    Raises BadIdentifier. Nobody is told whether another tenant claims it too: then it leads to neither.
    """
    value = rules.identifier(kind, value)
    if await repository.add_identifier(ctx.session, ctx.tenant_id, kind, value):
        await audit(ctx, "tenants.identifier_claimed", target=f"tenant:{ctx.tenant_id}", detail=_named(kind, value))
    return Identifier(kind, value)


async def release_identifier(ctx: Context, kind: IdentifierKind, value: str) -> None:
    """This tenant is no longer known by that name; raises IdentifierNotFound when it was not."""
    try:
        value = rules.identifier(kind, value)
    except BadIdentifier:
        raise IdentifierNotFound from None
    if not await repository.remove_identifier(ctx.session, ctx.tenant_id, kind, value):
        raise IdentifierNotFound
    await audit(ctx, "tenants.identifier_released", target=f"tenant:{ctx.tenant_id}", detail=_named(kind, value))


async def find_identifier(db: Database, kind: IdentifierKind, value: str) -> UUID | None:
    """The id of the tenant known by this name: None when nobody claims it and when more than one does."""
    try:
        value = rules.identifier(kind, value)
    except BadIdentifier:
        return None
    return await repository.id_of_identifier(db, kind, value)


async def list_identifiers(ctx: Context, *, cursor: str | None, limit: int) -> Page[Identifier]:
    """The tenant's names, by kind and value."""
    rows = await repository.identifiers(ctx.session, ctx.tenant_id, after=CURSOR.after(cursor), limit=limit + 1)
    found = [Identifier(IdentifierKind(row.kind), row.value) for row in rows]
    return CURSOR.page(found, limit, lambda one: (one.kind.value, one.value))


def _named(kind: IdentifierKind, value: str) -> dict[str, object]:
    return {"kind": kind.value, "value": value}

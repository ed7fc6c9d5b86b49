"""The organisation of whoever asks."""

from typing import Annotated

from fastapi import APIRouter, Path, status

from lumi.core.page_query import CursorToken, Limit
from lumi.core.pagination import DEFAULT_LIMIT, Page
from lumi.core.preconditions import ExpectedVersion
from lumi.core.problems import refusals
from lumi.modules.tenants.deps import TenantsRead, TenantsWrite
from lumi.modules.tenants.errors import (
    BadIdentifier,
    IdentifierNotFound,
    LocaleNotSpoken,
    UnknownLanguage,
    UnknownTimeZone,
)
from lumi.modules.tenants.schemas import IdentifierCreate, IdentifierRead, TenantRead, TenantUpdate
from lumi.modules.tenants.services import identifiers, organisations
from lumi.modules.tenants.values import IdentifierKind

router = APIRouter(tags=["tenant"])


@router.get("")
async def get_tenant(ctx: TenantsRead) -> TenantRead:
    """The organisation: its names, languages, packs and settings."""
    return TenantRead.of(await organisations.get(ctx))


@router.patch("", responses=refusals(LocaleNotSpoken, UnknownLanguage, UnknownTimeZone))
async def update_tenant(ctx: TenantsWrite, version: ExpectedVersion, body: TenantUpdate) -> TenantRead:
    """Change the organisation. If-Match takes the `version` that was read; 409 when it has changed since."""
    return TenantRead.of(await organisations.change(ctx, version=version, changes=body.changes()))


@router.get("/identifiers")
async def list_identifiers(
    ctx: TenantsRead, cursor: CursorToken = None, limit: Limit = DEFAULT_LIMIT
) -> Page[IdentifierRead]:
    """The names under which the outside knows the organisation."""
    page = await identifiers.list_identifiers(ctx, cursor=cursor, limit=limit)
    return page.map(IdentifierRead.of)


@router.post("/identifiers", status_code=status.HTTP_201_CREATED, responses=refusals(BadIdentifier))
async def create_identifier(ctx: TenantsWrite, body: IdentifierCreate) -> IdentifierRead:
    """Claim a name. A name that another organisation claims too leads to neither of them."""
    return IdentifierRead.of(await identifiers.claim_identifier(ctx, body.kind, body.value))


@router.delete(
    "/identifiers/{kind}/{value}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=refusals(IdentifierNotFound, BadIdentifier),
)
async def delete_identifier(
    ctx: TenantsWrite, kind: IdentifierKind, value: Annotated[str, Path(max_length=320)]
) -> None:
    """Give a name back."""
    await identifiers.release_identifier(ctx, kind, value)

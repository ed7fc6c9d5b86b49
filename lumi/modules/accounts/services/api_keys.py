"""Keys for programs: shown once, stored as a digest, never more powerful than who made them."""

import secrets
from datetime import datetime
from uuid import UUID

from lumi.core import crypto
from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.errors import NotFound
from lumi.core.ids import new_id
from lumi.core.pagination import Cursor, Page
from lumi.core.principal import Principal
from lumi.modules.accounts import repository, rules
from lumi.modules.accounts.errors import PermissionNotYours
from lumi.modules.accounts.models import ApiKey
from lumi.modules.accounts.values import NewApiKey

CURSOR = Cursor("api-keys", tuple[datetime, UUID])


async def create_api_key(ctx: Context, principal: Principal, *, name: str, permissions: frozenset[str]) -> NewApiKey:
    """A new key with these permissions, all of which the principal must have. Its text is not kept.

    The key belongs to the tenant: it works until it is revoked, whatever becomes of who made it.
    """
    if foreign := permissions - principal.permissions:
        raise PermissionNotYours(permissions=sorted(foreign))
    key = rules.api_key(ctx.tenant_id, new_id(), secrets.token_bytes(rules.SECRET_BYTES))
    row = ApiKey(
        tenant_id=ctx.tenant_id,
        id=key.id,
        name=name,
        digest=crypto.digest(key.text),
        permissions=sorted(permissions),
        created_at=ctx.now,
        created_by=principal.id,
        created_by_name=principal.name,
    )
    await repository.add_api_key(ctx.session, row)
    detail = {"name": name, "permissions": row.permissions}
    await audit(ctx, "accounts.api_key_created", target=f"api_key:{key.id}", detail=detail)
    return NewApiKey(key.id, name, permissions, ctx.now, key.text)


async def revoke_api_key(ctx: Context, *, key_id: UUID, by: UUID) -> None:
    """End the key for good; revoking it again changes nothing. NotFound for another tenant's key."""
    key = await repository.find_api_key(ctx.session, key_id)
    if key is None:
        raise NotFound
    if key.revoked_at is None:
        await repository.revoke_api_key(ctx.session, key_id, by, ctx.now)
        await audit(ctx, "accounts.api_key_revoked", target=f"api_key:{key_id}", detail={"name": key.name})


async def list_api_keys(ctx: Context, *, cursor: str | None, limit: int) -> Page[ApiKey]:
    """Keys, newest first, the revoked ones too."""
    rows = await repository.list_api_keys(ctx.session, CURSOR.after(cursor), limit)
    return CURSOR.page(rows, limit, lambda key: (key.created_at, key.id))

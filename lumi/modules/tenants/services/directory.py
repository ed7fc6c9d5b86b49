"""Tenants that are read often: kept for a while, dropped when they change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from lumi.core.cache import Cache
from lumi.core.db import Database
from lumi.core.redis_keys import Holder
from lumi.modules.tenants import repository, rules
from lumi.modules.tenants.errors import BadSlug
from lumi.modules.tenants.services import organisations
from lumi.modules.tenants.values import KEPT_AS, Tenant, TenantKind

_MOST_HOLDERS = 100_000


class Directory:
    """What tenants show of themselves, at most `seconds` old and at most a second behind a change."""

    def __init__(self, db: Database, cache: Cache, *, seconds: float) -> None:
        self._db = db
        self._cache = cache
        self._seconds = seconds

    async def by_id(self, tenant_id: UUID) -> Tenant | None:
        """The tenant with this id."""
        if self._seconds <= 0:
            return await organisations.by_id(self._db, tenant_id)
        kept = await self._cache.get(tenant_id, *KEPT_AS)
        if kept is not None and (found := _read(kept)) is not None:
            return found
        found = await organisations.by_id(self._db, tenant_id)
        if found is not None:
            await self._cache.set(tenant_id, *KEPT_AS, _as_stored().dump_json(found), ttl=self._seconds)
        return found

    async def find_by_slug(self, slug: str) -> Tenant | None:
        """The tenant with this slug, whatever was typed as one."""
        try:
            rules.check_slug(slug)
        except BadSlug:
            return None
        tenant_id = await repository.id_of_slug(self._db, slug)
        return None if tenant_id is None else await self.by_id(tenant_id)


def holders(db: Database) -> Callable[[UUID], Awaitable[Holder]]:
    """What the keys of a tenant begin with; asked once a tenant, for its kind never changes."""
    known: dict[UUID, Holder] = {}

    async def holder_of(tenant_id: UUID) -> Holder:
        found = known.get(tenant_id)
        if found is None:
            tenant = await organisations.by_id(db, tenant_id)
            if tenant is None:
                return Holder.TENANT
            if len(known) >= _MOST_HOLDERS:
                known.clear()
            known[tenant_id] = found = Holder.CREATOR if tenant.kind is TenantKind.CREATOR else Holder.TENANT
        return found

    return holder_of


@lru_cache(maxsize=1)
def _as_stored() -> TypeAdapter[Tenant]:
    return TypeAdapter(Tenant)


def _read(kept: bytes) -> Tenant | None:
    try:
        return _as_stored().validate_json(kept)
    except ValidationError:  # another version of Lumi kept it
        return None

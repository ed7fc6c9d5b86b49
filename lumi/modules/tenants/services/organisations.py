"""Tenants: adding, reading and changing them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Required, TypedDict, Unpack
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.errors import VersionConflict
from lumi.core.i18n import LANGUAGES
from lumi.core.ids import new_id
from lumi.modules.tenants import models, repository, rules
from lumi.modules.tenants.errors import BadSlug, SlugTaken, TenantNotFound
from lumi.modules.tenants.events import TenantChanged
from lumi.modules.tenants.values import KEPT_AS, Pack, Tenant, TenantChanges, TenantKind, TenantSettings

DEFAULT_TIME_ZONE = "Europe/Paris"
NO_SETTINGS = TenantSettings()


class NewTenant(TypedDict, total=False):
    """What `add_within` takes, for whoever passes it on."""

    slug: Required[str]
    name: Required[str]
    kind: Required[TenantKind]
    locale: str
    languages: Sequence[str] | None
    time_zone: str
    packs: Iterable[Pack]
    settings: TenantSettings


async def add(db: Database, **new: Unpack[NewTenant]) -> Tenant:
    """A new tenant, committed. Takes and refuses what `add_within` does."""
    tenant_id = new_id()
    async with db.transaction(tenant_id) as session:
        return await add_within(Context(session, tenant_id), **new)


async def add_within(
    ctx: Context,
    *,
    slug: str,
    name: str,
    kind: TenantKind,
    locale: str = "fr",
    languages: Sequence[str] | None = None,
    time_zone: str = DEFAULT_TIME_ZONE,
    packs: Iterable[Pack] = (),
    settings: TenantSettings = NO_SETTINGS,
) -> Tenant:
    """A new tenant: its id is the fresh one that `ctx` is bound to, so that more can be done at once.

    Without `languages` it speaks all that Lumi speaks. Refuses a bad or taken slug, a language Lumi does not
    speak, a locale outside `languages` and an unknown time zone.
    """
    languages = languages or (locale, *(other for other in LANGUAGES if other != locale))
    rules.check_slug(slug)
    rules.check_languages(locale, languages)
    rules.check_time_zone(time_zone)
    row: dict[str, object] = {
        "id": ctx.tenant_id, "slug": slug, "name": name, "kind": kind.value, "locale": locale,
        "languages": list(languages), "time_zone": time_zone, "packs": _stored_packs(packs),
        "settings": _stored(settings),
    }  # fmt: skip
    added = await repository.add(ctx.session, row)
    if added is None:
        raise SlugTaken(slug=slug)
    await audit(ctx, "tenants.tenant_added", target=f"tenant:{ctx.tenant_id}", detail={"slug": slug})
    return _seen(added)


async def get(ctx: Context) -> Tenant:
    """The tenant this context works for; raises TenantNotFound."""
    found = await repository.find(ctx.session, ctx.tenant_id)
    if found is None:
        raise TenantNotFound
    return _seen(found)


async def by_id(db: Database, tenant_id: UUID) -> Tenant | None:
    """The tenant with this id, read in a transaction of its own."""
    async with db.transaction(tenant_id) as session:
        found = await repository.find(session, tenant_id)
    return None if found is None else _seen(found)


async def find_by_slug(db: Database, slug: str) -> Tenant | None:
    """The tenant with this slug, whatever was typed as one."""
    try:
        rules.check_slug(slug)
    except BadSlug:
        return None
    tenant_id = await repository.id_of_slug(db, slug)
    return None if tenant_id is None else await by_id(db, tenant_id)


async def list_all(db: Database) -> list[Tenant]:
    """Every tenant of this installation, by slug: for its operator, never for a tenant's people."""
    found = [await by_id(db, tenant_id) for tenant_id in await repository.ids(db)]
    return [tenant for tenant in found if tenant is not None]


async def change(ctx: Context, *, version: int | None, changes: TenantChanges) -> Tenant:
    """The tenant with these changes; emits TenantChanged unless nothing differs.

    Raises VersionConflict unless `version` is the present one (None: whichever), and refuses as `add` does.
    """
    row = await _locked(ctx)
    before = _seen(row)
    if version is not None and version != before.version:
        raise VersionConflict(version=before.version)
    after = _changed(before, changes)
    rules.check_languages(after.locale, after.languages)
    rules.check_time_zone(after.time_zone)
    return await _save(ctx, row, before, after)


async def switch_on(ctx: Context, pack: Pack) -> Tenant:
    """The tenant with this pack; emits TenantChanged unless it was on."""
    row = await _locked(ctx)
    before = _seen(row)
    return await _save(ctx, row, before, replace(before, packs=before.packs | {pack}))


async def switch_off(ctx: Context, pack: Pack) -> Tenant:
    """The tenant without this pack; emits TenantChanged unless it was off. What the pack keeps stays."""
    row = await _locked(ctx)
    before = _seen(row)
    return await _save(ctx, row, before, replace(before, packs=before.packs - {pack}))


async def _locked(ctx: Context) -> models.Tenant:
    row = await repository.lock(ctx.session, ctx.tenant_id)
    if row is None:
        raise TenantNotFound
    return row


async def _save(ctx: Context, row: models.Tenant, before: Tenant, after: Tenant) -> Tenant:
    fields = [name for name in _CHANGEABLE if getattr(before, name) != getattr(after, name)]
    if not fields:
        return before
    row.name, row.locale, row.languages = after.name, after.locale, list(after.languages)
    row.time_zone, row.packs = after.time_zone, _stored_packs(after.packs)
    row.settings = _stored(after.settings)
    row.version += 1
    await ctx.session.flush()
    await audit(ctx, "tenants.tenant_changed", target=f"tenant:{ctx.tenant_id}", detail={"fields": fields})
    ctx.outdate(*KEPT_AS)
    await ctx.emit(TenantChanged(version=row.version))
    return _seen(row)


_CHANGEABLE = ("name", "locale", "languages", "time_zone", "packs", "settings")


def _changed(before: Tenant, changes: TenantChanges) -> Tenant:
    new = changes.settings
    given = {} if new is None else {name: getattr(new, name) for name in new.model_fields_set}
    return replace(
        before,
        name=before.name if changes.name is None else changes.name,
        locale=before.locale if changes.locale is None else changes.locale,
        languages=before.languages if changes.languages is None else changes.languages,
        time_zone=before.time_zone if changes.time_zone is None else changes.time_zone,
        packs=before.packs if changes.packs is None else changes.packs,
        settings=before.settings.model_copy(update=given),
    )


def _seen(row: models.Tenant) -> Tenant:
    return Tenant(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=TenantKind(row.kind),
        locale=row.locale,
        languages=tuple(row.languages),
        time_zone=row.time_zone,
        packs=frozenset(Pack(pack) for pack in row.packs),
        settings=TenantSettings.model_validate(row.settings),
        version=row.version,
    )


def _stored(settings: TenantSettings) -> dict[str, object]:
    return settings.model_dump(mode="json", exclude_defaults=True)


def _stored_packs(packs: Iterable[Pack]) -> list[str]:
    return sorted({pack.value for pack in packs})

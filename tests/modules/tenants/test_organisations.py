"""Organisations: adding, finding and changing them, on the real database."""

import asyncio

import pytest
from sqlalchemy import text

from lumi.core import jobs
from lumi.core.context import Context
from lumi.core.db import Database, fetch
from lumi.core.errors import VersionConflict
from lumi.core.ids import new_id
from lumi.core.jobs import Registry
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.errors import BadSlug, LocaleNotSpoken, TenantNotFound, UnknownTimeZone
from lumi.modules.tenants.public import (
    Pack,
    SlugTaken,
    Tenant,
    TenantChanged,
    TenantChanges,
    TenantKind,
    TenantSettings,
)
from tests.conftest import Begin
from tests.factories import a_slug


async def test_a_new_tenant_is_found_by_its_slug_and_by_its_id(database: Database) -> None:
    slug = a_slug()
    added = await tenants.add(
        database,
        slug=slug,
        name="Nadia Coaching",
        kind=TenantKind.CREATOR,
        locale="ar",
        languages=["ar", "fr"],
        time_zone="Asia/Amman",
        packs=[Pack.COACHING],
        settings=TenantSettings(colour="#5A4694", suggestions={"ar": ("كم سعر الجلسة؟",)}),
    )
    assert await tenants.find_by_slug(database, slug) == added
    assert await tenants.by_id(database, added.id) == added
    assert (added.languages, added.time_zone, added.version) == (("ar", "fr"), "Asia/Amman", 1)
    assert added.has(Pack.COACHING)
    assert not added.has(Pack.HOTEL)
    assert added.settings.suggestions == {"ar": ("كم سعر الجلسة؟",)}


async def test_a_tenant_speaks_all_languages_and_first_of_all_french_unless_told_otherwise(
    database: Database,
) -> None:
    added = await tenants.add(database, slug=a_slug(), name="Salon", kind=TenantKind.BUSINESS)
    assert (added.locale, added.languages[0], len(added.languages)) == ("fr", "fr", 8)
    assert added.time_zone == "Europe/Paris"


async def test_a_taken_slug_is_refused(database: Database, tenant: Tenant) -> None:
    with pytest.raises(SlugTaken):
        await tenants.add(database, slug=tenant.slug, name="Autre", kind=TenantKind.BUSINESS)
    assert await tenants.find_by_slug(database, tenant.slug) == tenant


async def test_of_two_who_want_a_slug_at_once_one_gets_it(database: Database) -> None:
    slug = a_slug()
    both = await asyncio.gather(
        *(tenants.add(database, slug=slug, name="Salon", kind=TenantKind.BUSINESS) for _ in range(4)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["SlugTaken", "SlugTaken", "SlugTaken", "Tenant"]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"slug": "Salon Éclat"}, BadSlug),
        ({"time_zone": "Europe/Lutetia"}, UnknownTimeZone),
        ({"languages": ["en"]}, LocaleNotSpoken),
    ],
)
async def test_a_malformed_tenant_is_refused(
    database: Database, wrong: dict[str, object], refusal: type[Exception]
) -> None:
    given: dict[str, object] = {"slug": a_slug(), "name": "Salon", "kind": TenantKind.BUSINESS, **wrong}
    with pytest.raises(refusal):
        await tenants.add(database, **given)  # pyright: ignore[reportArgumentType] - wrong on purpose


@pytest.mark.parametrize("slug", ["nobody-has-this-one", "", "a\0b", "A B", "x" * 100])
async def test_an_unknown_slug_leads_nowhere(database: Database, slug: str) -> None:
    assert await tenants.find_by_slug(database, slug) is None


async def test_an_unknown_id_leads_nowhere(database: Database) -> None:
    assert await tenants.by_id(database, new_id()) is None


async def test_the_list_has_every_tenant_in_the_order_of_slugs(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    everybody = await tenants.list_all(database)
    assert {tenant, other_tenant} <= set(everybody)
    assert [one.slug for one in everybody] == sorted(one.slug for one in everybody)


async def test_one_tenant_cannot_read_or_change_the_other(begin: Begin, tenant: Tenant, other_tenant: Tenant) -> None:
    async with begin(tenant) as ctx:
        rows = await ctx.session.execute(text("select id from tenant"))
        assert [row[0] for row in rows] == [tenant.id]
        changed = await ctx.session.execute(
            text("update tenant set name = 'x' where id = :id returning id"), {"id": other_tenant.id}
        )
        assert changed.first() is None


async def test_the_look_up_functions_are_not_for_everybody(database: Database) -> None:
    rows = await fetch(
        database.pool,
        "select p.proname, p.prosecdef, pg_get_userbyid(p.proowner), p.proconfig,"
        " exists (select from aclexplode(p.proacl) a where a.grantee = 0) as by_all"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'app' and p.proname in"
        " ('tenant_by_slug', 'tenant_slugs', 'tenant_of_identifier') order by 1",
    )
    assert len(rows) == 3
    for row in rows:
        assert tuple(row)[1:] == (True, "lumi_system", ["search_path=pg_catalog, public, pg_temp"], False)


async def test_a_change_counts_the_version_and_is_told(
    ctx: Context, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def listener(_ctx: Context, _event: TenantChanged) -> None: ...

    registry = Registry()
    registry.subscribe(TenantChanged, listener)
    monkeypatch.setattr(jobs, "registry", registry)
    changes = TenantChanges(name="Salon Éclat II", settings=TenantSettings(colour="#8A2F5B"))
    after = await tenants.change(ctx, version=1, changes=changes)
    assert (after.name, after.settings.colour, after.version) == ("Salon Éclat II", "#8A2F5B", 2)
    told = await ctx.session.scalar(text("select args from job where kind like 'tenants.TenantChanged>%'"))
    assert told == {"version": 2}
    await ctx.session.execute(text("delete from job"))


async def test_only_the_settings_that_are_given_change(ctx: Context) -> None:
    first = TenantSettings(colour="#8A2F5B", website="https://www.salon-eclat.example")
    await tenants.change(ctx, version=None, changes=TenantChanges(settings=first))
    second = TenantSettings.model_validate({"colour": "#000000"})
    after = await tenants.change(ctx, version=None, changes=TenantChanges(settings=second))
    assert after.settings.website == "https://www.salon-eclat.example"
    assert after.settings.colour == "#000000"


async def test_a_change_that_changes_nothing_counts_nothing(ctx: Context, tenant: Tenant) -> None:
    after = await tenants.change(ctx, version=1, changes=TenantChanges(name=tenant.name))
    assert after == tenant


async def test_of_two_changes_to_one_version_the_second_is_refused(begin: Begin, tenant: Tenant) -> None:
    both_are_in = asyncio.Barrier(2)

    async def rename(name: str) -> None:
        async with begin(tenant) as ctx:
            await tenants.get(ctx)
            await both_are_in.wait()
            await tenants.change(ctx, version=1, changes=TenantChanges(name=name))

    outcomes = await asyncio.gather(rename("A"), rename("B"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "VersionConflict"]


async def test_an_old_version_is_refused(ctx: Context) -> None:
    with pytest.raises(VersionConflict):
        await tenants.change(ctx, version=7, changes=TenantChanges(name="Salon"))


async def test_packs_are_switched_on_and_off(ctx: Context, tenant: Tenant) -> None:
    on = await tenants.switch_on(ctx, Pack.COMMUNITY)
    assert on.packs == {Pack.APPOINTMENTS, Pack.COMMUNITY}
    assert await tenants.switch_on(ctx, Pack.COMMUNITY) == on
    off = await tenants.switch_off(ctx, Pack.APPOINTMENTS)
    assert (off.packs, off.version) == ({Pack.COMMUNITY}, 3)
    assert await tenants.get(ctx) == off


async def test_every_change_leaves_an_audit_row(ctx: Context, tenant: Tenant) -> None:
    await tenants.switch_on(ctx, Pack.HOTEL)
    rows = await ctx.session.execute(text("select action, target, detail from audit_entry order by at"))
    assert [tuple(row) for row in rows] == [
        ("tenants.tenant_added", f"tenant:{tenant.id}", {"slug": tenant.slug}),
        ("tenants.tenant_changed", f"tenant:{tenant.id}", {"fields": ["packs"]}),
    ]


async def test_a_context_of_nobody_has_no_tenant(database: Database) -> None:
    stranger = new_id()
    async with database.transaction(stranger) as session:
        with pytest.raises(TenantNotFound):
            await tenants.get(Context(session, stranger))

"""The suite can fail: on a copy of the schema with one rule broken, the check of that rule says which table it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.isolation import functions, references, tables, whole
from tests.isolation.attempts import Attempt, changed, leaked, readable
from tests.isolation.recipes import unmatched

if TYPE_CHECKING:
    from tests.isolation.whole import Connection
    from tests.isolation.world import World

Check = Callable[["Connection"], Awaitable[list[str]]]


def _checks(world: World) -> dict[str, Check]:
    a, b = world.a.tenant.id, world.b.tenant.id
    between: dict[str, Callable[..., Awaitable[list[str]]]] = {
        each.__name__: each
        for each in (tables.unfurnished, tables.seen, tables.changed, tables.forged, references.reaching)
    }
    return {
        **{name: partial(check, a=a, b=b) for name, check in between.items()},
        "unlisted": tables.unlisted,
        "unguarded": tables.unguarded,
        "estimated": partial(tables.estimated, b=b),
        "loose": references.loose,
        "shared_uniques": references.shared_uniques,
        "sequences": references.sequences,
        "views": references.views,
        "pointing": partial(references.pointing, foreign=world.ids_of_a, b=b),
        "telling_clashes": partial(references.telling_clashes, a=a, b=b, kept=world.kept),
        "unknown_definers": functions.unknown,
        "open_functions": functions.open_to_all,
        "unpinned": functions.unpinned,
    }


BREAKS = [
    ("contact", "alter table contact disable row level security", "unguarded", "contact: row-level security"),
    ("contact", "alter table contact disable row level security", "seen", "contact: B sees 3 rows of A"),
    ("contact", "alter table contact disable row level security", "changed", "update contact"),
    ("gap", "alter policy tenant on gap using (true)", "unguarded", "gap: the policy says true"),
    ("gap", "alter policy tenant on gap using (true)", "seen", "gap: B sees 2 rows of A"),
    ("gap", "alter policy tenant on gap using (true)", "changed", "delete from gap"),
    ("gap", "alter policy tenant on gap with check (true)", "forged", "update gap, giving it to A: "),
    ("gap", "alter policy tenant on gap with check (true)", "forged", "insert into gap in A's name"),
    ("role", "create policy more on role for select to lumi_app using (true)", "unguarded", "role: 2 policies"),
    ("role", "create policy more on role for select to lumi_app using (true)", "seen", "role: B sees 4 rows of A"),
    (
        "document",
        "alter policy tenant on document using (tenant_id = (select app.tenant_id()) or app.tenant_id() is null)",
        "seen",
        "rows are seen without a tenant",
    ),
    ("turn", "grant truncate on turn to lumi_app", "unguarded", "turn: the application may truncate"),
    (
        "contact_point",
        "alter table contact_point drop constraint contact_point_tenant_id_contact_id_fkey,"
        " add constraint by_id foreign key (contact_id) references contact (id)",
        "reaching",
        "contact_point.by_id: a row of B may point to contact of A (1 rows)",
    ),
    (
        "message",
        "alter table message drop constraint message_tenant_id_thread_id_fkey,"
        " add constraint by_id foreign key (thread_id) references thread (id)",
        "reaching",
        "message.by_id: a row of B may point to thread of A",
    ),
    (
        "section",
        "alter table section drop constraint section_tenant_id_document_id_fkey",
        "loose",
        "section.document_id: the id of another row without a foreign key",
    ),
    (
        "stray",
        "create table stray (tenant_id uuid not null, note text); select app.protect('stray')",
        "unfurnished",
        "stray: no row of A",
    ),
    ("stray", "create table stray (note text); grant select on stray to lumi_app", "unlisted", "stray: no tenant_id"),
    (
        "api_key",
        "create unique index on api_key (digest)",
        "shared_uniques",
        "api_key (digest): unique over all tenants",
    ),
    (
        "contact",
        "alter table contact add column nr bigint generated always as identity",
        "sequences",
        "contact_nr_seq",
    ),
    ("people", "create view people as select * from contact", "views", "people: not security_invoker"),
    ("people", "create materialized view people as select * from contact", "views", "people: materialised"),
    (
        "contact",
        "alter table contact disable row level security; analyze contact",
        "estimated",
        "contact: pg_stats shows its values",
    ),
    (
        "peep",
        "create function app.peep() returns bigint language sql security definer as 'select count(*) from contact'",
        "unknown_definers",
        "app.peep()",
    ),
    (
        "peep",
        "create function app.peep() returns bigint language sql security definer as 'select count(*) from contact'",
        "unpinned",
        "app.peep()",
    ),
    (
        "peep",
        "create function app.peep() returns int language sql as 'select 1';"
        " grant execute on function app.peep() to public",
        "open_functions",
        "app.peep()",
    ),
]


@pytest.mark.parametrize(("what", "statement", "check", "finding"), BREAKS, ids=[f"{b[2]}: {b[3]}" for b in BREAKS])
async def test_a_broken_rule_is_found_and_named(
    furnished: World, copy: Connection, what: str, statement: str, check: str, finding: str
) -> None:
    async with whole.undone(copy):
        await copy.execute(statement)

        found = await _checks(furnished)[check](copy)

    assert any(finding in each for each in found), found
    assert all(what in each for each in found)


async def test_on_the_whole_copy_no_check_finds_anything(furnished: World, copy: Connection) -> None:
    for name, check in _checks(furnished).items():
        async with whole.undone(copy):
            assert (name, await check(copy)) == (name, [])


def test_a_route_without_a_recipe_is_named() -> None:
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/v1/people")
    async def list_people() -> str:  # pyright: ignore[reportUnusedFunction]  # the decorator keeps it
        return ""

    assert "GET /v1/people: has no recipe" in unmatched(app)


def test_an_answer_that_is_not_404_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="needs its reason"):
        Attempt("a list", "/v1/contacts", answers=frozenset({200}))


async def test_what_an_answer_says_of_the_other_is_found_in_tokens_too(furnished: World) -> None:
    world, a = furnished, furnished.a
    for text in (f"Bonjour {a.words.mark} !", f'{{"id":"{a.ids["contact"]}"}}', a.visitor_token):
        assert leaked(world, readable(text)) != [], text
    assert leaked(world, f"{a.ids['contact']}", said=f"/v1/contacts/{a.ids['contact']}") == []


async def test_every_change_to_rows_of_the_other_is_found(furnished: World, copy: Connection) -> None:
    a = furnished.a.tenant.id
    before = await whole.fingerprint(copy, a)
    for table in await whole.tables(copy):
        async with whole.undone(copy):
            await copy.execute("set local session_replication_role = replica")
            await copy.execute(f"delete from {table.name} where {table.owned}", a)
            found = changed(before, await whole.fingerprint(copy, a))
        assert any(each.startswith(f"{table.name}:") for each in found)


async def test_a_row_that_points_across_is_found(furnished: World, copy: Connection) -> None:
    async with whole.undone(copy):
        await copy.execute(
            "update delivery set account_id = $1 where tenant_id = $2", furnished.a.ids["web"], furnished.b.tenant.id
        )

        found = await references.pointing(copy, furnished.ids_of_a, furnished.b.tenant.id)

    assert [each.partition(":")[0] for each in found] == ["delivery.account_id"]

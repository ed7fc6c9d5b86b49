"""People, roles and the audit: who may read them, and that no tenant sees another's."""

import asyncio
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lumi.core.audit import audit
from lumi.core.db import Database
from lumi.core.errors import NotFound
from lumi.core.ids import new_id
from lumi.modules.accounts.errors import AddressNotValid, LastOwner, PasswordTooWeak, RoleUnknown
from lumi.modules.accounts.services import staff
from lumi.modules.accounts.services.entrance import Entrance
from lumi.modules.accounts.values import DEFAULT_ROLES
from tests.modules.accounts.conftest import HeadersOf, MakeMember, Organisation, Unit

READ = {"/v1/staff": "staff:read", "/v1/roles": "roles:read", "/v1/audit": "audit:read"}


@pytest.fixture(params=sorted(READ))
def path(request: pytest.FixtureRequest) -> str:
    """Each of the lists."""
    return str(request.param)


class TestLists:
    """GET /v1/staff, /v1/roles, /v1/audit"""

    async def test_anonymous_is_refused(self, http: AsyncClient, path: str) -> None:
        assert (await http.get(path)).status_code == 401

    async def test_a_token_that_is_none_is_refused(self, http: AsyncClient, path: str) -> None:
        assert (await http.get(path, headers={"Authorization": "Bearer nonsense"})).status_code == 401
        assert (await http.get(path, headers={"Authorization": "Basic bGVhOng="})).status_code == 401

    async def test_a_missing_permission_is_refused_and_named(
        self, http: AsyncClient, path: str, tenant: Organisation, member: MakeMember, headers_of: HeadersOf, unit: Unit
    ) -> None:
        headers = await headers_of(await member(tenant, role="analyst"))
        async with unit(tenant.id) as ctx:
            await ctx.session.execute(text("update role set permissions = '{}' where name = 'analyst'"))
        answer = await http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["permission"]) == (403, READ[path])

    async def test_one_sees_ones_own_organisation_and_nothing_of_another(
        self,
        http: AsyncClient,
        path: str,
        tenant: Organisation,
        other_tenant: Organisation,
        member: MakeMember,
        headers_of: HeadersOf,
        unit: Unit,
    ) -> None:
        ours, theirs = await member(tenant), await member(other_tenant)
        async with unit(other_tenant.id) as ctx:
            foreign = {str(row) for row in await ctx.session.scalars(text("select id from role"))}
            foreign |= {str(row) for row in await ctx.session.scalars(text("select id from audit_entry"))}
        answer = await http.get(path, headers=await headers_of(ours), params={"limit": 100})
        assert answer.status_code == 200
        assert answer.json()["items"]
        assert str(theirs.identity_id) not in answer.text
        assert not any(each in answer.text for each in foreign)


async def test_staff_are_listed_page_by_page_by_address(
    http: AsyncClient, tenant: Organisation, member: MakeMember, headers_of: HeadersOf
) -> None:
    people = [await member(tenant, role=role) for role in ("owner", "admin", "agent", "analyst", "agent")]
    headers = await headers_of(people[0])
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await http.get("/v1/staff", headers=headers, params=params)).json()
        seen += [item["email"] for item in page["items"]]
        cursor = page["next"]
    assert seen == sorted(who.email for who in people)
    assert cursor is None


async def test_a_cursor_of_another_list_is_refused(
    http: AsyncClient, tenant: Organisation, member: MakeMember, headers_of: HeadersOf
) -> None:
    headers = await headers_of(await member(tenant))
    await member(tenant)
    cursor = (await http.get("/v1/staff", headers=headers, params={"limit": 1})).json()["next"]
    assert cursor is not None
    answer = await http.get("/v1/audit", headers=headers, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


async def test_a_tenant_begins_with_four_roles_and_making_them_again_changes_nothing(
    http: AsyncClient, tenant: Organisation, member: MakeMember, headers_of: HeadersOf, unit: Unit
) -> None:
    headers = await headers_of(await member(tenant))
    before = (await http.get("/v1/roles", headers=headers)).json()
    async with unit(tenant.id) as ctx:
        await staff.create_default_roles(ctx)
    assert (await http.get("/v1/roles", headers=headers)).json() == before
    assert {role["name"]: frozenset(role["permissions"]) for role in before["items"]} == DEFAULT_ROLES


def test_each_default_role_may_do_what_the_smaller_one_may() -> None:
    assert DEFAULT_ROLES["owner"] > DEFAULT_ROLES["admin"] > DEFAULT_ROLES["agent"] > DEFAULT_ROLES["analyst"]


async def test_making_the_same_member_twice_makes_one(
    tenant: Organisation, unit: Unit, entrance: Entrance, member: MakeMember
) -> None:
    who = await member(tenant)
    again = await member(tenant, email=who.email.upper())
    assert again.identity_id == who.identity_id
    async with unit(tenant.id) as ctx:
        assert await ctx.session.scalar(text("select count(*) from membership")) == 1


async def test_two_tenants_that_make_one_login_at_once_share_it(
    tenant: Organisation, other_tenant: Organisation, member: MakeMember
) -> None:
    address = f"{new_id().hex}@example.org"
    ours, theirs = await asyncio.gather(member(tenant, email=address), member(other_tenant, email=address))
    assert ours.identity_id == theirs.identity_id


async def test_the_last_owner_can_neither_leave_nor_take_another_role(
    tenant: Organisation, member: MakeMember, unit: Unit
) -> None:
    first = await member(tenant)
    with pytest.raises(LastOwner):
        async with unit(tenant.id) as ctx:
            await staff.remove_member(ctx, identity_id=first.identity_id)
    with pytest.raises(LastOwner):
        async with unit(tenant.id) as ctx:
            await staff.add_member(ctx, identity_id=first.identity_id, role="agent")
    await member(tenant)
    async with unit(tenant.id) as ctx:
        await staff.remove_member(ctx, identity_id=first.identity_id)


async def test_two_owners_who_leave_at_once_leave_one(tenant: Organisation, member: MakeMember, unit: Unit) -> None:
    owners = [await member(tenant), await member(tenant)]

    async def leave(identity_id: UUID) -> bool:
        try:
            async with unit(tenant.id) as ctx:
                await staff.remove_member(ctx, identity_id=identity_id)
        except LastOwner:
            return False
        return True

    assert sorted(await asyncio.gather(*(leave(who.identity_id) for who in owners))) == [False, True]


async def test_a_member_of_another_tenant_cannot_be_removed(
    tenant: Organisation, other_tenant: Organisation, member: MakeMember, unit: Unit
) -> None:
    theirs = await member(other_tenant)
    with pytest.raises(NotFound):
        async with unit(tenant.id) as ctx:
            await staff.remove_member(ctx, identity_id=theirs.identity_id)


async def test_what_cannot_be_a_member_is_refused(tenant: Organisation, unit: Unit, entrance: Entrance) -> None:
    async def attempt(email: str, password: str, role: str) -> None:
        async with unit(tenant.id) as ctx:
            await staff.create_default_roles(ctx)
            await staff.ensure_staff(ctx, entrance.passwords, email=email, name="L", password=password, role=role)

    with pytest.raises(AddressNotValid):
        await attempt("no address", "long enough", "agent")
    with pytest.raises(PasswordTooWeak):
        await attempt("a@example.org", "short", "agent")
    with pytest.raises(RoleUnknown):
        await attempt("a@example.org", "long enough", "emperor")


class TestIdentityIsHidden:
    """The global table: a tenant sees its own members, without their hashes."""

    async def test_a_tenant_sees_only_its_members(
        self, tenant: Organisation, other_tenant: Organisation, member: MakeMember, database: Database
    ) -> None:
        ours, theirs = await member(tenant), await member(other_tenant)
        statement = text("select id from identity where id = any(:ids)")
        values = {"ids": [ours.identity_id, theirs.identity_id]}
        async with database.transaction(tenant.id) as session:
            assert list(await session.scalars(statement, values)) == [ours.identity_id]
        async with database.transaction(None) as session:
            assert list(await session.scalars(statement, values)) == []

    @pytest.mark.parametrize(
        "statement",
        [
            "select password_hash from identity",
            "update identity set name = 'x'",
            "update identity set password_hash = 'x'",
            "delete from identity",
            "insert into identity (id, email, name) values (gen_random_uuid(), 'a@b', 'x')",
            "update audit_entry set action = 'x'",
            "delete from audit_entry",
            "truncate audit_entry",
        ],
    )
    async def test_the_application_has_no_right_to(
        self, database: Database, tenant: Organisation, statement: str
    ) -> None:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction(tenant.id) as session:
                await session.execute(text(statement))

    async def test_a_hash_is_replaced_only_by_who_knows_the_old_one(
        self, tenant: Organisation, member: MakeMember, database: Database
    ) -> None:
        who = await member(tenant)
        async with database.transaction(tenant.id) as session:
            statement = text("select app.rehash_password(:i, 'a guess', 'mine now')")
            assert await session.scalar(statement, {"i": who.identity_id}) is False

    async def test_nobody_but_the_application_may_ask_before_a_tenant_is_known(self, database: Database) -> None:
        statement = (
            "select proname, proacl::text, prosecdef, proowner::regrole::text, proconfig::text from pg_proc"
            " where proname in ('sign_in_candidate', 'identity_for', 'rehash_password')"
        )
        async with database.transaction(None) as session:
            rows = (await session.execute(text(statement))).all()
        assert len(rows) == 3
        for name, rights, is_definer, owner, config in rows:
            assert is_definer, name
            assert owner == "lumi_system"
            assert "search_path=pg_catalog, public, pg_temp" in config
            assert not any(right.startswith("=") for right in rights.strip("{}").split(",")), rights


class TestAudit:
    """GET /v1/audit"""

    async def test_entries_come_newest_first_page_by_page_and_can_be_of_one_action(
        self, http: AsyncClient, tenant: Organisation, member: MakeMember, headers_of: HeadersOf, unit: Unit
    ) -> None:
        who = await member(tenant)
        for number in range(5):
            async with unit(tenant.id) as ctx:
                await audit(
                    ctx, "test.counted", target=f"number:{number}", detail={"number": number, "id": who.identity_id}
                )
        headers = await headers_of(who)
        params: dict[str, str] = {"limit": "2", "action": "test.counted"}
        seen: list[dict[str, object]] = []
        while True:
            page = (await http.get("/v1/audit", headers=headers, params=params)).json()
            seen += page["items"]
            if page["next"] is None:
                break
            params["cursor"] = page["next"]
        assert [entry["target"] for entry in seen] == [f"number:{number}" for number in (4, 3, 2, 1, 0)]
        assert seen[0]["detail"] == {"number": 4, "id": str(who.identity_id)}
        assert seen[0]["actor_kind"] == "system"

    async def test_a_sign_in_is_recorded_with_its_person(
        self, http: AsyncClient, tenant: Organisation, member: MakeMember, headers_of: HeadersOf
    ) -> None:
        who = await member(tenant)
        headers = await headers_of(who)
        newest = (await http.get("/v1/audit", headers=headers, params={"limit": 1})).json()["items"][0]
        assert (newest["action"], newest["actor_id"]) == ("accounts.signed_in", str(who.identity_id))


class TestMe:
    """GET /v1/auth/me"""

    async def test_anonymous_is_refused(self, http: AsyncClient) -> None:
        assert (await http.get("/v1/auth/me")).status_code == 401

    async def test_it_says_who_where_and_what_one_may(
        self, http: AsyncClient, tenant: Organisation, member: MakeMember, headers_of: HeadersOf
    ) -> None:
        who = await member(tenant, role="agent")
        body = (await http.get("/v1/auth/me", headers=await headers_of(who))).json()
        assert body["identity"]["email"] == who.email
        assert body["api_key"] is None
        assert body["tenant"]["id"] == str(tenant.id)
        assert body["permissions"] == sorted(DEFAULT_ROLES["agent"])

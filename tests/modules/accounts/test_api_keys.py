"""Keys for programs."""

from datetime import timedelta

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text

from lumi.core import clock
from lumi.core.db import Database
from lumi.core.ids import new_id
from tests.modules.accounts.conftest import HeadersOf, MakeMember, Organisation, Unit

MADE = {"name": "the till", "permissions": ["knowledge:read", "staff:read"]}


@pytest.fixture
async def owner(tenant: Organisation, member: MakeMember, headers_of: HeadersOf) -> dict[str, str]:
    """The headers of an owner of the tenant."""
    return await headers_of(await member(tenant))


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def make(http: AsyncClient, headers: dict[str, str], **more: object) -> dict[str, str]:
    answer = await http.post("/v1/api-keys", headers=headers, json={**MADE, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


class TestCreate:
    """POST /v1/api-keys"""

    async def test_anonymous_is_refused(self, http: AsyncClient) -> None:
        assert (await http.post("/v1/api-keys", json=MADE)).status_code == 401

    async def test_a_missing_permission_is_refused(
        self, http: AsyncClient, tenant: Organisation, member: MakeMember, headers_of: HeadersOf
    ) -> None:
        headers = await headers_of(await member(tenant, role="admin"))
        assert (await http.post("/v1/api-keys", headers=headers, json=MADE)).status_code == 403

    async def test_the_key_is_shown_once_and_stored_nowhere(
        self, http: AsyncClient, owner: dict[str, str], tenant: Organisation, database: Database
    ) -> None:
        key = (await make(http, owner))["key"]
        assert key.startswith(f"lumi_{tenant.id.hex}_")
        secret = key[-43:]
        assert secret not in (await http.get("/v1/api-keys", headers=owner)).text
        async with database.transaction(tenant.id) as session:
            for table in ("api_key", "audit_entry"):
                rows = (await session.execute(text(f"select to_jsonb(t)::text from {table} t"))).all()
                assert rows
                assert secret not in str(rows)

    async def test_it_works_as_what_it_was_made_for_and_nothing_more(
        self, http: AsyncClient, owner: dict[str, str]
    ) -> None:
        made = await make(http, owner)
        assert (await http.get("/v1/staff", headers=bearer(made["key"]))).status_code == 200
        assert (await http.get("/v1/audit", headers=bearer(made["key"]))).status_code == 403
        me = (await http.get("/v1/auth/me", headers=bearer(made["key"]))).json()
        assert me["api_key"] == {"id": made["id"], "name": "the till"}
        assert me["identity"] is None

    async def test_nobody_gives_away_what_they_do_not_have(self, http: AsyncClient, owner: dict[str, str]) -> None:
        answer = await http.post("/v1/api-keys", headers=owner, json={**MADE, "permissions": ["moon:write"]})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_not_yours")

    async def test_a_key_that_may_make_keys_cannot_make_a_stronger_one(
        self, http: AsyncClient, owner: dict[str, str]
    ) -> None:
        key = (await make(http, owner, permissions=["api_keys:write", "staff:read"]))["key"]
        stronger = {**MADE, "permissions": ["audit:read"]}
        assert (await http.post("/v1/api-keys", headers=bearer(key), json=stronger)).status_code == 403
        same = {**MADE, "permissions": ["staff:read"]}
        assert (await http.post("/v1/api-keys", headers=bearer(key), json=same)).status_code == 201

    @pytest.mark.parametrize(
        "change",
        [{"name": ""}, {"name": "a\0b"}, {"name": "x" * 101}, {"permissions": []}, {"permissions": ["all"]}, {"x": 1}],
    )
    async def test_a_body_of_another_shape_is_refused(
        self, http: AsyncClient, owner: dict[str, str], change: dict[str, object]
    ) -> None:
        assert (await http.post("/v1/api-keys", headers=owner, json={**MADE, **change})).status_code == 422


class TestUse:
    """A key as a bearer token."""

    async def test_a_key_that_is_not_exactly_right_is_refused(
        self, http: AsyncClient, owner: dict[str, str], tenant: Organisation, other_tenant: Organisation
    ) -> None:
        key = (await make(http, owner))["key"]
        ours, theirs = tenant.id.hex, other_tenant.id.hex
        _, _, key_id, _ = key.split("_", 3)
        for wrong in (
            key[:-1] + ("A" if key[-1] != "A" else "B"),
            key + "A",
            key.replace(ours, theirs),
            key.replace(key_id, new_id().hex),
            "lumi_",
            "lumi_" + "é" * 20,
        ):
            answer = await http.get("/v1/staff", headers={b"Authorization": f"Bearer {wrong}".encode()})
            assert answer.status_code == 401, wrong

    async def test_when_it_was_last_used_is_kept_to_the_minute(
        self, http: AsyncClient, owner: dict[str, str], unit: Unit, tenant: Organisation
    ) -> None:
        made = await make(http, owner)

        async def last_used() -> object:
            async with unit(tenant.id) as ctx:
                return await ctx.session.scalar(text("select last_used_at from api_key"))

        assert await last_used() is None
        await http.get("/v1/staff", headers=bearer(made["key"]))
        first = await last_used()
        await http.get("/v1/staff", headers=bearer(made["key"]))
        assert first is not None
        assert await last_used() == first
        async with unit(tenant.id) as ctx:
            earlier = clock.now() - timedelta(seconds=61)
            await ctx.session.execute(text("update api_key set last_used_at = :at"), {"at": earlier})
        await http.get("/v1/staff", headers=bearer(made["key"]))
        assert await last_used() not in {first, earlier}


class TestRevoke:
    """DELETE /v1/api-keys/{key_id}"""

    async def test_anonymous_is_refused(self, http: AsyncClient) -> None:
        assert (await http.delete(f"/v1/api-keys/{new_id()}")).status_code == 401

    async def test_another_tenants_key_does_not_exist(
        self,
        http: AsyncClient,
        owner: dict[str, str],
        other_tenant: Organisation,
        member: MakeMember,
        headers_of: HeadersOf,
    ) -> None:
        theirs = await make(http, await headers_of(await member(other_tenant)))
        assert (await http.delete(f"/v1/api-keys/{theirs['id']}", headers=owner)).status_code == 404
        assert (await http.get("/v1/staff", headers=bearer(theirs["key"]))).status_code == 200

    async def test_a_missing_permission_is_refused(
        self, http: AsyncClient, owner: dict[str, str], tenant: Organisation, member: MakeMember, headers_of: HeadersOf
    ) -> None:
        made = await make(http, owner)
        agent = await headers_of(await member(tenant, role="agent"))
        assert (await http.delete(f"/v1/api-keys/{made['id']}", headers=agent)).status_code == 403

    async def test_a_revoked_key_is_refused_and_stays_in_the_list_with_its_date(
        self, http: AsyncClient, owner: dict[str, str]
    ) -> None:
        made = await make(http, owner)
        for _ in range(2):
            assert (await http.delete(f"/v1/api-keys/{made['id']}", headers=owner)).status_code == 204
        assert (await http.get("/v1/staff", headers=bearer(made["key"]))).status_code == 401
        listed = (await http.get("/v1/api-keys", headers=owner)).json()["items"]
        assert [(key["id"], key["revoked_at"] is not None) for key in listed] == [(made["id"], True)]
        audited = (await http.get("/v1/audit", headers=owner, params={"action": "accounts.api_key_revoked"})).json()
        assert [entry["target"] for entry in audited["items"]] == [f"api_key:{made['id']}"]


class TestList:
    """GET /v1/api-keys"""

    async def test_anonymous_is_refused(self, http: AsyncClient) -> None:
        assert (await http.get("/v1/api-keys")).status_code == 401

    async def test_a_missing_permission_is_refused(
        self, http: AsyncClient, tenant: Organisation, member: MakeMember, headers_of: HeadersOf
    ) -> None:
        headers = await headers_of(await member(tenant, role="agent"))
        assert (await http.get("/v1/api-keys", headers=headers)).status_code == 403

    async def test_keys_come_newest_first_and_none_of_another_tenant(
        self,
        http: AsyncClient,
        owner: dict[str, str],
        other_tenant: Organisation,
        member: MakeMember,
        headers_of: HeadersOf,
    ) -> None:
        await make(http, await headers_of(await member(other_tenant)))
        made = [(await make(http, owner, name=f"key {n}"))["name"] for n in range(3)]
        first = (await http.get("/v1/api-keys", headers=owner, params={"limit": 2})).json()
        rest = (await http.get("/v1/api-keys", headers=owner, params={"limit": 2, "cursor": first["next"]})).json()
        assert [key["name"] for key in first["items"] + rest["items"]] == made[::-1]
        assert rest["next"] is None

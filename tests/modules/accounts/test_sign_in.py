"""Signing in: who is let in, what a refusal tells, what it costs."""

from dataclasses import replace

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy import text

from lumi.core.db import Database
from lumi.core.limits import Limiter
from lumi.modules.accounts.services import staff
from lumi.modules.accounts.services.entrance import Entrance
from lumi.modules.accounts.services.passwords import Passwords
from tests.modules.accounts.conftest import PASSWORD, MakeMember, Organisation, SignIn, Unit


def told(answer: Response) -> dict[str, object]:
    """What a refusal says, but for the id of its request."""
    return {name: said for name, said in answer.json().items() if name != "request_id"}


async def test_the_right_password_opens_a_session_with_names_and_permissions(
    tenant: Organisation, member: MakeMember, sign_in: SignIn
) -> None:
    who = await member(tenant, role="analyst")
    answer = await sign_in(who.email)
    body = answer.json()
    assert answer.status_code == 200
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    assert body["tenant"]["slug"] == tenant.slug
    assert body["identity"] == {"id": str(who.identity_id), "email": who.email, "name": "Léa Martin"}
    assert body["permissions"] == sorted(body["permissions"])
    assert "conversations:read" in body["permissions"]
    assert "conversations:write" not in body["permissions"]
    assert answer.headers["cache-control"] == "no-store"


async def test_the_address_may_be_typed_in_capitals_and_with_spaces_around(
    tenant: Organisation, member: MakeMember, sign_in: SignIn
) -> None:
    who = await member(tenant)
    assert (await sign_in(f"  {who.email.upper()} ")).status_code == 200


async def test_a_wrong_password_is_refused_without_saying_which_part_was_wrong(
    tenant: Organisation, member: MakeMember, sign_in: SignIn
) -> None:
    who = await member(tenant)
    wrong, unknown = await sign_in(who.email, "wrong"), await sign_in("nobody@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert told(wrong) == told(unknown)
    assert wrong.json()["code"] == "wrong_credentials"


async def test_an_unknown_address_costs_as_much_work_as_a_wrong_password(
    app: FastAPI,
    entrance: Entrance,
    tenant: Organisation,
    member: MakeMember,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As much: as many hashes, each with the same memory, passes and lanes."""
    ours = Passwords(memory_kib=2_048, passes=2)
    app.state.entrance = replace(entrance, passwords=ours)
    who = await member(tenant)
    async with entrance.database.transaction(tenant.id) as session:
        stored = await session.scalar(text("select password_hash from app.sign_in_candidate(:e)"), {"e": who.email})
        today = await ours.hash(PASSWORD)
        await session.execute(
            text("select app.rehash_password(:i, :o, :n)"), {"i": who.identity_id, "o": stored, "n": today}
        )
    done: list[Parameters] = []
    verify = PasswordHasher.verify

    def noted(hasher: PasswordHasher, against: str, password: str) -> bool:
        done.append(extract_parameters(against))
        return verify(hasher, against, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)

    assert (await sign_in(who.email, "wrong")).status_code == 401
    assert (await sign_in("nobody@example.org", "wrong")).status_code == 401
    known, unknown = done
    assert unknown == known
    assert (unknown.memory_cost, unknown.time_cost) == (2_048, 2)


async def test_somebody_with_a_login_and_no_membership_is_refused_like_a_stranger(
    tenant: Organisation, member: MakeMember, sign_in: SignIn, database: Database
) -> None:
    who = await member(tenant)
    async with database.transaction(tenant.id) as session:
        await session.execute(text("delete from membership where identity_id = :i"), {"i": who.identity_id})
    answer = await sign_in(who.email)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


async def test_who_works_for_several_organisations_is_asked_which_one(
    tenant: Organisation, other_tenant: Organisation, member: MakeMember, sign_in: SignIn
) -> None:
    who = await member(tenant)
    await member(other_tenant, email=who.email, role="agent")
    asked = await sign_in(who.email)
    assert (asked.status_code, asked.json()["code"]) == (409, "tenant_required")
    assert {place["slug"] for place in asked.json()["tenants"]} == {tenant.slug, other_tenant.slug}
    chosen = await sign_in(who.email, tenant=other_tenant.slug)
    assert chosen.json()["tenant"]["slug"] == other_tenant.slug


async def test_the_organisations_are_not_told_before_the_password_is_right(
    tenant: Organisation, other_tenant: Organisation, member: MakeMember, sign_in: SignIn
) -> None:
    who = await member(tenant)
    await member(other_tenant, email=who.email)
    answer = await sign_in(who.email, "wrong")
    assert answer.status_code == 401
    assert tenant.slug not in answer.text


async def test_an_organisation_one_does_not_work_for_is_refused_like_one_that_does_not_exist(
    tenant: Organisation, other_tenant: Organisation, member: MakeMember, sign_in: SignIn
) -> None:
    who = await member(tenant)
    foreign = await sign_in(who.email, tenant=other_tenant.slug)
    missing = await sign_in(who.email, tenant="no-such-place")
    assert foreign.status_code == missing.status_code == 401
    assert told(foreign) == told(missing)


async def test_joining_a_second_organisation_changes_neither_name_nor_password(
    tenant: Organisation,
    other_tenant: Organisation,
    member: MakeMember,
    unit: Unit,
    entrance: Entrance,
    sign_in: SignIn,
) -> None:
    who = await member(tenant)
    async with unit(other_tenant.id) as ctx:
        await staff.create_default_roles(ctx)
        joined = await staff.ensure_staff(
            ctx, entrance.passwords, email=who.email, name="Mallory", password="their own", role="agent"
        )
    assert joined.person.name == "Léa Martin"
    assert (await sign_in(who.email, "their own", tenant=tenant.slug)).status_code == 401
    assert (await sign_in(who.email, tenant=tenant.slug)).status_code == 200


async def test_a_hash_of_older_parameters_is_replaced_at_the_next_sign_in(
    app: FastAPI, entrance: Entrance, tenant: Organisation, member: MakeMember, sign_in: SignIn, database: Database
) -> None:
    who = await member(tenant)
    app.state.entrance = replace(entrance, passwords=Passwords(memory_kib=128, passes=2))
    assert (await sign_in(who.email)).status_code == 200
    async with database.transaction(None) as session:
        stored = await session.scalar(text("select password_hash from app.sign_in_candidate(:e)"), {"e": who.email})
    assert "m=128,t=2" in str(stored)
    assert (await sign_in(who.email)).status_code == 200


@pytest.mark.usefixtures("in_one_minute")
async def test_one_network_is_slowed_down_after_ten_tries_and_told_how_long(
    app: FastAPI, entrance: Entrance, sign_in: SignIn
) -> None:
    app.state.entrance = replace(entrance, limiter=Limiter())
    tried = [(await sign_in(f"a{n}@example.org")).status_code for n in range(10)]
    refused = await sign_in("b@example.org")
    assert tried == [401] * 10
    assert refused.status_code == 429
    assert 1 <= refused.json()["retry_after"] <= 60


@pytest.mark.usefixtures("in_one_minute")
async def test_wrong_guesses_from_one_network_do_not_keep_the_owner_out_of_another(
    app: FastAPI, entrance: Entrance, tenant: Organisation, member: MakeMember, sign_in: SignIn
) -> None:
    app.state.entrance = replace(entrance, limiter=Limiter())
    who = await member(tenant)
    assert [(await sign_in(who.email, "wrong")).status_code for _ in range(11)] == [401] * 10 + [429]
    home = AsyncClient(transport=ASGITransport(app=app, client=("203.0.113.9", 5)), base_url="http://lumi.test")
    async with home as client:
        answer = await client.post("/v1/auth/sign-in", json={"email": who.email, "password": PASSWORD})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"email": "a@b"}, {"email": "a@b", "password": ""}, {"email": "a@b", "password": "x", "role": "owner"}]
)
async def test_a_body_of_another_shape_is_refused(http: AsyncClient, body: dict[str, str]) -> None:
    assert (await http.post("/v1/auth/sign-in", json=body)).status_code == 422


async def test_a_nul_in_an_address_is_refused_and_in_a_password_is_just_wrong(sign_in: SignIn) -> None:
    assert (await sign_in("a\0@example.org")).status_code == 422
    assert (await sign_in("a@example.org", tenant="a\0")).status_code == 422
    assert (await sign_in("a@example.org", "x\0")).status_code == 401


async def test_with_keep_cookie_the_refresh_token_is_only_in_a_cookie_scripts_cannot_read(
    tenant: Organisation, member: MakeMember, sign_in: SignIn
) -> None:
    who = await member(tenant)
    answer = await sign_in(who.email, keep="cookie")
    cookie = answer.headers["set-cookie"].lower()
    assert answer.json()["refresh_token"] is None
    assert cookie.startswith("lumi_refresh=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/v1/auth" in cookie

"""Staying signed in and signing out: rotation, the second use of a token, the end of a session."""

import asyncio
from dataclasses import replace

from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import text

from lumi.core.db import Database
from lumi.modules.accounts import public as accounts
from lumi.modules.accounts.services import staff
from lumi.modules.accounts.services.entrance import Entrance, Recent
from lumi.modules.accounts.values import Standing
from tests.modules.accounts.conftest import HeadersOf, MakeMember, Organisation, SignIn, Unit


async def renew(http: AsyncClient, token: str, agent: str = "browser") -> Response:
    return await http.post("/v1/auth/refresh", json={"refresh_token": token}, headers={"User-Agent": agent})


async def opened(http: AsyncClient, email: str) -> str:
    """The refresh token of a new session of the client "browser"."""
    body = {"email": email, "password": "correct horse battery"}
    answer = await http.post("/v1/auth/sign-in", json=body, headers={"User-Agent": "browser"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["refresh_token"])


async def let_the_grace_pass(database: Database, tenant: Organisation) -> None:
    async with database.transaction(tenant.id) as session:
        await session.execute(text("update refresh_token set used_at = used_at - interval '11 seconds'"))


async def why_it_ended(database: Database, tenant: Organisation) -> str | None:
    async with database.transaction(tenant.id) as session:
        why = await session.scalar(text("select revoked_why from session"))
    return None if why is None else str(why)


async def works(http: AsyncClient, access_token: str) -> bool:
    answer = await http.get("/v1/auth/me", headers={"Authorization": f"Bearer {access_token}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


async def test_a_refresh_token_is_exchanged_for_the_next_one_and_an_access_token_that_works(
    tenant: Organisation, member: MakeMember, http: AsyncClient
) -> None:
    first = await opened(http, (await member(tenant)).email)
    second = (await renew(http, first)).json()
    assert second["refresh_token"] != first
    assert second["tenant"]["slug"] == tenant.slug
    assert await works(http, second["access_token"])
    assert (await renew(http, second["refresh_token"])).status_code == 200


async def test_fifty_tabs_that_refresh_at_once_get_one_successor_and_stay_signed_in(
    tenant: Organisation, member: MakeMember, http: AsyncClient
) -> None:
    first = await opened(http, (await member(tenant)).email)
    answers = await asyncio.gather(*(renew(http, first) for _ in range(50)))
    assert [answer.status_code for answer in answers] == [200] * 50
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert (await renew(http, successors.pop())).status_code == 200


async def test_a_used_refresh_token_that_comes_back_ends_the_session_for_the_thief_and_the_owner(
    tenant: Organisation, member: MakeMember, http: AsyncClient, database: Database
) -> None:
    first = await opened(http, (await member(tenant)).email)
    second = (await renew(http, first)).json()
    await let_the_grace_pass(database, tenant)
    replayed = await renew(http, first)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "session_ended")
    assert await why_it_ended(database, tenant) == "reused"
    assert (await renew(http, second["refresh_token"])).status_code == 401
    assert not await works(http, second["access_token"])


async def test_another_client_gets_no_grace(
    tenant: Organisation, member: MakeMember, http: AsyncClient, database: Database
) -> None:
    first = await opened(http, (await member(tenant)).email)
    await renew(http, first)
    assert (await renew(http, first, agent="another program")).status_code == 401
    assert await why_it_ended(database, tenant) == "reused"


async def test_a_guessed_secret_is_refused_and_does_not_end_the_session(
    tenant: Organisation, member: MakeMember, http: AsyncClient, database: Database
) -> None:
    first = await opened(http, (await member(tenant)).email)
    guessed = first[:-8] + "AAAAAAAA"
    assert (await renew(http, guessed)).status_code == 401
    assert await why_it_ended(database, tenant) is None
    assert (await renew(http, first)).status_code == 200


async def test_a_refresh_token_with_another_tenants_id_in_it_finds_nothing(
    tenant: Organisation, other_tenant: Organisation, member: MakeMember, http: AsyncClient
) -> None:
    first = await opened(http, (await member(tenant)).email)
    assert (await renew(http, first.replace(tenant.id.hex, other_tenant.id.hex))).status_code == 401
    assert (await renew(http, first)).status_code == 200


async def test_an_expired_refresh_token_is_refused_without_an_alarm(
    tenant: Organisation, member: MakeMember, http: AsyncClient, database: Database
) -> None:
    first = await opened(http, (await member(tenant)).email)
    async with database.transaction(tenant.id) as session:
        await session.execute(text("update refresh_token set expires_at = now() - interval '1 second'"))
    assert (await renew(http, first)).status_code == 401
    assert await why_it_ended(database, tenant) is None


async def test_a_session_is_over_after_its_ninety_days_however_often_it_was_renewed(
    tenant: Organisation, member: MakeMember, http: AsyncClient, database: Database
) -> None:
    second = (await renew(http, await opened(http, (await member(tenant)).email))).json()
    async with database.transaction(tenant.id) as session:
        await session.execute(text("update session set expires_at = now() - interval '1 second'"))
    assert (await renew(http, second["refresh_token"])).status_code == 401
    assert not await works(http, second["access_token"])


async def test_no_refresh_token_is_readable_in_the_database(
    tenant: Organisation, member: MakeMember, http: AsyncClient, database: Database
) -> None:
    first = await opened(http, (await member(tenant)).email)
    second = (await renew(http, first)).json()["refresh_token"]
    async with database.transaction(tenant.id) as session:
        stored = str(
            (await session.execute(text("select t.*, encode(successor, 'escape') from refresh_token t"))).all()
        )
    assert first.rsplit(".", 1)[1] not in stored
    assert second.rsplit(".", 1)[1] not in stored


async def test_the_sealed_successor_goes_once_nobody_may_ask_for_it_again(
    tenant: Organisation, member: MakeMember, http: AsyncClient, database: Database
) -> None:
    second = (await renew(http, await opened(http, (await member(tenant)).email))).json()["refresh_token"]
    await let_the_grace_pass(database, tenant)
    await renew(http, second)
    async with database.transaction(tenant.id) as session:
        left = await session.scalar(text("select count(*) from refresh_token where successor is not null"))
    assert left == 1


async def test_a_cookie_is_renewed_as_a_cookie(
    tenant: Organisation, member: MakeMember, sign_in: SignIn, http: AsyncClient
) -> None:
    first = await sign_in((await member(tenant)).email, keep="cookie")
    before = first.cookies["lumi_refresh"]
    answer = await http.post("/v1/auth/refresh", headers={"Cookie": f"lumi_refresh={before}"})
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] is None
    assert answer.cookies["lumi_refresh"] != before


async def test_a_refused_refresh_leaves_the_cookie_of_another_tab_alone(http: AsyncClient) -> None:
    answer = await http.post("/v1/auth/refresh", headers={"Cookie": "lumi_refresh=stale"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


async def test_a_refresh_without_any_token_is_refused(http: AsyncClient) -> None:
    assert (await http.post("/v1/auth/refresh")).status_code == 401
    assert (await http.post("/v1/auth/refresh", json={"refresh_token": "x" * 513})).status_code == 422


class TestSignOut:
    """POST /v1/auth/sign-out"""

    async def test_anonymous_is_refused(self, http: AsyncClient) -> None:
        assert (await http.post("/v1/auth/sign-out")).status_code == 401

    async def test_both_tokens_are_worth_nothing_afterwards_and_the_cookie_goes(
        self, tenant: Organisation, member: MakeMember, sign_in: SignIn, http: AsyncClient
    ) -> None:
        body = (await sign_in((await member(tenant)).email)).json()
        headers = {"Authorization": f"Bearer {body['access_token']}"}
        answer = await http.post("/v1/auth/sign-out", headers=headers)
        assert answer.status_code == 204
        assert 'lumi_refresh=""' in answer.headers["set-cookie"]
        assert not await works(http, body["access_token"])
        assert (await renew(http, body["refresh_token"])).status_code == 401

    async def test_other_sessions_of_the_person_go_on(
        self, tenant: Organisation, member: MakeMember, headers_of: HeadersOf, http: AsyncClient
    ) -> None:
        who = await member(tenant)
        here, there = await headers_of(who), await headers_of(who)
        await http.post("/v1/auth/sign-out", headers=here)
        assert (await http.get("/v1/auth/me", headers=there)).status_code == 200

    async def test_an_api_key_has_no_session_to_end(
        self, tenant: Organisation, member: MakeMember, headers_of: HeadersOf, http: AsyncClient
    ) -> None:
        headers = await headers_of(await member(tenant))
        made = {"name": "till", "permissions": ["knowledge:read"]}
        key = (await http.post("/v1/api-keys", headers=headers, json=made)).json()["key"]
        answer = await http.post("/v1/auth/sign-out", headers={"Authorization": f"Bearer {key}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "staff_only")


async def test_another_process_believes_an_ended_session_for_ten_seconds_and_no_longer(
    app: FastAPI,
    entrance: Entrance,
    tenant: Organisation,
    member: MakeMember,
    headers_of: HeadersOf,
    http: AsyncClient,
    database: Database,
) -> None:
    seconds = [0.0]
    remembering = replace(entrance, standings=Recent[Standing](10, lambda: seconds[0]))
    headers = await headers_of(await member(tenant))

    app.state.authenticator = accounts.authenticator(remembering)
    assert (await http.get("/v1/auth/me", headers=headers)).status_code == 200
    async with database.transaction(tenant.id) as session:
        await session.execute(text("update session set revoked_at = now(), revoked_why = 'signed_out'"))
    seconds[0] = 9.9
    assert (await http.get("/v1/auth/me", headers=headers)).status_code == 200
    seconds[0] = 10.1
    assert (await http.get("/v1/auth/me", headers=headers)).status_code == 401


async def test_who_is_no_member_any_more_is_signed_out_and_a_changed_role_counts_at_the_next_look(
    tenant: Organisation, member: MakeMember, headers_of: HeadersOf, http: AsyncClient, unit: Unit
) -> None:
    await member(tenant)
    who = await member(tenant, role="owner")
    headers = await headers_of(who)
    async with unit(tenant.id) as ctx:
        await staff.add_member(ctx, identity_id=who.identity_id, role="analyst")
    assert (await http.get("/v1/audit", headers=headers)).status_code == 403
    async with unit(tenant.id) as ctx:
        await staff.remove_member(ctx, identity_id=who.identity_id)
    assert (await http.get("/v1/auth/me", headers=headers)).status_code == 401

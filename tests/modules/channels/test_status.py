"""How an account is, over HTTP: as its owner reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text as sql

from lumi.core.clock import now
from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.engine.traffic import hour_of
from lumi.modules.channels.public import Channel, Credentials
from lumi.modules.channels.services import watching
from tests.modules.channels.troubled import make_deliveries

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin, StaffHeaders


@pytest.fixture
async def account(begin: Begin, tenant: Tenant) -> UUID:
    """A number that is connected."""
    async with begin(tenant) as ctx:
        return await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=new_id().hex, name="Accueil",
            credentials=Credentials("the app's secret", "verify", "token"),
        )  # fmt: skip


@pytest.fixture
async def owner(client: AsyncClient, staff: StaffHeaders) -> AsyncClient:
    """Somebody who may see accounts, and reads French."""
    client.headers.update(await staff("channels:read", "conversations:read", "conversations:write"))
    client.headers["Accept-Language"] = "fr-FR,fr;q=0.9,en;q=0.8"
    return client


async def change(begin: Begin, tenant: Tenant, statement: str, **values: object) -> None:
    async with begin(tenant) as ctx:
        await ctx.session.execute(sql(statement), values)
        await watching.watch(ctx)


async def status(owner: AsyncClient, account: UUID) -> dict[str, object]:
    answer = await owner.get(f"/v1/channels/{account}/status")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def counts(**known: int) -> dict[str, int]:
    """Deliveries by state: these, and none of the others."""
    states = ("waiting", "later", "sent", "delivered", "read", "failed", "unknown", "held")
    return dict.fromkeys(states, 0) | known


@pytest.mark.parametrize("end", ["status", "deliveries?state=failed"])
async def test_it_needs_somebody_who_may_and_an_account_there_is(
    client: AsyncClient, staff: StaffHeaders, account: UUID, end: str
) -> None:
    path = f"/v1/channels/{account}/{end}"
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=await staff("contacts:read"))).status_code == 403
    assert (await client.get(path, headers=await staff("channels:read"))).status_code == 200
    unknown = path.replace(str(account), str(uuid4()))
    assert (await client.get(unknown, headers=await staff("channels:read"))).status_code == 404


async def test_a_new_account_is_unheard_and_nothing_is_usual_on_it(owner: AsyncClient, account: UUID) -> None:
    found = await status(owner, account)

    assert (found["state"], found["alerts"], found["heard_at"], found["failure"]) == ("unheard", [], None, None)
    assert found["token"] == {"expires_at": None, "days_left": None, "has_ended": False, "refused_at": None}
    assert found["deliveries"] == counts()
    hours: list[dict[str, object]] = found["hours"]  # type: ignore[assignment]
    assert len(hours) == 24
    assert {each["expected"] for each in hours} == {None}


async def test_the_first_that_came_in_is_seen_before_anybody_counts(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID
) -> None:
    came = "insert into event_key (tenant_id, account_id, provider_id, seen_at) values (:t, :a, :id, :at)"
    await change(begin, tenant, came, t=tenant.id, a=account, id="broken:1", at=now())
    assert (await status(owner, account))["state"] == "unheard"

    await change(begin, tenant, came, t=tenant.id, a=account, id="wamid.1", at=now())

    found = await status(owner, account)
    assert (found["state"], found["heard_at"] is not None) == ("well", True)


async def test_what_came_in_stands_beside_what_usually_does(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID
) -> None:
    await change(
        begin, tenant,
        "insert into channel_traffic (tenant_id, account_id, hour, received, heard_at)"
        " select :t, :a, cast(:hour as timestamptz) - g * interval '1 hour', 12, cast(:hour as timestamptz)"
        " from generate_series(0, 700) g",
        t=tenant.id, a=account, hour=hour_of(now()),
    )  # fmt: skip

    found = await status(owner, account)

    hours: list[dict[str, object]] = found["hours"]  # type: ignore[assignment]
    assert found["state"] == "well"
    assert {(each["expected"], each["received"]) for each in hours} == {(12.0, 12)}


async def test_a_token_counts_down_and_what_to_do_is_said_in_the_readers_language(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID
) -> None:
    ends = now() + timedelta(days=3, hours=1)
    await change(begin, tenant, "update channel_account set token_expires_at = :at", at=ends)

    found = await status(owner, account)

    assert (found["state"], found["token"]["days_left"]) == ("attention", 3)  # type: ignore[index]
    alerts: list[dict[str, str]] = found["alerts"]  # type: ignore[assignment]
    (alert,) = alerts
    assert alert["kind"] == "token_expiring"
    assert "prend fin dans 3 jours" in alert["says"].replace("\u2068", "").replace("\u2069", "")


async def test_a_token_that_has_ended_is_not_said_to_end_today(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID
) -> None:
    await change(begin, tenant, "update channel_account set token_expires_at = :at", at=now() - timedelta(days=40))

    found = await status(owner, account)

    token: dict[str, object] = found["token"]  # type: ignore[assignment]
    assert (token["has_ended"], token["days_left"], found["state"]) == (True, None, "broken")
    alerts: list[dict[str, str]] = found["alerts"]  # type: ignore[assignment]
    assert alerts[0]["says"] == "L’accès à WhatsApp a pris fin. Reconnectez le compte avec un nouveau jeton."


async def test_the_last_failure_is_told_in_words_beside_the_providers_own(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID
) -> None:
    await change(
        begin, tenant, "update channel_account set failed_at = :at, failed_why = 'policy', failure = '(#368) Blocked'",
        at=now(),
    )  # fmt: skip

    failure: dict[str, object] = (await status(owner, account))["failure"]  # type: ignore[assignment]

    assert (failure["why"], failure["said"]) == ("policy", "(#368) Blocked")
    assert str(failure["says"]).endswith("a limité ou bloqué ce compte.")


async def test_what_did_not_surely_arrive_is_listed_by_state_and_can_be_sent_again(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID
) -> None:
    async with begin(tenant) as ctx:
        await make_deliveries(ctx, account, "unknown", "sent", "failed", "held", "unknown", "committed")
    assert (await status(owner, account))["deliveries"] == counts(waiting=1, unknown=2, failed=1, held=1)

    first = (await owner.get(f"/v1/channels/{account}/deliveries?state=unknown&limit=1")).json()
    rest = (await owner.get(f"/v1/channels/{account}/deliveries?state=unknown&cursor={first['next']}")).json()
    assert [each["state"] for each in [*first["items"], *rest["items"]]] == ["unknown", "unknown"]
    assert rest["next"] is None
    one = first["items"][0]
    assert (one["text"], one["says"]) == ("Bonjour", "Personne ne sait si c’est arrivé : WhatsApp n’a pas répondu.")

    path = f"/v1/conversations/{one['conversation_id']}/messages/{one['message_id']}/send-again"
    assert (await owner.post(path)).status_code == 200

    assert (await status(owner, account))["deliveries"] == counts(waiting=2, later=0, unknown=1, failed=1, held=1)


async def test_what_left_is_counted_by_what_became_of_it_and_what_waits_by_whether_it_waits_for_a_time(
    owner: AsyncClient, begin: Begin, tenant: Tenant, database: Database, account: UUID
) -> None:
    async with begin(tenant) as ctx:
        await make_deliveries(ctx, account, "sent", "sent", "sent", "delivered", "delivered", "read", "committed")
        _, tomorrow = await make_deliveries(ctx, account, "sending", "committed")
        await ctx.session.execute(
            sql("update delivery set next_try_at = now() + interval '1 day' where id = :id"), {"id": tomorrow}
        )
    assert (await status(owner, account))["deliveries"] == counts(waiting=3, later=1)

    await watching.count(database)

    assert (await status(owner, account))["deliveries"] == counts(waiting=3, later=1, sent=3, delivered=2, read=1)


@pytest.mark.parametrize(("days", "is_counted"), [(29, True), (31, False)])
async def test_what_left_is_counted_for_thirty_days(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID, days: int, is_counted: bool
) -> None:
    await change(
        begin, tenant, "insert into channel_traffic (tenant_id, account_id, hour, sent, delivered, read)"
        " values (:t, :a, :hour, 7, 4, 2)",
        t=tenant.id, a=account, hour=hour_of(now()) - timedelta(days=days),
    )  # fmt: skip

    expected = counts(sent=1, delivered=4, read=2) if is_counted else counts()
    assert (await status(owner, account))["deliveries"] == expected


async def test_the_list_of_accounts_says_how_each_is(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID
) -> None:
    await change(begin, tenant, "update channel_account set token_refused_at = now()")

    (listed,) = (await owner.get("/v1/channels")).json()["items"]

    assert (listed["id"], listed["state"]) == (str(account), "broken")


async def test_a_state_that_is_no_trouble_is_not_listed(owner: AsyncClient, account: UUID) -> None:
    assert (await owner.get(f"/v1/channels/{account}/deliveries?state=sent")).status_code == 422


async def test_the_list_and_the_conversation_say_in_the_readers_language_why_it_is_held(
    owner: AsyncClient, begin: Begin, tenant: Tenant, account: UUID
) -> None:
    async with begin(tenant) as ctx:
        await make_deliveries(ctx, account, "held")
    await change(begin, tenant, "update delivery set error = 'day_full'")

    (listed,) = (await owner.get(f"/v1/channels/{account}/deliveries?state=held")).json()["items"]
    (message,) = (await owner.get(f"/v1/conversations/{listed['conversation_id']}/messages")).json()["items"]

    assert listed["says"] == message["delivery"]["says"]
    assert listed["says"].endswith("autant de messages non sollicités qu’il est permis en un jour.")
    assert message["delivery"]["error"] == "day_full"

"""Connecting an account over HTTP: the provider is asked, the credentials are kept, the account can be given up."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import text as sql

from lumi.core.clock import now
from lumi.core.ids import new_id
from lumi.integrations.graph import signature
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

    from lumi.core.db import Database
    from lumi.integrations.whatsapp.fake.server import RunningTwin
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin, StaffHeaders

PATH = "/v1/channels"
SECRET = "the secret of the app"


@pytest.fixture
def number(graph: RunningTwin) -> str:
    """A number that WhatsApp knows and nobody has connected."""
    made = str(10**14 + secrets.randbelow(10**14))
    graph.twin.settings.numbers[made] = "33100000001"
    return made


@pytest.fixture
def body(graph: RunningTwin, number: str) -> dict[str, object]:
    """What its owner enters."""
    return {
        "channel": "whatsapp", "external_id": number, "name": "Accueil",
        "app_secret": SECRET, "access_token": graph.twin.settings.token,
    }  # fmt: skip


@pytest.fixture
async def admin(client: AsyncClient, staff: StaffHeaders) -> AsyncClient:
    """Somebody who may connect accounts."""
    client.headers.update(await staff("channels:read", "channels:write"))
    return client


async def connect(client: AsyncClient, body: dict[str, object]) -> Response:
    return await client.post(PATH, json=body)


def a_text_for(number: object) -> bytes:
    """A message as WhatsApp posts it."""
    message = {
        "from": "33612345678", "id": f"wamid.{new_id().hex}", "timestamp": str(int(now().timestamp())), "type": "text",
        "text": {"body": "Bonjour"},
    }  # fmt: skip
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}, "messages": [message]}
    change = {"field": "messages", "value": value}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})


async def listed(client: AsyncClient) -> list[dict[str, object]]:
    answer = await client.get(PATH)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("method", "path"), [("GET", PATH), ("POST", PATH), ("DELETE", f"{PATH}/{UUID(int=1)}")])
async def test_it_needs_somebody_who_may(client: AsyncClient, staff: StaffHeaders, method: str, path: str) -> None:
    assert (await client.request(method, path)).status_code == 401
    assert (await client.request(method, path, headers=await staff("contacts:read"))).status_code == 403


async def test_a_connected_account_says_what_to_enter_at_the_provider(
    admin: AsyncClient, body: dict[str, object], number: str
) -> None:
    answer = await connect(admin, body)

    assert answer.status_code == 201, answer.text
    account = answer.json()["account"]
    assert account["external_id"] == number
    assert account["webhook_url"].endswith(f"/webhooks/whatsapp/{account['id']}")
    assert account["was_heard"] is False
    assert len(answer.json()["verify_token"]) >= 24
    assert await listed(admin) == [account]


async def test_the_provider_can_verify_and_post_at_once_and_the_account_is_heard(
    admin: AsyncClient, body: dict[str, object]
) -> None:
    made = (await connect(admin, {**body, "verify_token": "word of ours"})).json()
    path = f"/webhooks/whatsapp/{made['account']['id']}"
    asked = {"hub.mode": "subscribe", "hub.verify_token": "word of ours", "hub.challenge": "1158201444"}
    assert (await admin.get(path, params=asked)).text == "1158201444"

    posted = a_text_for(body["external_id"])
    signed = {signature.HEADER: signature.sign(SECRET, posted)}
    assert (await admin.post(path, content=posted, headers=signed)).status_code == 200

    (account,) = await listed(admin)
    assert account["was_heard"] is True


async def test_nothing_secret_is_shown_again_or_kept_in_the_clear(
    admin: AsyncClient, body: dict[str, object], database: Database, tenant: Tenant
) -> None:
    made = await connect(admin, body)
    shown = (await admin.get(PATH)).text + made.text
    async with database.transaction(tenant.id) as session:
        kept = str((await session.execute(sql("select * from provider_app, channel_account"))).all())

    for secret in (str(body["app_secret"]), str(body["access_token"])):
        assert secret not in shown
        assert secret not in kept


async def test_a_token_the_provider_does_not_accept_is_refused_and_nothing_is_stored(
    admin: AsyncClient, body: dict[str, object]
) -> None:
    answer = await connect(admin, {**body, "access_token": "of somebody else"})

    assert (answer.status_code, answer.json()["code"]) == (409, "provider_refused")
    assert "whatsapp: refused with code 190 (auth). Nothing was stored." in answer.json()["detail"]
    assert "of somebody else" not in answer.text
    assert await listed(admin) == []


async def test_a_number_the_provider_does_not_know_is_refused(admin: AsyncClient, body: dict[str, object]) -> None:
    answer = await connect(admin, {**body, "external_id": "100000000000001"})

    assert (answer.status_code, answer.json()["code"]) == (409, "provider_refused")


async def test_when_nobody_answers_what_was_stored_stays(
    admin: AsyncClient, body: dict[str, object], begin: Begin, tenant: Tenant
) -> None:
    kept = Credentials("the old secret", "the old word", "the old token")
    nowhere = {"api_base": "http://127.0.0.1:9"}
    async with begin(tenant) as ctx:
        await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=str(body["external_id"]), name="Accueil",
            credentials=kept, settings=nowhere,
        )  # fmt: skip

    answer = await connect(admin, body)

    assert (answer.status_code, answer.json()["code"]) == (503, "dependency_unavailable")
    (account,) = await listed(admin)
    posted = a_text_for(body["external_id"])
    signed = {signature.HEADER: signature.sign(kept.app_secret, posted)}
    assert (await admin.post(f"/webhooks/whatsapp/{account['id']}", content=posted, headers=signed)).status_code == 200


async def test_our_own_surfaces_are_not_connected_with_credentials(admin: AsyncClient, body: dict[str, object]) -> None:
    answer = await connect(admin, {**body, "channel": "web"})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_connectable")


async def test_connecting_again_renews_the_credentials_of_the_same_account(
    admin: AsyncClient, body: dict[str, object], database: Database, tenant: Tenant
) -> None:
    first = (await connect(admin, body)).json()
    second = (await connect(admin, {**body, "app_secret": "a new secret"})).json()

    assert second["account"]["id"] == first["account"]["id"]
    assert second["verify_token"] != first["verify_token"]
    async with database.transaction(tenant.id) as session:
        found = await session.scalars(sql("select action from audit_entry where action like 'channels.%' order by at"))
        assert found.all() == ["channels.account_connected", "channels.credentials_renewed"]


async def test_a_number_another_organisation_has_connected_is_refused(
    admin: AsyncClient, client: AsyncClient, body: dict[str, object], staff: StaffHeaders, other_tenant: Tenant
) -> None:
    assert (await connect(admin, body)).status_code == 201
    client.headers.update(await staff("channels:read", "channels:write", tenant=other_tenant))

    answer = await connect(client, body)

    assert (answer.status_code, answer.json()["code"]) == (409, "account_taken")


async def test_an_account_that_is_given_up_takes_nothing_more_and_may_be_connected_again(
    admin: AsyncClient, body: dict[str, object]
) -> None:
    made = (await connect(admin, body)).json()["account"]
    for _ in range(2):
        assert (await admin.delete(f"{PATH}/{made['id']}")).json() == {"provider_told": False}
    (account,) = await listed(admin)
    assert account["disconnected_at"] is not None

    posted = a_text_for(body["external_id"])
    signed = {signature.HEADER: signature.sign(SECRET, posted)}
    assert (await admin.post(f"/webhooks/whatsapp/{made['id']}", content=posted, headers=signed)).status_code == 404

    again = (await connect(admin, body)).json()["account"]
    assert (again["id"], again["disconnected_at"]) == (made["id"], None)


async def test_what_is_not_there_cannot_be_given_up(admin: AsyncClient) -> None:
    assert (await admin.delete(f"{PATH}/{uuid4()}")).status_code == 404


async def test_what_each_channel_needs_is_told(admin: AsyncClient) -> None:
    told = (await admin.get(f"{PATH}/needs")).json()["items"]
    needs = {each["channel"]: each["needs"] for each in told}

    assert {need["name"]: (need["secret"], need["required"]) for need in needs["whatsapp"]} == {
        "phone_number_id": (False, True), "app_secret": (True, True), "access_token": (True, True),
        "verify_token": (True, False), "business_account_id": (False, False),
    }  # fmt: skip
    ways = {need["name"]: (need["way"], need["required"]) for need in needs["mailbox"]}
    assert (ways["address"], ways["password"]) == ((None, True), ("password", True))
    assert (ways["refresh_token"], ways["client_secret"]) == (("oauth", True), ("oauth", False))
    assert "web" not in needs


async def test_what_is_needed_and_not_given_is_named(admin: AsyncClient, body: dict[str, object]) -> None:
    answer = await connect(admin, {name: value for name, value in body.items() if name != "app_secret"})

    assert (answer.status_code, answer.json()["code"], answer.json()["missing"]) == (
        422, "credentials_missing", ["app_secret"],
    )  # fmt: skip
    assert await listed(admin) == []


async def test_credentials_may_be_given_by_the_names_of_the_needs(admin: AsyncClient, body: dict[str, object]) -> None:
    given = {"phone_number_id": body["external_id"], **{name: body[name] for name in ("app_secret", "access_token")}}

    answer = await connect(admin, {"channel": "whatsapp", "credentials": given})

    assert answer.status_code == 201, answer.text
    assert answer.json()["account"]["name"] != body["external_id"]  # what the provider calls it


async def test_a_mailbox_behind_our_own_door_is_refused(admin: AsyncClient) -> None:
    given = {"address": "a@example.org", "password": "an-invented-password", "imap_host": "10.0.0.1"}

    answer = await connect(admin, {"channel": "mailbox", "credentials": given})

    assert (answer.status_code, answer.json()["code"]) == (409, "provider_refused")
    assert await listed(admin) == []


GRANT = {"address": "a@example.org", "client_id": "app", "refresh_token": "r"}


@pytest.mark.parametrize(
    ("given", "status", "code", "says"),
    [
        ({"address": "a@example.org"}, 422, "credentials_missing", "password, or client_id and refresh_token"),
        ({**GRANT, "client_id": " "}, 422, "credentials_missing", "client_id"),
        ({**GRANT, "password": "x"}, 422, "credentials_mixed", "and not password and client_id and refresh_token"),
        (
            {"address": "a@example.org", "password": "x", "directory": "b.example"},
            422,
            "credentials_mixed",
            "directory",
        ),
        ({**GRANT, "directory": "../../evil"}, 409, "provider_refused", "a directory is an id, a domain"),
        ({**GRANT, "imap_host": "imap.example.org"}, 409, "provider_refused", "MAILBOX_TOKEN_URL says who"),
        ({**GRANT, "smtp_host": "mail.evil.example"}, 409, "provider_refused", "servers of who gives them only"),
    ],
)
async def test_a_mailbox_has_one_way_in_and_whoever_gives_its_tokens_is_not_for_its_owner_to_say(
    admin: AsyncClient, given: dict[str, str], status: int, code: str, says: str
) -> None:
    answer = await connect(admin, {"channel": "mailbox", "credentials": given})

    assert (answer.status_code, answer.json()["code"], says in answer.json()["detail"]) == (status, code, True)
    assert await listed(admin) == []


async def test_what_an_account_can_do_is_said_so_that_no_page_goes_by_its_name(
    admin: AsyncClient, begin: Begin, tenant: Tenant
) -> None:
    async with begin(tenant) as ctx:
        for channel in (Channel.WHATSAPP, Channel.WEB, Channel.TERMINAL):
            await channels.connect(ctx, channel=channel, external_id=new_id().hex, name=channel.label)

    seen = {each["channel"]: (each["has_templates"], each["from_outside"]) for each in await listed(admin)}

    assert seen == {"whatsapp": (True, True), "web": (False, True), "terminal": (False, False)}

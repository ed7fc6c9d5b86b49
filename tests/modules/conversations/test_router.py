"""The inbox over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Inbound
from tests import factories

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.api.house import House
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders


@pytest.fixture
def house(app: object) -> House:
    """The house behind the client."""
    return app.state.house  # type: ignore[attr-defined, no-any-return]


async def make_conversation(house: House, tenant: Tenant, *texts: str) -> str:
    """A visitor who wrote these texts; nobody has answered."""
    async with factories.begin_work(house.db, tenant) as ctx:
        account = await channels.connect(ctx, channel=Channel.WEB, external_id=tenant.slug, name="Site")
    address = f"visitor:{uuid4()}"
    for text in texts or ("Bonjour",):
        item = Inbound(tenant.slug, str(new_id()), [address], {"kind": "text", "type": "text", "text": text})
        await house.receiver.enter(tenant.id, account, Channel.WEB, item)
    async with factories.begin_work(house.db, tenant) as ctx:
        return str(await channels.find_by_address(ctx, account, [address]))


ROUTES = [
    ("GET", "/v1/conversations/{id}", "conversations:read"),
    ("GET", "/v1/conversations/{id}/messages", "conversations:read"),
    ("POST", "/v1/conversations/{id}/replies", "conversations:write"),
    ("POST", "/v1/conversations/{id}/take-over", "conversations:write"),
    ("POST", "/v1/conversations/{id}/hand-back", "conversations:write"),
]


@pytest.mark.parametrize(("method", "path", "permission"), ROUTES)
class TestEveryRoute:
    async def test_anonymous_is_asked_to_sign_in(
        self, client: AsyncClient, method: str, path: str, permission: str
    ) -> None:
        answer = await client.request(method, path.format(id=uuid4()), json={"text": "Bonjour"})

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

    async def test_without_the_permission_it_is_forbidden(
        self, client: AsyncClient, staff: StaffHeaders, method: str, path: str, permission: str
    ) -> None:
        headers = await staff("knowledge:read")
        answer = await client.request(method, path.format(id=uuid4()), json={"text": "Bonjour"}, headers=headers)

        assert answer.status_code == 403

    async def test_another_tenants_conversation_is_not_found(
        self, client: AsyncClient, staff: StaffHeaders, house: House, other_tenant: Tenant,
        method: str, path: str, permission: str,
    ) -> None:  # fmt: skip
        theirs = await make_conversation(house, other_tenant)
        headers = await staff(permission)
        answer = await client.request(method, path.format(id=theirs), json={"text": "Bonjour"}, headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestList:
    async def test_it_shows_the_most_recently_active_first_and_pages_through_all(
        self, client: AsyncClient, staff: StaffHeaders, house: House, tenant: Tenant
    ) -> None:
        made = [await make_conversation(house, tenant) for _ in range(5)]
        headers = await staff("conversations:read")

        seen: list[str] = []
        cursor: str | None = None
        while True:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/v1/conversations", params=query, headers=headers)).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break

        assert seen == made[::-1]

    async def test_another_tenants_conversations_are_not_in_it(
        self, client: AsyncClient, staff: StaffHeaders, house: House, other_tenant: Tenant
    ) -> None:
        await make_conversation(house, other_tenant)

        page = await client.get("/v1/conversations", headers=await staff("conversations:read"))

        assert page.json() == {"items": [], "next": None}

    async def test_a_cursor_of_somebody_elses_making_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        answer = await client.get(
            "/v1/conversations", params={"cursor": "bm90IG91cnM"}, headers=await staff("conversations:read")
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


class TestReply:
    async def test_a_reply_enters_the_ledger_and_holds_the_conversation(
        self, client: AsyncClient, staff: StaffHeaders, house: House, tenant: Tenant
    ) -> None:
        conversation = await make_conversation(house, tenant)
        headers = await staff("conversations:read", "conversations:write")

        answer = await client.post(
            f"/v1/conversations/{conversation}/replies", json={"text": "Je regarde."}, headers=headers
        )

        assert answer.status_code == 201
        assert (answer.json()["author"], answer.json()["text"]) == ("staff", "Je regarde.")
        item = (await client.get(f"/v1/conversations/{conversation}", headers=headers)).json()
        assert item["held_by"] is not None

    async def test_the_same_idempotency_key_gives_the_same_reply(
        self, client: AsyncClient, staff: StaffHeaders, house: House, tenant: Tenant
    ) -> None:
        conversation = await make_conversation(house, tenant)
        headers = {**await staff("conversations:read", "conversations:write"), "Idempotency-Key": "k1"}
        path = f"/v1/conversations/{conversation}/replies"

        answers = await asyncio.gather(*(client.post(path, json={"text": "Oui."}, headers=headers) for _ in range(4)))

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        other = await client.post(path, json={"text": "Non."}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")

    async def test_a_reply_in_a_conversation_somebody_else_holds_is_refused(
        self, client: AsyncClient, staff: StaffHeaders, house: House, tenant: Tenant
    ) -> None:
        conversation = await make_conversation(house, tenant)
        path = f"/v1/conversations/{conversation}"
        await client.post(f"{path}/take-over", headers=await staff("conversations:write"))

        answer = await client.post(
            f"{path}/replies", json={"text": "Bonjour"}, headers=await staff("conversations:write")
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "held_by_another")

    @pytest.mark.parametrize("text", ["", "   ", "be\x00fore", "x" * 20_001])
    async def test_a_text_that_cannot_be_said_is_refused(
        self, client: AsyncClient, staff: StaffHeaders, house: House, tenant: Tenant, text: str
    ) -> None:
        conversation = await make_conversation(house, tenant)

        answer = await client.post(
            f"/v1/conversations/{conversation}/replies", json={"text": text},
            headers=await staff("conversations:write"),
        )  # fmt: skip

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


class TestTakeOver:
    async def test_taking_over_and_handing_back_are_opposites(
        self, client: AsyncClient, staff: StaffHeaders, house: House, tenant: Tenant
    ) -> None:
        path = f"/v1/conversations/{await make_conversation(house, tenant)}"
        headers = await staff("conversations:read", "conversations:write")

        taken = await client.post(f"{path}/take-over", headers=headers)
        again = await client.post(f"{path}/take-over", headers=headers)
        back = await client.post(f"{path}/hand-back", headers=headers)
        back_again = await client.post(f"{path}/hand-back", headers=headers)

        assert (taken.status_code, again.status_code, back.status_code) == (200, 200, 200)
        assert taken.json()["held_by"] is not None
        assert back.json()["held_by"] is None
        assert (back_again.status_code, back_again.json()["code"]) == (409, "not_held")

    async def test_of_two_who_take_over_at_once_one_wins(
        self, client: AsyncClient, staff: StaffHeaders, house: House, tenant: Tenant
    ) -> None:
        path = f"/v1/conversations/{await make_conversation(house, tenant)}/take-over"
        people = [await staff("conversations:write") for _ in range(4)]

        answers = await asyncio.gather(*(client.post(path, headers=each) for each in people))

        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]

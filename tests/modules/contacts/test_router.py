"""Contacts over HTTP."""

from collections.abc import Awaitable, Callable

import pytest
from httpx2 import AsyncClient, Response

from lumi.modules.contacts.public import Contact
from lumi.modules.tenants.public import Tenant
from tests.conftest import Begin, StaffHeaders
from tests.factories import a_phone_number, make_contact

ALL = ("contacts:read", "contacts:write", "tenants:write")


@pytest.fixture
async def contact(begin: Begin, tenant: Tenant) -> Contact:
    """Somebody of ours."""
    async with begin(tenant) as ctx:
        return await make_contact(ctx)


@pytest.fixture
async def stranger(begin: Begin, other_tenant: Tenant) -> Contact:
    """Somebody of another tenant."""
    async with begin(other_tenant) as ctx:
        return await make_contact(ctx, name="Marta Puig")


def routes(client: AsyncClient, who: Contact) -> dict[str, Callable[[dict[str, str]], Awaitable[Response]]]:
    """Every route about one contact, by the permission it takes and its name."""
    url = f"/v1/contacts/{who.id}"
    return {
        "contacts:read get": lambda headers: client.get(url, headers=headers),
        "contacts:read points": lambda headers: client.get(f"{url}/points", headers=headers),
        "contacts:write change": lambda headers: client.patch(
            url, json={"name": "Changed"}, headers={**headers, "If-Match": "*"}
        ),
        "tenants:write appoint": lambda headers: client.put(f"{url}/owner", headers=headers),
        "tenants:write dismiss": lambda headers: client.delete(f"{url}/owner", headers=headers),
    }


class TestOneContact:
    async def test_a_stranger_is_asked_to_sign_in(self, client: AsyncClient, contact: Contact) -> None:
        for name, ask in routes(client, contact).items():
            assert (await ask({})).status_code == 401, name

    async def test_another_tenants_contact_is_not_there(
        self, client: AsyncClient, staff: StaffHeaders, stranger: Contact, other_tenant: Tenant
    ) -> None:
        ours, theirs = await staff(*ALL), await staff(*ALL, tenant=other_tenant)
        for name, ask in routes(client, stranger).items():
            assert (await ask(ours)).status_code == 404, name
        seen = (await client.get(f"/v1/contacts/{stranger.id}", headers=theirs)).json()
        assert (seen["name"], seen["is_owner"], seen["version"]) == ("Marta Puig", False, 1)

    async def test_without_the_permission_it_is_refused(
        self, client: AsyncClient, staff: StaffHeaders, contact: Contact
    ) -> None:
        for name, ask in routes(client, contact).items():
            others = [permission for permission in ALL if permission not in name]
            assert (await ask(await staff(*others))).status_code == 403, name

    async def test_with_the_permission_it_is_done(
        self, client: AsyncClient, staff: StaffHeaders, contact: Contact
    ) -> None:
        for name, ask in routes(client, contact).items():
            answer = await ask(await staff(name.split(" ")[0]))
            assert answer.status_code == 200, (name, answer.text)


class TestListContacts:
    async def test_a_stranger_is_asked_to_sign_in(self, client: AsyncClient) -> None:
        assert (await client.get("/v1/contacts")).status_code == 401

    async def test_without_the_permission_it_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = await staff("contacts:write")
        assert (await client.get("/v1/contacts", headers=headers)).status_code == 403

    async def test_only_our_own_people_are_listed_and_counted(
        self, client: AsyncClient, staff: StaffHeaders, contact: Contact, stranger: Contact
    ) -> None:
        headers = await staff("contacts:read")
        everybody = (await client.get("/v1/contacts", headers=headers)).json()
        assert ([item["id"] for item in everybody["items"]], everybody["next"]) == ([str(contact.id)], None)
        found = await client.get("/v1/contacts", params={"search": "marta"}, headers=headers)
        assert found.json()["items"] == []

    async def test_pages_are_walked_with_the_cursor(
        self, client: AsyncClient, staff: StaffHeaders, begin: Begin, tenant: Tenant
    ) -> None:
        async with begin(tenant) as ctx:
            for name in ("Amélie", "Bruno", "Amir"):
                await make_contact(ctx, name=name)
        headers, query = await staff("contacts:read"), {"search": "am", "limit": "1"}
        first = (await client.get("/v1/contacts", params=query, headers=headers)).json()
        query["cursor"] = first["next"]
        second = (await client.get("/v1/contacts", params=query, headers=headers)).json()
        assert [page["items"][0]["name"] for page in (first, second)] == ["Amir", "Amélie"]
        assert second["next"] is None

    async def test_another_tenants_cursor_shows_nothing_of_theirs(
        self, client: AsyncClient, staff: StaffHeaders, begin: Begin, other_tenant: Tenant
    ) -> None:
        async with begin(other_tenant) as ctx:
            for _ in range(3):
                await make_contact(ctx)
        theirs = await staff("contacts:read", tenant=other_tenant)
        page = (await client.get("/v1/contacts", params={"limit": 1}, headers=theirs)).json()
        ours = await staff("contacts:read")
        answer = await client.get("/v1/contacts", params={"cursor": page["next"]}, headers=ours)
        assert answer.json() == {"items": [], "next": None}


class TestCreateContact:
    async def test_a_stranger_is_asked_to_sign_in(self, client: AsyncClient) -> None:
        assert (await client.post("/v1/contacts", json={"name": "Amélie"})).status_code == 401

    async def test_without_the_permission_it_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = await staff("contacts:read")
        answer = await client.post("/v1/contacts", json={"name": "Amélie"}, headers=headers)
        assert answer.status_code == 403

    async def test_a_contact_is_added_with_its_addresses(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers, number = await staff(*ALL), a_phone_number()
        body = {"name": " Amélie ", "language": "fr", "points": [{"kind": "phone", "value": number[1:]}]}
        answer = await client.post("/v1/contacts", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["name"], made["language"], made["stopped_at"]) == ("Amélie", "fr", None)
        points = await client.get(f"/v1/contacts/{made['id']}/points", headers=headers)
        assert points.json() == {"items": [{"kind": "phone", "value": number}], "next": None}

    async def test_an_address_of_another_contact_is_a_conflict_but_not_that_of_another_tenant(
        self, client: AsyncClient, staff: StaffHeaders, other_tenant: Tenant
    ) -> None:
        body = {"points": [{"kind": "phone", "value": a_phone_number()}]}
        for headers in (await staff(*ALL), await staff(*ALL, tenant=other_tenant)):
            assert (await client.post("/v1/contacts", json=body, headers=headers)).status_code == 201
            again = await client.post("/v1/contacts", json=body, headers=headers)
            assert (again.status_code, again.json()["code"]) == (409, "point_taken")

    async def test_what_cannot_be_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = await staff("contacts:write")
        wrongs: list[dict[str, object]] = [
            {"points": [{"kind": "phone", "value": "0639980142"}]},
            {"points": [{"kind": "pigeon", "value": "7"}]},
            {"points": [{"kind": "visitor", "value": ""}]},
            {"name": "a\0b"},
            {"name": "  "},
            {"language": "French"},
            {"is_owner": True},
        ]
        for wrong in wrongs:
            answer = await client.post("/v1/contacts", json=wrong, headers=headers)
            assert answer.status_code == 422, (wrong, answer.text)


class TestUpdateContact:
    async def test_the_version_guards_the_change(
        self, client: AsyncClient, staff: StaffHeaders, contact: Contact
    ) -> None:
        url, headers = f"/v1/contacts/{contact.id}", await staff("contacts:write")
        missing = await client.patch(url, json={"name": "A"}, headers=headers)
        first = await client.patch(url, json={"name": "A"}, headers={**headers, "If-Match": "1"})
        late = await client.patch(url, json={"name": "B"}, headers={**headers, "If-Match": "1"})
        assert [answer.status_code for answer in (missing, first, late)] == [428, 200, 409]
        assert (first.json()["name"], first.json()["version"]) == ("A", 2)

    async def test_null_empties_and_what_is_left_out_stays(
        self, client: AsyncClient, staff: StaffHeaders, contact: Contact
    ) -> None:
        headers = {**await staff("contacts:write"), "If-Match": "*"}
        answer = await client.patch(f"/v1/contacts/{contact.id}", json={"language": None}, headers=headers)
        assert (answer.json()["name"], answer.json()["language"]) == (contact.name, None)


class TestOwner:
    async def test_owners_are_appointed_and_dismissed(
        self, client: AsyncClient, staff: StaffHeaders, contact: Contact
    ) -> None:
        url, headers = f"/v1/contacts/{contact.id}/owner", await staff("tenants:write")
        assert (await client.put(url, headers=headers)).json()["is_owner"] is True
        assert (await client.delete(url, headers=headers)).json()["is_owner"] is False

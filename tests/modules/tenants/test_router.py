"""The organisation over HTTP."""

from httpx2 import AsyncClient

from lumi.modules.tenants.public import Tenant
from tests.conftest import StaffHeaders


class TestGetTenant:
    async def test_a_stranger_is_asked_to_sign_in(self, client: AsyncClient) -> None:
        assert (await client.get("/v1/tenant")).status_code == 401

    async def test_without_the_permission_it_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = await staff("contacts:read", "tenants:write")
        assert (await client.get("/v1/tenant", headers=headers)).status_code == 403

    async def test_staff_see_their_own_organisation(
        self, client: AsyncClient, staff: StaffHeaders, tenant: Tenant, other_tenant: Tenant
    ) -> None:
        for each in (tenant, other_tenant):
            headers = await staff("tenants:read", tenant=each)
            body = (await client.get("/v1/tenant", headers=headers)).json()
            assert (body["id"], body["slug"], body["kind"]) == (str(each.id), each.slug, each.kind)
            assert body["settings"]["colour"] == "#2F5D8A"


class TestUpdateTenant:
    async def test_a_stranger_is_asked_to_sign_in(self, client: AsyncClient) -> None:
        answer = await client.patch("/v1/tenant", json={"name": "x"}, headers={"If-Match": "1"})
        assert answer.status_code == 401

    async def test_without_the_permission_it_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = {**await staff("tenants:read"), "If-Match": "1"}
        assert (await client.patch("/v1/tenant", json={"name": "x"}, headers=headers)).status_code == 403

    async def test_what_is_given_changes_and_the_rest_stays(
        self, client: AsyncClient, staff: StaffHeaders, tenant: Tenant
    ) -> None:
        headers = {**await staff("tenants:write"), "If-Match": '"1"'}
        change: dict[str, object] = {
            "name": " Salon Éclat II ",
            "languages": ["fr", "en", "fr"],
            "packs": ["appointments", "community"],
            "settings": {"widget_origins": ["https://WWW.salon-eclat.example/"]},
        }
        answer = await client.patch("/v1/tenant", json=change, headers=headers)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["name"], body["languages"], body["version"]) == ("Salon Éclat II", ["fr", "en"], 2)
        assert body["packs"] == ["appointments", "community"]
        assert body["settings"]["widget_origins"] == ["https://www.salon-eclat.example"]
        assert (body["slug"], body["time_zone"]) == (tenant.slug, "Europe/Paris")

    async def test_a_version_that_is_not_the_present_one_is_a_conflict(
        self, client: AsyncClient, staff: StaffHeaders
    ) -> None:
        headers = {**await staff("tenants:write"), "If-Match": "2"}
        answer = await client.patch("/v1/tenant", json={"name": "x"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")

    async def test_without_a_version_nothing_is_changed(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = await staff("tenants:write")
        answer = await client.patch("/v1/tenant", json={"name": "x"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")

    async def test_a_version_that_is_no_number_is_malformed(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = {**await staff("tenants:write"), "If-Match": "yesterday"}
        assert (await client.patch("/v1/tenant", json={"name": "x"}, headers=headers)).status_code == 400

    async def test_what_cannot_be_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = {**await staff("tenants:write"), "If-Match": "*"}
        wrongs: list[dict[str, object]] = [
            {"time_zone": "Europe/Lutetia"},
            {"languages": ["nl"]},
            {"languages": []},
            {"name": ""},
            {"name": "a\0b"},
            {"packs": ["gambling"]},
            {"settings": {"colour": "red"}},
            {"settings": {"unheard_of": 1}},
            {"slug": "another"},
        ]
        for wrong in wrongs:
            answer = await client.patch("/v1/tenant", json=wrong, headers=headers)
            assert answer.status_code == 422, (wrong, answer.text)
        answer = await client.patch("/v1/tenant", json={"languages": ["en"]}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "locale_not_spoken")


class TestIdentifiers:
    URL = "/v1/tenant/identifiers"
    BOT = "/v1/tenant/identifiers/bot/salon_bot"

    async def test_a_stranger_is_asked_to_sign_in(self, client: AsyncClient) -> None:
        body = {"kind": "bot", "value": "salon_bot"}
        answers = [
            await client.get(self.URL),
            await client.post(self.URL, json=body),
            await client.delete(self.BOT),
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 401]

    async def test_without_the_permission_it_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        reader, writer = await staff("tenants:read"), await staff("tenants:write")
        body = {"kind": "bot", "value": "salon_bot"}
        answers = [
            await client.get(self.URL, headers=writer),
            await client.post(self.URL, json=body, headers=reader),
            await client.delete(self.BOT, headers=reader),
        ]
        assert [answer.status_code for answer in answers] == [403, 403, 403]

    async def test_another_tenants_identifier_is_not_there(
        self, client: AsyncClient, staff: StaffHeaders, other_tenant: Tenant
    ) -> None:
        theirs = await staff("tenants:read", "tenants:write", tenant=other_tenant)
        await client.post(self.URL, json={"kind": "bot", "value": "salon_bot"}, headers=theirs)
        ours = await staff("tenants:read", "tenants:write")
        assert (await client.delete(self.BOT, headers=ours)).status_code == 404
        assert (await client.get(self.URL, headers=ours)).json()["items"] == []
        assert len((await client.get(self.URL, headers=theirs)).json()["items"]) == 1

    async def test_identifiers_are_claimed_listed_by_the_page_and_released(
        self, client: AsyncClient, staff: StaffHeaders
    ) -> None:
        headers = await staff("tenants:read", "tenants:write")
        for kind, value in (("mailbox", "Hello@salon.example"), ("domain", "salon.example"), ("bot", "b")):
            answer = await client.post(self.URL, json={"kind": kind, "value": value}, headers=headers)
            assert answer.status_code == 201, answer.text
        first = (await client.get(self.URL, params={"limit": 2}, headers=headers)).json()
        assert [item["kind"] for item in first["items"]] == ["bot", "domain"]
        second = (await client.get(self.URL, params={"cursor": first["next"]}, headers=headers)).json()
        assert second == {"items": [{"kind": "mailbox", "value": "hello@salon.example"}], "next": None}
        gone = await client.delete(f"{self.URL}/mailbox/hello@salon.example", headers=headers)
        assert gone.status_code == 204
        assert len((await client.get(self.URL, headers=headers)).json()["items"]) == 2

    async def test_what_is_no_identifier_is_refused(self, client: AsyncClient, staff: StaffHeaders) -> None:
        headers = await staff("tenants:write")
        for wrong in ({"kind": "bot", "value": "a bot"}, {"kind": "fax", "value": "1"}, {"kind": "bot"}):
            answer = await client.post(self.URL, json=wrong, headers=headers)
            assert answer.status_code == 422, (wrong, answer.text)

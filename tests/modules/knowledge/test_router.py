"""Knowledge over HTTP."""

from __future__ import annotations

import pytest
from httpx2 import AsyncClient, Response

from lumi.core.ids import new_id
from lumi.modules.knowledge import public as knowledge
from lumi.modules.tenants.public import Tenant
from tests.conftest import Begin, StaffHeaders

BASE = "/v1/knowledge"
ENTRY: dict[str, object] = {
    "kind": "faq", "lang": "fr", "title": "Où se garer ?", "text": "Au parking souterrain.", "external_id": 12,
}  # fmt: skip
ROUTES = [
    ("POST", "/documents", "knowledge:write"),
    ("POST", "/documents/files", "knowledge:write"),
    ("GET", "/documents", "knowledge:read"),
    ("GET", "/documents/{id}", "knowledge:read"),
    ("PUT", "/documents/{id}", "knowledge:write"),
    ("DELETE", "/documents/{id}", "knowledge:write"),
    ("GET", "/documents/{id}/sections", "knowledge:read"),
    ("POST", "/search", "knowledge:read"),
    ("POST", "/ask", "knowledge:read"),
    ("GET", "/gaps", "knowledge:read"),
    ("POST", "/gaps/{id}/close", "knowledge:write"),
]


@pytest.fixture
async def headers(staff: StaffHeaders) -> dict[str, str]:
    return await staff("knowledge:read", "knowledge:write")


async def create(client: AsyncClient, headers: dict[str, str], **changes: object) -> dict[str, str]:
    answer = await client.post(f"{BASE}/documents", json={**ENTRY, **changes}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refusal(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestDoor:
    @pytest.mark.parametrize(("method", "path", "permission"), ROUTES)
    async def test_a_stranger_is_asked_to_sign_in(
        self, client: AsyncClient, method: str, path: str, permission: str
    ) -> None:
        assert (await client.request(method, BASE + path.format(id=new_id()))).status_code == 401, permission

    @pytest.mark.parametrize(("method", "path", "permission"), ROUTES)
    async def test_without_the_permission_it_is_refused(
        self, client: AsyncClient, staff: StaffHeaders, method: str, path: str, permission: str
    ) -> None:
        other = "knowledge:read" if permission == "knowledge:write" else "knowledge:write"
        body = {"question": "x"} if path in {"/search", "/ask"} else ENTRY
        answer = await client.request(
            method,
            BASE + path.format(id=new_id()),
            headers={**await staff(other, "contacts:read"), "If-Match": "*"},
            json=None if method in {"GET", "DELETE"} else body,
        )
        assert answer.status_code == 403

    @pytest.mark.parametrize(("method", "path"), [(m, p) for m, p, _ in ROUTES if "{id}" in p and "gaps" not in p])
    async def test_another_tenants_document_is_not_found(
        self, client: AsyncClient, staff: StaffHeaders, other_tenant: Tenant, headers: dict[str, str], method: str,
        path: str,
    ) -> None:  # fmt: skip
        theirs = await staff("knowledge:write", tenant=other_tenant)
        document = await create(client, theirs)
        answer = await client.request(
            method,
            BASE + path.format(id=document["id"]),
            headers={**headers, "If-Match": "*"},
            json=ENTRY if method == "PUT" else None,
        )
        assert refusal(answer) == (404, "not_found")


class TestDocuments:
    async def test_an_entry_is_stored_and_shown(self, client: AsyncClient, headers: dict[str, str]) -> None:
        made = await create(client, headers, keywords=["voiture"], url="https://salon.example/faq")
        shown = (await client.get(f"{BASE}/documents/{made['id']}", headers=headers)).json()
        assert shown == {**made, "format": "markdown", "text": ENTRY["text"]}
        assert (shown["external_id"], shown["version"], shown["keywords"]) == (12, 1, ["voiture"])

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"text": "a\x00b"}, 422, "nul_character"),
            ({"title": "\x00"}, 422, "nul_character"),
            ({"text": " "}, 422, "empty_text"),
            ({"text": "é" * (1 << 19)}, 413, "too_large"),
            ({"lang": "français"}, 422, "invalid"),
            ({"url": "javascript:alert(1)"}, 422, "invalid"),
            ({"kind": "novel"}, 422, "invalid"),
            ({"unknown": 1}, 422, "invalid"),
            ({"external_id": True}, 422, "invalid"),
        ],
    )
    async def test_what_cannot_be_stored_is_refused(
        self, client: AsyncClient, headers: dict[str, str], changes: dict[str, object], status: int, code: str
    ) -> None:
        answer = await client.post(f"{BASE}/documents", json={**ENTRY, **changes}, headers=headers)
        assert refusal(answer) == (status, code)
        assert (await client.get(f"{BASE}/documents", headers=headers)).json()["items"] == []

    async def test_an_external_id_is_taken_once(self, client: AsyncClient, headers: dict[str, str]) -> None:
        await create(client, headers)
        answer = await client.post(f"{BASE}/documents", json=ENTRY, headers=headers)
        assert refusal(answer) == (409, "external_id_taken")

    async def test_documents_are_listed_by_the_page_newest_first(
        self, client: AsyncClient, headers: dict[str, str]
    ) -> None:
        made = [(await create(client, headers, external_id=n))["id"] for n in range(5)]
        seen: list[str] = []
        cursor: str | None = None
        for _ in range(3):
            params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = (await client.get(f"{BASE}/documents", params=params, headers=headers)).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
        assert seen == made[::-1]
        assert cursor is None

    async def test_a_change_needs_the_version_that_was_read(self, client: AsyncClient, headers: dict[str, str]) -> None:
        made = await create(client, headers)
        place = f"{BASE}/documents/{made['id']}"
        change = {**ENTRY, "text": "Au garage."}
        assert refusal(await client.put(place, json=change, headers=headers)) == (428, "precondition_required")
        changed = await client.put(place, json=change, headers={**headers, "If-Match": '"1"'})
        assert (changed.status_code, changed.json()["version"], changed.json()["current_version"]) == (200, 2, 2)
        stale = await client.put(place, json=ENTRY, headers={**headers, "If-Match": '"1"'})
        assert refusal(stale) == (409, "version_conflict")
        assert (await client.get(place, headers=headers)).json()["text"] == "Au garage."

    async def test_a_deleted_document_is_not_found_and_not_quoted(
        self, client: AsyncClient, headers: dict[str, str]
    ) -> None:
        made = await create(client, headers)
        place = f"{BASE}/documents/{made['id']}"
        assert (await client.delete(place, headers={**headers, "If-Match": "1"})).status_code == 204
        assert (await client.get(place, headers=headers)).status_code == 404
        answer = await client.post(f"{BASE}/search", json={"question": "garer"}, headers=headers)
        assert answer.json() == {"passages": []}


class TestUpload:
    async def upload(self, client: AsyncClient, headers: dict[str, str], name: str, content: bytes) -> Response:
        return await client.post(
            f"{BASE}/documents/files", data={"lang": "en"}, files={"file": (name, content)}, headers=headers
        )

    async def test_a_markdown_file_becomes_sections(self, client: AsyncClient, headers: dict[str, str]) -> None:
        made = await self.upload(client, headers, "guide.md", b"# Pool\n\nOn the roof.\n\n# Bar\n\nOpen late.\n")
        assert (made.status_code, made.json()["title"]) == (201, "guide")
        place = f"{BASE}/documents/{made.json()['id']}/sections"
        sections = (await client.get(place, headers=headers)).json()["items"]
        assert [(s["anchor"], s["title"], s["text"]) for s in sections] == [
            ("pool", "guide › Pool", "On the roof."),
            ("bar", "guide › Bar", "Open late."),
        ]

    @pytest.mark.parametrize(
        ("name", "content", "status", "code"),
        [
            ("guide.pdf", b"%PDF", 415, "unsupported_type"),
            ("guide.md", "fermé".encode("latin-1"), 422, "invalid_encoding"),
            ("guide.txt", b"a\x00b", 422, "nul_character"),
            ("guide.txt", b"", 422, "empty_text"),
            ("guide.txt", b"a" * ((1 << 20) + 1), 413, "too_large"),
        ],
    )
    async def test_what_cannot_be_read_is_refused(
        self, client: AsyncClient, headers: dict[str, str], name: str, content: bytes, status: int, code: str
    ) -> None:
        assert refusal(await self.upload(client, headers, name, content)) == (status, code)


class TestSearchAndAsk:
    async def test_a_question_is_answered_with_its_source(self, client: AsyncClient, headers: dict[str, str]) -> None:
        made = await create(client, headers, url="https://salon.example/faq")
        body = {"question": "Wo ist hier ein Parkplatz?", "lang": "de"}
        found = (await client.post(f"{BASE}/search", json=body, headers=headers)).json()["passages"]
        assert (found[0]["document_id"], found[0]["text"], found[0]["lang"]) == (made["id"], ENTRY["text"], "fr")
        answer = (await client.post(f"{BASE}/ask", json=body, headers=headers)).json()
        assert answer == {
            "answered": True,
            "text": ENTRY["text"],
            "lang": "fr",
            "sources": [
                {"id": found[0]["id"], "title": ENTRY["title"], "url": "https://salon.example/faq", "lang": "fr"}
            ],
        }

    async def test_what_is_not_known_is_not_answered(self, client: AsyncClient, headers: dict[str, str]) -> None:
        await create(client, headers)
        answer = await client.post(f"{BASE}/ask", json={"question": "Avez-vous un sauna ?"}, headers=headers)
        assert answer.json() == {"answered": False, "text": "", "lang": None, "sources": []}

    @pytest.mark.parametrize("body", [{"question": ""}, {"question": "a\x00"}, {"question": "a", "limit": 51}, {}])
    async def test_a_question_that_is_none_is_refused(
        self, client: AsyncClient, headers: dict[str, str], body: dict[str, object]
    ) -> None:
        assert (await client.post(f"{BASE}/search", json=body, headers=headers)).status_code == 422


class TestGaps:
    async def test_a_gap_is_listed_closed_and_listed_among_the_closed(
        self, client: AsyncClient, headers: dict[str, str], begin: Begin, tenant: Tenant, other_tenant: Tenant
    ) -> None:
        async with begin(tenant) as ctx:
            gap = await knowledge.log_gap(ctx, question="Piscine ?", lang="fr")
        async with begin(other_tenant) as ctx:
            foreign = await knowledge.log_gap(ctx, question="Sauna ?", lang="fr")
        listed = (await client.get(f"{BASE}/gaps", headers=headers)).json()["items"]
        assert [(item["id"], item["question"], item["times"]) for item in listed] == [(str(gap.id), "Piscine ?", 1)]
        closed = await client.post(f"{BASE}/gaps/{gap.id}/close", headers=headers)
        assert closed.json()["closed_at"] is not None
        assert (await client.get(f"{BASE}/gaps", headers=headers)).json()["items"] == []
        again = (await client.get(f"{BASE}/gaps", params={"closed": "true"}, headers=headers)).json()["items"]
        assert [item["id"] for item in again] == [str(gap.id)]
        assert (await client.post(f"{BASE}/gaps/{foreign.id}/close", headers=headers)).status_code == 404

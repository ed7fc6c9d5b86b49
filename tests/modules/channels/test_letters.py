"""Dead letters over HTTP: staff look at them, close them, try them again once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text as sql

from lumi.core import dead_letters
from lumi.core.dead_letters import Source
from lumi.core.metrics import REGISTRY
from tests import factories
from tests.modules.channels.dead import a_dead_job, a_doomed_message
from tests.waiting import until

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from lumi.core.runner import Runner
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders

PATH = "/v1/dead-letters"
ROUTES = [
    ("GET", PATH, "dead_letters:read"),
    ("POST", PATH + "/{id}/close", "dead_letters:write"),
    ("POST", PATH + "/{id}/requeue", "dead_letters:write"),
]


@pytest.fixture
async def reader(staff: StaffHeaders) -> dict[str, str]:
    """Somebody who may look and deal with letters."""
    return await staff("dead_letters:read", "dead_letters:write")


async def keep(database: Database, tenant: Tenant | None, body: bytes, source: Source = Source.WEBHOOK) -> None:
    owner = tenant.id if tenant else None
    async with database.transaction(owner) as session:
        await dead_letters.keep(session, owner, source=source, origin="whatsapp", body=body, reason="not JSON")


async def rows(database: Database, tenant: Tenant, statement: str, **values: object) -> list[tuple[object, ...]]:
    async with database.transaction(tenant.id) as session:
        return [tuple(row) for row in (await session.execute(sql(statement), values)).all()]


async def listed(client: AsyncClient, who: dict[str, str], **query: str | int) -> list[dict[str, object]]:
    answer = await client.get(PATH, params=query, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


def counted(source: str) -> float:
    """How many letters of a source this process has counted."""
    return REGISTRY.get_sample_value("lumi_dead_letters_total", {"kind": source}) or 0.0


@pytest.mark.parametrize(("method", "path", "permission"), ROUTES)
class TestEveryRoute:
    async def test_anonymous_is_asked_to_sign_in(
        self, client: AsyncClient, method: str, path: str, permission: str
    ) -> None:
        answer = await client.request(method, path.format(id=uuid4()))

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

    async def test_without_the_permission_it_is_forbidden(
        self, client: AsyncClient, staff: StaffHeaders, method: str, path: str, permission: str
    ) -> None:
        other = "dead_letters:write" if permission == "dead_letters:read" else "dead_letters:read"

        assert (await client.request(method, path.format(id=uuid4()), headers=await staff(other))).status_code == 403


@pytest.mark.parametrize("deed", ["close", "requeue"])
async def test_a_letter_of_another_tenant_is_not_found(
    client: AsyncClient, reader: dict[str, str], database: Database, other_tenant: Tenant, deed: str
) -> None:
    theirs = await a_dead_job(database, other_tenant)

    answer = await client.post(f"{PATH}/{theirs.letter_id}/{deed}", headers=reader)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await rows(database, other_tenant, "select closed_at from dead_letter") == [(None,)]


class TestList:
    async def test_it_shows_the_newest_first_and_pages_through_all(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        for number in range(5):
            await keep(database, tenant, f"letter {number}".encode())
        seen: list[object] = []
        cursor: str | None = None
        while True:
            query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = (await client.get(PATH, params=query, headers=reader)).json()
            seen += [item["body"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break

        assert seen == [f"letter {number}" for number in (4, 3, 2, 1, 0)]

    async def test_it_can_show_one_source_only_and_only_what_is_open(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        await keep(database, tenant, b"webhook")
        closed = await a_dead_job(database, tenant)
        still_open = await a_dead_job(database, tenant)
        await client.post(f"{PATH}/{closed.letter_id}/close", headers=reader)

        assert [each["body"] for each in await listed(client, reader, source="webhook")] == ["webhook"]
        assert {each["origin"] for each in await listed(client, reader, source="job")} == {
            str(closed.id), str(still_open.id),
        }  # fmt: skip
        assert [each["origin"] for each in await listed(client, reader, source="job", open="true")] == [
            str(still_open.id)
        ]
        assert [each["origin"] for each in await listed(client, reader, open="false")] == [str(closed.id)]
        assert (await client.get(PATH, params={"source": "pigeon"}, headers=reader)).status_code == 422

    async def test_what_is_kept_is_counted_by_what_it_was(self, database: Database, tenant: Tenant) -> None:
        before = counted("webhook")

        await keep(database, tenant, b"x")

        assert counted("webhook") == before + 1

    async def test_a_cursor_of_one_filter_is_refused_by_another(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        for _ in range(2):
            await keep(database, tenant, b"x")
        cursor = (await client.get(PATH, params={"limit": 1}, headers=reader)).json()["next"]

        answer = await client.get(PATH, params={"cursor": cursor, "open": "true"}, headers=reader)

        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")

    async def test_what_nobody_can_be_said_to_own_is_shown_to_nobody(
        self, client: AsyncClient, reader: dict[str, str], database: Database
    ) -> None:
        await keep(database, None, b"whose is this?")

        assert await listed(client, reader) == []

    async def test_a_body_is_shown_as_text_that_does_nothing_and_only_its_beginning(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        await keep(database, tenant, "<b>é</b>\n\x00\x1b[31m\u202e\u200b".encode() + b"\xff\xfe")
        await keep(database, tenant, b"a" * 4095 + "é".encode() + b"b" * 100_000)

        long, strange = await listed(client, reader)

        assert strange["body"] == "<b>é</b>\n\ufffd\ufffd[31m" + "\ufffd" * 4
        assert (strange["body_bytes"], long["body_bytes"]) == (24, 104_097)
        assert long["body"] == "a" * 4095


class TestClose:
    async def test_it_is_closed_once_and_leaves_a_row_in_the_audit(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        dead = await a_dead_job(database, tenant)

        first = await client.post(f"{PATH}/{dead.letter_id}/close", headers=reader)
        again = await client.post(f"{PATH}/{dead.letter_id}/close", headers=reader)

        assert (first.status_code, first.json()["requeued_at"]) == (200, None)
        assert first.json()["closed_at"] is not None
        assert (again.status_code, again.json()["code"]) == (409, "letter_closed")
        audited = "select actor_kind, target, detail ->> 'origin' from audit_entry where action = :deed"
        assert await rows(database, tenant, audited, deed="channels.dead_letter_closed") == [
            ("staff", f"dead_letter:{dead.letter_id}", str(dead.id))
        ]
        assert await rows(database, tenant, "select dead_at is null from job where id = :id", id=dead.id) == [(False,)]

    async def test_who_closed_it_is_written_down(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        dead = await a_dead_job(database, tenant)
        me = (await client.get("/v1/auth/me", headers=reader)).json()

        await client.post(f"{PATH}/{dead.letter_id}/close", headers=reader)

        assert await rows(database, tenant, "select closed_by from dead_letter") == [(UUID(me["identity"]["id"]),)]

    async def test_what_is_closed_is_not_requeued(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        dead = await a_dead_job(database, tenant)
        await client.post(f"{PATH}/{dead.letter_id}/close", headers=reader)

        answer = await client.post(f"{PATH}/{dead.letter_id}/requeue", headers=reader)

        assert (answer.status_code, answer.json()["code"]) == (409, "letter_closed")


class TestRequeue:
    async def test_a_job_runs_again_exactly_once_however_many_ask_at_the_same_time(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant, worker: Runner
    ) -> None:
        dead = await a_dead_job(database, tenant)
        again = f"{PATH}/{dead.letter_id}/requeue"

        answers = await asyncio.gather(*(client.post(again, headers=reader) for _ in range(4)))

        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        assert {answer.json().get("code") for answer in answers} == {None, "letter_closed"}
        gaps = "select question, times from gap"
        await until(lambda: rows(database, tenant, gaps))
        await until(lambda: rows(database, tenant, "select 1 where not exists (select from job)"))
        assert await rows(database, tenant, gaps) == [(dead.question, 1)]
        audited = "select count(*) from audit_entry where action = 'channels.dead_letter_requeued'"
        assert await rows(database, tenant, audited) == [(1,)]

    async def test_an_event_is_answered_by_the_next_turn_of_its_thread_exactly_once(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant, worker: Runner
    ) -> None:
        before = counted("event")
        doomed = await a_doomed_message(database, tenant, "Bonjour")
        worker.wake()
        await until(lambda: rows(database, tenant, "select 1 from dead_letter where source = 'event'"))
        (letter,) = await listed(client, reader, source="event", open="true")
        assert letter["origin"] == f"{doomed.thread_id}/1"
        assert "Bonjour" in str(letter["body"])
        at_rest = "select 1 from lane where owner is null and ready_at is null"
        await until(lambda: rows(database, tenant, at_rest))

        # At least: the worker of this process gives up on what other tests left behind, too.
        assert counted("event") >= before + 1
        answer = await client.post(f"{PATH}/{letter['id']}/requeue", headers=reader)
        again = await client.post(f"{PATH}/{letter['id']}/requeue", headers=reader)

        assert (answer.status_code, again.status_code) == (200, 409)
        assert answer.json()["requeued_at"] == answer.json()["closed_at"] is not None
        await until(lambda: rows(database, tenant, "select 1 from event where settled_by = 'turn'"))
        await until(lambda: rows(database, tenant, at_rest))
        authors = [row[0] for row in await rows(database, tenant, "select author from message order by n")]
        assert authors == ["contact", "assistant", "assistant"]  # the apology, then the answer
        assert await listed(client, reader, open="true") == []

    async def test_what_came_by_webhook_and_nobody_could_read_is_only_closed(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        await keep(database, tenant, b"not JSON")
        (letter,) = await listed(client, reader)

        answer = await client.post(f"{PATH}/{letter['id']}/requeue", headers=reader)

        assert (answer.status_code, answer.json()["code"]) == (409, "cannot_requeue")
        assert [each["id"] for each in await listed(client, reader, open="true")] == [letter["id"]]

    @pytest.mark.parametrize("gone", ["delete from job", "update job set dead_at = null"])
    async def test_a_job_that_is_not_there_or_not_dead_is_not_run_again(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant, gone: str
    ) -> None:
        dead = await a_dead_job(database, tenant)
        async with factories.begin_work(database, tenant) as ctx:
            await ctx.session.execute(sql(gone))

        answer = await client.post(f"{PATH}/{dead.letter_id}/requeue", headers=reader)

        assert (answer.status_code, answer.json()["code"]) == (409, "cannot_requeue")

    async def test_an_event_that_was_deleted_with_its_thread_is_not_answered(
        self, client: AsyncClient, reader: dict[str, str], database: Database, tenant: Tenant
    ) -> None:
        async with database.transaction(tenant.id) as session:
            await dead_letters.keep(
                session, tenant.id, source=Source.EVENT, origin=f"{uuid4()}/1", body=b"{}", reason="gone"
            )
        (letter,) = await listed(client, reader)

        answer = await client.post(f"{PATH}/{letter['id']}/requeue", headers=reader)

        assert (answer.status_code, answer.json()["code"]) == (409, "cannot_requeue")
        assert await rows(database, tenant, "select count(*) from lane") == [(0,)]

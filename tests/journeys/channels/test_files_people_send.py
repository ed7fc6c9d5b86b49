"""Pictures and documents from end to end: fetched, looked at, kept, shown to staff; or it is said why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from lumi.core.clock import now
from lumi.core.i18n import tr
from lumi.integrations.clamd.fake import server as clamd
from lumi.integrations.clamd.fake.twin import EICAR
from lumi.modules.attachments import public as attachments
from lumi.modules.channels.public import Channel
from lumi.modules.files.services import scanning as files_scanning
from tests import factories
from tests.journeys.channels.hearing import limited, scanner_at, send, undecided
from tests.waiting import until

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import AsyncClient

    from tests.conftest import StaffHeaders
    from tests.journeys.channels.conftest import Dialogue
    from tests.journeys.conftest import Line

pytestmark = pytest.mark.usefixtures("worker")
on_many = pytest.mark.parametrize(
    "dialogue", [Channel.WHATSAPP, Channel.TELEGRAM, Channel.GMAIL, Channel.MAILBOX], ids=str, indirect=True
)
on_one = pytest.mark.parametrize("dialogue", [Channel.WHATSAPP], ids=str, indirect=True)
JPEG = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x10\x03" + bytes(12)
STATES = "select state, error, file_id is not null from attachment order by event_n"


async def the_file(dialogue: Dialogue, client: AsyncClient, headers: dict[str, str]) -> dict[str, object]:
    """The file of the first message, as staff see it."""
    ((thread,),) = await dialogue.rows("select id from thread")
    answer = await client.get(f"/v1/conversations/{thread}/messages", headers=headers)
    (file,) = cast("list[dict[str, object]]", answer.json()["items"][0]["attachments"])
    return file


@on_many
async def test_a_document_is_kept_and_its_words_are_answered(
    dialogue: Dialogue, client: AsyncClient, staff: StaffHeaders
) -> None:
    await send(dialogue, "document", b"Menu of the day\n", "text/plain", name="menu.txt", caption="Merci beaucoup")

    assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]
    ((thread,),) = await dialogue.rows("select id from thread")
    answer = await client.get(f"/v1/conversations/{thread}/messages", headers=await staff("conversations:read"))
    first = cast("dict[str, object]", answer.json()["items"][0])
    (file,) = cast("list[dict[str, object]]", first["attachments"])
    assert first["text"] == "Merci beaucoup"
    assert (file["name"], file["state"], file["size_bytes"]) == ("menu.txt", "ready", 16)
    opened = await client.get("/files/" + str(file["link"]).rpartition("/")[2])
    assert opened.content == b"Menu of the day\n"


@on_many
async def test_a_file_with_malware_is_refused_told_once_and_for_a_person(dialogue: Dialogue) -> None:
    async with clamd.running() as scanner, scanner_at(dialogue.house, scanner.address):
        await send(dialogue, "document", EICAR, "text/plain", name="invoice.txt")

        assert await dialogue.hears(1) == [tr("assistant-file-not-had", "fr", why="malware")]

    assert await dialogue.rows(STATES) == [("refused", "malware", True)]
    assert await dialogue.rows("select wants_human_at is not null from thread") == [(True,)]


@on_one
async def test_an_infected_file_has_no_link(dialogue: Dialogue, client: AsyncClient, staff: StaffHeaders) -> None:
    async with clamd.running() as scanner, scanner_at(dialogue.house, scanner.address):
        await send(dialogue, "document", EICAR, "text/plain", name="invoice.txt")
        await dialogue.hears(1)
    ((thread,),) = await dialogue.rows("select id from thread")

    answer = await client.get(f"/v1/conversations/{thread}/messages", headers=await staff("conversations:read"))

    (file,) = answer.json()["items"][0]["attachments"]
    assert (file["link"], file["why"]) == (None, "malware")


@on_many
async def test_what_is_too_large_is_told_so(dialogue: Dialogue) -> None:
    with limited(dialogue.house, 10):
        await send(dialogue, "document", b"more than ten bytes", "text/plain", name="long.txt")

        assert await dialogue.hears(1) == [tr("assistant-file-not-had", "fr", why="too_large")]

    assert await dialogue.rows(STATES) == [("refused", "too_large", False)]


@on_one
async def test_what_could_run_is_not_taken(dialogue: Dialogue) -> None:
    await send(dialogue, "document", b"<html><script>alert(1)</script>", "application/pdf", name="menu.pdf")

    assert await dialogue.hears(1) == [tr("assistant-file-not-had", "fr", why="type")]


@on_many
async def test_a_picture_without_words_is_kept_for_staff_and_answered(dialogue: Dialogue) -> None:
    kind = "photo" if dialogue.provider.channel is Channel.TELEGRAM else "image"
    await send(dialogue, kind, JPEG, "image/jpeg")

    assert await dialogue.hears(1) == [tr("assistant-unreadable", "fr", kind="image")]
    assert await dialogue.rows(STATES) == [("ready", None, True)]


@on_one
async def test_while_the_scanner_is_away_nothing_is_handed_out_and_the_answer_does_not_wait_for_ever(
    dialogue: Dialogue, client: AsyncClient, staff: StaffHeaders
) -> None:
    async with scanner_at(dialogue.house, "127.0.0.1:1"):
        await send(dialogue, "document", b"Menu\n", "text/plain", name="menu.txt", caption="Merci beaucoup")
        await until(lambda: dialogue.rows("select 1 from attachment where file_id is not null"))
        await dialogue.rows("update attachment set wait_until = clock_timestamp() returning id")
        await dialogue.rows("select app.touch_lane(tenant_id, id) from thread")

        assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]
        ((thread,),) = await dialogue.rows("select id from thread")
        answer = await client.get(f"/v1/conversations/{thread}/messages", headers=await staff("conversations:read"))
        (file,) = answer.json()["items"][0]["attachments"]
        assert (file["state"], file["link"]) == ("waiting", None)


@on_one
async def test_in_production_where_nobody_said_who_looks_a_file_is_answered_kept_and_shown_to_nobody(
    dialogue: Dialogue, app: FastAPI, client: AsyncClient, staff: StaffHeaders
) -> None:
    with undecided(app):
        await send(dialogue, "document", b"Menu\n", "text/plain", name="menu.txt", caption="Merci beaucoup")
        assert await dialogue.hears(1) == [tr("assistant-thanks", "fr")]
        file = await the_file(dialogue, client, await staff("conversations:read"))
        assert (file["state"], file["file_state"], file["link"]) == ("ready", "unscanned", None)

    async with clamd.running() as scanner, scanner_at(dialogue.house, scanner.address) as vault:
        await files_scanning.scan_waiting(vault)  # as every hour, once there is a scanner
        await until(lambda: dialogue.rows("select 1 from stored_file where state = 'clean'"))
    assert (await the_file(dialogue, client, await staff("conversations:read")))["link"] is not None


async def test_an_address_that_has_expired_is_replaced_by_a_fresh_one(line: Line) -> None:
    files = line.twin.twin.files
    kept = files.keep(line.number, "text/plain", b"Menu\n")
    dead = files.address(line.twin.url, kept, "webhook", -10)
    document = {"id": kept.id, "url": dead, "mime_type": "text/plain", "filename": "menu.txt", "caption": "Merci !"}

    await line.post(line.body(line.message(None, type="document", document=document)))

    (reply,) = await line.hears(1)
    assert reply.text == tr("assistant-thanks", "fr")
    assert await line.rows(STATES) == [("ready", None, True)]


@on_one
async def test_what_is_taken_back_is_gone_with_its_files(dialogue: Dialogue) -> None:
    await send(dialogue, "document", b"Menu\n", "text/plain", name="menu.txt", caption="Merci beaucoup")
    await dialogue.hears(1)
    ((sent,),) = await dialogue.rows("select provider_id from event where kind = 'message'")

    await dialogue.provider.ask("POST", "revoke", {"from": dialogue.provider.person, "id": sent})

    await until(lambda: dialogue.rows("select 1 from attachment where state = 'removed'"))
    assert await dialogue.rows("select name, reference, file_id from attachment") == [("", {}, None)]
    assert await dialogue.rows("select count(*) from stored_file") == [(0,)]


@on_one
async def test_what_is_old_is_forgotten_with_its_files(dialogue: Dialogue) -> None:
    await send(dialogue, "document", b"Menu\n", "text/plain", name="menu.txt", caption="Merci beaucoup")
    await dialogue.hears(1)
    ((thread,),) = await dialogue.rows("select id from thread")

    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        assert await attachments.forget(ctx, [thread], before=now(), limit=100) == 1  # type: ignore[list-item]

    assert await dialogue.rows("select count(*) from stored_file") == [(0,)]
    await until(lambda: _all_jobs_done(dialogue))


async def _all_jobs_done(dialogue: Dialogue) -> bool:
    return not await dialogue.rows("select 1 from job where kind = 'files.RemoveBytes' and ready_at <= now()")

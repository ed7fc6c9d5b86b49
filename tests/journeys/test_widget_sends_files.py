"""Visitors send files: in the conversation once, looked at before anybody has them, and refused in words."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import pytest

from lumi.core import i18n
from lumi.core.multipart import Incoming
from lumi.integrations.clamd.fake import server as clamd
from lumi.integrations.clamd.fake.twin import EICAR
from lumi.modules.attachments import public as attachments
from lumi.modules.channels.public import Channel, Inbound, Media
from lumi.modules.files.adapters.clamav import ClamAv
from tests import factories
from tests.journeys.guests import READY, Guest, file_of, pieces
from tests.modules.files.samples import PNG, TAKEN

if TYPE_CHECKING:
    from lumi.api.house import House
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.usefixtures("worker")
MEGABYTE = 1 << 20
TEXT = b"Coupe 30\n"


async def test_a_picture_and_its_words_reach_staff_the_assistant_and_the_visitors_own_page(
    guest: Guest, staff: StaffHeaders
) -> None:
    key = uuid4()
    answer = await guest.send(PNG, "Ma photo.png", key=key, words="Merci !")

    assert (answer.status_code, answer.json()) == (201, {"id": str(key)})
    await guest.until(f"{READY} and state = 'ready'")
    await guest.until("select 1 from delivery where state = 'sent'")
    ((thread,),) = await guest.rows("select id from thread")
    path = f"/v1/conversations/{thread}/messages"
    said = (await guest.site.client.get(path, headers=await staff("conversations:read"))).json()["items"]
    (file,) = said[0]["attachments"]
    assert (said[0]["text"], said[0]["kind"], file["name"], file["kind"], file["state"]) == (
        "Merci !", "media", "Ma photo.png", "image", "ready",
    )  # fmt: skip
    opened = await guest.site.client.get("/files/" + file["link"].rpartition("/")[2])
    assert opened.content == PNG
    own, reply = await guest.shown()
    assert (own["client_id"], file_of(own)["name"]) == (str(key), "Ma photo.png")
    assert file_of(own)["url"] is not None
    assert reply["text"] == i18n.tr("assistant-thanks", "fr")


async def test_a_recording_goes_the_way_of_all_recordings(guest: Guest) -> None:
    content, mime, kind = TAKEN["voice.ogg"]
    await guest.send(content, "voice.ogg", mime)

    # Nobody hears here, and that is found out where recordings of other channels are heard.
    heard = await guest.until("select kind, state, error from attachment where state <> 'waiting'")
    assert heard == [(kind, "ready", "nobody_hears")]


async def test_a_file_can_be_the_first_thing_somebody_says_and_their_open_page_shows_it(guest: Guest) -> None:
    async with guest.site.visit(guest.token) as visitor:
        await visitor.frame("ready")
        await guest.send(PNG)
        await visitor.say({"type": "resume", "after": 0})
        own = await visitor.frame("message")

    assert file_of(own)["name"] == "photo.png"


async def test_what_is_sent_again_because_its_answer_was_lost_is_there_once(guest: Guest) -> None:
    key = uuid4()
    first = await asyncio.gather(*(guest.send(PNG, key=key, words="Merci !") for _ in range(3)))
    await guest.until(READY)
    last = await guest.send(PNG, key=key, words="Merci !")

    assert {each.status_code for each in (*first, last)} == {201}
    counts = "select (select count(*) from event where kind = 'message'), (select count(*) from attachment),"
    assert await guest.rows(f"{counts} (select count(*) from stored_file)") == [(1, 1, 1)]


async def test_the_same_id_with_another_file_is_refused(guest: Guest) -> None:
    key = uuid4()
    await guest.send(PNG, key=key)
    answer = await guest.send(TEXT, "prix.txt", "text/plain", key=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert await guest.until(READY) == [("ready", "photo.png", "image")]


async def test_the_id_of_another_visitors_file_names_nothing_of_theirs(guest: Guest) -> None:
    key, other = uuid4(), Guest(guest.site, str((await guest.site.session())["token"]))
    await guest.send(PNG, "mine.png", key=key)
    answer = await other.send(TEXT, "prix.txt", "text/plain", key=key)
    await guest.until(f"{READY} and name = 'prix.txt'")

    assert answer.status_code == 201
    assert [[file_of(each)["name"] for each in await one.shown() if each["author"] == "contact"]
            for one in (guest, other)] == [["mine.png"], ["prix.txt"]]  # fmt: skip


async def test_nobody_has_a_file_before_it_was_looked_at(
    guest: Guest, staff: StaffHeaders, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.vault, "scanner", ClamAv(house.http, "127.0.0.1:1"))  # away
    await guest.send(PNG, words="Merci !")
    await guest.until("select 1 from attachment where file_id is not null")
    own = file_of((await guest.shown())[0])
    assert (own["state"], own["url"]) == ("waiting", None)
    ((thread,),) = await guest.rows("select id from thread")
    path = f"/v1/conversations/{thread}/messages"
    said = (await guest.site.client.get(path, headers=await staff("conversations:read"))).json()["items"]
    assert (said[0]["attachments"][0]["state"], said[0]["attachments"][0]["link"]) == ("waiting", None)

    async with clamd.running() as scanner:
        monkeypatch.setattr(house.vault, "scanner", ClamAv(house.http, scanner.address))
        await guest.rows("update job set ready_at = now() where kind = 'files.ScanFile' returning 1")
        await guest.rows("select pg_notify('lumi_wake', 'jobs')")
        await guest.until(f"{READY} and state = 'ready'")

    assert file_of((await guest.shown())[0])["url"] is not None


async def test_malware_is_refused_told_and_never_handed_out(
    guest: Guest, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clamd.running() as scanner:
        monkeypatch.setattr(house.vault, "scanner", ClamAv(house.http, scanner.address))
        await guest.send(EICAR, "invoice.txt", "text/plain")
        await guest.until(f"{READY} and state = 'refused' and error = 'malware'")
        await guest.until("select 1 from delivery where state = 'sent'")

    own, reply = await guest.shown()
    assert (file_of(own)["state"], file_of(own)["url"]) == ("refused", None)
    assert reply["text"] == i18n.tr("assistant-file-not-had", str(reply["lang"]), why="malware")


async def test_in_production_where_nobody_said_who_looks_a_file_is_kept_and_shown_to_nobody(
    guest: Guest, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    undecided = dataclasses.replace(house.vault._says, hands_out_unseen=False)  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(house.vault, "_says", undecided)
    await guest.send(PNG)
    await guest.until(READY)

    assert file_of((await guest.shown())[0])["url"] is None


async def kept(guest: Guest, house: House, address: str, content: bytes) -> Media:
    """A file that arrived, whose message has not been entered: its process died."""
    async with factories.begin_work(guest.site.database, guest.site.tenant) as ctx:
        sent = Incoming("photo.png", "image/png", pieces(content))
        return await attachments.keep(house.vault, ctx, sent, key=f"{address}/1")


async def test_what_was_looked_at_before_its_message_was_recorded_is_not_waited_for(
    guest: Guest, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clamd.running() as scanner:
        monkeypatch.setattr(house.vault, "scanner", ClamAv(house.http, scanner.address))
        media = await kept(guest, house, "visitor:1", PNG)
        await guest.until("select 1 from stored_file where state = 'clean'")
        await guest.until("select 1 where not exists (select from job where kind like 'files.FileScanned%')")
        ((account,),) = await guest.rows("select id from channel_account")
        payload = {"kind": "media", "type": "image", "text": "", "media": [media.in_payload()]}
        item = Inbound(guest.site.tenant.slug, "visitor:1/1", ["visitor:1"], payload)
        await house.receiver.enter(guest.site.tenant.id, cast("UUID", account), Channel.WEB, item)

        assert await guest.until(READY) == [("ready", "photo.png", "image")]


async def test_a_file_whose_message_never_came_is_let_go_and_one_that_has_a_message_stays(
    guest: Guest, house: House
) -> None:
    await kept(guest, house, "visitor:1", PNG)
    await guest.send(TEXT, "prix.txt", "text/plain")
    await guest.until(READY)
    due = "update job set ready_at = now() where kind = 'attachments.DropUnclaimed' returning 1"
    assert len(await guest.rows(due)) == 2
    await guest.rows("select pg_notify('lumi_wake', 'jobs')")
    await guest.until("select 1 where not exists (select from job where kind = 'attachments.DropUnclaimed')")

    assert await guest.rows("select name from stored_file") == [("prix.txt",)]


async def test_what_another_channel_writes_names_no_file_of_ours(guest: Guest, house: House) -> None:
    media = await kept(guest, house, "visitor:1", PNG)

    assert house.sender.kept(Channel.WEB, media) is not None
    assert [each for each in Channel if house.sender.kept(each, media)] == [Channel.WEB, Channel.TERMINAL]

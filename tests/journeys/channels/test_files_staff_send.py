"""Files that staff send, on every channel: attached, refused in time, sent once, shown, kept with the message."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from lumi.core.clock import now
from lumi.core.ids import new_id
from lumi.integrations.clamd.fake import server as clamd
from lumi.integrations.clamd.fake.twin import EICAR
from lumi.modules.attachments import public as attachments
from lumi.modules.channels.public import Channel
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.files.adapters.clamav import ClamAv
from tests import factories
from tests.journeys.channels.desk import JPEG, PDF
from tests.journeys.channels.sites import PROVIDERS
from tests.modules.files import samples
from tests.waiting import until

if TYPE_CHECKING:
    from tests.conftest import StaffHeaders
    from tests.journeys.channels.desk import Desk

pytestmark = pytest.mark.usefixtures("worker")
on_each_that_takes_files = pytest.mark.parametrize(
    "dialogue", [each for each in (*PROVIDERS, Channel.WEB) if CAPABILITIES[each].media], ids=str, indirect=True
)
on_one = pytest.mark.parametrize("dialogue", [Channel.TELEGRAM], ids=str, indirect=True)
on_whatsapp = pytest.mark.parametrize("dialogue", [Channel.WHATSAPP], ids=str, indirect=True)
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00" + bytes(413)


@on_each_that_takes_files
async def test_a_file_arrives_with_its_words_and_is_shown_to_staff_as_it_left(desk: Desk) -> None:
    can = desk.dialogue.house.sender.capabilities(desk.dialogue.provider.channel)
    attachment = await desk.attached("Menu of the day.pdf", PDF, "application/pdf")

    answer = await desk.reply("Voici le menu.", attachment)

    assert answer.status_code == 201, answer.text
    captioned = can.media["document"].caption > 0  # type: ignore[index]  # a kind is its word
    await desk.dialogue.hears(2 if captioned else 3)
    states = await desk.dialogue.rows("select body -> 'file' is not null, state from delivery order by n offset 1")
    assert [each[0] for each in states] == ([True] if captioned else [False, True])
    assert {each[1] for each in states} <= {"sent", "delivered", "read"}
    said = (await desk.shown())[-1]
    (file,) = cast("list[dict[str, object]]", said["attachments"])
    assert (said["text"], said["kind"], file["name"], file["kind"], file["state"]) == (
        "Voici le menu.", "media", "Menu of the day.pdf", "document", "ready",
    )  # fmt: skip
    opened = await desk.client.get("/files/" + str(file["link"]).rpartition("/")[2])
    assert opened.content == PDF


def test_every_channel_but_the_terminal_takes_files() -> None:
    assert {each for each in Channel if not CAPABILITIES[each].media} == {Channel.TERMINAL}


@on_each_that_takes_files
async def test_a_picture_alone_needs_no_words(desk: Desk) -> None:
    attachment = await desk.attached("pool.jpg", JPEG, "image/jpeg")

    assert (await desk.reply("", attachment)).status_code == 201
    await desk.dialogue.hears(2)

    assert (await desk.dialogue.states())[1:] != ["failed"]
    (row,) = (await desk.client.get("/v1/conversations", headers=desk.headers)).json()["items"]
    assert (row["last"]["text"], row["last"]["file"]) == ("", "image")


@on_each_that_takes_files
async def test_what_does_not_get_through_is_tried_again_and_arrives_once(desk: Desk) -> None:
    if desk.dialogue.is_ours:
        pytest.skip("what leaves is taken by nobody but us")
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")
    await desk.dialogue.provider.faults(fail_rate=1, status=desk.dialogue.provider.busy)
    await desk.reply("", attachment)
    await until(lambda: desk.dialogue.rows("select 1 from delivery where attempt > 0 and state = 'committed'"))
    await desk.dialogue.provider.faults()
    await desk.dialogue.rows("update delivery set next_try_at = now() where state = 'committed' returning 1")
    await desk.dialogue.rows("update lane set ready_at = now() where owner is null returning 1")

    assert len(await desk.dialogue.hears(2)) == 2


@on_one
async def test_words_too_long_for_a_caption_leave_before_their_file(desk: Desk) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")

    await desk.reply("mot " * 400, attachment)

    assert (await desk.dialogue.hears(3))[1:] == [("mot " * 400).strip(), "None"]


@on_whatsapp
async def test_a_file_is_brought_before_its_message_so_that_a_cut_upload_leaves_nothing_unknown(desk: Desk) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")

    await desk.reply("Voici.", attachment)
    await desk.dialogue.hears(2)

    log = cast("list[dict[str, object]]", (await desk.dialogue.provider.ask("GET", "log"))["messages"])
    assert [(each["type"], each["text"]) for each in log][-1] == ("document", "Voici.")


@on_whatsapp
async def test_a_file_is_brought_once_however_often_the_provider_puts_its_message_off(desk: Desk) -> None:
    provider = desk.dialogue.provider
    await provider.ask("POST", "limits", {"pair_burst": 1, "pair_seconds": 3600})
    await desk.reply("Un instant.", None)
    await desk.reply("Voici.", await desk.attached("menu.pdf", PDF, "application/pdf"))

    async def goes(so: str) -> bool:
        await desk.go()
        return bool(await desk.dialogue.rows(f"select 1 from delivery where body ? 'file' and {so}"))

    await until(lambda: goes("attempt >= 3"))
    await provider.ask("POST", "limits", {"pair_burst": 0})
    await until(lambda: goes("state in ('sent', 'delivered', 'read')"))

    assert (await provider.heard())[1:] == ["Un instant.", "Voici."]
    assert (await provider.ask("GET", "counts"))["uploads"] == 1


@on_whatsapp
async def test_what_a_channel_does_not_take_is_refused_when_it_is_attached(desk: Desk) -> None:
    by_type = await desk.attach("data.csv", b"a,b\n1,2\n", "text/csv")
    picture = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"

    assert (by_type.status_code, by_type.json()["code"]) == (409, "type_not_taken_there")
    moving = await desk.attach("party.gif", picture, "image/gif")
    assert (moving.status_code, moving.json()["code"]) == (409, "type_not_taken_there")
    large = await desk.attach("wall.jpg", JPEG + bytes(5 << 20), "image/jpeg")
    assert (large.status_code, large.json()["code"], large.json()["limit_bytes"]) == (409, "too_large_there", 5 << 20)
    assert await desk.dialogue.rows("select 1 from attachment") == []


@on_whatsapp
async def test_of_ogg_only_opus_is_taken_and_only_a_short_one_is_shown_as_a_voice_note(desk: Desk) -> None:
    song = await desk.attach("song.ogg", samples.ogg(b"\x01vorbis\x00"), "audio/ogg")
    assert (song.status_code, song.json()["code"]) == (409, "type_not_taken_there")

    note = samples.ogg(b"OpusHead\x01\x01")
    for n, content in enumerate((note, note + bytes(512 << 10)), 2):
        await desk.reply("", await desk.attached("note.ogg", content, "audio/ogg"))
        await desk.dialogue.hears(n)

    await until(lambda: desk.dialogue.rows("select 1 from delivery where state = 'read' having count(*) = 3"))
    found = await desk.dialogue.provider.ask("GET", f"messages?peer={desk.dialogue.provider.person}")
    shown = cast("list[dict[str, dict[str, object]]]", found["messages"])[-2:]
    assert [each["content"].get("voice", False) for each in shown] == [True, False]


@on_whatsapp
async def test_nothing_is_attached_for_who_has_not_written_for_a_day(desk: Desk) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")
    await desk.dialogue.rows(
        "update event set sent_at = now() - interval '25 h', received_at = now() - interval '25 h' returning 1"
    )
    await desk.dialogue.rows("update thread set heard_at = null returning 1")

    refused = await desk.attach("menu.pdf", PDF, "application/pdf")

    assert (refused.status_code, refused.json()["code"]) == (409, "outside_window")
    late = await desk.reply("Voici.", attachment)
    assert (late.status_code, late.json()["code"]) == (409, "outside_window")


@on_one
async def test_where_nobody_decided_who_looks_at_files_none_is_attached_and_none_is_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")
    desk.with_vault(monkeypatch, hands_out_unseen=False)

    refused = await desk.attach("menu.pdf", PDF, "application/pdf")
    late = await desk.reply("Voici.", attachment)

    assert (refused.status_code, refused.json()["code"]) == (409, "no_scanner")
    assert (late.status_code, late.json()["code"]) == (409, "no_scanner")
    assert await desk.dialogue.rows("select 1 from delivery where body ? 'file'") == []


@on_each_that_takes_files
async def test_whoever_fetches_files_is_given_none_that_cannot_be_fetched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.with_vault(monkeypatch, address="http://127.0.0.1:8000")

    answer = await desk.attach("menu.pdf", PDF, "application/pdf")

    fetches = desk.dialogue.provider.channel in (Channel.INSTAGRAM, Channel.MESSENGER)
    assert (answer.status_code, answer.json().get("code")) == ((409, "not_fetchable") if fetches else (201, None))


@on_one
async def test_a_large_picture_leaves_as_a_document(desk: Desk) -> None:
    answer = await desk.attach("wall.jpg", JPEG + bytes(10 << 20), "image/jpeg")

    assert (answer.json()["kind"], answer.json()["shown_as"]) == ("image", "document")


@on_one
async def test_what_nobody_has_looked_at_is_not_sent_and_malware_never(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = desk.dialogue.house
    monkeypatch.setattr(house.vault, "scanner", ClamAv(house.http, "127.0.0.1:1"))
    clean = await desk.attach("menu.pdf", PDF, "application/pdf")
    early = await desk.reply("", clean.json()["id"])
    assert (clean.json()["state"], early.status_code, early.json()["code"]) == ("waiting", 409, "not_scanned")

    async with clamd.running() as scanner:
        monkeypatch.setattr(house.vault, "scanner", ClamAv(house.http, scanner.address))
        infected = await desk.attach("invoice.txt", EICAR, "text/plain")
        settled = "select state, error from attachment where name = 'invoice.txt' and state <> 'waiting'"
        await until(lambda: desk.dialogue.rows(settled))
        refused = await desk.reply("", infected.json()["id"])

    assert await desk.dialogue.rows(settled) == [("refused", "malware")]
    assert (refused.status_code, refused.json()["code"]) == (410, "file_infected")


@on_one
async def test_a_file_is_sent_with_one_message_however_often_it_is_asked_for(desk: Desk) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")
    first = await desk.reply("Voici.", attachment, key="once")
    again = await desk.reply("Voici.", attachment, key="once")
    other = await desk.reply("Encore.", attachment)

    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["code"]) == (409, "attachment_sent")
    assert len(await desk.dialogue.hears(2)) == 2


@on_one
async def test_the_same_key_attaches_once_and_a_file_of_nobody_is_not_found(desk: Desk) -> None:
    first = await desk.attach("menu.pdf", PDF, "application/pdf", key="upload-1")
    again = await desk.attach("menu.pdf", PDF, "application/pdf", key="upload-1")
    other = await desk.attach("menu.pdf", PDF + b"\n", "application/pdf", key="upload-1")

    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    unknown = await desk.reply("Voici.", str(new_id()))
    assert unknown.status_code == 404
    assert (await desk.reply("", None)).status_code == 422


@on_one
async def test_what_was_attached_and_taken_back_is_gone_with_its_bytes(desk: Desk) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")
    path = f"/v1/conversations/{await desk.thread()}/attachments/{attachment}"

    assert (await desk.client.delete(path, headers=desk.headers)).status_code == 204

    assert (await desk.client.get(path, headers=desk.headers)).status_code == 404
    assert await desk.dialogue.rows("select 1 from stored_file") == []
    assert (await desk.reply("", attachment)).status_code == 404


@on_one
async def test_a_file_deleted_before_it_left_is_said_to_be_gone(desk: Desk, staff: StaffHeaders) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")
    await desk.dialogue.provider.faults(fail_rate=1, status=desk.dialogue.provider.busy)
    await desk.reply("", attachment)
    await until(lambda: desk.dialogue.rows("select 1 from delivery where attempt > 0 and state = 'committed'"))
    ((file_id,),) = await desk.dialogue.rows("select id from stored_file")
    gone = await desk.client.delete(f"/v1/files/{file_id}", headers=await staff("files:read", "files:write"))
    assert gone.status_code == 204
    await desk.dialogue.provider.faults()
    await desk.dialogue.rows("update delivery set next_try_at = now() where state = 'committed' returning 1")
    await desk.dialogue.rows("update lane set ready_at = now() where owner is null returning 1")
    await until(lambda: desk.dialogue.rows("select 1 from delivery where state = 'failed'"))

    delivery = cast("dict[str, object]", (await desk.shown())[-1]["delivery"])
    assert delivery["error"] == "file_gone"
    assert str(delivery["says"]).startswith("The file was deleted")


@on_one
async def test_a_file_whose_outcome_nobody_knows_leaves_again_when_a_person_wants_it(desk: Desk) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")
    await desk.dialogue.provider.faults(disconnect_after_accept_rate=1)
    answer = await desk.reply("Voici.", attachment)
    await until(lambda: desk.dialogue.rows("select 1 from delivery where state = 'sending'"))
    await desk.dialogue.provider.faults()
    await desk.dialogue.rows("update delivery set sending_at = sending_at - interval '15 s' returning 1")
    await desk.dialogue.rows("update lane set ready_at = now() where owner is null returning 1")
    await until(lambda: desk.dialogue.rows("select 1 from delivery where state = 'unknown'"))
    assert len(await desk.dialogue.provider.heard()) == 2

    path = f"/v1/conversations/{await desk.thread()}/messages/{answer.json()['id']}/send-again"
    again = await desk.client.post(path, headers=desk.headers)

    assert again.json()["attachments"][0]["name"] == "menu.pdf"
    assert len(await desk.dialogue.hears(3)) == 3


@on_whatsapp
async def test_what_waits_when_the_window_closes_is_held_whole_and_leaves_in_order_when_they_write(desk: Desk) -> None:
    attachment = await desk.attached("voice.mp3", MP3, "audio/mpeg")
    await desk.dialogue.provider.faults(fail_rate=1, status=503)
    await desk.reply("Voici.", attachment)
    # Tried once, and not again before it is late: whoever is about to try has seen an open window.
    rests = (
        "update delivery d set next_try_at = now() + interval '1 h' from lane l where l.key = d.thread_id"
        " and l.owner is null and d.state = 'committed' and d.attempt > 0 returning 1"
    )
    await until(lambda: desk.dialogue.rows(rests))
    late = "now() - interval '25 h'"
    await desk.dialogue.rows(f"update event set sent_at = {late}, received_at = {late} returning 1")
    await desk.dialogue.rows("update thread set heard_at = null returning 1")
    await desk.dialogue.provider.faults()
    await desk.go()
    held = "select 1 from delivery where state = 'held' and error = 'window_closed' having count(*) = 2"
    await until(lambda: desk.dialogue.rows(held))
    assert len(await desk.dialogue.provider.heard()) == 1

    await desk.dialogue.provider.write("Bonjour ?")

    assert (await desk.dialogue.hears(3))[1:] == ["Voici.", "None"]


@on_one
async def test_a_file_goes_with_its_conversation_when_that_is_brought_together_with_another(desk: Desk) -> None:
    attachment = await desk.attached("menu.pdf", PDF, "application/pdf")
    await desk.dialogue.provider.faults(fail_rate=1, status=503)
    await desk.reply("", attachment)
    await until(lambda: desk.dialogue.rows("select 1 from delivery where attempt > 0 and settled_at is null"))
    older = await desk.an_older_thread()

    await desk.dialogue.provider.faults()
    await desk.unite(older)
    await desk.go()
    await desk.dialogue.hears(2)

    assert await desk.dialogue.rows("select thread_id, state from attachment") == [(older, "ready")]
    (last,) = await desk.dialogue.rows("select thread_id from delivery where body ? 'file' and state = 'sent'")
    assert last == (older,)


@on_one
async def test_a_file_that_was_never_sent_is_let_go_and_one_that_was_stays_as_long_as_its_message(desk: Desk) -> None:
    kept = await desk.attached("menu.pdf", PDF, "application/pdf")
    await desk.reply("", kept)
    await desk.attached("other.pdf", PDF, "application/pdf")
    await desk.dialogue.hears(2)
    house, tenant = desk.dialogue.house, desk.dialogue.tenant
    due = "update job set ready_at = now() where kind = 'attachments.DropUnsent' returning 1"
    assert len(await desk.dialogue.rows(due)) == 2
    await until(lambda: desk.dialogue.rows("select 1 from attachment having count(*) = 1"))
    assert await desk.dialogue.rows("select name from stored_file") == [("menu.pdf",)]

    async with factories.begin_work(house.db, tenant) as ctx:
        thread = await desk.thread()
        assert await attachments.forget(ctx, [thread], before=now() + timedelta(days=1), limit=10) == 1

    assert await desk.dialogue.rows("select 1 from stored_file") == []

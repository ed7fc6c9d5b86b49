"""Visitors send files: in the conversation once, looked at before anybody has them, and refused in words."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text as sql

from lumi.api import widget_files
from lumi.core import i18n
from lumi.core.multipart import Incoming
from lumi.integrations.clamd.fake import server as clamd
from lumi.integrations.clamd.fake.twin import EICAR
from lumi.modules.attachments import public as attachments
from lumi.modules.channels.public import Channel, Inbound, Media
from lumi.modules.files.adapters.clamav import ClamAv
from tests import factories
from tests.journeys.visiting import PATIENCE_SECONDS, SITE, Frame, Site
from tests.modules.files.samples import PNG, REFUSED, SVG, TAKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from fastapi import FastAPI
    from httpx2 import Response

    from lumi.api.house import House
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.usefixtures("worker")
MEGABYTE = 1 << 20
TEXT = b"Coupe 30\n"


@dataclasses.dataclass
class Guest:
    """A visitor in a browser."""

    site: Site
    token: str

    async def send(
        self, content: bytes, name: str = "photo.png", mime: str = "image/png", *, key: object = None,
        words: str | None = None, headers: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        """Send a file, as the widget does."""
        said = {} if words is None else {"text": words}
        own = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(key or uuid4()), "Origin": SITE}
        return await self.site.client.post(
            "/v1/widget/files", data=said, files={"file": (name, content, mime)}, headers={**own, **(headers or {})}
        )

    async def rows(self, statement: str) -> Sequence[tuple[object, ...]]:
        async with factories.begin_work(self.site.database, self.site.tenant) as ctx:
            return [tuple(row) for row in (await ctx.session.execute(sql(statement))).all()]

    async def until(self, statement: str) -> Sequence[tuple[object, ...]]:
        """The rows of it, once there are any."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := await self.rows(statement)):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.05)
        return found

    async def shown(self) -> list[Frame]:
        """The messages of the visitor's page, loaded again."""
        session = await self.site.session(self.token)
        found: list[Frame] = []
        async with self.site.visit(session["token"]) as visitor:
            await visitor.say({"type": "resume", "after": 0})
            while (frame := await visitor.frame("message", "resumed"))["type"] == "message":
                found.append(frame)
        return found


@pytest.fixture
async def guest(site: Site) -> Guest:
    """Somebody who has opened the page and said nothing yet."""
    return Guest(site, str((await site.session())["token"]))


@pytest.fixture
def house(app: FastAPI) -> House:
    return cast("House", app.state.house)


READY = "select state, name, kind from attachment where state <> 'waiting'"
NOTHING = "select 1 from event union all select 1 from stored_file"


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


def file_of(frame: Frame) -> Frame:
    (file,) = cast("list[Frame]", frame["files"])
    return file


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


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic {token}", "Bearer {token}x", "{token}"])
async def test_a_stranger_without_a_visitors_token_sends_nothing(guest: Guest, authorization: str) -> None:
    answer = await guest.send(PNG, headers={"Authorization": authorization.format(token=guest.token)})

    assert (answer.status_code, answer.json()["code"]) == (401, "visitor_unknown")
    assert await guest.rows(NOTHING) == []


async def test_the_token_of_staff_is_no_visitors(guest: Guest, staff: StaffHeaders) -> None:
    answer = await guest.send(PNG, headers=await staff("files:write", "conversations:write"))

    assert answer.status_code == 401


async def test_a_page_that_may_not_show_the_widget_sends_no_file(guest: Guest) -> None:
    answer = await guest.send(PNG, headers={"Origin": "https://evil.example"})

    assert (answer.status_code, await guest.rows(NOTHING)) == (403, [])


@pytest.mark.parametrize("what", ["page.html", "drawing.svg", "program.exe", "macros.docm", "late.txt", "photo.heic"])
@pytest.mark.parametrize(("name", "mime"), [("photo.png", "image/png"), ("file", "application/octet-stream")])
async def test_what_could_run_is_refused_by_its_bytes_whatever_it_is_called(
    guest: Guest, what: str, name: str, mime: str
) -> None:
    answer = await guest.send(REFUSED[what], name, mime)

    assert (answer.status_code, answer.json()["code"]) in {(415, "type_refused"), (415, "type_contradicted")}
    assert await guest.rows(NOTHING) == []


async def test_a_drawing_with_a_script_is_no_text_and_a_text_is_saved_never_shown(guest: Guest) -> None:
    drawing = await guest.send(SVG, "logo.txt", "text/plain")
    assert drawing.status_code == 415

    await guest.send(TEXT, "prix.txt", "text/plain")
    await guest.until(READY)
    link = str(file_of((await guest.shown())[0])["url"])
    opened = await guest.site.client.get("/files/" + link.rpartition("/")[2])
    said = opened.headers
    assert said["content-disposition"].startswith("attachment")
    assert (said["x-content-type-options"], said["content-security-policy"].split("; ")[-1]) == ("nosniff", "sandbox")


async def test_what_is_too_large_is_refused_with_the_limit_and_leaves_nothing(guest: Guest) -> None:
    answer = await guest.send(PNG + bytes(10 * MEGABYTE))

    assert (answer.status_code, answer.json()["code"], answer.json()["limit_bytes"]) == (
        413, "file_too_large", 10 * MEGABYTE,
    )  # fmt: skip
    assert await guest.rows(NOTHING) == []


def form(content: bytes) -> bytes:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    return head + content + b"\r\n--edge--\r\n"


async def spoken(guest: Guest, length: str, body: AsyncIterator[bytes]) -> bytes:
    """The first line of the answer to a request whose length is said like this."""
    reader, writer = await asyncio.open_connection("127.0.0.1", guest.site.port)
    lines = [
        "POST /v1/widget/files HTTP/1.1", f"Host: 127.0.0.1:{guest.site.port}", f"Authorization: Bearer {guest.token}",
        f"Idempotency-Key: {uuid4()}", "Content-Type: multipart/form-data; boundary=edge", length, "", "",
    ]  # fmt: skip
    async with asyncio.timeout(PATIENCE_SECONDS):
        writer.write("\r\n".join(lines).encode())
        try:
            async for piece in body:
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass  # it has heard enough
        answer = await reader.readline()
        writer.close()
    return answer


async def without_end(limit: int) -> AsyncIterator[bytes]:
    """A file in pieces, without a word of how long it will be."""
    start = form(PNG).partition(b"\r\n--edge--")[0]
    yield b"%x\r\n%b\r\n" % (len(start), start)
    for _ in range(limit // MEGABYTE):
        yield b"%x\r\n%b\r\n" % (MEGABYTE, bytes(MEGABYTE))


async def test_a_body_that_does_not_say_how_long_it_is_ends_at_the_limit(guest: Guest) -> None:
    answer = await spoken(guest, "Transfer-Encoding: chunked", without_end(14 * MEGABYTE))

    assert b" 413 " in answer
    assert await guest.rows(NOTHING) == []


async def test_a_body_longer_than_it_says_is_cut_there_and_is_no_file(guest: Guest) -> None:
    whole = form(PNG + bytes(MEGABYTE))
    answer = await spoken(guest, "Content-Length: 400", pieces(whole))

    assert b" 400 " in answer
    assert await guest.rows(NOTHING) == []


async def test_lines_of_words_are_stored_as_they_were_written_however_a_form_ends_them(guest: Guest) -> None:
    lines = "\n".join("x" * 99 for _ in range(40))
    answer = await guest.send(PNG, words=lines.replace("\n", "\r\n"))

    assert answer.status_code == 201
    assert await guest.until("select text from message where n = 1") == [(lines,)]


@pytest.mark.parametrize(("words", "status", "code"), [("x" * 4001, 422, "too_long"), ("a\x00b", 422, "nul_character")])
async def test_words_that_cannot_be_taken_take_their_file_along(
    guest: Guest, words: str, status: int, code: str
) -> None:
    answer = await guest.send(PNG, words=words)

    assert (answer.status_code, answer.json()["code"], await guest.rows(NOTHING)) == (status, code, [])


@pytest.mark.parametrize(("key", "status"), [("not a uuid", 422), ("", 422)])
async def test_a_file_without_an_id_is_refused(guest: Guest, key: str, status: int) -> None:
    answer = await guest.send(PNG, headers={"Idempotency-Key": key})

    assert (answer.status_code, await guest.rows(NOTHING)) == (status, [])


async def test_a_form_without_a_file_is_refused(guest: Guest) -> None:
    headers = {"Authorization": f"Bearer {guest.token}", "Idempotency-Key": str(uuid4())}
    answer = await guest.site.client.post("/v1/widget/files", data={"text": "Merci !"}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "no_file")


async def test_who_sends_too_many_is_told_to_wait(guest: Guest, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.limiter, "_enabled", True)
    answers = [await guest.send(PNG) for _ in range(widget_files.FILES_PER_MINUTE + 1)]

    assert [each.status_code for each in answers] == [201] * widget_files.FILES_PER_MINUTE + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_visitors_together_fill_no_more_of_a_disk_in_a_day_than_they_may(
    guest: Guest, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.settings, "max_visitor_bytes_a_day", 2 * len(PNG))
    other = Guest(guest.site, str((await guest.site.session())["token"]))
    assert [(await each.send(PNG)).status_code for each in (guest, other)] == [201, 201]

    refused = await guest.send(PNG)

    assert (refused.status_code, refused.json()["code"]) == (507, "no_room")
    assert len(await guest.rows("select 1 from stored_file")) == 2
    await guest.rows("update stored_file set created_at = created_at - interval '1 day' returning 1")
    assert (await guest.send(PNG)).status_code == 201


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

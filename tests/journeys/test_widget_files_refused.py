"""What visitors send and nobody takes: from strangers, of types that could run, too large, too many."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from lumi.api import widget_files
from tests.journeys.guests import NOTHING, READY, Guest, file_of, pieces
from tests.journeys.visiting import PATIENCE_SECONDS
from tests.modules.files.samples import PNG, REFUSED, SVG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lumi.api.house import House
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.usefixtures("worker")
MEGABYTE = 1 << 20
TEXT = b"Coupe 30\n"


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


@pytest.mark.usefixtures("in_one_minute")
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

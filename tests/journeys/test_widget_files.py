"""Files that staff send to visitors: shown, with links that can always be had afresh, and none of what is not clean."""

from __future__ import annotations

import dataclasses
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import text as sql

from lumi.core.clock import now
from lumi.modules.files.values import FileState
from tests import factories
from tests.journeys.visiting import Frame, Site, Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI
    from httpx2 import Response

    from lumi.api.house import House
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.usefixtures("worker")
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x10\x03" + bytes(12)


@dataclass
class Desk:
    """A member of staff, and the visitor they write to."""

    site: Site
    headers: dict[str, str]
    token: object
    thread: object

    async def send(self, name: str, content: bytes, mime: str, words: str = "") -> None:
        """Attach a file and send it with these words."""
        path = f"/v1/conversations/{self.thread}"
        file = {"file": (name, content, mime)}
        kept = await self.site.client.post(f"{path}/attachments", files=file, headers=self.headers)
        assert kept.status_code == 201, kept.text
        reply = {"text": words, "attachment_id": kept.json()["id"]}
        sent = await self.site.client.post(f"{path}/replies", json=reply, headers=self.headers)
        assert sent.status_code == 201, sent.text

    async def shown_after(self, change: str) -> tuple[Frame, Frame]:
        """The one file that staff sent as the visitor's page has it, and again once something has happened to it."""
        async with self.page() as visitor:
            await visitor.say({"type": "resume", "after": 2})
            said = await from_staff(visitor)
            await self.change(change)
            await visitor.say({"type": "files", "n": said["n"]})
            return files_of(said)[0], files_of(await visitor.frame("files"))[0]

    @asynccontextmanager
    async def page(self) -> AsyncGenerator[Visitor]:
        """The visitor's page, opened anew."""
        session = await self.site.session(self.token)
        async with self.site.visit(session["token"]) as visitor:
            await visitor.frame("ready")
            yield visitor

    async def open(self, file: Frame) -> Response:
        """What a browser gets under the address of a file."""
        return await self.site.client.get("/files/" + str(file["url"]).rpartition("/")[2])

    async def change(self, statement: str) -> None:
        """Something happens to the file behind the pages."""
        async with factories.begin_work(self.site.database, self.site.tenant) as ctx:
            await ctx.session.execute(sql(statement))


@pytest.fixture
async def desk(site: Site, staff: StaffHeaders) -> Desk:
    """A visitor has written and was answered; somebody of the salon reads it."""
    session = await site.session()
    async with site.visit(session["token"]) as visitor:
        await visitor.write("Merci !")
        await visitor.reply()
    thread = (await site.session(session["token"]))["thread"]
    headers = await staff("conversations:read", "conversations:write", "files:write")
    return Desk(site, headers, session["token"], thread)


async def from_staff(visitor: Visitor) -> Frame:
    """The next message of a person of the organisation."""
    while (found := await visitor.frame("message"))["author"] != "staff":
        continue
    return found


def files_of(frame: Frame) -> list[Frame]:
    return cast("list[Frame]", frame["files"])


async def test_a_visitor_sees_what_staff_sent_with_its_words(desk: Desk) -> None:
    async with desk.page() as visitor:
        await visitor.say({"type": "resume", "after": 2})
        await visitor.frame("resumed")
        await desk.send("Menu du jour.pdf", PDF, "application/pdf", "Voici le menu.")
        said = await from_staff(visitor)

    (file,) = files_of(said)
    assert said["text"] == "Voici le menu."
    assert [file[each] for each in ("name", "kind", "mime", "size_bytes", "state")] == [
        "Menu du jour.pdf", "document", "application/pdf", len(PDF), "ready",
    ]  # fmt: skip
    assert 3600 <= cast("int", file["expires_in"]) <= 2 * 3600
    opened = await desk.open(file)
    assert (opened.content, opened.headers["content-type"]) == (PDF, "application/pdf")
    assert opened.headers["content-disposition"].startswith("attachment")


async def test_words_and_files_stand_in_the_order_in_which_they_were_said(desk: Desk) -> None:
    await desk.send("one.jpg", JPEG, "image/jpeg")
    await desk.site.client.post(
        f"/v1/conversations/{desk.thread}/replies", json={"text": "Puis :"}, headers=desk.headers
    )
    await desk.send("two.jpg", JPEG, "image/jpeg", "Le second.")
    async with desk.page() as visitor:
        await visitor.say({"type": "resume", "after": 2})
        said = [await from_staff(visitor) for _ in range(3)]

    assert [(each["text"], [file["name"] for file in files_of(each)]) for each in said] == [
        ("", ["one.jpg"]), ("Puis :", []), ("Le second.", ["two.jpg"]),
    ]  # fmt: skip


async def test_whoever_comes_back_finds_what_was_sent_while_they_were_away(desk: Desk) -> None:
    await desk.send("salon.jpg", JPEG, "image/jpeg", "Le salon.")
    async with desk.page() as visitor:
        await visitor.say({"type": "resume", "after": 0})
        said = await from_staff(visitor)

    assert (await desk.open(files_of(said)[0])).content == JPEG


async def test_a_link_that_has_ended_is_replaced_on_the_open_page_and_on_one_opened_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.send("salon.jpg", JPEG, "image/jpeg")
    async with desk.page() as visitor:
        await visitor.say({"type": "resume", "after": 2})
        said = await from_staff(visitor)
        (old,) = files_of(said)

        later = now() + timedelta(hours=3)
        for module in ("files.services.vault", "files.services.serving"):
            monkeypatch.setattr(f"lumi.modules.{module}.now", lambda: later)
        monkeypatch.setattr("lumi.api.shown.now", lambda: later)
        assert ((await desk.open(old)).status_code, (await desk.open(old)).json()["code"]) == (410, "link_expired")
        await visitor.say({"type": "files", "n": said["n"]})
        (fresh,) = files_of(await visitor.frame("files"))
        await visitor.say({"type": "resume", "after": 2})
        (shown_again,) = files_of(await from_staff(visitor))

    assert fresh["url"] != old["url"]
    assert cast("int", fresh["expires_in"]) >= 3600
    assert {(await desk.open(each)).status_code for each in (fresh, shown_again)} == {200}


@pytest.mark.parametrize("state", [each for each in FileState if each not in {FileState.CLEAN, FileState.UNSCANNED}])
async def test_what_is_not_clean_any_more_is_named_and_not_handed_out(desk: Desk, state: FileState) -> None:
    await desk.send("menu.pdf", PDF, "application/pdf")
    old, file = await desk.shown_after(f"update stored_file set state = '{state}'")

    assert (file["name"], file["url"], file["expires_in"]) == ("menu.pdf", None, None)
    assert (await desk.open(old)).status_code in {409, 410}


async def test_where_nobody_said_who_looks_at_files_none_is_handed_out(
    desk: Desk, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    house: House = app.state.house
    await desk.send("menu.pdf", PDF, "application/pdf")
    async with desk.page() as visitor:
        await visitor.say({"type": "resume", "after": 2})
        await from_staff(visitor)
        undecided = dataclasses.replace(house.vault._says, hands_out_unseen=False)  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(house.vault, "_says", undecided)
        await visitor.say({"type": "resume", "after": 2})
        (file,) = files_of(await from_staff(visitor))

    assert file["url"] is None


async def test_a_deleted_file_is_named_and_cannot_be_had(desk: Desk) -> None:
    await desk.send("menu.pdf", PDF, "application/pdf")
    old, file = await desk.shown_after("update stored_file set deleted_at = now()")

    assert (file["name"], file["url"]) == ("menu.pdf", None)
    assert (await desk.open(old)).status_code == 404


async def test_what_has_not_left_or_was_withdrawn_is_not_shown_with_its_file(desk: Desk) -> None:
    await desk.send("menu.pdf", PDF, "application/pdf")
    async with desk.page() as visitor:
        await visitor.say({"type": "resume", "after": 2})
        said = await from_staff(visitor)
        await desk.change("update delivery set state = 'withdrawn' where body ? 'file'")
        await visitor.say({"type": "files", "n": said["n"]})
        await visitor.say({"type": "ping"})

        assert (await visitor.frame("files", "pong"))["type"] == "pong"


@pytest.mark.parametrize("n", [0, -1, 2**53, "3", None, 3.0, [3], 99])
async def test_a_number_that_is_no_message_of_ours_says_nothing(desk: Desk, n: object) -> None:
    await desk.send("menu.pdf", PDF, "application/pdf")
    async with desk.page() as visitor:
        await visitor.say({"type": "files", "n": n})
        await visitor.say({"type": "ping"})

        assert (await visitor.frame("files", "pong"))["type"] == "pong"


async def test_another_visitor_has_nothing_of_it(desk: Desk) -> None:
    await desk.send("menu.pdf", PDF, "application/pdf")
    stranger = await desk.site.session()
    async with desk.site.visit(stranger["token"]) as visitor:
        await visitor.write("Merci !")
        await visitor.reply()
        for n in range(1, 6):
            await visitor.say({"type": "files", "n": n})
        await visitor.say({"type": "ping"})

        shown: list[Frame] = []
        while (found := await visitor.frame("files", "pong"))["type"] == "files":
            shown.append(found)
    assert [each["files"] for each in shown] == [[]] * len(shown)

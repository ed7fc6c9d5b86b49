"""Staff see what people send: pictures, recordings with their words, documents, and what became of the rest."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Inbound, Media
from lumi.modules.tenants import public as tenants
from tests import factories
from tests.browser.conftest import DESK, PHONE, open_window
from tests.integrations.speech.sounds import needs_ffmpeg
from tests.journeys.channels.hearing import recording

if TYPE_CHECKING:
    from uuid import UUID

    from playwright.async_api import Browser, Page

    from lumi.core.context import Context
    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser
SHOWN = ("image", "audio", "document", "document", "audio")


def picture() -> bytes:
    """A square of one colour."""
    rows = b"".join(b"\x00" + b"\x0b\x5d\x54" * 160 for _ in range(120))

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 160, 120, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def a_conversation_with_files(served: Served) -> None:
    """One message with a file of every sort, as a provider would have brought them."""
    house = served.house
    tenant = await tenants.find_by_slug(house.db, "salon-eclat")
    assert tenant is not None
    async with factories.begin_work(house.db, tenant) as ctx:
        account = await channels.connect(ctx, channel=Channel.TERMINAL, external_id=new_id().hex, name="Files")
    media = [Media(kind, {}, voice=kind == "audio").in_payload() for kind in SHOWN]
    payload = {"kind": "media", "type": "image", "text": "", "name": "Amélie", "media": media}
    item = Inbound(None, new_id().hex, [f"terminal:{new_id().hex}"], payload)
    await house.receiver.enter(tenant.id, account, Channel.TERMINAL, item)
    for _ in range(200):
        async with factories.begin_work(house.db, tenant) as ctx:
            waiting = sql("select count(*) from attachment a join thread t on t.id = a.thread_id"
                          " where t.account_id = :account and a.state = 'failed'")  # fmt: skip
            if await ctx.session.scalar(waiting, {"account": account}) == len(SHOWN):
                break
    async with factories.begin_work(house.db, tenant) as ctx:
        await _fill(ctx, served, account)


async def _fill(ctx: Context, served: Served, account: UUID) -> None:
    files = [
        ("salon.png", picture(), "ready", None, None),
        ("voice.ogg", recording(2.0), "ready", None, "Bonjour, avez-vous une place samedi ?"),
        ("devis.txt", b"Devis\n", "ready", None, None),
        ("facture.pdf", None, "refused", "malware", None),
        ("voice.ogg", recording(1.0), "ready", "nobody_hears", None),
    ]
    for place, (name, content, state, why, words) in enumerate(files, 1):
        file_id = None
        if content is not None:
            file_id = (await served.house.vault.store(ctx, name=name, chunks=pieces(content))).id
        change = sql("update attachment a set name = :name, state = :state, error = :why, transcript = :words,"
                     " file_id = :file from thread t where t.id = a.thread_id and t.account_id = :account"
                     " and a.place = :place")  # fmt: skip
        values = {"name": name, "state": state, "why": why, "words": words, "file": file_id, "account": account}
        await ctx.session.execute(change, values | {"place": place})
    said = sql("update message m set text = :words, lang = 'fr' from thread t"
               " where t.id = m.thread_id and t.account_id = :account and m.author = 'contact'")  # fmt: skip
    await ctx.session.execute(said, {"words": files[1][4], "account": account})


async def read_it(page: Page, served: Served) -> None:
    await page.goto(f"{served.url}/console")
    await page.locator("input[type=email]").fill(served.email)
    await page.locator("input[type=password]").fill(served.password)
    await page.keyboard.press("Enter")
    await page.locator("li a").first.click()


async def keep(page: Page, name: str) -> None:
    """A picture of it for whoever wants to look, where the environment names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=str(Path(folder) / f"{name}.png"))


@needs_ffmpeg
@pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("fr", PHONE), ("ar", DESK)], ids=["desk", "phone", "ar"])
async def test_what_people_send_is_shown_and_what_is_not_there_says_why(
    served: Served, chromium: Browser, locale: str, size: dict[str, int], request: pytest.FixtureRequest
) -> None:
    from playwright.async_api import expect

    await a_conversation_with_files(served)
    window = await open_window(chromium, locale, size)
    await read_it(window.page, served)

    log = window.page.get_by_role("log")
    await expect(log.locator("img")).to_have_count(1)
    await expect(log.locator("audio")).to_have_count(2)
    await expect(log.get_by_text("devis.txt")).to_be_visible()
    await expect(log.locator(".attachment-note")).to_have_count(5)  # nobody looks at files here, and each says so
    loaded = await log.locator("img").evaluate("async (img) => { await img.decode(); return img.naturalWidth; }")
    playable = "(each) => new Promise((done) => each.readyState > 0 ? done(each.duration) :"
    playable += " each.addEventListener('loadedmetadata', () => done(each.duration)))"
    assert loaded == 160
    assert await log.locator("audio").first.evaluate(playable) == pytest.approx(2.0, abs=0.2)
    await keep(window.page, request.node.callspec.id)
    assert window.complaints == []

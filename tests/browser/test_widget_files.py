"""Files in the widget: what staff send is shown in place, played or downloaded, by mouse and by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from tests.browser.conftest import DESK, PHONE, at_work, is_wider_than_the_window, open_window
from tests.browser.test_files import keep, picture
from tests.integrations.speech.sounds import needs_ffmpeg
from tests.journeys.channels.hearing import recording

if TYPE_CHECKING:
    from playwright.async_api import Browser, FilePayload, Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser
TEXT = b"Coupe 30\nCouleur 60\n"


async def staff_of(page: Page, served: Served) -> dict[str, str]:
    """What the salon's owner asks with."""
    account = {"email": served.email, "password": served.password}
    signed_in = await page.request.post(f"{served.url}/v1/auth/sign-in", data=account)
    return {"Authorization": f"Bearer {(await signed_in.json())['access_token']}"}


async def thread_of(served: Served, words: str) -> str:
    """The conversation in which somebody said this."""
    async with at_work(served) as ctx:
        found = await ctx.session.scalar(sql("select thread_id from message where text = :words"), {"words": words})
    return str(found)


async def send(page: Page, served: Served, thread: str, name: str, mime: str, content: bytes, words: str = "") -> None:
    """The owner sends a file in a conversation."""
    headers, path = await staff_of(page, served), f"{served.url}/v1/conversations/{thread}"
    file: FilePayload = {"name": name, "mimeType": mime, "buffer": content}
    kept = await page.request.post(f"{path}/attachments", headers=headers, multipart={"file": file})
    assert kept.status == 201, await kept.text()
    reply = {"text": words, "attachment_id": (await kept.json())["id"]}
    sent = await page.request.post(f"{path}/replies", headers=headers, data=reply)
    assert sent.status == 201, await sent.text()


async def begin(page: Page, words: str) -> None:
    """A visitor writes, and it has arrived."""
    from playwright.async_api import expect

    await page.locator("textarea").fill(words)
    await page.keyboard.press("Enter")
    await expect(page.locator(".entry[data-author=contact] time")).to_have_count(1)
    await expect(page.locator(".entry[data-author=assistant]")).to_have_count(1)


@needs_ffmpeg
@pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("fr", PHONE), ("ar", PHONE)], ids=["desk", "phone", "ar"])
async def test_a_visitor_is_shown_pictures_recordings_and_documents(
    served: Served, chromium: Browser, locale: str, size: dict[str, int], request: pytest.FixtureRequest
) -> None:
    from playwright.async_api import expect

    name = request.node.callspec.id
    window = await open_window(chromium, locale, size)
    page = window.page
    await page.goto(f"{served.url}/chat/salon-eclat")
    await begin(page, f"Merci, {name} !")
    thread = await thread_of(served, f"Merci, {name} !")
    await send(page, served, thread, "Le salon.png", "image/png", picture(), "Voici le salon.")
    await send(page, served, thread, "message.ogg", "audio/ogg", recording(2.0))
    await send(page, served, thread, "Tarifs d’hiver.txt", "text/plain", TEXT, "Et nos tarifs.")

    log = page.get_by_role("log")
    image = log.get_by_role("img", name="Le salon.png")
    await expect(image).to_be_visible()
    assert await image.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") == 160
    await expect(log.locator("audio")).to_have_attribute("aria-label", "message.ogg")
    playable = "(each) => new Promise((done) => each.readyState > 0 ? done(each.duration) :"
    playable += " each.addEventListener('loadedmetadata', () => done(each.duration)))"
    assert await log.locator("audio").evaluate(playable) == pytest.approx(2.0, abs=0.2)
    link = log.locator("a.file")
    await expect(link).to_contain_text("Tarifs d’hiver.txt")
    await expect(link).to_be_in_viewport()
    await keep(page, f"widget-files-{name}")
    assert not await is_wider_than_the_window(page)

    await link.focus()
    async with page.expect_download() as downloading:
        await page.keyboard.press("Enter")
    download = await downloading.value
    assert download.suggested_filename == "Tarifs d’hiver.txt"
    assert (await download.path()).read_bytes() == TEXT
    async with page.context.expect_page() as opening:
        await page.locator(".files a:has(img)").press("Enter")
    opened = await opening.value
    await opened.wait_for_load_state()
    assert await opened.evaluate("document.images[0].naturalWidth") == 160
    assert window.complaints == []


async def test_a_link_that_has_ended_is_never_followed_and_a_reopened_page_has_fresh_ones(
    served: Served, chromium: Browser
) -> None:
    from playwright.async_api import expect

    window = await open_window(chromium, "en", DESK)
    page = window.page
    await page.goto(f"{served.url}/chat/salon-eclat")
    await begin(page, "Merci, link !")
    thread = await thread_of(served, "Merci, link !")
    await send(page, served, thread, "prices.txt", "text/plain", TEXT)
    link = page.locator("a.file")
    await expect(link).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/files/" in request.url else None)

    # The machine slept: by its clock the link has ended, no timer has run, and the address leads nowhere any more.
    await link.evaluate("(each) => { each.dataset.until = '0'; each.setAttribute('href', '/files/ended'); }")
    async with page.expect_download() as downloading:
        await link.click()
    assert (await (await downloading.value).path()).read_bytes() == TEXT
    assert [each for each in asked if each.endswith("/ended")] == []

    await page.reload()
    await expect(link).to_be_visible()
    async with page.expect_download() as downloading:
        await link.click()
    assert (await (await downloading.value).path()).read_bytes() == TEXT
    assert window.complaints == []


async def test_a_file_that_is_not_handed_out_any_more_is_named_and_says_so(served: Served, chromium: Browser) -> None:
    from playwright.async_api import expect

    window = await open_window(chromium, "fr", DESK)
    page = window.page
    await page.goto(f"{served.url}/chat/salon-eclat")
    await begin(page, "Merci, gone !")
    thread = await thread_of(served, "Merci, gone !")
    await send(page, served, thread, "prix.txt", "text/plain", TEXT)
    await expect(page.locator("a.file")).to_be_visible()
    async with at_work(served) as ctx:
        gone = sql("update stored_file set state = 'infected' where id in"
                   " (select file_id from attachment where thread_id = :thread)")  # fmt: skip
        await ctx.session.execute(gone, {"thread": thread})

    await page.reload()

    await expect(page.locator(".files")).to_contain_text("prix.txt")
    await expect(page.locator(".file-note")).to_be_visible()
    assert await page.locator("a.file").count() == 0
    assert window.complaints == []


async def test_a_page_of_another_origin_shows_pictures_in_the_widget_on_it(served: Served, chromium: Browser) -> None:
    from playwright.async_api import expect

    window = await open_window(chromium, "en", DESK)
    page = window.page
    await page.goto(served.site)
    await page.get_by_role("button").first.click()
    frame = page.frame_locator("iframe")
    await frame.locator("textarea").fill("Merci, frame !")
    await page.keyboard.press("Enter")
    await expect(frame.locator(".entry[data-author=assistant]")).to_have_count(1)
    thread = await thread_of(served, "Merci, frame !")
    await send(page, served, thread, "salon.png", "image/png", picture(), "The salon.")

    image = frame.get_by_role("img", name="salon.png")
    await expect(image).to_be_visible()
    assert await image.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") == 160
    await keep(page, "widget-files-embedded")
    assert window.complaints == []

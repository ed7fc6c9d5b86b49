"""A visitor sends files from the widget: picked, pasted or dropped; refused in words, kept while the line is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from tests.browser.conftest import (
    DESK,
    PHONE,
    at_work,
    enter_console,
    is_wider_than_the_window,
    open_window,
)
from tests.browser.test_files import keep, picture
from tests.browser.test_widget_files import thread_of

if TYPE_CHECKING:
    from playwright.async_api import Browser, FilePayload, Page, WebSocketRoute

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser
PHOTO: FilePayload = {"name": "Ma photo.png", "mimeType": "image/png", "buffer": picture()}
PRICES: FilePayload = {"name": "prix.txt", "mimeType": "text/plain", "buffer": b"Coupe 30\n"}
PROGRAM: FilePayload = {"name": "run.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ\0\0"}
LIAR: FilePayload = {"name": "photo.png", "mimeType": "image/png", "buffer": b"<html><script>alert(1)</script>"}


class Line:
    """The way of a page's socket, which is down at first."""

    is_up = False

    def pass_on(self, socket: WebSocketRoute) -> None:
        if self.is_up:
            socket.connect_to_server()


async def open_chat(page: Page, served: Served) -> None:
    """The chat's own page, with a session."""
    await page.goto(f"{served.url}/chat/salon-eclat")
    await page.locator("input[type=file][accept]").wait_for(state="attached")


async def sent_as(served: Served, words: str) -> int:
    """How many messages say this."""
    async with at_work(served) as ctx:
        found = await ctx.session.scalar(sql("select count(*) from message where text = :words"), {"words": words})
    return int(str(found))


@pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("fr", PHONE), ("ar", PHONE)], ids=["desk", "phone", "ar"])
async def test_a_picture_is_picked_named_sent_with_words_and_seen_by_staff(
    served: Served, chromium: Browser, locale: str, size: dict[str, int], request: pytest.FixtureRequest
) -> None:
    from playwright.async_api import expect

    name = request.node.callspec.id
    window = await open_window(chromium, locale, size)
    page = window.page
    await open_chat(page, served)
    chooser, chips, problem = page.locator("input[type=file]"), page.locator(".chosen li"), page.get_by_role("alert")

    await chooser.set_input_files(PROGRAM)
    await expect(problem).to_contain_text("run.exe")
    await expect(chips).to_have_count(0)
    await keep(page, f"widget-send-refused-{name}")
    await chooser.set_input_files([PHOTO, PRICES])
    await expect(problem).to_be_empty()
    await expect(chips).to_have_count(2)
    await chips.nth(1).get_by_role("button").press("Enter")
    await expect(chips).to_have_count(1)
    await page.locator("textarea").fill(f"Voici, {name}.")
    await keep(page, f"widget-send-chosen-{name}")
    assert not await is_wider_than_the_window(page)
    await page.locator("textarea").press("Enter")

    own = page.locator(".entry[data-author=contact]")
    await expect(own).to_have_count(1)
    await expect(own).to_contain_text(f"Voici, {name}.")
    image = own.get_by_role("img", name="Ma photo.png")
    await expect(image).to_be_visible()
    assert await image.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") == 160
    await expect(chips).to_have_count(0)
    await expect(page.locator(".entry[data-author=assistant]")).to_have_count(1)
    await keep(page, f"widget-send-sent-{name}")
    assert not await is_wider_than_the_window(page)
    assert window.complaints == []

    desk = await open_window(chromium, locale, DESK)
    await enter_console(desk.page, served, f"/conversations/{await thread_of(served, f'Voici, {name}.')}")
    await expect(desk.page.get_by_role("log").locator("img")).to_have_count(1)
    assert desk.complaints == []


HAND_OVER = """([kind, name, type]) => {
  const carried = new DataTransfer();
  const bytes = Uint8Array.from(atob('%s'), (each) => each.charCodeAt(0));
  carried.items.add(new File([bytes], name, { type }));
  if (kind === 'paste') {
    const event = new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true });
    document.querySelector('textarea').dispatchEvent(event);
    return;
  }
  const drag = (what) => new DragEvent(what, { dataTransfer: carried, bubbles: true, cancelable: true });
  document.querySelector('.log').dispatchEvent(drag('dragover'));
  if (kind === 'drop') document.querySelector('.log').dispatchEvent(drag('drop'));
}"""


async def hand_over(page: Page, kind: str) -> None:
    """Paste a picture, hold it over the page, or let it fall there."""
    import base64

    script = HAND_OVER % base64.b64encode(picture()).decode()
    await page.evaluate(script, [kind, "image.png", "image/png"])


@pytest.mark.parametrize("kind", ["paste", "drop"])
async def test_a_picture_can_be_pasted_or_dropped(served: Served, chromium: Browser, kind: str) -> None:
    from playwright.async_api import expect

    window = await open_window(chromium, "en", DESK)
    page = window.page
    await open_chat(page, served)
    if kind == "drop":
        await hand_over(page, "over")
        await expect(page.locator("html")).to_have_attribute("data-dropping", "")
        await keep(page, "widget-send-dropping")
    await hand_over(page, kind)
    await expect(page.locator(".chosen li")).to_contain_text("image.png")
    await expect(page.locator("html[data-dropping]")).to_have_count(0)
    await page.get_by_role("button", name="Send").click()

    await expect(page.locator(".entry[data-author=contact]").get_by_role("img", name="image.png")).to_be_visible()
    assert window.complaints == []


async def test_what_the_server_refuses_says_why_and_can_be_removed(served: Served, chromium: Browser) -> None:
    from playwright.async_api import expect

    window = await open_window(chromium, "en", DESK)
    page = window.page
    await open_chat(page, served)
    await page.locator("input[type=file]").set_input_files(LIAR)
    await page.get_by_role("button", name="Send").click()

    own = page.locator(".entry[data-author=contact]")
    await expect(own.get_by_role("alert")).to_have_text("Files of this type cannot be sent.")
    await keep(page, "widget-send-refused-by-server")
    assert await own.get_by_role("button").all_inner_texts() == ["Remove"]
    await own.get_by_role("button", name="Remove").click()
    await expect(own).to_have_count(0)
    await page.reload()
    await expect(own).to_have_count(0)


async def test_what_is_sent_while_the_line_is_down_is_kept_over_a_reload_and_arrives_once(
    served: Served, chromium: Browser
) -> None:
    from playwright.async_api import expect

    window = await open_window(chromium, "en", DESK)
    page, line = window.page, Line()
    await page.route_web_socket("**/v1/widget/socket", line.pass_on)
    await open_chat(page, served)
    await page.locator("input[type=file]").set_input_files(PHOTO)
    await page.locator("textarea").fill("Later, please.")
    await page.keyboard.press("Enter")
    own = page.locator(".entry[data-author=contact]")
    await expect(own).to_contain_text("Not sent yet")
    await expect(own).to_contain_text("Ma photo.png")
    await page.reload()
    await expect(own).to_contain_text("Ma photo.png")
    await keep(page, "widget-send-offline")
    assert await sent_as(served, "Later, please.") == 0

    line.is_up = True
    await page.reload()
    await expect(own.get_by_role("img", name="Ma photo.png")).to_be_visible()
    await page.reload()
    await expect(own.get_by_role("img", name="Ma photo.png")).to_be_visible()
    assert await sent_as(served, "Later, please.") == 1
    assert window.complaints == []


async def test_an_answer_that_is_lost_is_asked_for_again_and_the_file_is_there_once(
    served: Served, chromium: Browser
) -> None:
    from playwright.async_api import Route, expect

    window = await open_window(chromium, "en", DESK)
    page, cut = window.page, 2

    async def lose(route: Route) -> None:
        nonlocal cut
        await route.fetch()  # it has arrived
        cut -= 1
        await (route.abort() if cut >= 0 else route.continue_())

    await page.route("**/v1/widget/files", lose)
    await open_chat(page, served)
    await page.locator("input[type=file]").set_input_files(PHOTO)
    await page.locator("textarea").fill("Only once.")
    await page.keyboard.press("Enter")

    await expect(page.locator(".entry[data-author=contact] img")).to_be_visible()
    await expect(page.locator(".entry[data-author=contact]")).to_have_count(1)
    assert await sent_as(served, "Only once.") == 1


async def test_where_the_browser_keeps_no_files_that_is_said_before_and_after_a_reload(
    served: Served, chromium: Browser
) -> None:
    from playwright.async_api import expect

    window = await open_window(chromium, "en", DESK)
    page, line = window.page, Line()
    await page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    await page.route_web_socket("**/v1/widget/socket", line.pass_on)
    await open_chat(page, served)
    await page.locator("input[type=file]").set_input_files(PHOTO)
    await page.get_by_role("button", name="Send").click()
    own = page.locator(".entry[data-author=contact]")
    await expect(own).to_contain_text("only as long as this page is open")

    line.is_up = True
    await page.reload()
    await expect(own).to_contain_text("could not be kept in this browser")
    await own.get_by_role("button", name="Remove").click()
    await expect(own).to_have_count(0)
    assert window.complaints == []

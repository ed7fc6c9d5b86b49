"""Staff send a file: chosen, shown on its way, refused in words where the channel does not take it, there once sent."""

from __future__ import annotations

import dataclasses
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import text as sql

from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials, Inbound
from lumi.modules.tenants import public as tenants
from tests import factories
from tests.browser.conftest import DESK, PHONE, enter_console, is_wider_than_the_window, open_window
from tests.browser.test_files import keep, picture
from tests.journeys.channels import sites
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from uuid import UUID

    from playwright.async_api import Browser

    from tests.browser.conftest import Served
    from tests.journeys.channels.sites import Provider

pytestmark = pytest.mark.browser


@asynccontextmanager
async def a_guest_at(served: Served, provider: Provider) -> AsyncGenerator[UUID]:
    """The conversation with somebody who has written at a provider, where nobody answers by machine."""
    house = served.house
    tenant = await tenants.find_by_slug(house.db, "salon-eclat")
    assert tenant is not None
    async with factories.begin_work(house.db, tenant) as ctx:
        keys = Credentials(new_id().hex, new_id().hex, provider.given["bot_token"])
        account = await channels.connect(
            ctx, channel=Channel.TELEGRAM, external_id=provider.external_id, name="Salon", credentials=keys,
            settings=provider.settings,
        )  # fmt: skip
    address = f"telegram:{provider.person}"
    payload = {"kind": "text", "type": "text", "text": "Avez-vous la carte ?", "name": "Amélie"}
    await house.receiver.enter(tenant.id, account, Channel.TELEGRAM, Inbound(None, new_id().hex, [address], payload))
    async with factories.begin_work(house.db, tenant) as ctx:
        found = await channels.find_by_address(ctx, account, [address])
    assert found is not None
    yield found
    async with factories.begin_work(house.db, tenant) as ctx:  # other tests look for the one account of this channel
        await channels.disconnect(ctx, house.sender, account)


async def attached(served: Served, thread: UUID) -> list[UUID]:
    """The files that wait to be sent there."""
    tenant = await tenants.find_by_slug(served.house.db, "salon-eclat")
    assert tenant is not None
    async with served.house.db.transaction(tenant.id) as session:
        waiting = sql("select id from attachment where thread_id = :thread and message_id is null")
        return list(await session.scalars(waiting, {"thread": thread}))


async def photos_at(provider: Provider) -> list[object]:
    """What stands below the pictures that arrived there."""
    log = cast("list[dict[str, object]]", (await provider.ask("GET", "log"))["messages"])
    return [each["text"] for each in log if each["type"] == "photo"]


HAND_OVER = """
([kind, where, text]) => {
    const data = new DataTransfer();
    if (text) data.setData('text/plain', text);
    data.items.add(new File(['%PDF-1.4'], 'menu.pdf', { type: 'application/pdf' }));
    const how = { bubbles: true, cancelable: true };
    const event = kind === 'paste'
        ? new ClipboardEvent(kind, { ...how, clipboardData: data })
        : new DragEvent(kind, { ...how, dataTransfer: data });
    return !document.querySelector(where).dispatchEvent(event);
}
"""


async def test_words_are_pasted_without_the_picture_of_them_and_a_file_dropped_beside_the_field_opens_nothing(
    served: Served, chromium: Browser
) -> None:
    from playwright.async_api import expect

    async with sites.telegram() as provider:
        await provider.ask("POST", "inbound", {"from": provider.person, "text": "/start"})
        async with a_guest_at(served, provider) as thread:
            window = await open_window(chromium, "en", DESK)
            page = window.page
            await enter_console(page, served, "/")
            await page.goto(f"{served.url}/console/conversations/{thread}")
            await expect(page.locator(".reply textarea")).to_be_visible()

            assert not await page.evaluate(HAND_OVER, ["paste", ".reply textarea", "soin\t40"])
            assert await page.evaluate(HAND_OVER, ["drop", "body", ""])
            await expect(page.locator(".chosen-file")).to_have_count(0)

            assert await page.evaluate(HAND_OVER, ["paste", ".reply textarea", ""])
            await expect(page.locator(".chosen-file [role=status]")).to_be_visible()
            (first,) = await attached(served, thread)
            assert await page.evaluate(HAND_OVER, ["drop", ".reply textarea", ""])

            async def is_replaced() -> bool:
                now = await attached(served, thread)
                return len(now) == 1 and now != [first]

            await until(is_replaced, every=0.1)
    assert window.complaints == []


@pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("fr", PHONE), ("ar", DESK)], ids=["desk", "phone", "ar"])
async def test_a_file_goes_along_with_a_reply(
    served: Served, chromium: Browser, locale: str, size: dict[str, int], request: pytest.FixtureRequest
) -> None:
    from playwright.async_api import expect

    name = request.node.callspec.id
    async with sites.telegram() as provider:
        await provider.ask("POST", "inbound", {"from": provider.person, "text": "/start"})
        async with a_guest_at(served, provider) as thread:
            window = await open_window(chromium, locale, size)
            page = window.page
            await enter_console(page, served, "/")
            await page.goto(f"{served.url}/console/conversations/{thread}")

            chooser = page.locator(".reply input[type=file]")
            await chooser.set_input_files(
                {"name": "run.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ\0\0"}
            )
            await expect(page.locator(".chosen-file [role=alert]")).to_be_visible()
            await expect(page.locator(".reply button[type=submit]")).to_be_disabled()
            await keep(page, f"refused-{name}")
            await page.locator(".chosen-file button").click()
            await expect(page.locator(".chosen-file")).to_have_count(0)
            await expect(page.locator(".reply textarea")).to_be_focused()

            await chooser.set_input_files({"name": "salon.png", "mimeType": "image/png", "buffer": picture()})
            await expect(page.locator(".chosen-file [role=status]")).to_be_visible()
            await page.locator(".reply textarea").fill("Voici le salon.")
            await keep(page, f"chosen-{name}")
            assert not await is_wider_than_the_window(page)
            await page.locator(".reply textarea").press("Control+Enter")

            sent = page.locator(".entry[data-author=staff]")
            await expect(sent.locator("img")).to_have_count(1)
            await expect(sent).to_contain_text("Voici le salon.")
            await expect(sent.get_by_text("Voici le salon.")).to_be_in_viewport()
            await expect(page.locator(".chosen-file")).to_have_count(0)
            await until(lambda: photos_at(provider), every=0.1)
            await keep(page, f"sent-{name}")
            assert await photos_at(provider) == ["Voici le salon."]
    assert window.complaints == []


@pytest.mark.parametrize(
    ("locale", "size", "words"),
    [("en", DESK, "There is no room for files"), ("ar", PHONE, "لا توجد مساحة للملفات")],
    ids=["desk", "phone-ar"],
)
async def test_where_no_disk_has_room_a_file_is_refused_in_words(
    served: Served, chromium: Browser, monkeypatch: pytest.MonkeyPatch, locale: str, size: dict[str, int], words: str
) -> None:
    from playwright.async_api import expect

    vault = served.house.vault
    says = vault._says  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(vault, "_says", dataclasses.replace(says, keep_free_bytes=1 << 62))
    async with sites.telegram() as provider, a_guest_at(served, provider) as thread:
        window = await open_window(chromium, locale, size)
        page = window.page
        await enter_console(page, served, "/")
        await page.goto(f"{served.url}/console/conversations/{thread}")

        await page.locator(".reply input[type=file]").set_input_files(
            {"name": "salon.png", "mimeType": "image/png", "buffer": picture()}
        )

        await expect(page.locator(".chosen-file [role=alert]")).to_contain_text(words)
        await keep(page, f"no-room-{locale}")
        assert not await is_wider_than_the_window(page)

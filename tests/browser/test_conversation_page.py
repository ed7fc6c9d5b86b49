"""A conversation as staff see it: what people send besides words, and who is silent how long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import orjson
import pytest
from playwright.async_api import expect
from sqlalchemy import text as sql

from lumi.core.clock import now
from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, DeliveryState, EventKind, Inbound, MessageKind
from lumi.modules.channels.values.failures import noted
from lumi.modules.channels.values.kinds import Failure
from tests.browser.conftest import (
    DESK,
    PHONE,
    Served,
    at_work,
    enter_console,
    is_wider_than_the_window,
    open_window,
)
from tests.modules.channels.troubled import make_deliveries
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

CARD = {"name": "Ana Ferrer", "phones": ["+34 600 000 001", "+34 600 000 002"], "emails": ["ana@example.org"]}
ANSWERS = {
    "flow_token": "unused", "First_name": "Ana", "guests": 2, "breakfast": True, "days": ["Friday", "Saturday"],
}  # fmt: skip
CONTENTS: Sequence[Mapping[str, object]] = (
    {"place": {"latitude": 48.8566, "longitude": 2.3522, "name": "Chez Ana", "address": "1 rue de Rivoli"}},
    {"cards": [CARD, CARD]},
    {"order": [{"product": "serum-30", "quantity": 2, "price": 34.5, "currency": "EUR"}] * 2},
    {"form": {"name": "flow", "answers": orjson.dumps(ANSWERS).decode()}},
    {"form": {"name": "Booking", "answers": '{"name":"An'}},
    {"reaction": {"emoji": "\N{THUMBS UP SIGN}", "target": "nothing we know"}},
    {"reaction": {"emoji": None, "target": "nothing we know"}},
    {"button": "book:12"},
    {"story": {"id": "1", "url": "https://example.org/story"}},
    {"referral": {"title": "Printemps", "url": "https://example.org/ad", "id": "120212"}},
    {"referral": {"title": None, "url": None, "id": "120212"}},
    {"links": ["https://example.org/a/very/long/address/that/goes/on/and/on/without/any/place/to/break/it/at"]},
)
ELSEWHERE = ["image", "ig_reel", "fallback", "hologram"]


async def a_conversation(served: Served, *contents: Mapping[str, object]) -> UUID:
    """Somebody who sends these, one message each, after a word of their own."""
    person = f"visitor:{new_id().hex}"
    async with at_work(served) as ctx:
        site = new_id().hex
        account = await channels.connect(ctx, channel=Channel.WEB, external_id=site, name="Boutique")
        tenant_id = ctx.tenant_id
    said: list[tuple[EventKind, dict[str, object]]] = [
        (EventKind.MESSAGE, {"kind": MessageKind.TEXT.value, "text": "Merci !"}),
        *((EventKind.MESSAGE, {"kind": MessageKind.OTHER.value, "text": "", "content": each}) for each in contents),
        (EventKind.ECHO, {"kind": MessageKind.TEXT.value, "text": "", "content": {"files": ELSEWHERE}}),
    ]
    for kind, payload in said:
        item = Inbound(site, new_id().hex, [person], payload, now(), kind)
        assert await served.house.receiver.enter(tenant_id, account, Channel.WEB, item)
    async with at_work(served) as ctx:
        thread = await ctx.session.scalar(sql("select id from thread where address = :at"), {"at": person})
    assert thread is not None
    await settled(served, cast("UUID", thread))
    return cast("UUID", thread)


async def settled(served: Served, thread: UUID) -> None:
    """Wait until the worker has done with what was said: what it writes then stands."""
    still_open = sql("select count(*) from event where thread_id = :id and settled_at is null")

    async def all_done() -> bool:
        async with at_work(served) as ctx:
            return not await ctx.session.scalar(still_open, {"id": thread})

    await until(all_done, every=0.05)


async def open_it(page: Page, served: Served, thread: UUID) -> None:
    await enter_console(page, served, "")
    await page.goto(f"{served.url}/console/conversations/{thread}")
    await expect(page.get_by_role("log")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "size", "words"),
    [
        ("en", DESK, ("a reel", "a link", "something of another kind", "Came by an advertisement", "Yes")),
        ("fr", PHONE, ("un reel", "un lien", "autre chose", "Venu par une publicité", "Oui")),
        ("ar", PHONE, ("مقطع ريلز", "رابط", "شيء من نوع آخر", "جاء عبر إعلان", "نعم")),
    ],
    ids=["desk", "phone", "arabic-phone"],
)
async def test_what_people_send_besides_words_is_told_in_words(
    served: Served, chromium: Browser, locale: str, size: dict[str, int], words: tuple[str, ...]
) -> None:
    thread = await a_conversation(served, *CONTENTS)
    window = await open_window(chromium, locale, size)
    page = window.page
    await open_it(page, served, thread)

    log = page.get_by_role("log")
    for each in (*words, "Chez Ana", "Ana Ferrer", "serum-30", "First name", "Friday, Saturday"):
        await expect(log.get_by_text(each).first).to_be_visible()
    shown = await log.inner_text()
    for code in ("ig_reel", "fallback", "hologram", "flow_token", "120212"):
        assert code not in shown
    await expect(log.locator(".content-answers").first.locator("div")).to_have_count(4)
    assert not await is_wider_than_the_window(page)
    assert window.complaints == []


async def test_a_silence_is_over_on_an_open_page_when_its_time_comes(served: Served, chromium: Browser) -> None:
    thread = await a_conversation(served)
    async with at_work(served) as ctx:
        silent = sql("update thread set quiet_until = :until where id = :id")
        await ctx.session.execute(silent, {"until": now() + timedelta(seconds=6), "id": thread})
    window = await open_window(chromium, "en", DESK)
    page = window.page
    await open_it(page, served, thread)
    back = page.get_by_role("button", name="Hand back")
    await expect(page.get_by_text("The assistant is silent until")).to_be_visible()
    await expect(back).to_be_visible()

    await expect(back).to_have_count(0)
    await expect(page.get_by_text("The assistant answers")).to_be_visible()


async def test_what_became_of_a_message_is_told_in_the_language_that_is_chosen(
    served: Served, chromium: Browser
) -> None:
    error = noted(Failure.RECIPIENT)

    def told(lang: str) -> str:
        return channels.of_error(error, DeliveryState.FAILED, Channel.WEB, lang)

    async with at_work(served) as ctx:
        account = await channels.connect(ctx, channel=Channel.WEB, external_id=new_id().hex, name="Boutique")
        (failed,) = await make_deliveries(ctx, account, "failed")
        worded = sql("update delivery set error = :error where id = :id returning thread_id")
        thread = await ctx.session.scalar(worded, {"error": error, "id": failed})
    window = await open_window(chromium, "en", DESK)
    page = window.page
    await open_it(page, served, thread)
    log = page.get_by_role("log")
    await expect(log).to_contain_text(told("en"))

    await page.get_by_role("combobox", name="Language").select_option("fr")

    await expect(log).to_contain_text(told("fr"))

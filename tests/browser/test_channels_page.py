"""The channels page: how each account is, what did not arrive, connecting and giving up."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.async_api import expect
from sqlalchemy import text as sql

from lumi.core import dead_letters
from lumi.core.clock import now
from lumi.core.dead_letters import Source
from lumi.core.ids import new_id
from lumi.modules.accounts import public as accounts
from lumi.modules.channels import public as channels
from lumi.modules.channels.engine.traffic import hour_of
from lumi.modules.channels.events import WATCH, WatchAccounts
from lumi.modules.channels.public import Channel
from lumi.modules.channels.services import watching
from lumi.modules.tenants import public as tenants
from tests.browser.conftest import (
    DESK,
    PHONE,
    Served,
    at_work,
    enter_console,
    is_wider_than_the_window,
    open_window,
)
from tests.modules.channels.dead import a_dead_job
from tests.modules.channels.troubled import make_deliveries

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

    from lumi.core.context import Context

pytestmark = pytest.mark.browser

SEND_AGAIN = {"en": "Send again", "ar": "إعادة الإرسال"}
UNKNOWN = {"en": "outcome unknown", "ar": "نتيجتها مجهولة"}


async def an_account_in_trouble(served: Served, *deliveries: str) -> str:
    """A surface whose token ends soon, with figures and messages in these states; returns its name."""
    name = f"Boutique {secrets.token_hex(3)}"
    async with at_work(served) as ctx:
        account = await channels.connect(ctx, channel=Channel.WEB, external_id=new_id().hex, name=name)
        values = {"t": ctx.tenant_id, "a": account, "ends": now() + timedelta(days=2, hours=1)}
        await ctx.session.execute(sql("update channel_account set token_expires_at = :ends where id = :a"), values)
        hour = sql("insert into channel_traffic (tenant_id, account_id, hour, sent, delivered, read, heard_at)"
                   " values (:t, :a, :hour, 120, 70, 30, :hour)")  # fmt: skip
        await ctx.session.execute(hour, {**values, "hour": hour_of(now()) - timedelta(days=2)})
        await make_deliveries(ctx, account, *deliveries)
        await ctx.session.flush()
        await watching.watch(ctx)
    return name


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


@pytest.mark.parametrize(
    ("locale", "size"), [("en", DESK), ("en", PHONE), ("ar", PHONE)], ids=["desk", "phone", "arabic-phone"]
)
async def test_an_account_shows_its_state_its_alerts_and_its_figures_and_an_unknown_delivery_is_sent_again(
    served: Served, chromium: Browser, locale: str, size: dict[str, int]
) -> None:
    name = await an_account_in_trouble(served, "unknown", "unknown")
    window = await open_window(chromium, locale, size)
    page = window.page
    await enter_console(page, served, "/channels")

    mine = card(page, name)
    await expect(mine.locator(".channel-state")).to_have_attribute("data-state", "attention")
    await expect(mine.locator(".channel-alerts li")).to_have_count(2)
    await expect(mine.locator(".delivery-counts dd")).to_have_text(["0", "20", "70", "30"])
    assert await page.evaluate("document.documentElement.dir") == ("rtl" if locale == "ar" else "ltr")
    await mine.locator("summary").click()
    assert not await is_wider_than_the_window(page)

    await mine.get_by_role("button", name=UNKNOWN[locale]).press("Enter")
    again = mine.get_by_role("button", name=SEND_AGAIN[locale])
    await expect(again).to_have_count(2)
    await again.first.press("Enter")
    await expect(again).to_have_count(1)
    await expect(mine.get_by_role("button", name=UNKNOWN[locale])).to_contain_text("1")
    assert not await is_wider_than_the_window(page)
    assert window.complaints == []


async def test_that_an_alert_is_over_is_shown_on_a_page_that_is_open(served: Served, chromium: Browser) -> None:
    name = await an_account_in_trouble(served)
    window = await open_window(chromium, "en", DESK)
    await enter_console(window.page, served, "/channels")
    mine = card(window.page, name)
    await expect(mine.locator(".channel-alerts li")).to_have_count(1)

    async with at_work(served) as ctx:
        over = sql("update channel_account set token_expires_at = null where name = :name")
        await ctx.session.execute(over, {"name": name})
        await ctx.defer(WatchAccounts(), key=WATCH)

    await expect(mine.locator(".channel-state")).to_have_attribute("data-state", "well")
    await expect(mine.locator(".channel-alerts li")).to_have_count(0)


@pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("ar", PHONE)], ids=["desk", "arabic-phone"])
async def test_a_mailbox_is_asked_for_its_password_or_for_what_it_granted_and_never_for_both(
    served: Served, chromium: Browser, locale: str, size: dict[str, int]
) -> None:
    window = await open_window(chromium, locale, size)
    page = window.page
    await enter_console(page, served, "/channels/connect?channel=mailbox")
    granted = page.get_by_role("radio", name={"en": "With granted access", "ar": "بإذن ممنوح"}[locale])
    await expect(page.locator("input[name=password]")).to_be_visible()
    await expect(page.locator("input[name=refresh_token]")).to_have_count(0)
    await page.locator("input[name=password]").fill("of the other way")

    await granted.check()
    await expect(page.locator("input[name=password]")).to_have_count(0)
    given = {"address": "salon@nowhere.example", "client_id": "app", "refresh_token": "r" * 2_000}
    assert await page.locator("input[name=refresh_token]").get_attribute("type") == "password"
    for name, value in given.items():
        await page.locator(f"input[name={name}]").fill(value)
    await page.locator(".connect-form summary").click()
    await page.locator("input[name=imap_host]").fill("imap.nowhere.example")
    assert not await is_wider_than_the_window(page)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("alert")).to_contain_text("MAILBOX_TOKEN_URL")
    assert await page.locator("input[name=refresh_token]").input_value() == given["refresh_token"]
    assert window.complaints == []


@pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("ar", PHONE)], ids=["desk", "arabic-phone"])
async def test_an_account_is_refused_in_words_connected_heard_and_given_up(
    served: Served, chromium: Browser, locale: str, size: dict[str, int]
) -> None:
    window = await open_window(chromium, locale, size)
    page = window.page
    token = served.telegram.given["bot_token"]
    await enter_console(page, served, "/channels")
    await page.locator("a[href$='/channels/connect']").click()
    await page.get_by_role("radio", name="Telegram").check()
    secret = page.locator("input[name=bot_token]")
    assert await secret.get_attribute("type") == "password"

    await page.locator("button[type=submit]").click()
    await expect(secret).to_be_focused()
    await expect(secret).to_have_attribute("aria-invalid", "true")
    await secret.fill(f"{token[:-3]}xxx")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("telegram: ")
    assert not await is_wider_than_the_window(page)

    await secret.fill(f" {token} ")
    await page.keyboard.press("Enter")
    await expect(page.locator("main h2")).to_be_focused()
    assert token not in await page.content()
    assert not await is_wider_than_the_window(page)
    await hear_something(served, Channel.TELEGRAM)
    heard = {"en": "The first message has come in.", "ar": "وصلت أول رسالة."}[locale]
    await expect(page.get_by_role("status").filter(has_text=heard)).to_be_visible()

    await page.locator("main a[href$='/console/channels']").last.click()
    mine = page.locator("article").filter(has_text="Telegram")
    await mine.get_by_role("button", name={"en": "Disconnect", "ar": "فك الربط"}[locale]).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name={"en": "Cancel", "ar": "إلغاء"}[locale])).to_be_focused()
    await dialog.get_by_role("button", name={"en": "Disconnect", "ar": "فك الربط"}[locale]).click()
    told = {"en": "The provider posts nothing any more.", "ar": "لن يرسل المزوّد شيئًا بعد الآن."}[locale]
    await expect(dialog).to_contain_text(told)
    await page.keyboard.press("Escape")
    await expect(mine).to_have_count(0)
    assert window.complaints == []


async def hear_something(served: Served, channel: Channel) -> UUID:
    """Something came in on the account of this channel."""
    async with at_work(served) as ctx:
        found = await channels.list_accounts(ctx)
        account = next(each.id for each in found if each.channel is channel)
        key = sql("insert into event_key (tenant_id, account_id, provider_id, seen_at) values (:t, :a, :p, now())")
        await ctx.session.execute(key, {"t": ctx.tenant_id, "a": account, "p": new_id().hex})
    return account


async def test_what_is_left_to_be_entered_at_the_provider_is_shown_once_and_can_be_copied(
    served: Served, chromium: Browser
) -> None:
    window = await open_window(chromium, "en", PHONE)
    page = window.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await enter_console(page, served, "/channels/connect?channel=messenger")
    for name, value in served.messenger.given.items():
        await page.locator(f"input[name={name}]").fill(value)
    await page.get_by_role("button", name="Connect an account").click()

    await expect(page.get_by_text("enter these two at the provider")).to_be_visible()
    address = await page.get_by_label("Webhook URL", exact=True).input_value()
    assert "/webhooks/messenger/" in address
    assert len(await page.get_by_label("Verify token", exact=True).input_value()) >= 20
    await page.get_by_role("button", name="Copy: Webhook URL").click()
    await expect(page.get_by_text("Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == address
    assert not await is_wider_than_the_window(page)
    assert window.complaints == []


async def test_who_may_only_look_is_offered_nothing_to_change(served: Served, chromium: Browser) -> None:
    email, password = f"{new_id().hex}@salon-eclat.example", secrets.token_urlsafe(16)
    name = await an_account_in_trouble(served)
    async with at_work(served) as ctx:
        await accounts.ensure_staff(ctx, email=email, name="Ada", password=password, role="agent")
    window = await open_window(chromium, "en", DESK)
    page = window.page
    await enter_console(page, served, "/channels", email=email, password=password)

    await expect(card(page, name)).to_be_visible()
    await expect(card(page, name).locator(".delivery-counts")).to_be_visible()
    for words in ("Connect an account", "Connect again", "Disconnect"):
        await expect(page.get_by_text(words, exact=True)).to_have_count(0)
    await page.goto(f"{served.url}/console/channels/connect")
    await expect(page.get_by_text("Your role does not allow this.")).to_be_visible()
    assert await page.get_by_role("radio").count() == 0


@pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("ar", PHONE)], ids=["desk", "arabic-phone"])
async def test_what_could_not_be_used_is_marked_listed_tried_again_and_closed(
    served: Served, chromium: Browser, locale: str, size: dict[str, int]
) -> None:
    words = f"Avez-vous une piscine {secrets.token_hex(4)} ?"
    async with at_work(served) as ctx:
        await close_all(ctx)
        tenant = await tenants.find_by_slug(served.house.db, "salon-eclat")
        assert tenant is not None
        await dead_letters.keep(
            ctx.session, ctx.tenant_id, source=Source.WEBHOOK, origin="whatsapp", body=words.encode(), reason="no text"
        )
    dead = await a_dead_job(served.house.db, tenant)
    window = await open_window(chromium, locale, size)
    page = window.page
    await enter_console(page, served, "")
    await expect(page.locator("header .mark-open")).to_be_visible()
    await page.locator("header.top a[href$='/channels']").click()
    await page.locator("nav a[href$='/channels/letters']").click()
    await expect(page.locator("nav a[aria-current=page]")).to_have_attribute("href", "/console/channels/letters")

    letters = page.locator("main .letter")
    await expect(letters).to_have_count(2)
    await expect(letters.first).to_contain_text("RuntimeError: no luck")
    posted = letters.filter(has_text="no text")
    await expect(posted.get_by_role("button")).to_have_count(2)
    await posted.locator("summary").click()
    await expect(posted.locator("pre")).to_have_text(words)
    assert not await is_wider_than_the_window(page)

    again, close = {"en": ("Try again", "Nothing more to do"), "ar": ("إعادة المحاولة", "لا شيء آخر يُفعل")}[locale]
    await letters.first.get_by_role("button", name=again).press("Enter")
    await expect(letters).to_have_count(1)
    await posted.get_by_role("button", name=close).click()
    await expect(letters).to_have_count(0)
    await expect(page.locator(".mark-open")).to_have_count(0)
    assert await page.locator(".empty").is_visible()

    await page.locator("main input[type=radio]").first.press("ArrowDown")
    await expect(page).to_have_url(re.compile("show=closed"))
    await expect(letters.filter(has_text="no luck").first).to_be_visible()
    async with at_work(served) as ctx:
        requeued = sql("select requeued_at is not null from dead_letter where id = :id")
        assert await ctx.session.scalar(requeued, {"id": dead.letter_id})
    assert window.complaints == []


async def close_all(ctx: Context) -> None:
    """Nothing is left of what other tests let die."""
    await ctx.session.execute(sql("update dead_letter set closed_at = now() where closed_at is null"))


async def test_conversations_with_something_held_back_are_a_list_of_their_own(
    served: Served, chromium: Browser
) -> None:
    window = await open_window(chromium, "en", PHONE)
    page = window.page
    async with at_work(served) as ctx:
        account = await channels.connect(ctx, channel=Channel.WEB, external_id=new_id().hex, name="Held")
        await make_deliveries(ctx, account, "held")
        await ctx.session.execute(sql("update delivery set held_at = now() where account_id = :a"), {"a": account})
    await enter_console(page, served, "")

    await page.get_by_text("Unsent", exact=True).click()
    await expect(page.locator(".rows li")).to_have_count(1)
    await expect(page).to_have_url(re.compile("state=unsent"))
    assert window.complaints == []

"""The page of sending rules: quiet hours, caps, consent, and the templates that reopen conversations."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from lumi.core.ids import new_id
from lumi.integrations.whatsapp.fake.twin import TwinSettings
from lumi.modules.accounts import public as accounts
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import NewAccount
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import TenantChanges, TenantSettings
from tests.browser.conftest import (
    DESK,
    PHONE,
    Served,
    at_work,
    enter_console,
    is_wider_than_the_window,
    open_window,
)

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

OURS, SOMEBODY_ELSES = TwinSettings().waba_id, "1"
WINDOWS = pytest.mark.parametrize(("locale", "size"), [("en", DESK), ("ar", PHONE)], ids=["desk", "arabic-phone"])
SAVED = {"en": "Saved", "ar": "حُفظ"}
RANGE = {"en": "A whole number from 0 to 100.", "ar": "عدد صحيح من 0 إلى 100."}
REOPENS = {"en": "Reopens a conversation", "ar": "يعيد فتح محادثة"}
ASK = {"en": "Ask WhatsApp now", "ar": "اسأل واتساب الآن"}
REFUSED = {"en": "WhatsApp refused to name them.", "ar": "رفض واتساب ذكرها."}
UNFIT = {"en": "needs more than one text", "ar": "أكثر من نص"}


async def settings_of(served: Served) -> TenantSettings:
    async with at_work(served) as ctx:
        return (await tenants.get(ctx)).settings


async def set_rules(served: Served, **rules: object) -> None:
    """Somebody else sets these rules."""
    async with at_work(served) as ctx:
        changes = TenantChanges(settings=TenantSettings.model_validate(rules))
        await tenants.change(ctx, version=None, changes=changes)


def rule(page: Page, name: str) -> Locator:
    return page.locator(f"main input[name={name}]")


@WINDOWS
async def test_quiet_hours_caps_and_consent_are_changed_and_kept(
    served: Served, chromium: Browser, locale: str, size: dict[str, int]
) -> None:
    await set_rules(served, quiet_from="21:00", quiet_until="08:00", proactive_per_day=3, proactive_needs_consent=False)
    colour = (await settings_of(served)).colour
    window = await open_window(chromium, locale, size)
    page = window.page
    await enter_console(page, served, "/channels")
    await page.locator("nav a[href$='/channels/rules']").press("Enter")
    await expect(rule(page, "quiet_from")).to_have_value("21:00")
    assert not await is_wider_than_the_window(page)

    await rule(page, "proactive_per_day").fill("101")
    await page.keyboard.press("Enter")
    await expect(rule(page, "proactive_per_day")).to_be_focused()
    await expect(page.get_by_text(RANGE[locale])).to_be_visible()
    await rule(page, "proactive_per_day").fill("2")
    await rule(page, "quiet_from").fill("20:30")
    await page.locator("form input[type=checkbox]").press("Space")
    await rule(page, "quiet_until").fill("09:15")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text=SAVED[locale])).to_be_visible()
    assert not await is_wider_than_the_window(page)

    await page.reload()
    await expect(rule(page, "quiet_until")).to_have_value("09:15")
    await expect(page.locator("form input[type=checkbox]")).to_be_checked()
    kept = await settings_of(served)
    assert (f"{kept.quiet_from:%H:%M}", kept.proactive_per_day, kept.proactive_needs_consent) == ("20:30", 2, True)
    assert kept.colour == colour
    assert window.complaints == []


async def test_what_somebody_else_set_meanwhile_is_shown_and_not_overwritten(served: Served, chromium: Browser) -> None:
    await set_rules(served, proactive_per_week=10)
    window = await open_window(chromium, "en", DESK)
    page = window.page
    await enter_console(page, served, "/channels/rules")
    await expect(rule(page, "proactive_per_week")).to_have_value("10")
    await set_rules(served, proactive_per_week=4)

    await rule(page, "proactive_per_week").fill("40")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("Somebody changed this meanwhile")
    await expect(rule(page, "proactive_per_week")).to_have_value("4")
    await rule(page, "proactive_per_week").fill("5")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert (await settings_of(served)).proactive_per_week == 5


async def test_who_may_only_look_sees_the_rules_and_no_way_to_change_them(served: Served, chromium: Browser) -> None:
    email, password = f"{new_id().hex}@salon-eclat.example", secrets.token_urlsafe(16)
    await set_rules(served, quiet_from="19:45")
    await connect_whatsapp(served, OURS)
    async with at_work(served) as ctx:
        await accounts.ensure_staff(ctx, email=email, name="Ada", password=password, role="agent")
    window = await open_window(chromium, "en", PHONE)
    page = window.page
    await enter_console(page, served, "/channels/rules", email=email, password=password)

    await expect(page.get_by_role("definition").first).to_have_text("19:45")
    await expect(page.get_by_role("heading", name="Templates")).to_be_visible()
    await expect(page.locator("main input, main button")).to_have_count(0)
    assert not await is_wider_than_the_window(page)


async def connect_whatsapp(served: Served, business: str) -> None:
    """The salon has its number connected, and said that it belongs to this business account."""
    twin = served.whatsapp
    given = {**twin.given, "business_account_id": business}
    async with at_work(served) as ctx:  # where it is asked, an operator's business: the demo's phone is asked elsewhere
        await channels.connect(
            ctx, channel=twin.channel, external_id=twin.external_id, name="Salon", settings=twin.settings
        )
    async with at_work(served) as ctx:
        wanted = NewAccount(twin.channel, given, "Salon")
        await channels.connect_account(ctx, served.house.sender, wanted, address=served.url, ask=False)


@WINDOWS
async def test_templates_are_asked_for_and_one_is_chosen_to_reopen_conversations(
    served: Served, chromium: Browser, locale: str, size: dict[str, int]
) -> None:
    twin, mark = served.whatsapp, secrets.token_hex(4)
    await connect_whatsapp(served, SOMEBODY_ELSES)
    window = await open_window(chromium, locale, size)
    page = window.page
    await enter_console(page, served, "/channels/rules")
    salon = page.get_by_role("region", name="Salon")
    ask = salon.get_by_role("button", name=ASK[locale])

    await ask.press("Enter")
    await expect(salon.get_by_role("alert")).to_contain_text(REFUSED[locale])
    await connect_whatsapp(served, OURS)
    fits = {"name": f"news_{mark}", "language": "pt_BR", "body": "Temos novidades para você: {{1}}"}
    await twin.ask("POST", "templates", fits)
    body = "{{1}}, your table for {{2}} is kept."
    await twin.ask("POST", "templates", {"name": f"table_{mark}", "language": "en", "body": body, "status": "PAUSED"})
    await ask.press("Enter")

    news = salon.locator(".letter").filter(has_text=f"news_{mark}")
    await expect(news).to_contain_text(fits["body"])
    await news.get_by_role("checkbox", name=REOPENS[locale]).press("Space")
    table = salon.locator(".letter").filter(has_text=f"table_{mark}")
    await table.get_by_role("checkbox", name=REOPENS[locale]).press("Space")
    await expect(table.get_by_role("alert")).to_contain_text(UNFIT[locale])
    await expect(table.get_by_role("checkbox")).not_to_be_checked()
    assert not await is_wider_than_the_window(page)

    await page.reload()
    await expect(news.get_by_role("checkbox")).to_be_checked()
    await expect(table.get_by_role("checkbox")).not_to_be_checked()
    await news.get_by_role("checkbox").press("Space")
    await expect(news.get_by_role("checkbox")).not_to_be_checked()
    assert window.complaints == []

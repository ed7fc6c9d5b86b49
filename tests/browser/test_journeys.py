"""What people do in a browser, from the first word to the answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.async_api import expect

from lumi.core import i18n
from tests.browser.conftest import DESK, PHONE, Served, open_window

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

SOURCE = {"fr": "Source", "es": "Fuente", "en": "Source", "ar": "المصدر"}


async def ask(page: Page, question: str) -> None:
    """Write in the chat and send with the keyboard."""
    await page.locator("textarea").fill(question)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("slug", "locale", "question", "part"),
    [
        ("salon-eclat", "fr", "Quels sont vos horaires d'ouverture ?", "19 h"),
        ("casa-brava", "es", "¿Está incluido el desayuno?", "desayuno"),
        ("casa-brava", "en", "What time is check-in?", "check-in"),
        ("nadia", "ar", "كم تستغرق الجلسة الواحدة؟", "60"),
    ],
)
async def test_a_visitor_asks_in_their_language_and_gets_a_sourced_answer(
    served: Served, chromium: Browser, slug: str, locale: str, question: str, part: str
) -> None:
    window = await open_window(chromium, locale, PHONE)
    page = window.page
    await page.goto(f"{served.url}/chat/{slug}")
    await ask(page, question)

    log = page.get_by_role("log")
    await expect(log).to_contain_text(question)
    answer = log.locator(f"[lang={locale}]", has_text=part).last
    await expect(answer).to_be_visible()
    await expect(log).to_contain_text(SOURCE[locale])
    direction = await page.evaluate("document.documentElement.dir || getComputedStyle(document.body).direction")
    assert direction == i18n.direction(locale)
    width = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], "the page scrolls sideways on a phone"
    assert window.complaints == []


# Whether the last full stop of a text stands to the right of the letter before it.
READS_ON_TO_THE_RIGHT = """(bubble) => {
    const texts = [...bubble.childNodes].map((each) => each.firstChild ?? each);
    const text = texts.findLast((each) => /\\.$/.test(each.data));
    const left = (at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
    };
    return left(text.length - 1) > left(text.length - 2);
}"""


async def test_an_arabic_answer_that_quotes_french_lets_each_read_in_its_own_direction(
    served: Served, chromium: Browser
) -> None:
    window = await open_window(chromium, "ar", PHONE)
    await window.page.goto(f"{served.url}/chat/salon-eclat")

    await ask(window.page, "كم سعر صبغة الشعر؟")
    bubble = window.page.locator("[data-author=assistant] .bubble", has_text="Une correction de couleur")

    assert (await bubble.inner_text())[0] > "\N{ARABIC NUMBER SIGN}"  # it begins with the assistant's own words
    assert await bubble.evaluate(READS_ON_TO_THE_RIGHT)
    assert window.complaints == []


async def test_a_reload_resumes_the_conversation(served: Served, chromium: Browser) -> None:
    window = await open_window(chromium, "fr", PHONE)
    await window.page.goto(f"{served.url}/chat/salon-eclat")
    await ask(window.page, "Merci beaucoup !")
    thanks = i18n.tr("assistant-thanks", "fr")
    await expect(window.page.get_by_role("log")).to_contain_text(thanks)

    await window.page.reload()

    log = window.page.get_by_role("log")
    await expect(log).to_contain_text("Merci beaucoup !")
    await expect(log).to_contain_text(thanks)
    assert await log.get_by_text("Merci beaucoup !").count() == 1


async def test_staff_take_over_the_bot_falls_silent_and_is_handed_back(served: Served, chromium: Browser) -> None:
    guest = (await open_window(chromium, "fr", PHONE)).page
    staff = (await open_window(chromium, "en", DESK)).page
    await guest.goto(f"{served.url}/chat/salon-eclat")
    await ask(guest, "Je voudrais parler à un conseiller.")
    log = guest.get_by_role("log")
    await expect(log).to_contain_text(i18n.tr("assistant-human-requested", "fr"))

    await staff.goto(f"{served.url}/console")
    await staff.locator("input[type=email]").fill(served.email)
    await staff.locator("input[type=password]").fill(served.password)
    await staff.keyboard.press("Enter")
    await staff.get_by_text("Waiting", exact=True).first.click()
    await staff.locator("li a, li button").first.click()
    await staff.get_by_role("button", name="Take over").click()
    await expect(staff.get_by_role("button", name="Hand back")).to_be_visible()

    await ask(guest, "Merci !")
    await expect(staff.get_by_text("Merci !").last).to_be_visible()
    await staff.get_by_label("Your reply").fill("Bonjour, ici Camille.")
    await staff.get_by_role("button", name="Send").click()
    await expect(log).to_contain_text("Bonjour, ici Camille.")
    assert i18n.tr("assistant-thanks", "fr") not in await log.inner_text()

    await staff.get_by_role("button", name="Hand back").click()
    await expect(staff.get_by_role("button", name="Take over")).to_be_visible()
    await ask(guest, "Merci !")
    await expect(log).to_contain_text(i18n.tr("assistant-thanks", "fr"))


async def test_a_message_on_the_simulated_phone_page_finds_its_organisations(served: Served, chromium: Browser) -> None:
    window = await open_window(chromium, "ar", PHONE)
    await window.page.goto(f"{served.url}/demo/phone")

    await expect(window.page.get_by_text("Casa Brava").first).to_be_visible()
    assert await window.page.evaluate("document.documentElement.dir") == "rtl"
    assert window.complaints == []


async def test_the_landing_page_names_the_three_organisations_and_what_runs(served: Served, chromium: Browser) -> None:
    window = await open_window(chromium, "de", DESK)
    await window.page.goto(served.url)

    for name in ("Salon Éclat", "Casa Brava", "Nadia Coaching"):
        await expect(window.page.get_by_role("heading", name=name)).to_be_visible()
    assert window.complaints == []


async def test_the_widget_works_on_a_page_of_another_origin_that_is_listed_and_not_on_others(
    served: Served, chromium: Browser
) -> None:
    window = await open_window(chromium, "fr", DESK)
    await window.page.goto(served.site)
    await window.page.get_by_role("button").first.click()
    frame = window.page.frame_locator("iframe")
    await frame.locator("textarea").fill("Merci !")
    await window.page.keyboard.press("Enter")
    await expect(frame.get_by_role("log")).to_contain_text(i18n.tr("assistant-thanks", "fr"))

    await window.page.goto(served.elsewhere)
    await window.page.get_by_role("button").first.click()
    await window.page.wait_for_timeout(1_000)
    assert await window.page.frame_locator("iframe").locator("textarea").count() == 0


async def test_whoever_signs_in_at_the_page_has_a_conversation_of_their_own(served: Served, chromium: Browser) -> None:
    window = await open_window(chromium, "fr", DESK)
    voucher = await voucher_for(window.page, served, "anna-7")
    await window.page.goto(served.site)
    await window.page.get_by_role("button").first.click()
    await write_in_widget(window.page, "Bonjour !")
    log = window.page.frame_locator("iframe").get_by_role("log")
    await expect(log).to_contain_text("Bonjour !")

    await window.page.evaluate("voucher => Lumi.identify(async () => voucher)", voucher)
    await expect(log).not_to_contain_text("Bonjour !")
    await write_in_widget(window.page, "Merci beaucoup !")
    await expect(log).to_contain_text(i18n.tr("assistant-thanks", "fr"))

    await window.page.evaluate("() => Lumi.identify(null)")
    await expect(log).to_be_attached()
    await expect(log).not_to_contain_text("Merci beaucoup !")

    await window.page.evaluate("voucher => Lumi.identify(async () => voucher)", voucher)
    await expect(log).to_contain_text("Merci beaucoup !")
    assert window.complaints == []


async def write_in_widget(page: Page, words: str) -> None:
    """Write in the chat on somebody's page."""
    await page.frame_locator("iframe").locator("textarea").fill(words)
    await page.frame_locator("iframe").locator("textarea").press("Enter")


async def voucher_for(page: Page, served: Served, user: str) -> str:
    """What the salon's server signs for a user, with a secret its owner has just made."""
    account = {"email": served.email, "password": served.password}
    signed_in = await page.request.post(f"{served.url}/v1/auth/sign-in", data=account)
    headers = {"Authorization": f"Bearer {(await signed_in.json())['access_token']}"}
    channels = await (await page.request.get(f"{served.url}/v1/channels", headers=headers)).json()
    widget = next(each["id"] for each in channels["items"] if each["channel"] == "web")
    made = await page.request.post(f"{served.url}/v1/channels/{widget}/identity-secret", headers=headers)
    claims = {"sub": user, "aud": "salon-eclat", "exp": int(time.time()) + 300}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key((await made.json())["secret"]))

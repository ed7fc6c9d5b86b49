"""What is Instagram's alone: bytes, reading without delivery, two logins, and a window of its own code."""

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from lumi.core.http import Http
from lumi.integrations.graph.messaging_shapes import ReceiptState
from lumi.integrations.graph.send_api import AccountNamed
from lumi.integrations.graph.send_errors import Reason, SendRejected
from lumi.integrations.instagram.client import Instagram, Login
from lumi.integrations.messenger.fake.server import RunningTwin
from tests.integrations.graph.surfaces import ACCOUNT, PAGE_KIND, PERSON

if TYPE_CHECKING:
    from tests.integrations.graph.fixtures import Phone, Webhook


@pytest.fixture
def instagram(http: Http, served: RunningTwin) -> Instagram:
    return Instagram(http, served.url, "v25.0", served.twin.settings.token, ACCOUNT)


async def test_a_message_is_read_by_its_id_and_never_delivered(
    instagram: Instagram, phone: "Phone", webhook: "Webhook"
) -> None:
    await phone.say()
    sent = await instagram.send_text(PERSON, "Yes")
    await webhook.until(lambda: len(webhook.receipts) == 1)
    assert [(each.state, each.message_ids, each.watermark) for each in webhook.receipts] == [
        (ReceiptState.READ, (sent.id,), None)
    ]
    assert sent.id.startswith("aWdf")


async def test_an_echo_names_no_app(instagram: Instagram, phone: "Phone", webhook: "Webhook") -> None:
    await phone.say()
    await instagram.send_text(PERSON, "Yes")
    await phone.post("echo", {"to": PERSON, "text": "I'll take over."})
    await webhook.until(lambda: len(webhook.echoes) == 2)
    assert [(each.app_id, each.metadata) for each in webhook.echoes] == [(None, None)] * 2


async def test_a_late_answer_and_a_stranger_are_refused_with_its_codes(instagram: Instagram, phone: "Phone") -> None:
    await phone.say(hours_ago=24.1)
    with pytest.raises(SendRejected) as late:
        await instagram.send_text(PERSON, "Yes")
    assert (late.value.code, late.value.subcode, late.value.reason) == (10, 2534022, Reason.WINDOW)
    with pytest.raises(SendRejected) as stranger:
        await instagram.send_text("1", "Yes")
    assert (stranger.value.code, stranger.value.subcode, stranger.value.reason) == (100, 2534014, Reason.RECIPIENT)


@pytest.mark.parametrize("text", ["x" * 1001, "é" * 501, "🌻" * 251])
async def test_a_text_is_measured_in_bytes_before_it_is_sent(
    instagram: Instagram, served: RunningTwin, text: str
) -> None:
    with pytest.raises(SendRejected) as failure:
        await instagram.send_text(PERSON, text)
    assert (failure.value.status, failure.value.reason) == (0, Reason.PAYLOAD)
    assert served.twin.counts["refused"] == 0


async def test_half_an_emoji_is_not_the_end_of_a_send(instagram: Instagram, phone: "Phone") -> None:
    await phone.say()
    with pytest.raises(SendRejected) as failure:
        await instagram.send_text(PERSON, "Yes \ud83d")
    assert (failure.value.status, failure.value.reason) == (0, Reason.PAYLOAD)


async def test_a_delivery_does_not_happen_here(instagram: Instagram, phone: "Phone", webhook: "Webhook") -> None:
    await phone.post("statuses", {"statuses": ["delivered", "dreamt"], "status_pause_ms": 1})
    await phone.say()
    await instagram.send_text(PERSON, "Yes")
    await webhook.until(lambda: len(webhook.echoes) == 1)
    await asyncio.sleep(0.05)
    assert [each for batch in webhook.batches for each in (*batch.receipts, *batch.broken)] == []


@pytest.mark.parametrize(
    ("api_base", "login", "fields"),
    [
        ("https://graph.instagram.com", None, "user_id,username"),
        ("https://graph.facebook.com", None, "instagram_business_account{id,username}"),
        ("https://graph.example", Login.FACEBOOK, "instagram_business_account{id,username}"),
    ],
)
async def test_the_login_is_seen_from_the_address(api_base: str, login: Login | None, fields: str) -> None:
    asked: list[str] = []

    class Recording(Instagram):
        async def _describe(self, fields: str) -> dict[str, object]:
            asked.append(fields)
            account: dict[str, object] = {"id": ACCOUNT, "username": "the.salon"}
            return {"user_id": ACCOUNT, "username": "the.salon", "instagram_business_account": account}

    async with Http() as http:
        found = await Recording(http, api_base, "v25.0", "t", ACCOUNT, login=login).describe()
    assert (asked, found) == ([fields], AccountNamed(ACCOUNT, "the.salon"))


async def test_a_page_that_is_linked_to_no_account_is_refused(http: Http, served: RunningTwin) -> None:
    served.twin.settings.page_id = PAGE_KIND.page_id
    wrong = Instagram(http, served.url, "v25.0", served.twin.settings.token, ACCOUNT)
    with pytest.raises(SendRejected) as failure:
        await wrong.describe()
    assert "nonexisting field (user_id) on node type (Page)" in failure.value.details


async def test_a_page_is_subscribed_with_one_field_for_all_events(
    http: Http, served: RunningTwin, phone: "Phone", webhook: "Webhook"
) -> None:
    served.twin.settings.page_id = PAGE_KIND.page_id
    by_page = Instagram(http, served.url, "v25.0", served.twin.settings.token, ACCOUNT, login=Login.FACEBOOK)
    await by_page.subscribe()
    assert await by_page.subscribed_fields() == {"messages"}
    await phone.post("inbound", {"from": PERSON, "type": "postback", "content": {"title": "Begin"}})
    await webhook.until(lambda: len(webhook.messages) == 1)


async def test_a_subscription_that_ended_posts_nothing(
    instagram: Instagram, phone: "Phone", served: RunningTwin
) -> None:
    url = f"{served.url}/v25.0/{ACCOUNT}/subscribed_apps"
    headers = {"Authorization": f"Bearer {served.twin.settings.token}"}
    async with aiohttp.ClientSession() as session, session.delete(url, headers=headers) as answer:
        assert answer.status == 200
    await phone.say()
    assert await instagram.subscribed_fields() == frozenset()
    assert (await phone.get("counts"))["not_subscribed"] == 1

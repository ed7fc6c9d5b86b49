"""What concerns the business account: its webhook and its templates."""

import pytest

from lumi.core.http import Http
from lumi.integrations.whatsapp.account_calls import TEMPLATES_A_PAGE
from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.errors import GraphRejected, Reason
from lumi.integrations.whatsapp.fake.server import RunningTwin
from lumi.integrations.whatsapp.fake.templates import Template as FakeTemplate
from tests.integrations.whatsapp.conftest import VERIFY_TOKEN, Webhook
from tests.integrations.whatsapp.phone import Phone

PERSON = "33600000042"
ACCOUNT = "210000000000001"


async def test_events_go_to_the_address_that_was_subscribed(
    whatsapp: WhatsApp, served: RunningTwin, phone: Phone, webhook: Webhook
) -> None:
    served.twin.poster.url = None
    await whatsapp.subscribe_app(ACCOUNT, webhook.url, VERIFY_TOKEN)
    await phone.write(PERSON, "Allô ?")
    await webhook.until(lambda: len(webhook.messages) == 1)


async def test_an_address_that_does_not_echo_the_challenge_is_refused(
    whatsapp: WhatsApp, served: RunningTwin, webhook: Webhook
) -> None:
    served.twin.poster.url = None
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.subscribe_app(ACCOUNT, webhook.url, "another")
    assert (failure.value.code, served.twin.poster.url) == (2200, None)


@pytest.mark.parametrize(("url", "token"), [("", "t"), ("hook", "t"), ("https://a.example/hook", "")])
async def test_a_subscription_without_address_or_token_never_leaves(whatsapp: WhatsApp, url: str, token: str) -> None:
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.subscribe_app(ACCOUNT, url, token)
    assert failure.value.status == 0


async def test_templates_are_listed_with_their_text_and_their_state(whatsapp: WhatsApp, served: RunningTwin) -> None:
    served.twin.templates.put(FakeTemplate("old_offer", "fr", "Offre {{code}}", category="MARKETING", status="PAUSED"))
    found = {(each.name, each.language): each for each in await whatsapp.list_templates(ACCOUNT)}
    reminder, offer = found["visit_reminder", "fr"], found["old_offer", "fr"]
    assert (reminder.status, reminder.category) == ("APPROVED", "UTILITY")
    assert reminder.body == "Bonjour {{1}}, nous vous attendons le {{2}}."
    assert (offer.status, offer.category, offer.rejected_reason) == ("PAUSED", "MARKETING", None)
    assert len({each.id for each in found.values()}) == len(found) == 4


async def test_every_page_of_templates_is_read(whatsapp: WhatsApp, served: RunningTwin) -> None:
    for n in range(TEMPLATES_A_PAGE * 2):
        served.twin.templates.put(FakeTemplate(f"offer_{n}", "fr", "Offre"))
    assert len(await whatsapp.list_templates(ACCOUNT)) == TEMPLATES_A_PAGE * 2 + 3


async def test_an_account_that_is_not_ours_is_refused(whatsapp: WhatsApp, http: Http, served: RunningTwin) -> None:
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.list_templates("999")
    assert failure.value.code == 100
    stranger = WhatsApp(http, served.url, "v25.0", "another", "310000000000001")
    with pytest.raises(GraphRejected) as failure:
        await stranger.list_templates(ACCOUNT)
    assert failure.value.reason is Reason.AUTH


async def test_an_account_id_that_would_change_the_address_never_leaves(whatsapp: WhatsApp) -> None:
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.list_templates("../1")
    assert failure.value.status == 0

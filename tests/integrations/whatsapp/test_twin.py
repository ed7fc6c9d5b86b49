"""The twin as its user knows it: a phone, faults, webhooks, and a record of everything."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from lumi.core.http import Unavailable
from lumi.integrations.twin.faults import Dice
from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.fake.faults import Faults
from tests.integrations.whatsapp.phone import Phone, Seen

if TYPE_CHECKING:
    from tests.integrations.whatsapp.conftest import Webhook

PERSON = "33600000042"
USER_ID = "FR.7001002003004005"


async def test_statuses_follow_a_message_signed_and_with_our_key(whatsapp: WhatsApp, webhook: "Webhook") -> None:
    sent = await whatsapp.send_text(PERSON, "Bonjour", callback_data="key-1")
    await webhook.until(lambda: len(webhook.statuses_seen) == 3)
    assert {each.status for each in webhook.statuses_seen} == {"sent", "delivered", "read"}
    assert {(each.id, each.callback_data, each.recipient_phone) for each in webhook.statuses_seen} == {
        (sent.id, "key-1", PERSON)
    }
    assert webhook.badly_signed == 0


async def test_what_a_person_writes_arrives_as_a_webhook(phone: Phone, webhook: "Webhook") -> None:
    written = await phone.post(
        "inbound", {"from": f"+{PERSON}", "name": "Anaïs 🌻", "text": "Allô ?", "reply_to": "wamid.OLD"}
    )
    await webhook.until(lambda: len(webhook.messages) == 1)
    [message] = webhook.messages
    assert (message.id, message.text, message.from_phone) == (written["id"], "Allô ?", PERSON)
    assert (message.profile_name, message.context_id, message.type) == ("Anaïs 🌻", "wamid.OLD", "text")
    assert webhook.bodies[0].isascii()
    assert webhook.badly_signed == 0


async def test_a_person_may_have_a_user_id_and_no_phone(phone: Phone, webhook: "Webhook", whatsapp: WhatsApp) -> None:
    await phone.post("inbound", {"user_id": USER_ID, "username": "zoe", "name": "Zoé", "text": "Hola"})
    await webhook.until(lambda: len(webhook.messages) == 1)
    message = webhook.messages[0]
    assert (message.from_phone, message.from_user_id, message.username) == (None, USER_ID, "zoe")

    await whatsapp.send_text(USER_ID, "¡Hola!", callback_data="1")
    assert await phone.texts(USER_ID) == ["Hola", "¡Hola!"]


async def test_both_addresses_of_a_person_lead_to_one_chat(phone: Phone, whatsapp: WhatsApp) -> None:
    await phone.post("inbound", {"from": PERSON, "user_id": USER_ID, "text": "Bonjour"})
    sent = await whatsapp.send_text(PERSON, "Un", callback_data="1")
    await whatsapp.send_text(USER_ID, "Deux", callback_data="2")
    assert sent.user_id == USER_ID
    assert await phone.texts(PERSON) == await phone.texts(USER_ID) == ["Bonjour", "Un", "Deux"]


async def test_other_kinds_of_messages_have_their_content(phone: Phone, webhook: "Webhook") -> None:
    chosen = {"type": "button_reply", "button_reply": {"id": "a", "title": "Mardi"}}
    await phone.post("inbound", {"from": PERSON, "type": "interactive", "content": chosen})
    await webhook.until(lambda: len(webhook.messages) == 1)
    assert (webhook.messages[0].type, webhook.messages[0].text) == ("interactive", "Mardi")


async def test_each_number_has_chats_of_its_own(phone: Phone, webhook: "Webhook") -> None:
    await phone.post("inbound", {"from": PERSON, "text": "Salon ?", "number": "310000000000001"})
    await phone.post("inbound", {"from": PERSON, "text": "Hôtel ?", "number": "310000000000002"})
    await webhook.until(lambda: len(webhook.messages) == 2)
    assert {each.phone_number_id for each in webhook.messages} == {"310000000000001", "310000000000002"}
    assert await phone.texts(PERSON, number="310000000000002") == ["Hôtel ?"]


async def test_only_what_is_newer_is_shown(phone: Phone, whatsapp: WhatsApp) -> None:
    for word in ("Un", "Deux", "Trois"):
        await whatsapp.send_text(PERSON, word, callback_data=word)
    assert await phone.texts(PERSON, after=1) == ["Deux", "Trois"]


async def test_waiting_ends_with_the_next_message(phone: Phone, whatsapp: WhatsApp) -> None:
    version = cast("int", (await phone.get("messages", peer=PERSON))["version"])
    waiting = asyncio.create_task(phone.get("messages/wait", peer=PERSON, version=version, timeout=30))
    await asyncio.sleep(0.05)
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    shown = await waiting
    assert [each["text"] for each in cast("list[Seen]", shown["messages"])] == ["Bonjour"]


async def test_waiting_ends_without_news_when_its_time_is_over(phone: Phone) -> None:
    shown = await phone.get("messages/wait", peer=PERSON, version=0, timeout=0)
    assert shown["messages"] == []


async def test_a_webhook_is_posted_again_until_it_is_answered_200(phone: Phone, webhook: "Webhook") -> None:
    webhook.statuses = [503, 302]
    written = await phone.post("inbound", {"from": PERSON, "text": "Allô ?"})
    await webhook.until(lambda: len(webhook.messages) == 1)
    assert len(webhook.bodies) == 3
    assert len(set(webhook.bodies)) == 1
    states = cast("Seen", (await phone.get("messages", peer=PERSON))["states"])
    assert states[cast("str", written["id"])] == "delivered"


async def test_webhooks_come_twice_on_request(phone: Phone, webhook: "Webhook") -> None:
    await phone.post("faults", {"duplicate_webhooks": True})
    await phone.post("inbound", {"from": PERSON, "text": "Allô ?"})
    await webhook.until(lambda: len(webhook.messages) == 2)
    assert webhook.bodies[0] == webhook.bodies[1]


async def test_statuses_are_dropped_on_request(phone: Phone, whatsapp: WhatsApp, webhook: "Webhook") -> None:
    await phone.post("faults", {"drop_statuses": 1})
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    await phone.post("inbound", {"from": PERSON, "text": "Allô ?"})
    await webhook.until(lambda: len(webhook.messages) == 1)
    await asyncio.sleep(0.05)
    assert webhook.statuses_seen == []


async def test_statuses_change_their_order_on_request(phone: Phone, whatsapp: WhatsApp, webhook: "Webhook") -> None:
    await phone.post("statuses", {"statuses": ["sent", "delivered"], "status_pause_ms": 40})
    await phone.post("faults", {"statuses_out_of_order": 1})
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    await webhook.until(lambda: len(webhook.statuses_seen) == 2)
    assert [each.status for each in webhook.statuses_seen] == ["delivered", "sent"]


async def test_a_message_that_was_taken_may_still_fail(phone: Phone, whatsapp: WhatsApp, webhook: "Webhook") -> None:
    await phone.post("faults", {"failed_statuses": 1, "failed_code": 131047})
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    await webhook.until(lambda: len(webhook.statuses_seen) == 1)
    [status] = webhook.statuses_seen
    assert (status.status, [each.code for each in status.errors]) == ("failed", [131047])


async def test_faults_are_rates_and_come_in_the_order_of_the_seed(phone: Phone, whatsapp: WhatsApp) -> None:
    async def outcomes() -> list[bool]:
        await phone.post("faults", {"reset": True, "seed": 7, "fail_rate": 0.5})
        found: list[bool] = []
        for _ in range(20):
            try:
                await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
                found.append(True)
            except Unavailable:
                found.append(False)
        return found

    first = await outcomes()
    assert first == await outcomes()
    assert 0 < sum(first) < 20


@pytest.mark.parametrize("wishes", [{"fail_rat": 1}, {"fail_rate": 2}, {"fail_rate": "often"}])
async def test_a_fault_that_is_none_is_refused(phone: Phone, wishes: Seen) -> None:
    await phone.post("faults", wishes, expect=400)
    assert (await phone.get("faults"))["fail_rate"] == 0.0


async def test_a_subscriber_has_to_echo_the_challenge(phone: Phone, webhook: "Webhook") -> None:
    wrong: Seen = {"url": webhook.url, "verify_token": "another"}
    await phone.post("webhook", wrong, expect=400)
    await phone.post("webhook", {"url": webhook.url, "verify_token": "an-invented-verify-token"})


@pytest.mark.parametrize(
    "wishes", [{"text": "Allô ?"}, {"from": PERSON}, {"from": PERSON, "text": "Allô ?", "number": "9"}]
)
async def test_a_person_needs_an_address_and_words(phone: Phone, wishes: Seen) -> None:
    await phone.post("inbound", wishes, expect=400)


async def test_every_message_taken_is_on_record_in_order(phone: Phone, whatsapp: WhatsApp, tmp_path: Path) -> None:
    sent = [await whatsapp.send_text(PERSON, f"Nr. {n}", callback_data=f"key-{n}") for n in range(3)]
    lines = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text().splitlines()]
    assert [(line["n"], line["id"], line["callback_data"]) for line in lines] == [
        (n + 1, each.id, f"key-{n}") for n, each in enumerate(sent)
    ]
    assert (await phone.get("log", after=1, limit=1))["messages"] == [lines[1]]
    assert (await phone.get("counts"))["accepted"] == 3


def test_a_rate_of_nothing_never_falls_and_a_rate_of_one_always() -> None:
    dice = Dice(1)
    assert not any(dice.falls(0) for _ in range(100))
    assert all(dice.falls(1) for _ in range(100))


def test_shuffled_words_are_never_in_their_old_order() -> None:
    assert all(Dice(seed).shuffled(("a", "b", "c")) != ("a", "b", "c") for seed in range(50))
    assert Dice(1).shuffled(("a",)) == ("a",)


def test_naming_a_fault_leaves_the_others_as_they_are() -> None:
    assert Faults(delay_ms=5).changed({"status": 503}) == Faults(delay_ms=5, status=503)


def test_it_runs_as_a_process_on_this_machine_only_and_ends_when_told() -> None:
    command = [
        sys.executable,
        "-m",
        "lumi.integrations.whatsapp.fake",
        "--port",
        "0",
        "--number",
        "42=33100000009",
    ]
    keys = {"WHATSAPP_ACCESS_TOKEN": "given-token"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **keys}) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert said["url"].startswith("http://127.0.0.1:")
    assert said["phone_number_ids"] == ["42"]
    assert "token" not in said
    assert len(said["app_secret"]) == 32

"""The twin as its user knows it: a phone, echoes, receipts, faults, webhooks, and a record of everything."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import aiohttp
import pytest

from lumi.core.http import Unavailable
from lumi.core.outside_json import as_object
from lumi.integrations.graph.messaging_shapes import MessageKind
from lumi.integrations.messenger.fake.faults import Faults
from lumi.integrations.messenger.fake.server import RunningTwin
from tests.integrations.graph.surfaces import ACCOUNT, PERSON

if TYPE_CHECKING:
    from tests.integrations.graph.fixtures import Client, Phone, Seen, Webhook


async def texts(phone: "Phone", **query: str | int) -> list[str]:
    shown = cast("list[dict[str, str]]", (await phone.get("messages", peer=PERSON, **query))["messages"])
    return [each["text"] for each in shown]


async def test_what_a_person_writes_arrives_signed(phone: "Phone", webhook: "Webhook") -> None:
    written = await phone.say("Grüezi 🌻", name="Ueli", reply_to="m_OLD")
    await webhook.until(lambda: len(webhook.messages) == 1)
    [message] = webhook.messages
    assert (message.id, message.text, message.person_id) == (written, "Grüezi 🌻", PERSON)
    assert (message.account_id, message.reply_to) == (ACCOUNT, "m_OLD")
    assert webhook.bodies[0].isascii()
    assert webhook.badly_signed == 0


async def test_an_echo_follows_a_message(client: "Client", phone: "Phone", webhook: "Webhook") -> None:
    await phone.say()
    sent = await client.send_text(PERSON, "Yes, at 7.", reply_to="m_OLD")
    await webhook.until(lambda: len(webhook.echoes) == 1)
    [echo] = webhook.echoes
    assert (echo.id, echo.text, echo.person_id, echo.account_id) == (sent.id, "Yes, at 7.", PERSON, ACCOUNT)
    assert echo.reply_to == "m_OLD"
    assert as_object(echo.raw["message"])["is_echo"] is True


async def test_an_echo_may_come_before_the_answer(client: "Client", phone: "Phone", webhook: "Webhook") -> None:
    await phone.say()
    await phone.post("faults", {"echo_first": True})
    sent = await client.send_text(PERSON, "Yes")
    assert [each.id for each in webhook.echoes] == [sent.id]


async def test_echoes_are_dropped_on_request(client: "Client", phone: "Phone", webhook: "Webhook") -> None:
    await phone.say()
    await phone.post("faults", {"drop_echoes": 1})
    await client.send_text(PERSON, "Yes")
    await webhook.until(lambda: len(webhook.receipts) > 0)
    assert webhook.echoes == []


async def test_somebody_who_answers_in_the_app_is_an_echo_that_no_send_answered_with(
    phone: "Phone", webhook: "Webhook", served: RunningTwin
) -> None:
    await phone.say()
    written = (await phone.post("echo", {"to": PERSON, "text": "I'll take over."}))["id"]
    await webhook.until(lambda: len(webhook.echoes) == 1)
    [echo] = webhook.echoes
    assert (echo.id, echo.text) == (written, "I'll take over.")
    assert echo.app_id != served.twin.settings.app_id
    assert await texts(phone) == ["Hello?", "I'll take over."]
    assert served.twin.ledger.count == 0


@pytest.mark.parametrize(
    ("wishes", "known", "text"),
    [
        ({"type": "quick_reply", "text": "Tue", "content": {"payload": "day:2"}}, MessageKind.QUICK_REPLY, "Tue"),
        ({"type": "postback", "content": {"title": "Begin", "payload": "b"}}, MessageKind.POSTBACK, "Begin"),
        ({"type": "unsupported"}, MessageKind.UNSUPPORTED, None),
        ({"type": "image", "content": {"url": "https://cdn.example/1"}}, MessageKind.MESSAGE, None),
    ],
)  # fmt: skip
async def test_other_kinds_of_messages_have_their_content(
    phone: "Phone", webhook: "Webhook", wishes: "Seen", known: MessageKind, text: str | None
) -> None:
    written = (await phone.post("inbound", {"from": PERSON, **wishes}))["id"]
    await webhook.until(lambda: len(webhook.messages) == 1)
    [message] = webhook.messages
    assert (message.id, message.kind, message.text) == (written, known, text)
    assert len(message.attachments) == (wishes["type"] == "image")


async def test_a_heart_has_no_content_at_all(phone: "Phone", webhook: "Webhook") -> None:
    await phone.post("inbound", {"from": PERSON, "type": "like_heart"})
    await webhook.until(lambda: len(webhook.messages) == 1)
    assert [each.kind for each in webhook.messages[0].attachments] == ["like_heart"]


async def test_a_person_edits_and_takes_back(phone: "Phone", webhook: "Webhook") -> None:
    written = await phone.say()
    edit = {"mid": written, "text": "At 8?", "num_edit": 1}
    await phone.post("inbound", {"from": PERSON, "type": "message_edit", "content": edit})
    assert await texts(phone) == ["At 8?"]
    await phone.post("inbound", {"from": PERSON, "type": "deleted", "content": {"mid": written}})
    await webhook.until(lambda: any(each.deletions for each in webhook.batches))
    assert (await phone.get("messages", peer=PERSON))["states"] == {written: "deleted"}
    assert await texts(phone) == [None]
    edits = [each for batch in webhook.batches for each in batch.edits]
    assert [(each.message_id, each.text, each.number) for each in edits] == [(written, "At 8?", 1)]


async def test_a_person_reacts(phone: "Phone", webhook: "Webhook") -> None:
    reaction = {"mid": "m_E", "action": "react", "reaction": "love", "emoji": "❤️"}
    await phone.post("inbound", {"from": PERSON, "type": "reaction", "content": reaction})
    await webhook.until(lambda: any(each.reactions for each in webhook.batches))
    [batch] = webhook.batches
    assert [(each.person_id, each.message_id, each.emoji) for each in batch.reactions] == [(PERSON, "m_E", "❤️")]


async def test_an_announcement_names_nobody_and_opens_the_window(
    client: "Client", phone: "Phone", webhook: "Webhook"
) -> None:
    written = await phone.say("Is it quiet?", type="announcement")
    await webhook.until(lambda: any(each.edits for each in webhook.batches))
    [edit] = webhook.batches[0].edits
    assert (edit.message_id, edit.person_id, edit.text, edit.number) == (written, None, None, 0)
    assert (await client.send_text(PERSON, "Very.")).id


async def test_only_what_is_newer_is_shown(phone: "Phone") -> None:
    for word in ("One", "Two", "Three"):
        await phone.say(word)
    assert await texts(phone, after=1) == ["Two", "Three"]


async def test_waiting_ends_with_the_next_message(phone: "Phone", client: "Client") -> None:
    await phone.post("webhook", {"url": None})
    await phone.say()
    shown = await phone.get("messages", peer=PERSON)
    version, last = cast("int", shown["version"]), cast("int", shown["last"])
    waiting = asyncio.create_task(phone.get("messages/wait", peer=PERSON, version=version, after=last, timeout=30))
    await asyncio.sleep(0.05)
    await client.send_text(PERSON, "Yes")
    shown = await waiting
    assert [each["text"] for each in cast("list[Seen]", shown["messages"])] == ["Yes"]


async def test_waiting_ends_without_news_when_its_time_is_over(phone: "Phone") -> None:
    await phone.say()
    shown = await phone.get("messages/wait", peer=PERSON, version=99, after=1, timeout=0)
    assert shown["messages"] == []


async def test_a_webhook_is_posted_again_until_it_is_answered_200(phone: "Phone", webhook: "Webhook") -> None:
    webhook.statuses = [503, 302]
    written = await phone.say()
    await webhook.until(lambda: len(webhook.messages) == 1)
    assert len(webhook.bodies) == 3
    assert len(set(webhook.bodies)) == 1
    assert (await phone.get("messages", peer=PERSON))["states"] == {written: "delivered"}


async def test_webhooks_come_twice_on_request(phone: "Phone", webhook: "Webhook") -> None:
    await phone.post("faults", {"duplicate_webhooks": True})
    await phone.say()
    await webhook.until(lambda: len(webhook.messages) == 2)
    assert webhook.bodies[0] == webhook.bodies[1]


async def test_receipts_are_dropped_on_request(client: "Client", phone: "Phone", webhook: "Webhook") -> None:
    await phone.say()
    await phone.post("faults", {"drop_statuses": 1})
    await client.send_text(PERSON, "Yes")
    await webhook.until(lambda: len(webhook.echoes) == 1)
    await asyncio.sleep(0.05)
    assert webhook.receipts == []


async def test_receipts_are_chosen(client: "Client", phone: "Phone", webhook: "Webhook") -> None:
    await phone.post("statuses", {"statuses": [], "status_pause_ms": 2})
    await phone.say()
    await client.send_text(PERSON, "Yes")
    await webhook.until(lambda: len(webhook.echoes) == 1)
    await asyncio.sleep(0.05)
    assert webhook.receipts == []


async def test_only_what_was_subscribed_to_is_posted(client: "Client", phone: "Phone", webhook: "Webhook") -> None:
    await client.subscribe(["messaging_postbacks"])
    await phone.say()
    await phone.post("inbound", {"from": PERSON, "type": "postback", "content": {"title": "Begin"}})
    await webhook.until(lambda: len(webhook.messages) == 1)
    assert webhook.messages[0].kind is MessageKind.POSTBACK
    assert (await phone.get("counts"))["not_subscribed"] == 1


async def test_faults_are_rates_and_come_in_the_order_of_the_seed(phone: "Phone", client: "Client") -> None:
    await phone.say()

    async def outcomes() -> list[bool]:
        await phone.post("faults", {"reset": True, "seed": 7, "fail_rate": 0.5})
        found: list[bool] = []
        for _ in range(20):
            try:
                await client.send_text(PERSON, "Yes")
                found.append(True)
            except Unavailable:
                found.append(False)
        return found

    first = await outcomes()
    assert first == await outcomes()
    assert 0 < sum(first) < 20


@pytest.mark.parametrize("wishes", [{"fail_rat": 1}, {"echo_first": 2}, {"drop_echoes": "often"}])
async def test_a_fault_that_is_none_is_refused(phone: "Phone", wishes: "Seen") -> None:
    await phone.post("faults", wishes, expect=400)
    assert (await phone.get("faults"))["fail_rate"] == 0.0


async def test_a_subscriber_has_to_echo_the_challenge(phone: "Phone", webhook: "Webhook") -> None:
    wrong: dict[str, object] = {"url": webhook.url, "verify_token": "another"}
    await phone.post("webhook", wrong, expect=400)
    await phone.post("webhook", {"url": webhook.url, "verify_token": "an-invented-verify-token"})


@pytest.mark.parametrize(
    "wishes",
    [{"text": "Hello?"}, {"from": PERSON}, {"from": PERSON, "text": "Hello?", "hours_ago": "many"}],
)
async def test_a_person_needs_an_id_and_words(phone: "Phone", wishes: "Seen") -> None:
    await phone.post("inbound", wishes, expect=400)


@pytest.mark.parametrize("wishes", [{"text": "Yes"}, {"to": PERSON}])
async def test_an_answer_in_the_app_needs_a_person_and_words(phone: "Phone", wishes: "Seen") -> None:
    await phone.post("echo", wishes, expect=400)


async def test_every_message_taken_is_on_record_in_order(phone: "Phone", client: "Client", tmp_path: Path) -> None:
    await phone.say()
    sent = [await client.send_text(PERSON, f"No. {n}") for n in range(3)]
    lines = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text().splitlines()]
    assert [(line["n"], line["id"], line["to"], line["text"]) for line in lines] == [
        (n + 1, each.id, PERSON, f"No. {n}") for n, each in enumerate(sent)
    ]
    assert (await phone.get("log", after=1, limit=1))["messages"] == [lines[1]]
    assert (await phone.get("counts"))["accepted"] == 3


@pytest.mark.parametrize(
    ("path", "has_token", "code", "subcode"),
    [
        ("/v25.0/me", False, 2500, None),
        ("/latest/me", True, 100, 33),
        ("/v25.0/999/subscribed_apps", True, 100, 33),
        ("/v25.0/me?fields=id,dreams", True, 100, None),
    ],
)
async def test_a_call_that_is_not_right_is_refused_with_a_code(
    served: RunningTwin, path: str, has_token: bool, code: int, subcode: int | None
) -> None:
    headers = {"Authorization": f"Bearer {served.twin.settings.token}"} if has_token else {}
    async with aiohttp.ClientSession(served.url) as session, session.get(path, headers=headers) as answer:
        error = as_object((await answer.json())["error"])
    assert (answer.status, error["code"], error.get("error_subcode")) == (400, code, subcode)


def test_naming_a_fault_leaves_the_others_as_they_are() -> None:
    assert Faults(delay_ms=5).changed({"echo_first": True}) == Faults(delay_ms=5, echo_first=1.0)

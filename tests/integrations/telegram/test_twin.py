"""The twin as its user knows it: a phone, faults, updates, and a record of everything."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from lumi.core.http import Http, Unavailable
from lumi.integrations.telegram.client import Telegram
from lumi.integrations.telegram.errors import Reason, TelegramRejected
from lumi.integrations.telegram.fake.faults import Faults
from lumi.integrations.telegram.fake.server import RunningTwin, running
from lumi.integrations.telegram.fake.twin import TwinSettings, new_token
from lumi.integrations.telegram.payloads import MessageType
from tests.integrations.telegram.conftest import OTHER_TOKEN, PERSON, SECRET, TOKEN, Phone, Seen, Webhook

NOBODY = 610000099


@pytest.fixture
async def posted(telegram: Telegram, webhook: Webhook) -> Webhook:
    """The webhook, subscribed as we subscribe."""
    await telegram.set_webhook(webhook.url, SECRET)
    return webhook


async def test_what_a_person_writes_is_posted_with_the_secret(phone: Phone, posted: Webhook) -> None:
    written = await phone.write("Allô ?", name="Anaïs 🌻", username="anais_p")
    await posted.until(lambda: len(posted.messages) == 1)
    [message] = posted.messages
    assert (message.id, message.text, message.chat_id) == (written, "Allô ?", str(PERSON))
    assert (message.sender.name, message.sender.username) == ("Anaïs 🌻", "anais_p")
    assert message.timestamp is not None
    assert posted.bodies[0].isascii()
    assert posted.not_proven == 0


async def test_update_ids_grow_by_one(phone: Phone, posted: Webhook) -> None:
    for word in ("Un", "Deux", "Trois"):
        await phone.write(word)
    await posted.until(lambda: len(posted.messages) == 3)
    first = int(posted.messages[0].update_id)
    assert [int(each.update_id) - first for each in posted.messages] == [0, 1, 2]


async def test_the_updates_of_one_chat_keep_their_order_while_others_pass(phone: Phone, posted: Webhook) -> None:
    posted.statuses = [500]
    await phone.write("Un")
    await phone.write("Deux")
    await posted.until(lambda: len(posted.bodies) == 1)
    await phone.post("inbound", {"from": NOBODY, "text": "Autre"})
    await posted.until(lambda: len(posted.messages) == 3)
    assert [each.text for each in posted.messages] == ["Autre", "Un", "Deux"]


async def test_an_update_is_posted_again_until_it_is_taken(phone: Phone, posted: Webhook, telegram: Telegram) -> None:
    posted.statuses = [503, 302]
    written = await phone.write("Allô ?")
    await posted.until(lambda: len(posted.messages) == 1)
    assert (len(posted.bodies), len(set(posted.bodies))) == (3, 1)
    info = await telegram.webhook_info()
    assert info.last_error_at is not None
    assert info.last_error
    states = cast("Seen", (await phone.get("messages", peer=PERSON))["states"])
    assert (states[written], info.pending) == ("delivered", 0)


async def test_other_kinds_of_messages_have_their_content(phone: Phone, posted: Webhook) -> None:
    card = {"phone_number": "33600000042", "first_name": "Zoé"}
    await phone.post("inbound", {"from": PERSON, "type": "contact", "content": card})
    await phone.post("inbound", {"from": PERSON, "type": "photo", "file": "/9j/", "caption": "Cette couleur"})
    await phone.post("inbound", {"from": PERSON, "type": "dice", "content": {"emoji": "🎲", "value": 3}})
    await posted.until(lambda: len(posted.messages) == 3)
    contact, photo, dice = posted.messages
    assert (contact.type, contact.contact and contact.contact.name) == (MessageType.CONTACT, "Zoé")
    assert (photo.type, photo.text, photo.media and photo.media.size) == (MessageType.PHOTO, "Cette couleur", 3)
    assert dice.type is MessageType.WORDLESS


async def test_an_album_and_a_quotation_are_told(phone: Phone, posted: Webhook) -> None:
    first = await phone.write("Allô ?")
    album: Seen = {"type": "photo", "file": "/9j/", "media_group_id": "77", "reply_to": first}
    await phone.post("inbound", {"from": PERSON, **album})
    await posted.until(lambda: len(posted.messages) == 2)
    assert (posted.messages[1].media_group_id, posted.messages[1].reply_to) == ("77", first)


async def test_somebody_who_rewrites_a_message_sends_an_edit(phone: Phone, posted: Webhook) -> None:
    written = await phone.write("À 19 h")
    await phone.post("edit", {"from": PERSON, "id": written, "text": "À 19 h 30"})
    await posted.until(lambda: len(posted.edits) == 1)
    [edit] = posted.edits
    assert (edit.id, edit.text) == (written, "À 19 h 30")
    assert edit.edited_at is not None
    assert await phone.texts() == ["À 19 h 30"]


async def test_a_press_brings_the_message_and_its_data(
    phone: Phone, posted: Webhook, telegram: Telegram, person: int
) -> None:
    sent = await telegram.send_text(person, "Quand ?", buttons=[[("Lundi", "k7")]])
    pressed = (await phone.post("press", {"from": person, "id": sent.id, "data": "k7"}))["id"]
    await posted.until(lambda: len(posted.presses) == 1)
    [press] = posted.presses
    assert (press.id, press.data, press.message_id, press.message_text) == (pressed, "k7", sent.id, "Quand ?")


async def test_a_press_may_come_without_a_message(phone: Phone, posted: Webhook, person: int) -> None:
    await phone.post("press", {"from": person, "data": "k7"})
    await posted.until(lambda: len(posted.presses) == 1)
    assert posted.presses[0].message_id is None


async def test_blocking_and_unblocking_are_told(phone: Phone, posted: Webhook, person: int) -> None:
    await phone.post("block", {"from": person})
    await phone.post("block", {"from": person, "blocked": False})
    await posted.until(lambda: len(posted.memberships) == 2)
    assert [each.is_blocked for each in posted.memberships] == [True, False]


async def test_somebody_who_is_gone_hears_nothing(phone: Phone, telegram: Telegram, person: int) -> None:
    await phone.post("block", {"from": person, "deactivated": True})
    with pytest.raises(TelegramRejected) as failure:
        await telegram.send_text(person, "Bonjour")
    assert (failure.value.details, failure.value.reason) == ("Forbidden: user is deactivated", Reason.RECIPIENT)


async def test_whoever_writes_again_hears_the_bot_again(phone: Phone, telegram: Telegram, person: int) -> None:
    await phone.post("block", {"from": person})
    await phone.write("Allô ?")
    assert (await telegram.send_text(person, "Bonjour")).id


async def test_what_is_written_in_a_group_is_told_as_such(phone: Phone, posted: Webhook, telegram: Telegram) -> None:
    await phone.post("inbound", {"from": PERSON, "text": "Bonjour à tous", "chat": -1001700000000})
    await posted.until(lambda: posted.ignored == ["message.group"])
    assert (await telegram.send_text(-1001700000000, "Bonjour")).chat_id == "-1001700000000"


async def test_any_update_can_be_posted_but_only_kinds_that_were_asked_for(phone: Phone, posted: Webhook) -> None:
    await phone.write("/start")
    await phone.post("update", {"from": PERSON, "update": {"poll_answer": {"poll_id": "1"}}})
    await phone.post("update", {"from": PERSON, "update": {"message": {"message_id": 1}}})
    await posted.until(lambda: len(posted.bodies) == 2)
    assert posted.ignored == []
    assert [len(each.broken) for each in posted.batches] == [0, 1]


async def test_each_bot_has_people_and_updates_of_its_own(http: Http, served: RunningTwin, phone: Phone) -> None:
    await phone.post("inbound", {"from": PERSON, "text": "Hôtel ?", "bot": "7000000002"})
    with pytest.raises(TelegramRejected):
        await Telegram(http, served.url, TOKEN).send_text(PERSON, "Bonjour")
    other = Telegram(http, served.url, OTHER_TOKEN)
    await other.send_text(PERSON, "Oui")
    assert await phone.texts(PERSON, bot="7000000002") == ["Hôtel ?", "Oui"]
    assert (await other.webhook_info()).pending == 1


async def test_what_happened_before_there_was_a_webhook_is_posted_to_it(
    phone: Phone, webhook: Webhook, telegram: Telegram
) -> None:
    await phone.write("Allô ?")
    assert (await telegram.webhook_info()).pending == 1
    await telegram.set_webhook(webhook.url, SECRET)
    await webhook.until(lambda: len(webhook.messages) == 1)
    await telegram.delete_webhook()
    await phone.write("Encore")
    assert (await telegram.webhook_info()).pending == 1
    await telegram.delete_webhook(drop_pending=True)
    assert (await telegram.webhook_info()).pending == 0


async def test_what_one_webhook_did_not_take_the_next_one_gets(
    phone: Phone, posted: Webhook, telegram: Telegram, unused_tcp_port: int
) -> None:
    await telegram.set_webhook(f"http://127.0.0.1:{unused_tcp_port}/gone", SECRET)
    await phone.write("Allô ?")
    assert (await telegram.webhook_info()).pending == 1
    await telegram.set_webhook(posted.url, SECRET)
    await posted.until(lambda: len(posted.messages) == 1)


async def get_updates(phone: Phone, **query: int) -> tuple[int, Seen]:
    async with phone.session.get(f"/bot{TOKEN}/getUpdates", params=query) as answer:
        return answer.status, await answer.json()


async def test_updates_can_be_fetched_and_are_forgotten_once_the_next_is_asked_for(phone: Phone) -> None:
    for word in ("Un", "Deux", "Trois"):
        await phone.write(word)
    _, answer = await get_updates(phone, limit=2)
    first, second = cast("list[dict[str, int]]", answer["result"])
    assert second["update_id"] == first["update_id"] + 1
    _, again = await get_updates(phone)
    assert len(cast("list[Seen]", again["result"])) == 3
    _, rest = await get_updates(phone, offset=second["update_id"] + 1)
    [third] = cast("list[dict[str, dict[str, str]]]", rest["result"])
    assert third["message"]["text"] == "Trois"
    _, last = await get_updates(phone, offset=-1)
    assert len(cast("list[Seen]", last["result"])) == 1


async def test_fetching_waits_for_an_update(phone: Phone) -> None:
    waiting = asyncio.create_task(get_updates(phone, timeout=30))
    await asyncio.sleep(0.05)
    await phone.write("Allô ?")
    status, answer = await waiting
    assert (status, len(cast("list[Seen]", answer["result"]))) == (200, 1)


async def test_only_one_may_wait_for_updates_and_a_webhook_ends_it(phone: Phone, telegram: Telegram) -> None:
    waiting = [asyncio.create_task(get_updates(phone, timeout=30)) for _ in range(2)]
    (refused,), (second,) = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    status, answer = await refused
    assert (status, "other getUpdates" in str(answer["description"])) == (409, True)
    await telegram.set_webhook("http://127.0.0.1:1/hook", SECRET)
    status, answer = await second
    assert (status, "setWebhook" in str(answer["description"])) == (409, True)


async def test_only_what_is_newer_is_shown(phone: Phone, telegram: Telegram, person: int) -> None:
    for word in ("Un", "Deux"):
        await telegram.send_text(person, word)
    assert await phone.texts(after=1) == ["Un", "Deux"]


async def test_waiting_ends_with_the_next_message(phone: Phone, telegram: Telegram, person: int) -> None:
    version = cast("int", (await phone.get("messages", peer=person))["version"])
    waiting = asyncio.create_task(phone.get("messages/wait", peer=person, version=version, after=1, timeout=30))
    await asyncio.sleep(0.05)
    await telegram.send_text(person, "Bonjour")
    shown = await waiting
    assert [each["text"] for each in cast("list[Seen]", shown["messages"])] == ["Bonjour"]
    version = cast("int", shown["version"])
    still = await phone.get("messages/wait", peer=person, version=version, after=2, timeout=0)
    assert still["messages"] == []


async def test_updates_come_twice_on_request(phone: Phone, posted: Webhook) -> None:
    await phone.post("faults", {"duplicate_webhooks": True})
    await phone.write("Allô ?")
    await posted.until(lambda: len(posted.messages) == 2)
    assert posted.bodies[0] == posted.bodies[1]


async def test_faults_are_rates_and_come_in_the_order_of_the_seed(
    phone: Phone, telegram: Telegram, person: int
) -> None:
    async def outcomes() -> list[bool]:
        await phone.post("faults", {"reset": True, "seed": 7, "fail_rate": 0.5})
        found: list[bool] = []
        for _ in range(20):
            try:
                await telegram.send_text(person, "Bonjour")
                found.append(True)
            except Unavailable:
                found.append(False)
        return found

    first = await outcomes()
    assert first == await outcomes()
    assert 0 < sum(first) < 20


async def test_faults_leave_alone_what_nobody_sees(phone: Phone, telegram: Telegram) -> None:
    await phone.post("faults", {"fail_rate": 1, "rate_limit_rate": 1, "hang_rate": 0})
    assert (await telegram.get_me()).id
    assert (await telegram.webhook_info()).url == ""


@pytest.mark.parametrize("wishes", [{"fail_rat": 1}, {"fail_rate": 2}, {"rate_limit_rate": "often"}])
async def test_a_fault_that_is_none_is_refused(phone: Phone, wishes: Seen) -> None:
    await phone.post("faults", wishes, expect=400)
    assert (await phone.get("faults"))["fail_rate"] == 0.0


def test_naming_a_fault_leaves_the_others_as_they_are() -> None:
    assert Faults(delay_ms=5).changed({"retry_after": 9}) == Faults(delay_ms=5, retry_after=9)


@pytest.mark.parametrize(
    ("path", "wishes"),
    [
        ("inbound", {"text": "Allô ?"}),
        ("inbound", {"from": "somebody", "text": "Allô ?"}),
        ("inbound", {"from": -5, "text": "Allô ?"}),
        ("inbound", {"from": PERSON}),
        ("inbound", {"from": PERSON, "text": "Allô ?", "bot": "9"}),
        ("inbound", {"from": PERSON, "type": "voice", "file": "?"}),
        ("inbound", {"from": PERSON, "type": "hologram", "file": "/9j/"}),
        ("edit", {"from": PERSON, "id": "1:2", "text": "x"}),
        ("press", {"from": PERSON, "data": ""}),
        ("press", {"from": PERSON, "data": "x", "id": 7}),
        ("block", {"from": NOBODY}),
    ],
)
async def test_what_makes_no_sense_is_refused(phone: Phone, person: int, path: str, wishes: Seen) -> None:
    assert person
    await phone.post(path, wishes, expect=400)


async def test_a_webhook_can_be_set_by_hand_with_a_secret_of_its_own(phone: Phone, webhook: Webhook) -> None:
    await phone.post("webhook", {"url": webhook.url, "secret": "another"})
    await phone.write("Allô ?")
    await webhook.until(lambda: webhook.not_proven == 1)
    await phone.post("webhook", {"url": webhook.url})
    await phone.write("Encore")
    await webhook.until(lambda: len(webhook.bodies) == 2)
    assert webhook.not_proven == 1
    await phone.post("webhook", {"url": None})
    await phone.write("Toujours")
    assert cast("Seen", (await phone.get("counts"))["webhooks"])["pending"] == 1


async def test_a_webhook_may_be_there_from_the_start(webhook: Webhook, http: Http) -> None:
    token = new_token()
    async with running(TwinSettings(tokens=(token,), webhook_url=webhook.url, webhook_secret=SECRET)) as served:
        assert (await Telegram(http, served.url, token).webhook_info()).url == webhook.url


async def test_every_message_taken_is_on_record_in_order(
    phone: Phone, telegram: Telegram, person: int, tmp_path: Path
) -> None:
    sent = [await telegram.send_text(person, f"Nr. {n}") for n in range(3)]
    lines = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text().splitlines()]
    assert [(line["n"], line["id"], line["text"], line["bot_id"]) for line in lines] == [
        (n + 1, each.id, f"Nr. {n}", "7000000001") for n, each in enumerate(sent)
    ]
    assert (await phone.get("log", after=1, limit=1))["messages"] == [lines[1]]
    assert (await phone.get("counts"))["accepted"] == 3


async def test_what_was_refused_is_not_on_record(phone: Phone, telegram: Telegram) -> None:
    with pytest.raises(TelegramRejected):
        await telegram.send_text(NOBODY, "Bonjour")
    counts = await phone.get("counts")
    assert (counts["accepted"], counts["refused"]) == (0, 1)


def test_it_runs_as_a_process_on_this_machine_only_and_ends_when_told() -> None:
    command = [sys.executable, "-m", "lumi.integrations.telegram.fake", "--port", "0", "--bots", "2"]
    keys = {"TELEGRAM_WEBHOOK_SECRET": "given-secret"}
    environment = {key: value for key, value in os.environ.items() if key != "TELEGRAM_BOT_TOKEN"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**environment, **keys}) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert said["url"].startswith("http://127.0.0.1:")
    assert [each["id"] for each in said["bots"]] == [token.partition(":")[0] for token in said["tokens"]]
    assert len(said["bots"]) == 2
    assert "webhook_secret" not in said

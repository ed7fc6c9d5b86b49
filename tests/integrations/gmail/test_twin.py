"""The twin as its user knows it: people who write, pushes, faults, and a record of everything."""

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
from lumi.integrations.gmail.client import Gmail
from lumi.integrations.gmail.errors import Throttled
from lumi.integrations.gmail.fake.letters import from_person
from lumi.integrations.gmail.fake.server import RunningTwin
from lumi.integrations.gmail.oidc import OidcVerifier
from lumi.integrations.mail.headers import Address
from lumi.integrations.mail.reader import read
from tests.integrations.gmail.salon import ADDRESS, GUEST, OTHER, Seen, Writer, answer

if TYPE_CHECKING:
    from tests.integrations.gmail.conftest import Webhook


@pytest.fixture
async def watched(gmail: Gmail, served: RunningTwin, webhook: "Webhook") -> Gmail:
    """A mailbox whose changes are pushed; the first push has come already."""
    await gmail.watch(served.twin.settings.topic)
    await webhook.until(lambda: len(webhook.pushes) == 1)
    return gmail


async def test_a_watch_pushes_at_once_and_then_what_comes(
    watched: Gmail, webhook: "Webhook", writer: Writer, verifier: OidcVerifier
) -> None:
    written = await writer.write()
    await webhook.until(lambda: len(webhook.pushes) == 2)
    push = webhook.pushes[1]
    assert (push.address, push.history_id) == (ADDRESS, written["history_id"])
    assert len({each.message_id for each in webhook.pushes}) == 2
    assert [await verifier.verify(each) for each in webhook.proofs] == [True, True]
    [added] = (await watched.history(webhook.pushes[0].history_id)).added
    assert added.id == written["id"]


async def test_pushes_may_be_signed_for_an_audience(
    gmail: Gmail, webhook: "Webhook", writer: Writer, served: RunningTwin, verifier: OidcVerifier
) -> None:
    await writer.post("webhook", {"url": webhook.url, "audience": "another"})
    await gmail.watch(served.twin.settings.topic)
    await webhook.until(lambda: len(webhook.pushes) == 1)
    assert not await verifier.verify(webhook.proofs[0])


async def test_nothing_is_pushed_before_a_watch_nor_after_its_end(
    watched: Gmail, webhook: "Webhook", writer: Writer
) -> None:
    await writer.write(to=OTHER)
    await watched.stop()
    await writer.write()
    await asyncio.sleep(0.05)
    assert len(webhook.pushes) == 1


async def test_a_push_is_posted_again_until_it_is_acknowledged(
    watched: Gmail, webhook: "Webhook", writer: Writer
) -> None:
    webhook.statuses = [503, 401]
    await writer.write()
    await webhook.until(lambda: len(webhook.pushes) == 2)
    assert len(webhook.bodies) == 4
    assert len(set(webhook.bodies[1:])) == 1


async def test_pushes_are_dropped_on_request_and_history_tells_all_the_same(
    watched: Gmail, webhook: "Webhook", writer: Writer
) -> None:
    await writer.post("faults", {"drop_pushes": True})
    written = await writer.write()
    await asyncio.sleep(0.05)
    assert len(webhook.pushes) == 1
    assert [each.id for each in (await watched.history(webhook.pushes[0].history_id)).added] == [written["id"]]


async def test_pushes_come_twice_on_request(watched: Gmail, webhook: "Webhook", writer: Writer) -> None:
    await writer.post("faults", {"duplicate_webhooks": 1})
    await writer.write()
    await webhook.until(lambda: len(webhook.pushes) == 3)
    assert webhook.pushes[1] == webhook.pushes[2]


async def test_mail_that_is_no_spam_alone_is_pushed(watched: Gmail, webhook: "Webhook", writer: Writer) -> None:
    await writer.write(label="SPAM")
    await asyncio.sleep(0.05)
    assert len(webhook.pushes) == 1


async def test_mails_are_put_in_threads_by_their_headers(writer: Writer) -> None:
    first = await writer.write()
    answered = await writer.write(in_reply_to=first["message_id"], subject=None)
    stranger = await writer.write(headers={"References": first["message_id"]}, subject="Autre chose")
    alone = await writer.write()
    assert answered["thread_id"] == first["thread_id"] == first["id"]
    assert len({each["thread_id"] for each in (first, stranger, alone)}) == 3


async def test_a_person_answers_what_was_sent_under_the_id_they_see(
    gmail: Gmail, writer: Writer, served: RunningTwin
) -> None:
    sent = await gmail.send(answer())
    [entry] = served.twin.ledger.after(0, 1)
    written = await writer.write("Merci", in_reply_to=entry.message_id, subject=None)
    stored = await gmail.get_raw(written["id"])
    assert stored is not None
    mail = read(stored.raw)
    assert (mail.in_reply_to, mail.subject) == (entry.shown_id, "Re: Rendez-vous")
    assert stored.thread_id == sent.thread_id


async def test_raw_bytes_arrive_as_they_are(gmail: Gmail, writer: Writer) -> None:
    raw = "From: odd@guest.example\nsubject: =?x?\n\n\n> déjà"
    written = await writer.post("inbound", {"raw": raw})
    stored = await gmail.get_raw(cast("str", written["id"]))
    assert stored is not None
    assert stored.raw == raw.encode()


async def test_html_and_headers_are_sent_as_they_are_wished(gmail: Gmail, writer: Writer) -> None:
    written = await writer.write("plain", html="<b>rich</b>", headers={"Auto-Submitted": "auto-generated"})
    stored = await gmail.get_raw(written["id"])
    assert stored is not None
    assert (read(stored.raw).text, read(stored.raw).automatic) == ("plain", "auto_submitted")


@pytest.mark.parametrize(
    "wishes",
    [
        {"text": "Allô ?"},
        {"from": "nobody", "text": "Allô ?"},
        {"from": GUEST},
        {"from": GUEST, "text": "Allô ?", "to": "unknown@lumi.example"},
        {"from": GUEST, "text": "Allô ?", "subject": "a\r\nBcc: b@c.example"},
    ],
)
async def test_a_person_needs_an_address_and_words(writer: Writer, wishes: Seen) -> None:
    await writer.post("inbound", wishes, expect=400)


async def test_a_mail_may_have_an_id_of_its_own_once(writer: Writer) -> None:
    assert (await writer.write(id="18c0ffee"))["id"] == "18c0ffee"
    await writer.post("inbound", {"from": GUEST, "text": "x", "id": "18c0ffee"}, expect=400)


async def test_a_mail_comes_back_as_undeliverable_on_request(gmail: Gmail, writer: Writer) -> None:
    since = (await gmail.profile()).history_id
    await writer.post("faults", {"bounce_rate": 1})
    sent = await gmail.send(answer())
    [entry] = cast("list[dict[str, str]]", (await writer.get("log"))["messages"])
    [added] = (await gmail.history(since)).added
    stored = await gmail.get_raw(added.id)
    assert stored is not None
    bounce = read(stored.raw).bounce
    assert bounce is not None
    assert (bounce.recipient, bounce.status, bounce.permanent) == (GUEST, "5.1.1", True)
    assert bounce.original_message_id == entry["message_id"]
    assert sent.id == entry["id"]


async def test_a_quota_of_units_is_kept_for_each_mailbox(gmail: Gmail, served: RunningTwin) -> None:
    served.twin.settings.units_per_minute = 210
    await gmail.send(answer())
    await gmail.send(answer())
    with pytest.raises(Throttled) as failure:
        await gmail.send(answer())
    assert failure.value.word == "rateLimitExceeded"
    assert served.twin.ledger.count == 2


async def test_faults_are_rates_and_come_in_the_order_of_the_seed(gmail: Gmail, writer: Writer) -> None:
    async def outcomes() -> list[bool]:
        await writer.post("faults", {"reset": True, "seed": 7, "fail_rate": 0.5})
        found: list[bool] = []
        for _ in range(12):
            try:
                await gmail.send(answer())
                found.append(True)
            except Unavailable:
                found.append(False)
        return found

    first = await outcomes()
    assert first == await outcomes()
    assert 0 < sum(first) < 12


async def test_a_send_may_hang_or_be_late(gmail: Gmail, writer: Writer, served: RunningTwin) -> None:
    await writer.post("faults", {"delay_ms": 50})
    assert (await gmail.send(answer())).id
    await writer.post("faults", {"reset": True, "hang_rate": 1})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await gmail.send(answer())
    assert served.twin.ledger.count == 1


@pytest.mark.parametrize("wishes", [{"drop_push": 1}, {"drop_pushes": 2}, {"bounce_rate": "often"}])
async def test_a_fault_that_is_none_is_refused(writer: Writer, wishes: Seen) -> None:
    await writer.post("faults", wishes, expect=400)
    assert (await writer.get("faults"))["drop_pushes"] == 0.0


async def test_waiting_ends_with_the_next_mail(gmail: Gmail, writer: Writer) -> None:
    version = cast("int", (await writer.get("messages", peer=GUEST))["version"])
    waiting = asyncio.create_task(writer.get("messages/wait", peer=GUEST, version=version, timeout=30))
    await asyncio.sleep(0.05)
    await gmail.send(answer("Bonjour"))
    shown = await waiting
    assert [each["text"] for each in cast("list[Seen]", shown["messages"])] == ["Bonjour"]
    assert (await writer.get("messages/wait", peer=GUEST, version=99, timeout=0))["last"] == 1


async def test_only_what_is_newer_is_shown_and_only_to_whom_it_concerns(gmail: Gmail, writer: Writer) -> None:
    for word in ("Un", "Deux", "Trois"):
        await gmail.send(answer(word))
    assert await writer.texts(after=1) == ["Deux", "Trois"]
    assert await writer.texts("other@guest.example") == []


async def test_every_mail_taken_is_on_record_in_order(gmail: Gmail, writer: Writer, tmp_path: Path) -> None:
    sent = [await gmail.send(answer(f"Nr. {n}", message_id=f"<{n}@lumi.example>")) for n in range(3)]
    lines = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text().splitlines()]
    assert [(line["n"], line["id"], line["text"], line["message_id"]) for line in lines] == [
        (n + 1, each.id, f"Nr. {n}", f"<{n}@lumi.example>") for n, each in enumerate(sent)
    ]
    assert (lines[0]["to"], lines[0]["subject"], lines[0]["account"]) == (GUEST, "Rendez-vous", ADDRESS)
    assert (await writer.get("log", after=1, limit=1))["messages"] == [lines[1]]
    assert (await writer.get("counts"))["accepted"] == 3


def test_a_persons_mail_carries_no_key_of_ours() -> None:
    raw = from_person(Address(GUEST, "Anaïs"), ADDRESS, "Été", "Bonjour")
    mail = read(raw)
    assert (mail.own_key, mail.automatic, mail.subject) == (None, None, "Été")
    assert mail.sender == Address(GUEST, "Anaïs")


def test_it_runs_as_a_process_on_this_machine_only_and_ends_when_told() -> None:
    command = [sys.executable, "-m", "lumi.integrations.gmail.fake", "--port", "0", "--mailbox", "a@b.example"]
    keys = {"GMAIL_CLIENT_SECRET": "given-secret", "GMAIL_REFRESH_TOKEN": "given-token"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **keys}) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert said["url"].startswith("http://127.0.0.1:")
    assert said["token_url"] == f"{said['url']}/token"
    assert said["mailboxes"] == {"a@b.example": None}
    assert "given" not in json.dumps(said)

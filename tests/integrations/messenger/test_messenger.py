"""What is Messenger's alone: limits, metadata, deliveries, and a window of its own code."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from lumi.core.http import Http, Unavailable
from lumi.integrations.graph.messaging_shapes import ReceiptState
from lumi.integrations.graph.send_errors import Reason, SendRejected
from lumi.integrations.messenger.client import Messenger
from lumi.integrations.messenger.fake.server import RunningTwin
from tests.integrations.graph.surfaces import ACCOUNT, PERSON
from tests.integrations.listening import serving
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from tests.integrations.graph.fixtures import Phone, Webhook


@pytest.fixture
def messenger(http: Http, served: RunningTwin) -> Messenger:
    return Messenger(http, served.url, "v25.0", served.twin.settings.token, ACCOUNT)


async def test_our_own_key_comes_back_with_the_echo_and_our_app(
    messenger: Messenger, phone: "Phone", webhook: "Webhook", served: RunningTwin
) -> None:
    await phone.say()
    sent = await messenger.send_text(PERSON, "Yes", metadata="key-1")
    await webhook.until(lambda: len(webhook.echoes) == 1)
    [echo] = webhook.echoes
    assert (echo.id, echo.metadata, echo.app_id) == (sent.id, "key-1", served.twin.settings.app_id)
    assert [each.metadata for each in served.twin.ledger.after(0, 9)] == ["key-1"]


async def test_somebody_in_the_inbox_has_another_app_and_no_key(phone: "Phone", webhook: "Webhook") -> None:
    await phone.say()
    await phone.post("echo", {"to": PERSON, "text": "I'll take over."})
    await webhook.until(lambda: len(webhook.echoes) == 1)
    assert (webhook.echoes[0].app_id, webhook.echoes[0].metadata) == ("26390203743090", None)


async def test_a_message_is_delivered_and_then_read_up_to_its_moment(
    messenger: Messenger, phone: "Phone", webhook: "Webhook"
) -> None:
    await phone.say()
    await phone.post("statuses", {"status_pause_ms": 30})
    sent = await messenger.send_text(PERSON, "Yes")
    await webhook.until(lambda: len(webhook.receipts) == 2)
    delivered, read = webhook.receipts
    assert (delivered.state, delivered.message_ids) == (ReceiptState.DELIVERED, (sent.id,))
    assert (read.state, read.message_ids) == (ReceiptState.READ, ())
    assert delivered.watermark == read.watermark != None  # noqa: E711 - neither is missing
    assert webhook.echoes[0].at == read.watermark


async def test_a_late_answer_and_a_stranger_are_refused_with_its_codes(messenger: Messenger, phone: "Phone") -> None:
    await phone.say(hours_ago=24.1)
    with pytest.raises(SendRejected) as late:
        await messenger.send_text(PERSON, "Yes")
    assert (late.value.code, late.value.subcode, late.value.reason) == (10, 2018278, Reason.WINDOW)
    with pytest.raises(SendRejected) as stranger:
        await messenger.send_text("1", "Yes")
    assert (stranger.value.code, stranger.value.subcode, stranger.value.reason) == (100, 2018001, Reason.RECIPIENT)


async def test_after_a_week_not_even_a_person_may_answer(messenger: Messenger, phone: "Phone") -> None:
    await phone.say(hours_ago=7 * 24 - 1)
    await messenger.send_text(PERSON, "Yes", human_agent=True)
    await phone.say(hours_ago=8 * 24, **{"from": "42"})
    with pytest.raises(SendRejected) as late:
        await messenger.send_text("42", "Yes", human_agent=True)
    assert late.value.reason is Reason.WINDOW


@pytest.mark.parametrize("order", [(48, 0), (0, 48)])
async def test_the_window_is_counted_from_what_was_written_last(
    messenger: Messenger, phone: "Phone", order: tuple[int, int]
) -> None:
    for hours_ago in order:
        await phone.say(hours_ago=hours_ago)
    assert (await messenger.send_text(PERSON, "Yes")).id


@pytest.mark.parametrize(("text", "metadata"), [("x" * 2001, None), ("Yes", "x" * 1000)])
async def test_what_is_too_long_is_refused_without_a_call(
    messenger: Messenger, served: RunningTwin, text: str, metadata: str | None
) -> None:
    with pytest.raises(SendRejected) as failure:
        await messenger.send_text(PERSON, text, metadata=metadata)
    assert (failure.value.status, failure.value.reason) == (0, Reason.PAYLOAD)
    assert served.twin.counts["refused"] == 0


async def test_the_webhook_is_told_again_while_it_fails_and_the_echo_waits_no_longer_than_it_may(
    messenger: Messenger, phone: "Phone", webhook: "Webhook"
) -> None:
    await phone.say()
    await webhook.until(lambda: len(webhook.messages) == 1)
    await phone.post("faults", {"echo_first": 1})
    webhook.statuses = [500]
    async with asyncio.timeout(PATIENCE_SECONDS):
        sent = await messenger.send_text(PERSON, "Yes")
    assert [each.id for each in webhook.echoes] == [sent.id]


async def test_reading_is_tried_again_and_sending_is_not(http: Http) -> None:
    answers: dict[str, list[int]] = {"GET": [503, 200], "POST": [503, 200]}

    async def shaky(request: web.Request) -> web.Response:
        return web.json_response({"message": "Yes"}, status=answers[request.method].pop(0))

    async with serving(shaky) as url:
        messenger = Messenger(http, url, "v25.0", "t", ACCOUNT)
        assert (await messenger.read_message("m_1")).text == "Yes"
        with pytest.raises(Unavailable):
            await messenger.send_text(PERSON, "Yes")
    assert answers == {"GET": [], "POST": [200]}


@pytest.mark.parametrize(
    ("module", "variable", "more"),
    [
        ("lumi.integrations.messenger.fake", "MESSENGER_ACCESS_TOKEN", []),
        ("lumi.integrations.instagram.fake", "INSTAGRAM_ACCESS_TOKEN", ["--page", "77"]),
    ],
)
def test_it_runs_as_a_process_on_this_machine_only_and_ends_when_told(
    module: str, variable: str, more: list[str]
) -> None:
    command = [sys.executable, "-m", module, "--port", "0", "--account", "42=The Salon", *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, variable: "given-token"}) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert said["url"].startswith("http://127.0.0.1:")
    assert said["account_id"] == "42"
    assert "token" not in said
    assert len(said["app_secret"]) == 32

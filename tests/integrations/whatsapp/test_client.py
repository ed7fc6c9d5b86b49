"""Our calls to WhatsApp, against the twin with and without its faults."""

import asyncio
import traceback
from collections.abc import Awaitable
from pathlib import Path

import aiohttp
import pytest

from lumi.core.http import Http, OutcomeUnknown, Rejected, Unavailable
from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.errors import GraphRejected, Reason, Throttled, pause_seconds, reason_of
from lumi.integrations.whatsapp.fake.faults import Faults
from lumi.integrations.whatsapp.fake.ledger import Accepted
from lumi.integrations.whatsapp.fake.server import RunningTwin
from tests.integrations.cuts import cuts

PERSON = "33600000042"
USER_ID = "FR.7001002003004005"


def taken(served: RunningTwin) -> list[Accepted]:
    return list(served.twin.ledger.after(0, 100))


async def test_a_phone_number_is_sent_with_its_plus(whatsapp: WhatsApp, served: RunningTwin) -> None:
    sent = await whatsapp.send_text(PERSON, "Bonjour", callback_data="key-1")
    [message] = taken(served)
    assert (message.id, message.to) == (sent.id, PERSON)
    assert (message.text, message.callback_data) == ("Bonjour", "key-1")
    assert (sent.wa_id, sent.user_id) == (PERSON, None)


async def test_a_user_id_is_sent_as_recipient(whatsapp: WhatsApp, served: RunningTwin) -> None:
    sent = await whatsapp.send_text(USER_ID, "Bonjour", callback_data="key-1")
    assert taken(served)[0].to == USER_ID
    assert (sent.wa_id, sent.user_id) == (None, USER_ID)


async def test_two_identical_posts_are_two_messages(whatsapp: WhatsApp, served: RunningTwin) -> None:
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="same")
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="same")
    assert [each.n for each in taken(served)] == [1, 2]


async def test_reading_and_typing_reach_the_phone(whatsapp: WhatsApp, served: RunningTwin) -> None:
    async with aiohttp.ClientSession(served.url) as phone:
        written = await (await phone.post("/_twin/inbound", json={"from": PERSON, "text": "Allô ?"})).json()
        await whatsapp.mark_read(written["id"], typing=True)
        seen = await (await phone.get("/_twin/messages", params={"peer": PERSON})).json()
        assert (seen["states"][written["id"]], seen["typing"]) == ("read", True)

        await whatsapp.send_text(PERSON, "Oui", callback_data="1")
        seen = await (await phone.get("/_twin/messages", params={"peer": PERSON})).json()
        assert seen["typing"] is False


@pytest.mark.parametrize(("body", "callback_data"), [("", "k"), ("x" * 4097, "k"), ("x", "k" * 513)])
async def test_what_is_too_long_is_refused_without_a_call(
    whatsapp: WhatsApp, served: RunningTwin, body: str, callback_data: str
) -> None:
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.send_text(PERSON, body, callback_data=callback_data)
    assert (failure.value.status, failure.value.reason) == (0, Reason.PAYLOAD)
    assert served.twin.counts["refused"] == 0


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, 131000), (503, 2), (400, 1), (500, 131016), (503, 133004), (502, 131000), (500, 777)],
)
async def test_a_passing_trouble_is_unavailable(
    whatsapp: WhatsApp, served: RunningTwin, status: int, code: int
) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status, error_code=code)
    with pytest.raises(Unavailable) as failure:
        await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    assert failure.value.status == status
    assert taken(served) == []


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (401, 190, Reason.AUTH),
        (403, 10, Reason.AUTH),
        (403, 250, Reason.AUTH),
        (403, 368, Reason.POLICY),
        (400, 131047, Reason.WINDOW),
        (400, 131026, Reason.RECIPIENT),
        (400, 131050, Reason.RECIPIENT),
        (400, 131062, Reason.PAYLOAD),
        (404, 132001, Reason.TEMPLATE),
        (400, 133010, Reason.REGISTRATION),
        (400, 999999, Reason.OTHER),
    ],
)
async def test_a_refusal_says_whom_it_concerns(
    whatsapp: WhatsApp, served: RunningTwin, status: int, code: int, reason: Reason
) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status, error_code=code)
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    assert (failure.value.code, failure.value.reason, failure.value.target) == (code, reason, "whatsapp")
    assert failure.value.details == "Simulated failure"


@pytest.mark.parametrize(("code", "pair"), [(131056, True), (130429, False), (4, False), (80007, False)])
async def test_a_throttle_says_whom_to_be_silent_to(
    whatsapp: WhatsApp, served: RunningTwin, code: int, pair: bool
) -> None:
    served.twin.faults = Faults(fail_rate=1, status=400, error_code=code)
    with pytest.raises(Throttled) as failure:
        await whatsapp.send_text(PERSON, "Bonjour", callback_data="1", attempt=2)
    assert failure.value.of_person is pair
    assert failure.value.retry_after == 16.0 if pair else 4.0 <= failure.value.retry_after <= 6.0


def test_pauses_for_one_person_are_powers_of_four() -> None:
    assert [pause_seconds(131056, attempt) for attempt in range(4)] == [1.0, 4.0, 16.0, 64.0]
    assert pause_seconds(131056, 99) == 1024.0
    assert pause_seconds(130429, 99) <= 96.0


def test_codes_of_failed_statuses_have_the_same_reasons() -> None:
    assert reason_of(131047) is Reason.WINDOW
    assert reason_of(1) is Reason.OTHER


async def test_a_message_taken_without_an_answer_has_an_unknown_outcome(
    whatsapp: WhatsApp, served: RunningTwin
) -> None:
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    with pytest.raises(OutcomeUnknown):
        await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    assert len(taken(served)) == 1


async def test_the_twin_writes_down_which_line_it_cut(whatsapp: WhatsApp, served: RunningTwin, tmp_path: Path) -> None:
    await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    with pytest.raises(OutcomeUnknown):
        await whatsapp.send_text(PERSON, "Encore", callback_data="2")

    assert cuts(tmp_path / "taken.jsonl") == [taken(served)[1].id]


async def test_a_post_that_hangs_has_an_unknown_outcome(served: RunningTwin, http: Http, whatsapp: WhatsApp) -> None:
    served.twin.faults = Faults(hang_rate=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")
    assert taken(served) == []
    url = f"{served.url}/v25.0/310000000000001/messages"
    headers = {"Authorization": f"Bearer {served.twin.settings.token}"}
    hello = {"messaging_product": "whatsapp", "to": "+33600000042", "text": {"body": "Hi"}}
    with pytest.raises(OutcomeUnknown):
        await http.request("whatsapp", "POST", url, json=hello, headers=headers, timeout=0.1)


async def test_a_late_answer_is_still_an_answer(whatsapp: WhatsApp, served: RunningTwin) -> None:
    served.twin.faults = Faults(delay_ms=80)
    assert (await whatsapp.send_text(PERSON, "Bonjour", callback_data="1")).id


async def test_an_answer_without_a_message_id_has_an_unknown_outcome(http: Http, served: RunningTwin) -> None:
    elsewhere = WhatsApp(http, f"{served.url}/_twin/statuses?", "v1", "t", "n")
    with pytest.raises(OutcomeUnknown):
        await elsewhere.send_text(PERSON, "Bonjour", callback_data="1")


async def test_a_server_that_is_not_there_is_unavailable(http: Http, unused_tcp_port: int) -> None:
    nowhere = WhatsApp(http, f"http://127.0.0.1:{unused_tcp_port}", "v25.0", "t", "1")
    with pytest.raises(Unavailable):
        await nowhere.send_text(PERSON, "Bonjour", callback_data="1")


async def test_an_answer_that_is_not_from_graph_keeps_its_status(http: Http, served: RunningTwin) -> None:
    lost = WhatsApp(http, f"{served.url}/nothing/here", "v25.0", "t", "1")
    with pytest.raises(Rejected) as failure:
        await lost.send_text(PERSON, "Bonjour", callback_data="1")
    assert failure.value.status == 404


async def test_the_token_is_shown_nowhere(http: Http, served: RunningTwin, capsys: pytest.CaptureFixture[str]) -> None:
    client = WhatsApp(http, served.url, "v25.0", "token-that-is-wrong", "310000000000001")
    calls: list[Awaitable[object]] = [
        client.send_text(PERSON, "Bonjour", callback_data="1"),
        client.upload_media(b"OggS", "audio/ogg", "a.ogg"),
        client.describe_media("1"),
        client.download_media(f"{served.url}/whatsapp_business/attachments/?mid=1", 1),
        client.download_media("https://elsewhere.example/a", 1),
        client.delete_media("1"),
        client.subscribe_app("210000000000001", served.url, "t"),
        client.list_templates("210000000000001"),
    ]
    shown = [repr(client)]
    for call in calls:
        with pytest.raises(GraphRejected) as failure:
            await call
        shown += [repr(failure.value), "".join(traceback.format_exception(failure.value))]
    assert "token-that-is-wrong" not in f"{shown} {capsys.readouterr()}"


@pytest.mark.parametrize(("version", "number"), [("v25.0/../..", "1"), ("v25.0", "1/../2"), ("v25.0", "")])
def test_ids_that_would_change_the_address_are_refused(http: Http, version: str, number: str) -> None:
    with pytest.raises(ValueError, match="only letters"):
        WhatsApp(http, "https://graph.example", version, "t", number)


async def test_an_account_whose_server_is_gone_does_not_stop_another(served: RunningTwin, unused_tcp_port: int) -> None:
    async with Http(failures_to_open=3) as http:
        gone = WhatsApp(http, f"http://127.0.0.1:{unused_tcp_port}", "v25.0", "t", "320000000000001")
        number = next(iter(served.twin.settings.numbers))
        well = WhatsApp(http, served.url, "v25.0", served.twin.settings.token, number)
        for _ in range(4):
            with pytest.raises(Unavailable):
                await gone.send_text(PERSON, "Bonjour", callback_data="1")

        assert (await well.send_text(PERSON, "Bonjour", callback_data="1")).id

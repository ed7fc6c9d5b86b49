"""Our calls, against the twin with and without its faults."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from lumi.core.http import Http, OutcomeUnknown, Rejected, Unavailable
from lumi.integrations.graph.messaging_shapes import AttachmentKind
from lumi.integrations.graph.send_api import AccountNamed, SenderAction
from lumi.integrations.graph.send_errors import Reason, SendRejected, Throttled
from lumi.integrations.messenger.fake.faults import Faults
from lumi.integrations.messenger.fake.ledger import Accepted
from lumi.integrations.messenger.fake.server import RunningTwin
from tests.integrations.cuts import cuts
from tests.integrations.graph.surfaces import ACCOUNT, PERSON, Kind
from tests.integrations.listening import serving

if TYPE_CHECKING:
    from tests.integrations.graph.fixtures import Client, Phone


def taken(served: RunningTwin) -> list[Accepted]:
    return list(served.twin.ledger.after(0, 100))


async def test_a_text_reaches_the_person(client: "Client", phone: "Phone", served: RunningTwin) -> None:
    await phone.say()
    sent = await client.send_text(PERSON, "Ja, um 19 Uhr 🌻")
    [message] = taken(served)
    assert (message.id, message.to, message.text, message.tag) == (sent.id, PERSON, "Ja, um 19 Uhr 🌻", None)
    assert sent.person_id == PERSON


async def test_two_identical_posts_are_two_messages(client: "Client", phone: "Phone", served: RunningTwin) -> None:
    await phone.say()
    await client.send_text(PERSON, "Yes")
    await client.send_text(PERSON, "Yes")
    assert [each.n for each in taken(served)] == [1, 2]


async def test_quick_replies_and_a_quoted_message_go_with_it(
    client: "Client", phone: "Phone", served: RunningTwin
) -> None:
    asked = await phone.say()
    await client.send_text(PERSON, "When?", quick_replies=[("Tuesday", "day:2"), ("Friday", "day:5")], reply_to=asked)
    chat = served.twin.chats.of(PERSON)
    assert chat.entries[-1].reply_to == asked
    assert chat.entries[-1].content["quick_replies"] == [
        {"content_type": "text", "title": "Tuesday", "payload": "day:2"},
        {"content_type": "text", "title": "Friday", "payload": "day:5"},
    ]


async def test_a_person_may_answer_after_a_day_and_an_assistant_may_not(
    client: "Client", phone: "Phone", served: RunningTwin
) -> None:
    await phone.say(hours_ago=25)
    with pytest.raises(SendRejected) as failure:
        await client.send_text(PERSON, "Yes")
    assert failure.value.reason is Reason.WINDOW
    await client.send_text(PERSON, "Yes", human_agent=True)
    assert [each.tag for each in taken(served)] == ["HUMAN_AGENT"]


async def test_a_file_is_sent_by_its_address(client: "Client", phone: "Phone", served: RunningTwin) -> None:
    await phone.say()
    await client.send_attachment(PERSON, AttachmentKind.IMAGE, "https://files.example/menu.png", human_agent=True)
    assert [(each.type, each.tag) for each in taken(served)] == [("image", "HUMAN_AGENT")]


async def test_reading_and_typing_reach_the_phone(client: "Client", phone: "Phone") -> None:
    asked = await phone.say()
    await client.sender_action(PERSON, SenderAction.MARK_SEEN)
    await client.sender_action(PERSON, SenderAction.TYPING_ON)
    seen = await phone.get("messages", peer=PERSON)
    assert (seen["typing"], seen["states"]) == (True, {asked: "read"})

    await client.sender_action(PERSON, SenderAction.TYPING_OFF)
    assert (await phone.get("messages", peer=PERSON))["typing"] is False


async def test_a_message_that_was_only_announced_can_be_read(client: "Client", phone: "Phone") -> None:
    announced = await phone.say("Is it quiet?", type="announcement")
    found = await client.read_message(announced)
    assert (found.id, found.from_id, found.to_ids, found.text) == (announced, PERSON, (ACCOUNT,), "Is it quiet?")
    assert found.at is not None


async def test_a_message_of_ours_is_read_as_ours(client: "Client", phone: "Phone") -> None:
    await phone.say()
    sent = await client.send_text(PERSON, "Yes")
    assert (await client.read_message(sent.id)).from_id == ACCOUNT


async def test_a_message_that_is_not_there_is_refused(client: "Client") -> None:
    with pytest.raises(SendRejected) as failure:
        await client.read_message("m_nowhere")
    assert (failure.value.code, failure.value.subcode, failure.value.reason) == (100, 33, Reason.PAYLOAD)


@pytest.mark.parametrize("message_id", ["", "..", "a/../me?", "m id", "m_1#", "x" * 513])
async def test_an_id_that_would_change_the_address_is_refused(client: "Client", message_id: str) -> None:
    with pytest.raises(SendRejected) as failure:
        await client.read_message(message_id)
    assert failure.value.status == 0


async def test_the_account_describes_itself(client: "Client") -> None:
    assert await client.describe() == AccountNamed(ACCOUNT, "Twin")


async def test_a_token_of_another_account_is_refused(kind: Kind, http: Http, served: RunningTwin) -> None:
    other = kind.client(http, served.url, served.twin.settings.token, account="520000000000001")
    with pytest.raises(SendRejected) as failure:
        await other.describe()
    assert (failure.value.status, failure.value.reason) == (0, Reason.AUTH)


async def test_subscribing_asks_for_everything_that_is_read(client: "Client", served: RunningTwin) -> None:
    served.twin.fields = frozenset()
    assert await client.subscribed_fields() == frozenset()
    await client.subscribe()
    assert await client.subscribed_fields() == frozenset(client.default_fields)
    assert served.twin.fields == frozenset(served.twin.surface.fields.values())


async def test_subscribing_to_what_there_is_not_is_refused(client: "Client") -> None:
    with pytest.raises(SendRejected) as failure:
        await client.subscribe(["messages", "dreams"])
    assert failure.value.details.startswith("(#100) Param subscribed_fields[1] must be one of {")


@pytest.mark.parametrize(
    "quick_replies",
    [
        [(str(n), "p") for n in range(14)],
        [("x" * 21, "p")],
        [("", "p")],
        [("Yes", "")],
        [("Yes", "p" * 1001)],
    ],
)
async def test_quick_replies_that_are_too_many_or_too_long_are_refused_without_a_call(
    client: "Client", served: RunningTwin, quick_replies: list[tuple[str, str]]
) -> None:
    with pytest.raises(SendRejected) as failure:
        await client.send_text(PERSON, "When?", quick_replies=quick_replies)
    assert (failure.value.status, failure.value.reason) == (0, Reason.PAYLOAD)
    assert served.twin.counts["refused"] == 0


@pytest.mark.parametrize(("person", "text"), [(PERSON, ""), ("", "Yes")])
async def test_a_message_for_nobody_or_of_nothing_is_refused_without_a_call(
    client: "Client", person: str, text: str
) -> None:
    with pytest.raises(SendRejected) as failure:
        await client.send_text(person, text)
    assert failure.value.status == 0


@pytest.mark.parametrize("url", ["http://files.example/a.png", "file:///etc/passwd", "https://x.example/" + "a" * 2000])
async def test_a_file_elsewhere_than_on_https_is_refused_without_a_call(client: "Client", url: str) -> None:
    with pytest.raises(SendRejected) as failure:
        await client.send_attachment(PERSON, AttachmentKind.FILE, url)
    assert failure.value.status == 0


@pytest.mark.parametrize(
    ("status", "code", "subcode", "reason"),
    [
        (401, 190, 463, Reason.AUTH),
        (403, 10, 0, Reason.AUTH),
        (400, 368, 0, Reason.POLICY),
        (400, 551, 1545041, Reason.RECIPIENT),
        (400, 100, 0, Reason.PAYLOAD),
    ],
)
async def test_a_refusal_says_whom_it_concerns(
    client: "Client", served: RunningTwin, status: int, code: int, subcode: int, reason: Reason
) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status, error_code=code, error_subcode=subcode)
    with pytest.raises(SendRejected) as failure:
        await client.send_text(PERSON, "Yes")
    told = failure.value
    assert (told.status, told.code, told.subcode, told.reason) == (status, code, subcode, reason)
    assert (told.target, told.details) == (client.target, "Simulated failure")
    assert taken(served) == []


@pytest.mark.parametrize(("status", "code"), [(400, 613), (400, 80006), (429, 4)])
async def test_a_throttle_says_how_long_to_be_silent(
    client: "Client", served: RunningTwin, status: int, code: int
) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status, error_code=code)
    with pytest.raises(Throttled) as failure:
        await client.send_text(PERSON, "Yes", attempt=2)
    assert 4.0 <= failure.value.retry_after <= 6.0


async def test_a_passing_trouble_is_unavailable(client: "Client", served: RunningTwin) -> None:
    served.twin.faults = Faults(fail_rate=1)
    with pytest.raises(Unavailable):
        await client.send_text(PERSON, "Yes")


async def test_a_message_taken_without_an_answer_has_an_unknown_outcome(
    client: "Client", phone: "Phone", served: RunningTwin
) -> None:
    await phone.say()
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    with pytest.raises(OutcomeUnknown):
        await client.send_text(PERSON, "Yes")
    assert len(taken(served)) == 1


async def test_the_twin_writes_down_which_line_it_cut(
    client: "Client", phone: "Phone", served: RunningTwin, tmp_path: Path
) -> None:
    await phone.say()
    await client.send_text(PERSON, "Yes")
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    with pytest.raises(OutcomeUnknown):
        await client.send_text(PERSON, "Indeed")

    assert cuts(tmp_path / "taken.jsonl") == [taken(served)[1].id]


async def test_a_post_that_hangs_takes_nothing(client: "Client", phone: "Phone", served: RunningTwin) -> None:
    await phone.say()
    served.twin.faults = Faults(hang_rate=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.send_text(PERSON, "Yes")
    assert taken(served) == []


async def test_a_slow_answer_is_waited_for(client: "Client", phone: "Phone", served: RunningTwin) -> None:
    await phone.say()
    served.twin.faults = Faults(delay_ms=80)
    assert (await client.send_text(PERSON, "Yes")).id


@pytest.mark.parametrize("answer", [b"{}", b"<html>", b'{"message_id":null}'])
async def test_an_answer_without_a_message_id_has_an_unknown_outcome(kind: Kind, http: Http, answer: bytes) -> None:
    async def vague(_request: web.Request) -> web.Response:
        return web.Response(body=answer)

    async with serving(vague) as url:
        elsewhere = kind.client(http, url, "t")
        with pytest.raises(OutcomeUnknown) as failure:
            await elsewhere.send_text(PERSON, "Yes")
    assert failure.value.target == elsewhere.target


async def test_a_server_that_is_not_there_is_unavailable(kind: Kind, http: Http, unused_tcp_port: int) -> None:
    nowhere = kind.client(http, f"http://127.0.0.1:{unused_tcp_port}", "t")
    with pytest.raises(Unavailable):
        await nowhere.send_text(PERSON, "Yes")


async def test_an_answer_that_is_not_from_graph_keeps_its_status(kind: Kind, http: Http, served: RunningTwin) -> None:
    lost = kind.client(http, f"{served.url}/nothing/here", "t")
    with pytest.raises(Rejected) as failure:
        await lost.send_text(PERSON, "Yes")
    assert failure.value.status == 404


@pytest.mark.parametrize("token", ["token-that-is-wrong", "token|that is%malformed"])
async def test_the_token_is_shown_nowhere(
    kind: Kind, http: Http, served: RunningTwin, capsys: pytest.CaptureFixture[str], token: str
) -> None:
    client = kind.client(http, served.url, token)
    with pytest.raises(SendRejected) as failure:
        await client.send_text(PERSON, "Yes")
    told = failure.value
    cause = told.__cause__
    assert isinstance(cause, Rejected)
    shown = f"{client!r} {told!r} {told} {told.details} {told.body!r} {cause!r} {cause.body!r} {capsys.readouterr()}"
    assert told.reason is Reason.AUTH
    assert token not in shown


async def test_the_original_quotes_a_malformed_token(served: RunningTwin) -> None:
    url = f"{served.url}/v25.0/me"
    async with aiohttp.ClientSession() as session, session.get(url, params={"access_token": "a|b"}) as answer:
        assert "Malformed access token a|b" in await answer.text()


@pytest.mark.parametrize(("version", "account"), [("v25.0/../..", "1"), ("v25.0", "1/../2"), ("v25.0", "")])
def test_ids_that_would_change_the_address_are_refused(kind: Kind, http: Http, version: str, account: str) -> None:
    with pytest.raises(ValueError, match="only letters"):
        kind.client(http, "https://graph.example", "t", account=account, version=version)


async def test_an_account_whose_server_is_gone_does_not_stop_another(
    kind: Kind, served: RunningTwin, phone: "Phone", unused_tcp_port: int
) -> None:
    await phone.say()
    async with Http(failures_to_open=3, rest_seconds=60) as http:
        gone = kind.client(http, f"http://127.0.0.1:{unused_tcp_port}", "t", account="520000000000001")
        for _ in range(3):
            with pytest.raises(Unavailable):
                await gone.send_text(PERSON, "Yes")
        with pytest.raises(Unavailable, match="resting"):
            await gone.send_text(PERSON, "Yes")
        served_one = kind.client(http, served.url, served.twin.settings.token)
        assert (await served_one.send_text(PERSON, "Yes")).id

"""What our calls to Telegram say when they fail, against the twin with its faults."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.integrations.telegram.client import Telegram
from lumi.integrations.telegram.errors import Reason, TelegramRejected, reason_of
from lumi.integrations.telegram.fake.faults import Faults
from lumi.integrations.telegram.fake.server import RunningTwin
from tests.integrations.cuts import cuts
from tests.integrations.listening import serving
from tests.integrations.telegram.conftest import PERSON, TOKEN, Phone, Seen, refusal_of, taken


@pytest.mark.parametrize(("status", "kind"), [(500, Unavailable), (503, Unavailable), (502, OutcomeUnknown)])
async def test_a_passing_trouble_says_whether_anything_was_done(
    telegram: Telegram, served: RunningTwin, person: int, status: int, kind: type[OutsideFailure]
) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status)
    with pytest.raises(kind) as failure:
        await telegram.send_text(person, "Bonjour")
    assert (failure.value.status, failure.value.target) == (status, "telegram")
    assert taken(served) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.PAYLOAD),
        (401, Reason.AUTH),
        (403, Reason.RECIPIENT),
        (404, Reason.AUTH),
        (409, Reason.CONFLICT),
        (413, Reason.FILE),
        (418, Reason.OTHER),
    ],
)
async def test_a_refusal_says_whom_it_concerns(
    telegram: Telegram, served: RunningTwin, person: int, status: int, reason: Reason
) -> None:
    served.twin.faults = Faults(fail_rate=1, status=status)
    refusal = await refusal_of(telegram.send_text(person, "Bonjour"))
    assert (refusal.status, refusal.reason, refusal.target) == (status, reason, "telegram")
    assert refusal.details


@pytest.mark.parametrize(
    ("status", "details", "reason"),
    [
        (400, "Bad Request: chat not found", Reason.RECIPIENT),
        (400, "Bad Request: user is deactivated", Reason.RECIPIENT),
        (400, "Bad Request: PEER_ID_INVALID", Reason.RECIPIENT),
        (400, "Bad Request: query is too old and response timeout expired or query ID is invalid", Reason.EXPIRED),
        (400, "Bad Request: file is too big", Reason.FILE),
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable", Reason.FILE),
        (400, "Bad Request: message is not modified: specified new message content", Reason.UNCHANGED),
        (400, "Bad Request: message to be replied not found", Reason.PAYLOAD),
        (400, "", Reason.PAYLOAD),
        (404, "Not Found: method not found", Reason.OTHER),
        (403, "Forbidden: user is deactivated", Reason.RECIPIENT),
        (451, "Unavailable For Legal Reasons", Reason.OTHER),
    ],
)
def test_refusals_are_told_apart_by_status_and_words(status: int, details: str, reason: Reason) -> None:
    assert reason_of(status, details) is reason


async def test_a_throttle_is_obeyed_to_the_second(telegram: Telegram, served: RunningTwin, person: int) -> None:
    served.twin.faults = Faults(rate_limit_rate=1, retry_after=35)
    with pytest.raises(RateLimited) as failure:
        await telegram.send_text(person, "Bonjour")
    assert (failure.value.retry_after, failure.value.target) == (35.0, "telegram")
    assert taken(served) == []


@pytest.mark.parametrize(
    ("parameters", "wait"), [({"retry_after": 35}, 35.0), ({"retry_after": "soon"}, 1.0), ({}, 1.0)]
)
async def test_a_throttle_may_say_how_long_in_its_body_alone(http: Http, parameters: Seen, wait: float) -> None:
    async def throttle(_request: web.Request) -> web.Response:
        answer = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": parameters}
        return web.json_response(answer, status=429)

    async with serving(throttle) as url:
        with pytest.raises(RateLimited) as failure:
            await Telegram(http, url, TOKEN).send_text(PERSON, "Bonjour")
    assert failure.value.retry_after == wait


async def test_a_chat_that_moved_tells_its_new_id(telegram: Telegram, served: RunningTwin, person: int) -> None:
    served.twin.faults = Faults(migrate_rate=1, migrate_to=-1001234567890)
    refusal = await refusal_of(telegram.send_text(person, "Bonjour"))
    assert (refusal.reason, refusal.moved_to) == (Reason.MOVED, -1001234567890)


async def test_somebody_who_blocked_the_bot_is_a_recipient_who_is_gone(
    telegram: Telegram, person: int, phone: Phone
) -> None:
    await phone.post("block", {"from": person})
    assert (await refusal_of(telegram.send_text(person, "Bonjour"))).reason is Reason.RECIPIENT
    assert (await refusal_of(telegram.typing(person))).reason is Reason.RECIPIENT
    await phone.post("block", {"from": person, "blocked": False})
    assert (await telegram.send_text(person, "Bonjour")).id


async def test_a_message_taken_without_an_answer_has_an_unknown_outcome(
    telegram: Telegram, served: RunningTwin, person: int
) -> None:
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    with pytest.raises(OutcomeUnknown):
        await telegram.send_text(person, "Bonjour")
    assert len(taken(served)) == 1


async def test_the_twin_writes_down_which_line_it_cut(
    telegram: Telegram, served: RunningTwin, person: int, tmp_path: Path
) -> None:
    await telegram.send_text(person, "Bonjour")
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    with pytest.raises(OutcomeUnknown):
        await telegram.send_text(person, "Encore")

    assert cuts(tmp_path / "taken.jsonl") == [taken(served)[1].id]


async def test_a_call_that_hangs_takes_nothing(telegram: Telegram, served: RunningTwin, person: int) -> None:
    served.twin.faults = Faults(hang_rate=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await telegram.send_text(person, "Bonjour")
    assert taken(served) == []


async def test_a_late_answer_is_still_an_answer(telegram: Telegram, served: RunningTwin, person: int) -> None:
    served.twin.faults = Faults(delay_ms=80)
    assert (await telegram.send_text(person, "Bonjour")).id


async def test_a_server_that_is_not_there_is_unavailable(http: Http, unused_tcp_port: int) -> None:
    nowhere = Telegram(http, f"http://127.0.0.1:{unused_tcp_port}", TOKEN)
    with pytest.raises(Unavailable):
        await nowhere.send_text(PERSON, "Bonjour")


async def test_a_bot_whose_server_is_gone_does_not_stop_another(
    served: RunningTwin, person: int, unused_tcp_port: int
) -> None:
    async with Http(failures_to_open=3) as fragile:
        gone = Telegram(fragile, f"http://127.0.0.1:{unused_tcp_port}", TOKEN)
        for _ in range(5):
            with pytest.raises(Unavailable):
                await gone.send_text(PERSON, "Bonjour")
        assert (await Telegram(fragile, served.url, TOKEN).send_text(person, "Bonjour")).id


@pytest.mark.parametrize(
    "answer", ["{}", '{"ok":true}', '{"ok":true,"result":{}}', '{"ok":true,"result":7}', "<html>", "[]"]
)
async def test_an_answer_without_a_message_has_an_unknown_outcome(http: Http, answer: str) -> None:
    async def say(_request: web.Request) -> web.Response:
        return web.Response(text=answer, content_type="application/json")

    async with serving(say) as url:
        with pytest.raises(OutcomeUnknown) as failure:
            await Telegram(http, url, TOKEN).send_text(PERSON, "Bonjour")
        assert failure.value.target == "telegram"


async def test_an_answer_that_is_not_telegrams_keeps_its_status(http: Http) -> None:
    async def say(_request: web.Request) -> web.Response:
        return web.Response(text="<html>Not Found</html>", status=404)

    async with serving(say) as url:
        with pytest.raises(Rejected) as failure:
            await Telegram(http, url, TOKEN).send_text(PERSON, "Bonjour")
        assert not isinstance(failure.value, TelegramRejected)
        assert failure.value.status == 404


async def test_a_bot_or_a_file_that_is_not_told_is_no_answer(http: Http) -> None:
    async def say(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"file_id": "A"}})

    async with serving(say) as url:
        client = Telegram(http, url, TOKEN)
        with pytest.raises(OutcomeUnknown):
            await client.get_me()
        assert (await refusal_of(client.get_file("A"))).reason is Reason.FILE

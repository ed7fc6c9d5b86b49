"""The one policy for outside calls, against real servers on this machine."""

import asyncio
import json
import math
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import stamina
from aiohttp import web

from lumi.core.clock import now
from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.core.metrics import REGISTRY
from tests.waiting import SILENCE_SECONDS, until

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Outside:
    """A server that answers each request with the next of its answers, the last one for ever."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list[Answer])
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list[tuple[str, dict[str, str], bytes]])

    def will(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append((request.method, dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


def says(status: int, body: bytes = b"{}", **headers: str) -> Answer:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=named)

    return answer


async def hangs(_request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def hangs_up(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def breaks_off(request: web.BaseRequest) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "100"})
    await answer.prepare(request)
    await answer.write(b"half")
    assert request.transport is not None
    request.transport.abort()
    return answer


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    server = Outside()
    handler = web.Server(server.handle, access_log=None, handler_cancellation=True)
    runner = web.ServerRunner(handler, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/path?key=hidden-in-query"
    yield server
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=3, rest_seconds=0.2) as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries are counted here, not waited for."""
    stamina.set_testing(True, attempts=6, cap=True)
    yield
    stamina.set_testing(False)


def figure(target: str, outcome: str) -> float:
    labels = {"target": target, "outcome": outcome}
    return REGISTRY.get_sample_value("lumi_outside_calls_total", labels) or 0.0


def nobody_listens_there() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


async def test_an_answer_comes_back_whole(http: Http, outside: Outside) -> None:
    outside.will(says(201, b'{"id": 7}', X_Kind="good"))

    answer = await http.request("shop", "POST", outside.url, json={"name": "Zoé"}, headers={"X-Key": "k"})

    assert (answer.status, answer.json(), answer.headers["x-kind"]) == (201, {"id": 7}, "good")
    method, headers, body = outside.seen[0]
    assert (method, headers["Content-Type"], headers["X-Key"]) == ("POST", "application/json", "k")
    assert json.loads(body) == {"name": "Zoé"}


async def test_a_file_is_sent_from_its_start_at_each_attempt(http: Http, outside: Outside, tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(range(256)) * 4_000)
    outside.will(says(503), hangs_up, says(201))

    await http.request("shop", "PUT", outside.url, data=file, repeatable=True)

    assert [len(body) for _, _, body in outside.seen] == [1_024_000] * 3
    assert outside.seen[-1][1]["Content-Length"] == "1024000"
    assert outside.seen[-1][2] == file.read_bytes()


async def test_a_mapping_is_sent_as_a_form_and_bytes_as_they_are(http: Http, outside: Outside) -> None:
    outside.will(says(200))
    await http.request("shop", "POST", outside.url, data={"grant": "refresh", "name": "Zoé"})
    await http.request("shop", "POST", outside.url, data=b"\x00raw", headers={"Content-Type": "audio/ogg"})
    assert outside.seen[0][1]["Content-Type"] == "application/x-www-form-urlencoded"
    assert outside.seen[0][2] == b"grant=refresh&name=Zo%C3%A9"
    assert (outside.seen[1][1]["Content-Type"], outside.seen[1][2]) == ("audio/ogg", b"\x00raw")


@pytest.mark.parametrize("repeatable", [True, False])
async def test_nobody_listening_is_unavailable_because_nothing_was_sent(http: Http, repeatable: bool) -> None:
    with pytest.raises(Unavailable):
        await http.request("shop", "POST", nobody_listens_there(), json={}, repeatable=repeatable)


async def test_a_name_that_does_not_resolve_is_unavailable(http: Http) -> None:
    with pytest.raises(Unavailable):
        await http.request("shop", "POST", "http://does-not-exist.invalid/", json={})


async def test_no_free_connection_in_time_is_unavailable_because_nothing_was_sent(outside: Outside) -> None:
    outside.will(hangs)
    async with Http(connections=1) as narrow:
        holder = asyncio.create_task(narrow.request("shop", "POST", outside.url, json={}, timeout=3))
        await until(lambda: len(outside.seen) == 1)
        with pytest.raises(Unavailable):
            await narrow.request("shop", "POST", outside.url, json={}, timeout=0.2)
        with pytest.raises(OutcomeUnknown):
            await holder
    assert len(outside.seen) == 1


@pytest.mark.parametrize("silence", [hangs, hangs_up, breaks_off])
async def test_no_answer_to_what_was_sent_leaves_the_outcome_unknown(
    http: Http, outside: Outside, silence: Answer
) -> None:
    outside.will(silence)
    with pytest.raises(OutcomeUnknown):
        await http.request("shop", "POST", outside.url, json={}, timeout=SILENCE_SECONDS)
    assert len(outside.seen) == 1


@pytest.mark.parametrize("silence", [hangs, hangs_up, breaks_off, says(503), says(502), says(504)])
async def test_what_may_be_repeated_is_tried_again_until_it_works(
    http: Http, outside: Outside, silence: Answer
) -> None:
    outside.will(silence, silence, says(200, b"[1]"))
    answer = await http.request("shop", "PUT", outside.url, json={}, timeout=SILENCE_SECONDS, repeatable=True)
    assert answer.json() == [1]
    assert len(outside.seen) == 3


async def test_repeating_ends_after_six_attempts(outside: Outside) -> None:
    outside.will(says(500))
    async with Http(failures_to_open=100) as patient:
        with pytest.raises(Unavailable):
            await patient.request("shop", "GET", outside.url, repeatable=True)
    assert len(outside.seen) == 6


async def test_what_may_not_be_repeated_is_sent_once(http: Http, outside: Outside) -> None:
    outside.will(says(500, b"why"))
    with pytest.raises(Unavailable) as failure:
        await http.request("shop", "POST", outside.url, json={})
    assert (failure.value.status, failure.value.body, len(outside.seen)) == (500, b"why", 1)


@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateway_that_lost_the_answer_leaves_the_outcome_unknown(
    http: Http, outside: Outside, status: int
) -> None:
    outside.will(says(status, b"from the gateway"))
    with pytest.raises(OutcomeUnknown) as failure:
        await http.request("shop", "POST", outside.url, json={})
    assert failure.value.body == b"from the gateway"


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
async def test_a_refusal_is_never_repeated(http: Http, outside: Outside, status: int) -> None:
    outside.will(says(status, b"no"))
    with pytest.raises(Rejected) as failure:
        await http.request("shop", "GET", outside.url, repeatable=True)
    assert (failure.value.status, failure.value.body, len(outside.seen)) == (status, b"no", 1)


async def test_a_redirect_is_refused_and_not_followed(http: Http, outside: Outside) -> None:
    outside.will(says(302, Location="/elsewhere"))
    with pytest.raises(Rejected):
        await http.request("shop", "GET", outside.url)
    assert len(outside.seen) == 1


async def test_cookies_are_not_kept_between_calls(http: Http, outside: Outside) -> None:
    outside.will(says(200, Set_Cookie="who=tenant-a; Path=/"))
    await http.request("shop", "GET", outside.url)
    await http.request("shop", "GET", outside.url)
    assert "Cookie" not in outside.seen[1][1]


@pytest.mark.parametrize(
    ("header", "seconds"), [("3", 3.0), ("nonsense", 1.0), ("9" * 13, 86_400.0), ("9" * 400, 86_400.0)]
)
async def test_too_many_says_how_long_to_wait(http: Http, outside: Outside, header: str, seconds: float) -> None:
    outside.will(says(429, Retry_After=header))
    with pytest.raises(RateLimited) as failure:
        await http.request("shop", "POST", outside.url, json={})
    assert failure.value.retry_after == seconds


async def test_a_wait_may_be_given_as_a_date(http: Http, outside: Outside) -> None:
    outside.will(says(503, Retry_After=format_datetime(now() + timedelta(hours=2), usegmt=True)))
    with pytest.raises(Unavailable) as failure:
        await http.request("shop", "POST", outside.url, json={})
    assert failure.value.retry_after == pytest.approx(7_200, abs=5)


@pytest.mark.parametrize(
    ("said", "seconds"), [(1e13, 86_400.0), (math.inf, 86_400.0), (-5.0, 0.0), (-math.inf, 0.0), (math.nan, 0.0)]
)
def test_no_wait_is_longer_than_a_day_or_less_than_none(said: float, seconds: float) -> None:
    assert (RateLimited(said).retry_after, Unavailable(retry_after=said).retry_after) == (seconds, seconds)


async def test_a_long_wait_is_left_to_the_caller(http: Http, outside: Outside) -> None:
    outside.will(says(429, Retry_After="60"))
    with pytest.raises(RateLimited):
        await http.request("shop", "GET", outside.url, repeatable=True)
    assert len(outside.seen) == 1


async def test_an_address_that_is_none_is_refused(http: Http) -> None:
    with pytest.raises(Rejected):
        await http.request("shop", "GET", "nowhere at all", repeatable=True)


async def test_failures_in_a_row_let_the_target_rest_and_one_probe_wakes_it(http: Http, outside: Outside) -> None:
    outside.will(says(500))
    for _ in range(3):
        with pytest.raises(Unavailable):
            await http.request("shop", "POST", outside.url, json={})
    with pytest.raises(Unavailable) as refusal:
        await http.request("shop", "POST", outside.url, json={})
    assert refusal.value.retry_after is not None
    assert 0 < refusal.value.retry_after <= 0.2
    assert len(outside.seen) == 3

    outside.will(says(200))
    await asyncio.sleep(0.25)
    await http.request("shop", "POST", outside.url, json={})
    await http.request("shop", "POST", outside.url, json={})
    assert len(outside.seen) == 5


async def test_a_resting_target_does_not_stop_the_others(http: Http, outside: Outside) -> None:
    for _ in range(4):
        with pytest.raises(Unavailable):
            await http.request("bakery", "POST", nobody_listens_there(), json={})
    outside.will(says(200))
    assert (await http.request("shop", "POST", outside.url, json={})).status == 200


async def test_a_part_of_a_target_rests_without_the_others(http: Http, outside: Outside) -> None:
    for _ in range(4):
        with pytest.raises(Unavailable):
            await http.request("shop", "POST", nobody_listens_there(), json={}, scope="one account")
    outside.will(says(200))
    assert (await http.request("shop", "POST", outside.url, json={}, scope="another")).status == 200


async def test_parts_beyond_the_most_make_room_for_new_ones_but_those_that_rest(
    http: Http, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumi.core.http.calls.MOST_TARGETS", 2)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await http.request("shop", "POST", nobody_listens_there(), json={}, scope="resting")
    outside.will(says(200))
    for number in range(3):
        await http.request("shop", "POST", outside.url, json={}, scope=f"account {number}")

    with pytest.raises(Unavailable, match="resting"):
        await http.request("shop", "POST", outside.url, json={}, scope="resting")


async def test_refusals_never_let_a_target_rest(http: Http, outside: Outside) -> None:
    outside.will(says(400))
    for _ in range(6):
        with pytest.raises(Rejected):
            await http.request("shop", "POST", outside.url, json={})
    assert len(outside.seen) == 6


async def test_calls_that_we_give_up_ourselves_say_nothing_about_the_target(http: Http, outside: Outside) -> None:
    outside.will(hangs)
    for _ in range(4):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.03):
                await http.request("shop", "POST", outside.url, json={})
    outside.will(says(200))
    assert (await http.request("shop", "POST", outside.url, json={})).status == 200


async def test_each_attempt_leaves_one_line_without_address_body_or_key(
    http: Http, outside: Outside, json_lines: None, capsys: pytest.CaptureFixture[str]
) -> None:
    outside.will(says(200), says(500, b"their-secret-words"), says(200))
    await http.request("shop", "POST", outside.url, json={"text": "our-words"}, headers={"Authorization": "access-key"})
    await http.request("shop", "PUT", outside.url, data=b"our-words", repeatable=True)

    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert [(line["target"], line["outcome"]) for line in lines] == [
        ("shop", "ok"),
        ("shop", "unavailable"),
        ("shop", "ok"),
    ]
    assert all(line["ms"] >= 0 for line in lines)
    for word in ("our-words", "their-secret-words", "hidden-in-query", "127.0.0.1", "access-key"):
        assert word not in written


async def test_failures_show_neither_body_nor_address(http: Http, outside: Outside) -> None:
    outside.will(says(400, b"their-words"))
    with pytest.raises(OutsideFailure) as failure:
        await http.request("shop", "POST", outside.url, json={})
    shown = f"{failure.value} {failure.value!r}"
    assert "shop" in shown
    assert "their-words" not in shown
    assert "hidden-in-query" not in shown


async def test_outcomes_are_counted_by_target(http: Http, outside: Outside) -> None:
    before = figure("counted", "ok"), figure("counted", "rejected")
    outside.will(says(200), says(404))
    await http.request("counted", "GET", outside.url)
    with pytest.raises(Rejected):
        await http.request("counted", "GET", outside.url)
    assert (figure("counted", "ok"), figure("counted", "rejected")) == (before[0] + 1, before[1] + 1)


async def test_a_closed_session_opens_again_at_the_next_call(http: Http, outside: Outside) -> None:
    outside.will(says(200))
    await http.request("shop", "GET", outside.url)
    await http.close()
    assert (await http.request("shop", "GET", outside.url)).status == 200


async def test_a_packed_answer_beyond_the_limit_is_not_read_to_its_end(
    http: Http, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumi.core.http.answers.MAX_ANSWER_BYTES", 1000)

    async def swells(_request: web.BaseRequest) -> web.StreamResponse:
        answer = web.Response(body=b"a" * 100_000)
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    outside.will(swells)
    with pytest.raises(OutcomeUnknown):
        await http.request("shop", "POST", outside.url, json={})


async def test_a_call_without_a_body_whose_answer_never_comes_has_an_unknown_outcome(
    http: Http, outside: Outside
) -> None:
    outside.will(hangs)

    with pytest.raises(OutcomeUnknown):
        await http.request("shop", "POST", outside.url, data=b"", timeout=SILENCE_SECONDS)

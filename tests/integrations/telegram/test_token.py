"""A bot's token is part of every address: it is shown nowhere, whatever goes wrong."""

import asyncio
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from lumi.core import logging
from lumi.core.http import Http, OutsideFailure, Rejected, Unavailable
from lumi.integrations.telegram.bot_api import BotApi
from lumi.integrations.telegram.client import Telegram
from lumi.integrations.telegram.errors import Reason, TelegramRejected
from lumi.integrations.telegram.fake.server import RunningTwin
from tests.integrations.listening import serving
from tests.integrations.telegram.conftest import PERSON

SECRET_PART = "AA_this-must-not-be-seen-anywhere-at-all"
HIDDEN = f"7000000003:{SECRET_PART}"


@dataclass
class Logs:
    log_level: str = "debug"
    log_format: logging.Format = "json"
    log_file: Path | None = None
    log_file_max_bytes: int = 1 << 20
    log_file_kept: int = 1


@pytest.fixture(autouse=True)
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Every line we would write, at the level that writes most."""
    logging.configure(Logs())
    yield capsys
    logging.configure(Logs(log_level="info", log_format="console"))


def shown(failure: BaseException) -> str:
    """All that an error shows: its words, what it holds, and what lies behind it, hidden or not."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [failure]
    while waiting:
        each = waiting.pop()
        if each is not None and each not in seen:
            seen.append(each)
            waiting += [each.__cause__, each.__context__]
    whole = [f"{each!r} {each} {vars(each)} {each.args}" for each in seen]
    return "\n".join([*whole, *traceback.format_exception(failure)])


async def failure_of(client: Telegram, capsys: pytest.CaptureFixture[str]) -> OutsideFailure:
    """What happened to a message; the token is in none of it."""
    with pytest.raises(OutsideFailure) as caught:
        await client.send_text(PERSON, "Bonjour")
    logging.get_logger("lumi.test").error("sending failed", exc_info=caught.value, client=client)
    written = capsys.readouterr()
    assert "sending failed" in written.err
    for text in (shown(caught.value), written.err, written.out, repr(client), str(client)):
        assert SECRET_PART not in text
    return caught.value


async def test_a_token_that_is_refused(http: Http, served: RunningTwin, lines: pytest.CaptureFixture[str]) -> None:
    failure = await failure_of(Telegram(http, served.url, HIDDEN), lines)
    assert isinstance(failure, TelegramRejected)
    assert (failure.status, failure.reason) == (401, Reason.AUTH)


@pytest.mark.parametrize("token", [SECRET_PART, f"{HIDDEN}/../x", f" {HIDDEN}", f"7:{SECRET_PART}?", f"é{HIDDEN}", ""])
async def test_a_token_that_is_none(http: Http, token: str, lines: pytest.CaptureFixture[str]) -> None:
    client = Telegram(http, "http://127.0.0.1:1", token)
    if not token:
        with pytest.raises(TelegramRejected):
            await client.get_me()
        return
    failure = await failure_of(client, lines)
    assert isinstance(failure, TelegramRejected)
    assert (failure.status, failure.reason) == (0, Reason.AUTH)


async def test_a_server_that_is_not_there(http: Http, unused_tcp_port: int, lines: pytest.CaptureFixture[str]) -> None:
    failure = await failure_of(Telegram(http, f"http://127.0.0.1:{unused_tcp_port}", HIDDEN), lines)
    assert isinstance(failure, Unavailable)


@pytest.mark.parametrize("base", ["http://[::", "not an address", "ftp://127.0.0.1", "http://127.0.0.1:99999"])
async def test_an_address_that_is_none(http: Http, base: str, lines: pytest.CaptureFixture[str]) -> None:
    await failure_of(Telegram(http, base, HIDDEN), lines)


async def test_a_server_that_points_elsewhere_or_hangs_up(http: Http, lines: pytest.CaptureFixture[str]) -> None:
    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"http://127.0.0.1:1{request.path}"})

    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with serving(redirect) as url:
        assert isinstance(await failure_of(Telegram(http, url, HIDDEN), lines), Rejected)
    async with serving(hang_up) as url:
        await failure_of(Telegram(http, url, HIDDEN), lines)


async def test_a_connection_that_never_comes(lines: pytest.CaptureFixture[str]) -> None:
    """The library's error for this one names the whole address."""

    asked = asyncio.Event()

    async def hang(_request: web.Request) -> web.Response:
        asked.set()
        await asyncio.sleep(60)
        return web.Response()

    async with serving(hang) as url, Http(connections=1) as narrow:
        api = BotApi(narrow, url, HIDDEN)
        first = asyncio.create_task(api.call("getMe", {}, timeout=30.0))
        await asked.wait()
        with pytest.raises(Unavailable) as caught:
            await api.call("getMe", {}, timeout=0.1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    logging.get_logger("lumi.test").error("asking failed", exc_info=caught.value)
    assert "not connected" in str(caught.value)
    assert SECRET_PART not in shown(caught.value) + repr(api) + lines.readouterr().err


async def test_files_are_fetched_without_showing_it(http: Http, served: RunningTwin) -> None:
    with pytest.raises(TelegramRejected) as caught:
        await Telegram(http, served.url, HIDDEN).download("voice/file_0.oga")
    assert SECRET_PART not in shown(caught.value)

"""kill -9 at every step of the line: nothing lost, nothing twice, and an unknown outcome shown as such."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from lumi.integrations.graph import signature
from lumi.wiring import open_worker
from tests.conftest import HOME
from tests.journeys.conftest import Line

pytestmark = pytest.mark.chaos

ENVIRONMENT = {"APP_ENV": "test", "LUMI_HOME": str(HOME), "PYTHONPATH": os.getcwd(), "LOG_LEVEL": "ERROR"}


@asynccontextmanager
async def mortal(*arguments: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process that dies at one step; gone for certain at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.mortal", *arguments,
        env={**os.environ, **ENVIRONMENT}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def healthy(line: Line) -> AsyncGenerator[None]:
    """A worker that lives."""
    runner = await open_worker(line.house)
    running = asyncio.ensure_future(runner.run())
    try:
        yield
    finally:
        runner.stop()
        await running


async def die_at(line: Line, database_url: str, step: str, when: str) -> None:
    """Let a worker take the line's turn and die there."""
    async with mortal("worker", database_url, step, when) as process, asyncio.timeout(60):
        assert process.stdout is not None
        await process.stdout.readline()
        await line.write("Merci !")
        assert await process.wait() == -9


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["begin", "save"])
async def test_a_worker_killed_before_anything_left_is_replaced_and_the_guest_is_answered_once(
    line: Line, database_url: str, step: str, when: str
) -> None:
    await die_at(line, database_url, step, when)
    assert line.heard() == []

    async with healthy(line):
        assert len(await line.hears(1)) == 1

    assert await line.rows("select count(*) from message where author = 'contact'") == [(1,)]
    assert await line.rows("select count(*) from message where author = 'assistant'") == [(1,)]
    assert await line.rows("select state from delivery") == [("sent",)]


async def test_a_worker_killed_before_it_committed_to_sending_sends_nothing_twice(
    line: Line, database_url: str
) -> None:
    await die_at(line, database_url, "depart", "before")

    async with healthy(line):
        assert len(await line.hears(1)) == 1


@pytest.mark.parametrize(("step", "when"), [("post", "after"), ("finish", "before")])
async def test_a_worker_killed_after_the_post_learns_from_the_status_that_it_arrived(
    line: Line, database_url: str, step: str, when: str
) -> None:
    await die_at(line, database_url, step, when)
    (reply,) = line.heard()

    status = {
        "id": reply.id, "status": "delivered", "timestamp": "1790000000", "recipient_id": line.person,
        "biz_opaque_callback_data": reply.callback_data,
    }  # fmt: skip
    await line.post(line.body(extra={"statuses": [status]}))
    async with healthy(line):
        await line.settled()

    assert await line.rows("select state, provider_id from delivery") == [("delivered", reply.id)]
    assert len(line.heard()) == 1


@pytest.mark.parametrize(("step", "when", "posted"), [("depart", "after", 0), ("post", "after", 1)])
async def test_an_outcome_nobody_can_tell_is_shown_as_unknown_and_never_sent_again(
    line: Line, database_url: str, step: str, when: str, posted: int
) -> None:
    await die_at(line, database_url, step, when)

    async with healthy(line):
        for _ in range(250):
            if await line.rows("select state from delivery") != [("sending",)]:
                break
            await asyncio.sleep(0.1)
        assert await line.rows("select state from delivery") == [("unknown",)]
        assert len(line.heard()) == posted
        await line.write("Merci encore !")
        assert len(await line.hears(posted + 1)) == posted + 1


async def test_a_worker_killed_after_finishing_leaves_nothing_to_do(line: Line, database_url: str) -> None:
    await die_at(line, database_url, "finish", "after")

    async with healthy(line):
        await line.settled()

    assert len(line.heard()) == 1
    assert await line.rows("select owner, ready_at from lane") == [(None, None)]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_web_process_killed_while_it_commits_is_asked_again_and_nothing_is_lost_or_doubled(
    line: Line, database_url: str, when: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    body = line.body(line.message("Merci !"))
    headers = {signature.HEADER: signature.sign(line.secret, body)}

    async with mortal("web", database_url, "ingest", when, str(port)) as process, asyncio.timeout(60):
        await knock(port)
        async with aiohttp.ClientSession() as provider:
            post = provider.post(f"http://127.0.0.1:{port}/webhook", data=body, headers=headers)
            with pytest.raises(aiohttp.ClientError):
                await post
        assert await process.wait() == -9

    assert (await line.post(body)).status_code == 200
    async with healthy(line):
        assert len(await line.hears(1)) == 1
    assert await line.rows("select count(*) from event") == [(1,)]


async def knock(port: int) -> None:
    """Wait until somebody listens there."""
    for _ in range(400):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        await writer.wait_closed()
        return
    raise AssertionError("nobody opened")

"""A body that is too large: whoever sends it learns that, and nothing is waited for or read without end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import uvicorn

from lumi.core.middleware import wrap
from tests.core.test_middleware import Wanted, make_app, scope_of
from tests.serving import on_a_port
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from starlette.types import Message

pytestmark = pytest.mark.usefixtures("json_lines")


@asynccontextmanager
async def served() -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a real server in front of the layers."""
    config = uvicorn.Config(wrap(make_app(), Wanted()), port=0, lifespan="off", log_config=None)
    async with on_a_port(config) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "streamed"])
async def test_who_sends_too_much_and_then_reads_is_told_so_and_the_connection_ends(announced: bool) -> None:
    size = 800_000
    length = f"Content-Length: {size}" if announced else "Transfer-Encoding: chunked"
    body = b"x" * size if announced else b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size)

    async with served() as (reader, writer), asyncio.timeout(PATIENCE_SECONDS):
        writer.write(f"POST /raw HTTP/1.1\r\nHost: lumi.example\r\n{length}\r\n\r\n".encode())
        for start in range(0, len(body), 50_000):
            writer.write(body[start : start + 50_000])
            await writer.drain()
            await asyncio.sleep(0.005)
        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert answer.endswith(b"}")


@pytest.mark.parametrize("comes", [b"", b"x" * 400], ids=["nothing", "a piece now and then"])
async def test_a_refused_body_that_does_not_come_is_not_waited_for(comes: bytes) -> None:
    async with served() as (reader, writer), asyncio.timeout(PATIENCE_SECONDS):
        writer.write(b"POST /raw HTTP/1.1\r\nHost: lumi.example\r\nContent-Length: 900000\r\n\r\n" + comes)
        began = time.monotonic()
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        told = time.monotonic() - began
        await reader.read()
        over = time.monotonic() - began

    assert told < 0.5
    assert over < 3


async def test_of_an_endless_body_no_more_than_a_mebibyte_is_thrown_away() -> None:
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        taken += 1 << 16
        return {"type": "http.request", "body": b"x" * (1 << 16), "more_body": True}

    async def send(message: Message) -> None:
        assert message.get("status", 413) == 413

    await wrap(make_app(), Wanted())(scope_of("http", "/raw", [(b"content-length", b"9" * 12)]), receive, send)
    assert 1 << 20 < taken <= (1 << 20) + (1 << 17)

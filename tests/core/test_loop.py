"""A server that stops: whoever came in the last instant is inside or outside, and never between the two."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from collections.abc import Callable, Coroutine
from contextlib import suppress

import pytest
import uvloop
from aiohttp import web

from lumi.integrations.clamd.fake import server as clamd
from lumi.integrations.twin.serving import listening

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


async def clamd_closes(rounds: int) -> socket.socket:
    async with clamd.running() as twin:
        host, _, port = twin.address.rpartition(":")
        return await came(host, int(port), rounds)


async def pages_close(rounds: int) -> socket.socket:
    async with listening(web.Application()) as url:
        host, _, port = url.removeprefix("http://").rpartition(":")
        return await came(host, int(port), rounds)


async def came(host: str, port: int, rounds: int) -> socket.socket:
    """Somebody who knocked so many rounds of the loop before the server closed."""
    visitor = socket.socket()
    visitor.setblocking(False)
    visitor.connect_ex((host, port))
    for _ in range(rounds):
        await asyncio.sleep(0)
    return visitor


async def told(visitor: socket.socket) -> bytes:
    """What came over the line up to its end."""
    async with asyncio.timeout(10):
        with visitor:
            return await asyncio.get_running_loop().sock_recv(visitor, 1)


@pytest.mark.parametrize("rounds", range(5))
@pytest.mark.parametrize("closes", [clamd_closes, pages_close])
@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
def test_who_knocks_as_a_server_closes_is_told_and_no_socket_is_left(
    loop: Callable[[], asyncio.AbstractEventLoop],
    closes: Callable[[int], Coroutine[None, None, socket.socket]],
    rounds: int,
) -> None:
    async def visit() -> str:
        visitor = await closes(rounds)
        address = repr(visitor.getsockname())
        with suppress(ConnectionResetError):
            assert await told(visitor) == b""
        return address

    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always")
        with asyncio.Runner(loop_factory=loop) as runner:
            address = runner.run(visit())
        gc.collect()

    assert [each for each in left if address in str(each.message)] == []

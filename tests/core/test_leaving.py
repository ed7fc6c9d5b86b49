"""Who may have to fall silent in the middle of a call is asked once more when its bytes are about to leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from lumi.core.http import Http, Silenced, only_while


@dataclass
class Listener:
    """A server that writes down what it is sent, and answers."""

    port: int = 0
    connections: int = 0
    heard: list[bytes] = field(default_factory=list[bytes])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while part := await reader.read(1 << 16):
            self.heard.append(part)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()


@pytest.fixture
async def listener() -> AsyncGenerator[Listener]:
    found = Listener()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


async def post(http: Http, listener: Listener) -> None:
    await http.request("shop", "POST", f"http://127.0.0.1:{listener.port}/", json={"words": "hello"})


async def test_who_may_not_speak_any_more_does_not_even_connect(listener: Listener) -> None:
    async with Http() as http:
        with only_while(lambda: False), pytest.raises(Silenced):
            await post(http, listener)

    assert listener.connections == 0


async def test_who_falls_silent_while_a_connection_is_made_sends_nothing_over_it(listener: Listener) -> None:
    answers = iter([True, False])

    async with Http() as http:
        with only_while(lambda: next(answers)), pytest.raises(Silenced):
            await post(http, listener)

    assert (listener.connections, listener.heard) == (1, [])


async def test_who_falls_silent_before_an_open_connection_is_used_again_sends_nothing_over_it(
    listener: Listener,
) -> None:
    answers = iter([True, True, True, False])

    async with Http() as http:
        with only_while(lambda: next(answers)):
            await post(http, listener)
            heard = list(listener.heard)
            with pytest.raises(Silenced):
                await post(http, listener)

    assert listener.heard == heard


async def test_who_may_speak_is_heard_whole_and_nobody_is_asked_after_the_block(listener: Listener) -> None:
    async with Http() as http:
        with only_while(lambda: True):
            await post(http, listener)
        with only_while(lambda: False):
            pass
        await post(http, listener)

    assert [b"".join(listener.heard).count(words) for words in (b"POST /", b'{"words":"hello"}')] == [2, 2]

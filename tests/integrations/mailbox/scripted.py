"""A server that says what a test wants it to say, to see what a client makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from pydantic import SecretStr

from lumi.core.http import Http
from lumi.core.http.lines import Lines
from lumi.core.loop import shut
from lumi.integrations.mailbox.account import Security, Server
from lumi.integrations.mailbox.imap import Imap
from tests.integrations.mailbox.doors import at_home

# What a server says up to the moment a mailbox is open, with a capability line for the login each client wants.
GREETING = b"* OK ready"
CAPABLE = b"* CAPABILITY IMAP4rev1\r\nTAG OK done"
DONE = b"TAG OK done"
OPENED = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\nTAG OK done"
OPENING = (GREETING, CAPABLE, DONE, CAPABLE, OPENED)


@dataclass
class Scripted:
    """Where it listens, and what it was told."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list[bytes])
    open_connections: int = 0


@asynccontextmanager
async def scripted(*says: bytes | None, then_hangs: bool = False) -> AsyncGenerator[Scripted]:
    """Greets with the first of `says`, answers each line with the next, and closes, or is silent from then on.

    `TAG` in an answer is the first word of the line it answers. None closes the connection without a word.
    """
    server = Scripted()
    tasks: set[asyncio.Task[None]] = set()

    def begin(lines: Lines) -> None:
        task = asyncio.get_running_loop().create_task(_talk(server, lines, says, then_hangs))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda _: lines.close())

    listener = await asyncio.get_running_loop().create_server(lambda: Lines(begin), "127.0.0.1", 0)
    server.port = int(listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        await shut(listener.sockets)
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _talk(server: Scripted, lines: Lines, says: Sequence[bytes | None], then_hangs: bool) -> None:
    server.open_connections += 1
    try:
        with suppress(OSError, EOFError):
            line = b""
            for number, answer in enumerate(says):
                if number:
                    line = await lines.line()
                    server.heard.append(line)
                if answer is None:
                    return
                if answer:
                    await lines.send(answer.replace(b"TAG", line.split(b" ")[0]) + b"\r\n")
            while then_hangs:
                server.heard.append(await lines.line())
            server.heard.append(await lines.line())
    finally:
        server.open_connections -= 1


def client(http: Http, port: int, **changes: float) -> Imap:
    """The mailbox of `OPENING`, read at this port."""
    server = Server("127.0.0.1", port, "ann", SecretStr("secret"), Security.PLAIN)
    return Imap(http, server, allow=at_home, **changes)  # pyright: ignore[reportArgumentType] - numbers where numbers are wanted

"""What both servers of the twin do with a connection: count it, encrypt it, end it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import NoReturn

from lumi.core.http.lines import Lines
from lumi.core.loop import shut
from lumi.integrations.mailbox.errors import TROUBLES
from lumi.integrations.mailbox.fake.twin import Twin


class Ended(Exception):
    """The session is over; the connection is to be closed."""


class Session(ABC):
    """One connection of a client to the twin."""

    def __init__(self, twin: Twin, lines: Lines, *, in_tls: bool) -> None:
        self.twin = twin
        self.lines = lines
        self.in_tls = in_tls

    @abstractmethod
    async def serve(self) -> None:
        """Talk until one of the two ends it."""

    async def say(self, line: str) -> None:
        """Send one line."""
        await self.lines.send(line.encode() + b"\r\n")

    async def hang(self) -> NoReturn:
        """Say nothing until the client gives up."""
        await self.lines.closed()
        raise Ended

    @property
    def may_log_in(self) -> bool:
        """Whether a password may travel here."""
        return self.in_tls or self.twin.tls is None

    async def encrypt(self) -> None:
        """Go on in TLS."""
        if self.twin.tls is None:
            raise Ended
        await self.lines.encrypt(self.twin.tls, as_server=True)
        self.in_tls = True


@asynccontextmanager
async def listening(twin: Twin, kind: type[Session], host: str, port: int, *, in_tls: bool) -> AsyncGenerator[int]:
    """Serve this kind of session until the end of the block; gives the port, any free one for 0."""
    tasks: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()

    def begin(lines: Lines) -> None:
        if not server.is_serving():  # it has shaken hands in TLS since
            lines.abort()
            return
        task = loop.create_task(_serve(kind(twin, lines, in_tls=in_tls)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        # Also when it is cancelled before it began.
        task.add_done_callback(lambda _: lines.close())

    context = twin.tls if in_tls else None
    server = await loop.create_server(lambda: Lines(begin), host, port, ssl=context, backlog=1024)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        await shut(server.sockets)
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(session: Session) -> None:
    session.twin.counts["connections"] += 1
    try:
        with suppress(Ended, *TROUBLES):
            await session.serve()
    finally:
        session.twin.counts["connections"] -= 1

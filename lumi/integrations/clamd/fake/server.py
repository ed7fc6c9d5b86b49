"""Puts a twin on a port or a socket, inside this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from lumi.core.loop import shut
from lumi.integrations.clamd.fake.twin import Twin, TwinSettings
from lumi.integrations.twin.serving import LOOPBACK


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin and the address it answers at."""

    twin: Twin
    address: str


@asynccontextmanager
async def running(
    settings: TwinSettings | None = None, host: str = LOOPBACK, port: int = 0, *, path: Path | None = None
) -> AsyncGenerator[RunningTwin]:
    """A twin that serves while the block lasts, at `path` when that is given."""
    twin = Twin(settings or TwinSettings())
    talking: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(twin.serve(reader, writer))
        talking.add(task)
        task.add_done_callback(talking.discard)
        task.add_done_callback(lambda _: writer.close())  # also of one that ended before it began

    if path is not None:
        server, address = await asyncio.start_unix_server(begin, path), str(path)
    else:
        server = await asyncio.start_server(begin, host, port)
        address = f"{host}:{server.sockets[0].getsockname()[1]}"
    try:
        yield RunningTwin(twin, address)
    finally:
        await shut(server.sockets)
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

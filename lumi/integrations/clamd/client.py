"""The calls we make to clamd, each over a connection of its own."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from lumi.core.http import Http, OutsideFailure, Unavailable
from lumi.core.http.streams import Line, connected
from lumi.integrations.clamd.deep import too_deep
from lumi.integrations.clamd.errors import BeyondLimits, NotLooked, TooLargeToScan

TARGET = "clamd"
PING_SECONDS = 5.0
SCAN_SECONDS = 180.0
CHUNK_BYTES = 1 << 16
_LONGEST_ANSWER_BYTES = 1 << 14
_TOO_LARGE = "INSTREAM size limit exceeded"
# What it "finds" in what it did not look into whole; without `AlertExceedsMax yes` it says OK instead.
_BEYOND = "Heuristics.Limits.Exceeded"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What clamd found: nothing, or the name of what it knows."""

    found: str | None


class Clamd:
    """One clamd, by its address: `host:port` or the path of its socket.

    What goes wrong is Unavailable (it is away, busy or hung up: ask again later), TooLargeToScan,
    BeyondLimits or NotLooked.
    """

    def __init__(self, http: Http, address: str) -> None:
        self._http = http
        self._address = address

    async def ping(self) -> None:
        """Nothing, when it is there."""
        if await self._ask(b"zPING\0") != "PONG":
            raise Unavailable("it does not answer like clamd")

    async def version(self) -> str:
        """What it calls itself, with the number and day of its signatures where it has any from ClamAV."""
        return await self._ask(b"zVERSION\0")

    async def scan(self, chunks: AsyncIterator[bytes], *, timeout: float = SCAN_SECONDS) -> Verdict:
        """What is in these bytes; `timeout` in seconds covers everything. What `chunks` raises passes unchanged."""

        async def talk(line: Line) -> str:
            with suppress(OSError):  # it stopped listening, and has said why
                await _send(line, chunks)
            return await _answer(line)

        return _verdict(await self._talk(talk, timeout))

    async def tells_its_limits(self) -> bool:
        """Whether it says so when it did not look into everything: asked with an archive deeper than any clamd goes."""
        try:
            await self.scan(_whole(too_deep()))
        except BeyondLimits:
            return True
        return False

    async def _ask(self, command: bytes) -> str:
        async def talk(line: Line) -> str:
            await line.send(command)
            return await _answer(line)

        return await self._talk(talk, PING_SECONDS)

    async def _talk(self, talk: Callable[[Line], Awaitable[str]], timeout: float) -> str:
        """One connection under the policy: nothing is changed there, so whatever breaks is Unavailable."""

        async def call() -> str:
            try:
                async with asyncio.timeout(timeout), connected(self._address) as line:
                    return await talk(line)
            except (OSError, EOFError, TimeoutError) as error:
                raise Unavailable(type(error).__name__) from error

        try:
            return await self._http.guard(TARGET, call, timeout=timeout + 1)
        except _Source as source:
            raise source.error from None


class _Source(Exception):
    """The bytes could not be read: says nothing about clamd."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _send(line: Line, chunks: AsyncIterator[bytes]) -> None:
    await line.send(b"zINSTREAM\0")
    while chunk := await _next(chunks):
        for start in range(0, len(chunk), CHUNK_BYTES):
            piece = chunk[start : start + CHUNK_BYTES]
            await line.send(struct.pack(">I", len(piece)) + piece)
    await line.send(struct.pack(">I", 0))


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next chunk with something in it; nothing at the end."""
    try:
        async for chunk in chunks:
            if chunk:
                return chunk
    except (OutsideFailure, OSError) as error:
        raise _Source(error) from error
    return b""


async def _answer(line: Line) -> str:
    return (await line.hear(b"\0", most=_LONGEST_ANSWER_BYTES)).decode(errors="replace").strip()


def _verdict(answer: str) -> Verdict:
    """`stream: OK`, `stream: NAME FOUND`, `… ERROR`."""
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return Verdict(None)
    if said.startswith(_BEYOND):
        raise BeyondLimits(said.removesuffix(" FOUND").removeprefix(_BEYOND).lstrip(".") or "its limits")
    if said.endswith(" FOUND"):
        return Verdict(said.removesuffix(" FOUND"))
    if said.startswith(_TOO_LARGE):
        raise TooLargeToScan
    if said.endswith(" ERROR"):
        raise NotLooked(said.removesuffix(" ERROR"))
    raise Unavailable("it does not answer like clamd")

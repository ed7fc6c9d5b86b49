"""What the twin says to whoever connects."""

from __future__ import annotations

import asyncio
import io
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

# In two parts, so that no scanner stops at this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
VERSION = "ClamAV 1.4.6"
_MARKS = {b"z": b"\0", b"n": b"\n"}


@dataclass
class TwinSettings:
    """What it knows and how far it looks; `answers` are said in place of the truth, one scan each.

    `alerts_beyond` is `AlertExceedsMax`, here as Lumi wants it. The original's own is no: then what was not looked into
    is OK.
    """

    signatures: dict[str, bytes] = field(default_factory=lambda: {"Eicar-Test-Signature": EICAR})
    stream_max_bytes: int = 100 << 20
    file_max_bytes: int = 100 << 20
    recursion_max: int = 17
    alerts_beyond: bool = True
    answers: list[str] = field(default_factory=list[str])
    hang_up: int = 0
    """So many scans end without an answer."""
    hang: int = 0
    """So many scans are never answered."""


class Twin:
    """Serves one connection after the other; `counts` says how often what was asked."""

    def __init__(self, settings: TwinSettings) -> None:
        self.settings = settings
        self.counts: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one command, as without IDSESSION. Whoever let it in closes it."""
        try:
            mark = _MARKS.get(await reader.readexactly(1), b"\n")
            command = (await reader.readuntil(mark))[:-1].decode(errors="replace").strip()
            said = await self._answer(command, reader)
            if said is not None:
                writer.write(said.encode() + mark)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # whoever asked has gone, or spoke no word to its end: clamd closes too

    async def _answer(self, command: str, reader: asyncio.StreamReader) -> str | None:
        self.counts[command] += 1
        if command == "PING":
            return "PONG"
        if command == "VERSION":
            return VERSION
        if command == "INSTREAM":
            return await self._scan(reader)
        return "UNKNOWN COMMAND"

    async def _scan(self, reader: asyncio.StreamReader) -> str | None:
        body = bytearray()
        while length := struct.unpack(">I", await reader.readexactly(4))[0]:
            if len(body) + length > self.settings.stream_max_bytes:
                return "INSTREAM size limit exceeded. ERROR"
            body += await reader.readexactly(length)
        if self.settings.hang_up > 0:
            self.settings.hang_up -= 1
            return None
        if self.settings.hang > 0:
            self.settings.hang -= 1
            await asyncio.sleep(3600)
        if self.settings.answers:
            return self.settings.answers.pop(0)
        return f"stream: {self._seen(bytes(body))}"

    def _seen(self, body: bytes) -> str:
        """Looks into archives too, as far as its limits let it; what it knows counts more than where it stopped."""
        beyond = None
        for depth, layer in enumerate(_layers(body)):
            if len(layer) > self.settings.file_max_bytes:
                beyond = "MaxFileSize"
            elif depth >= self.settings.recursion_max:
                beyond = "MaxRecursion"
            if beyond is not None:
                break
            for name, sign in self.settings.signatures.items():
                if sign in layer:
                    return f"{name} FOUND"
        return f"Heuristics.Limits.Exceeded.{beyond} FOUND" if beyond and self.settings.alerts_beyond else "OK"


def _layers(body: bytes) -> Iterator[bytes]:
    """A file, and what is in it while it is an archive with something in it."""
    yield body
    with suppress(zipfile.BadZipFile, NotImplementedError, RuntimeError, IndexError):
        while zipfile.is_zipfile(io.BytesIO(body)):
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                body = archive.read(archive.namelist()[0])
            yield body

"""What the twin says to whoever connects."""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from dataclasses import dataclass, field

# In two parts, so that no scanner stops at this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
VERSION = "ClamAV 1.4.6"
_MARKS = {b"z": b"\0", b"n": b"\n"}


@dataclass
class TwinSettings:
    """What it knows and how large a stream may be; `answers` are said in place of the truth, one scan each."""

    signatures: dict[str, bytes] = field(default_factory=lambda: {"Eicar-Test-Signature": EICAR})
    stream_max_bytes: int = 100 << 20
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
        """One connection: one command, as without IDSESSION."""
        try:
            mark = _MARKS.get(await reader.readexactly(1), b"\n")
            command = (await reader.readuntil(mark))[:-1].decode(errors="replace").strip()
            said = await self._answer(command, reader)
            if said is not None:
                writer.write(said.encode() + mark)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # whoever asked has gone, or spoke no word to its end: clamd closes too
        finally:
            writer.close()

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
        found = [name for name, sign in self.settings.signatures.items() if sign in body]
        return f"stream: {found[0]} FOUND" if found else "stream: OK"

"""What files ask of a place to keep bytes in, and of somebody who looks at them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from lumi.modules.files.values import Finding, Sight


class Gone(Exception):
    """The storage answers, and has nothing under this key."""


class Storage(Protocol):
    """A place for bytes, under keys of our own making. What goes wrong is one of core.http's failures, or OSError."""

    async def put(self, key: str, source: Path, *, sha256: bytes) -> None:
        """Keep what is in this file, whole or not at all; the file may be gone afterwards."""
        ...

    def chunks(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        """These bytes, in pieces. Raises Gone before the first when nothing is kept there."""
        ...

    async def delete(self, key: str) -> None:
        """Keep it no longer; what is not there is no failure."""
        ...

    async def probe(self) -> None:
        """Nothing, when it could keep a file now; changes nothing there."""
        ...


class Scanner(Protocol):
    """Somebody who looks for malware."""

    async def scan(self, chunks: AsyncIterator[bytes]) -> Finding:
        """What these bytes are. Raises Unavailable when nobody can look now."""
        ...

    async def sight(self, most_bytes: int) -> tuple[Sight, str]:
        """How far it can be relied on for files up to this size, and which limit of its own cuts that short.

        Raises one of core.http's failures when it does not answer.
        """
        ...

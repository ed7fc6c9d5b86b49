"""Bytes in a folder of this machine: `tenant/ab/cd/id` below it, readable for Lumi's own user only."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from lumi.core.ids import new_id
from lumi.modules.files.adapters.ports import Gone

CHUNK_BYTES = 1 << 18
_KEY = re.compile(r"[0-9a-f]{32}(/[0-9a-f]{2}){2}/[0-9a-f]{32}")


class Folder:
    """Files below a root. A file has its name once it is whole, and survives the machine's falling over."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, source: Path, *, sha256: bytes) -> None:
        """Move the file to its place; it has to be on the same disk, where `incoming` of the root is."""
        await asyncio.to_thread(_move, source, self._place(key))

    async def chunks(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        """Read it, never on the loop."""
        try:
            file = await asyncio.to_thread(self._place(key).open, "rb")
        except FileNotFoundError:
            raise Gone from None
        try:
            await asyncio.to_thread(file.seek, start)
            while length > 0 and (chunk := await asyncio.to_thread(file.read, min(CHUNK_BYTES, length))):
                length -= len(chunk)
                yield chunk
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """Unlink it, and its folders when they are empty."""
        await asyncio.to_thread(_unlink, self._place(key), self._root)

    async def probe(self) -> None:
        """Raises OSError when the folder cannot be written to."""
        await asyncio.to_thread(_touch, self._root / f"probe-{new_id().hex}")

    def _place(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("this is no key of ours")
        return self._root / key


def _move(source: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.replace(place)
    folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _touch(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.unlink()


def _unlink(place: Path, root: Path) -> None:
    place.unlink(missing_ok=True)
    for folder in place.relative_to(root).parents:
        if folder.name:
            with suppress(OSError):  # another file lies there, or another process was first
                (root / folder).rmdir()

"""A file on its way in: written down beside its place while it is counted, sealed and looked at.

Nothing is believed but bytes. Disk work happens in threads; a sender who is slow holds a small file and nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from lumi.core.ids import new_id
from lumi.modules.files import rules
from lumi.modules.files.engine import sniffing, types
from lumi.modules.files.errors import EmptyFile, FileTooLarge, TypeRefused
from lumi.modules.files.values import FileType, Limits

INCOMING = "incoming"
_BATCH_BYTES = 1 << 18
_MOST_PARTS = 20_000
# The list of an archive's parts: it is read whole, and each entry becomes an object some ten times its size.
_LONGEST_LIST_BYTES = 2 << 20
_TEXTS = (types.TEXT, types.CSV)


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file, and where it lies until it is kept."""

    path: Path
    name: str
    type: FileType
    size_bytes: int
    sha256: bytes = field(repr=False)


@asynccontextmanager
async def received(
    root: Path, limits: Limits, *, name: str, chunks: AsyncIterator[bytes], declared: str | None
) -> AsyncGenerator[Received]:
    """The file, while the block lasts; afterwards nothing of it is left here unless it was moved.

    Refuses what is empty, larger than its kind may be, of no accepted type, or not what it is said to be; the size as
    soon as it is exceeded.
    """
    path = await asyncio.to_thread(fresh, root / INCOMING)
    try:
        draft = _Draft(path, limits, name, declared)
        try:
            async for chunk in chunks:
                if draft.take(chunk):
                    await asyncio.to_thread(draft.write)
            yield await asyncio.to_thread(draft.finish)
        finally:
            draft.close()
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


class _Draft:
    """What came so far."""

    def __init__(self, path: Path, limits: Limits, name: str, declared: str | None) -> None:
        self._path, self._limits, self._name, self._declared = path, limits, name, declared
        self._file: BinaryIO = path.open("wb", buffering=0)
        self._seal = hashlib.sha256()
        self._pending = bytearray()
        self._size = 0
        self._type: FileType | None = None
        self._text: sniffing.TextWatch | None = None

    def take(self, chunk: bytes) -> bool:
        """Count it; True when there is enough to be written. Refuses (FileTooLarge)."""
        self._size += len(chunk)
        most = self._limits.any if self._type is None else self._limits.of(self._type.kind)
        if self._size > most:
            raise FileTooLarge(limit_bytes=most)
        self._pending += chunk
        return len(self._pending) >= _BATCH_BYTES

    def write(self, *, last: bool = False) -> None:
        """Write down what is pending."""
        chunk, self._pending = bytes(self._pending), bytearray()
        if self._type is None:
            self._begin(chunk)
        if self._text is not None and not self._text.stays_text(chunk, last=last):
            raise TypeRefused
        self._seal.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]

    def finish(self) -> Received:
        """Nothing more comes."""
        if not self._size:
            raise EmptyFile
        self.write(last=True)
        found = self._type
        if found is None:
            raise TypeRefused
        os.fsync(self._file.fileno())
        if found in (types.DOCX, types.XLSX, types.PPTX):
            found = self._office()
        if self._size > self._limits.of(found.kind):
            raise FileTooLarge(limit_bytes=self._limits.of(found.kind))
        name = rules.clean_name(self._name, found)
        return Received(self._path, name, found, self._size, self._seal.digest())

    def close(self) -> None:
        self._file.close()

    def _begin(self, chunk: bytes) -> None:
        possible = sniffing.candidates(chunk[: sniffing.HEAD_BYTES])
        self._type = rules.chosen(
            possible,
            declared=self._declared,
            name=self._name,
            says_nothing=types.SAYS_NOTHING,
            endings=types.ENDINGS,
        )
        if self._type in _TEXTS:
            self._text = sniffing.TextWatch()

    def _office(self) -> FileType:
        """Which office document it is, by what is in it; what was declared has to be the same one."""
        try:
            with _Bounded(self._path) as file, zipfile.ZipFile(file) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise TypeRefused from None
        found = sniffing.office(names) if len(names) <= _MOST_PARTS else None
        if found is None:
            raise TypeRefused
        return rules.chosen(
            [found], declared=self._declared, name=self._name, says_nothing=types.SAYS_NOTHING, endings=types.ENDINGS
        )


class _Bounded(io.FileIO):
    """A file that is never read in large pieces.

    How long its list of parts is, an archive says in several places, and may lie in each. What is asked for here is
    what would be held, whoever was believed.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """At most a list's length; BadZipFile when more is asked for, or there when all is."""
        wanted = _LONGEST_LIST_BYTES + 1 if size is None or size < 0 else size
        if wanted > _LONGEST_LIST_BYTES + 1:
            raise zipfile.BadZipFile("the list of its parts is too long")
        got = super().read(wanted) or b""
        if len(got) > _LONGEST_LIST_BYTES:
            raise zipfile.BadZipFile("the list of its parts is too long")
        return got


def fresh(folder: Path) -> Path:
    """A new empty file that nobody else can read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / new_id().hex
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return path

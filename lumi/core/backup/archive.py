"""The file: a tar whose parts are streamed in, with a manifest that names, measures and seals every one of them.

The manifest is the last part: a file without it was not finished.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import BaseModel, ValidationError

from lumi.core.backup.failures import BackupFailed

MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20
_TELL_EVERY_SECONDS = 2.0
_MANIFEST_LIMIT_BYTES = 64 << 20

Say = Callable[[str], None]


class Part(BaseModel):
    """One part, as it was written."""

    name: str
    size_bytes: int
    sha256: str


class Facts(BaseModel):
    """What a backup is of. `key_mark` tells master keys apart and says nothing of them."""

    format: Literal[1] = 1
    lumi: str
    revision: str
    postgres: int
    made_at: str
    key_mark: str


class Manifest(Facts):
    """The same with what it is made of."""

    parts: list[Part]


class Draft:
    """An archive on its way."""

    def __init__(self, file: BinaryIO, say: Say) -> None:
        self._file, self._say = file, say
        self._parts: list[Part] = []

    async def take(self, name: str, chunks: AsyncIterator[bytes], what: str) -> Part:
        """Add a part of whatever length; `what` says on the way what it is."""
        begun_at = self._file.tell()
        self._file.write(_head(name, 0))
        seal, size, said_at = hashlib.sha256(), 0, time.monotonic()
        async for chunk in chunks:
            self._file.write(chunk)
            seal.update(chunk)
            size += len(chunk)
            if time.monotonic() - said_at >= _TELL_EVERY_SECONDS:
                said_at = time.monotonic()
                self._say(f"{what}: {size / 1e6:,.0f} MB")
        self._finish(name, begun_at, size)
        self._parts.append(Part(name=name, size_bytes=size, sha256=seal.hexdigest()))
        return self._parts[-1]

    def close(self, facts: Facts) -> None:
        """Write the manifest: from here on it is a backup."""
        body = Manifest(**facts.model_dump(), parts=self._parts).model_dump_json(indent=1).encode()
        begun_at = self._file.tell()
        self._file.write(_head(MANIFEST, 0) + body)
        self._finish(MANIFEST, begun_at, len(body))
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))

    def _finish(self, name: str, begun_at: int, size: int) -> None:
        self._file.write(bytes(-size % tarfile.BLOCKSIZE))
        end = self._file.tell()
        self._file.seek(begun_at)
        self._file.write(_head(name, size))
        self._file.seek(end)


@contextmanager
def drafting(path: Path, say: Say) -> Generator[Draft]:
    """An archive that gets its name when it is complete, and leaves nothing behind when it is not."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        fd = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BackupFailed(f"{path.parent} cannot be written to: {error.strerror}") from error
    try:
        with os.fdopen(fd, "w+b") as file:
            yield Draft(file, say)
            file.flush()
            os.fsync(fd)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


class Backup:
    """A complete archive, open for reading."""

    def __init__(self, file: BinaryIO, members: dict[str, tarfile.TarInfo], manifest: Manifest) -> None:
        self._file, self._members = file, members
        self.manifest = manifest

    def names(self, prefix: str) -> list[str]:
        """The parts whose names begin so, in the order they were written."""
        return [part.name for part in self.manifest.parts if part.name.startswith(prefix)]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a part."""
        member = self._members[name]
        self._file.seek(member.offset_data)
        left = member.size
        while left:
            chunk = self._file.read(min(CHUNK_BYTES, left))
            if not chunk:
                raise BackupFailed(f"the backup ends in the middle of {name}")
            left -= len(chunk)
            yield chunk

    def verify(self, say: Say) -> None:
        """Refuse with BackupFailed unless every part is what was written, byte for byte."""
        for part in self.manifest.parts:
            say(f"Checking {part.name}")
            if self._members[part.name].size != part.size_bytes or digest(self.chunks(part.name)) != part.sha256:
                raise BackupFailed(f"{part.name} in the backup is damaged: its checksum is another")


@contextmanager
def opened(path: Path) -> Generator[Backup]:
    """The backup in this file. Refuses with BackupFailed what is none, or not complete."""
    with path.open("rb") as file:
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                members = {member.name: member for member in tar if member.isreg()}
        except tarfile.TarError as error:
            raise BackupFailed(f"{path} is not a backup of Lumi, or not all of it: {error}") from error
        if MANIFEST not in members or members[MANIFEST].size > _MANIFEST_LIMIT_BYTES:
            raise BackupFailed(f"{path} is not a backup of Lumi, or not all of it: it has no {MANIFEST}")
        yield Backup(file, members, _manifest(file, members, path))


def digest(chunks: Iterable[bytes]) -> str:
    """The SHA-256 of what comes in pieces."""
    seal = hashlib.sha256()
    for chunk in chunks:
        seal.update(chunk)
    return seal.hexdigest()


async def chunks_of(file: BinaryIO) -> AsyncIterator[bytes]:
    """The content of a file of ours."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _manifest(file: BinaryIO, members: dict[str, tarfile.TarInfo], path: Path) -> Manifest:
    file.seek(members[MANIFEST].offset_data)
    body = file.read(members[MANIFEST].size)
    try:
        manifest = Manifest.model_validate_json(body)
    except ValidationError as error:
        raise BackupFailed(f"{path} was made in a form that this Lumi does not know") from error
    if {part.name for part in manifest.parts} != members.keys() - {MANIFEST}:
        raise BackupFailed(f"{path} is not what its {MANIFEST} says")
    return manifest


def _head(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    # In one block whatever the size: it is written again when the size is known.
    return member.tobuf(tarfile.GNU_FORMAT)

"""The words of files: kinds, states, what is known of a stored one, what it may weigh."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class FileKind(StrEnum):
    """What a file is to people, and what its limit, its showing and its keeping by browsers go by."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"


class FileState(StrEnum):
    """What is known of a file. UNSCANNED: nobody looked, because the installation has no scanner."""

    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"
    UNSCANNED = "unscanned"


class StorageKind(StrEnum):
    """Where bytes are kept."""

    LOCAL = "local"
    S3 = "s3"


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is accepted: its name in the world, other names people declare it by, endings of file names."""

    mime: str
    kind: FileKind
    endings: tuple[str, ...]
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """The most bytes of a file: of any, and of each kind."""

    any: int
    by_kind: dict[FileKind, int]

    def of(self, kind: FileKind) -> int:
        """The most bytes of a file of this kind."""
        return min(self.any, self.by_kind[kind])


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken of a kind: so many bytes at most, of these types, under names that end so."""

    kind: FileKind
    most_bytes: int
    types: tuple[str, ...]
    endings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of a file are."""

    storage: StorageKind
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file. `note` says what was found in an infected one, or why looking failed."""

    id: UUID
    name: str
    kind: FileKind
    mime: str
    size_bytes: int
    sha256: bytes = field(repr=False)
    state: FileState
    note: str | None
    created_at: datetime
    created_by: UUID | None
    scanned_at: datetime | None
    place: Place


@dataclass(frozen=True, slots=True)
class Link:
    """A URL under which anybody can have a file until it expires."""

    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Pass:
    """What a link that is one of ours says."""

    tenant_id: UUID
    file_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What a scanner says of some bytes: CLEAN, INFECTED by something with a name, or FAILED for a reason."""

    state: FileState
    note: str | None = None


class Sight(StrEnum):
    """How far a scanner can be relied on.

    WHOLE: it looks at the largest file that is taken. SHORT: it does not, and says so, so that such a file is FAILED.
    BLIND: it calls harmless what it did not look into.
    """

    WHOLE = "whole"
    SHORT = "short"
    BLIND = "blind"

"""News of files, and what is done with them later."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lumi.core.events import Event
from lumi.core.jobs import HouseTask, Task
from lumi.modules.files.values import FileState, StorageKind


@dataclass(frozen=True)
class FileScanned(Event):
    """Somebody has looked at a file, whatever was found."""

    file_id: UUID
    state: FileState


@dataclass(frozen=True)
class FileInfected(Event):
    """Malware was found in a file; it can no longer be had, and its bytes are being removed."""

    file_id: UUID
    name: str
    note: str


@dataclass(frozen=True)
class ScanFile(Task):
    """Look at a file. `attempt` counts how often the scanner was away."""

    file_id: UUID
    attempt: int = 0


@dataclass(frozen=True)
class RemoveBytes(Task):
    """Remove these bytes, unless a file that can still be had is made of them."""

    file_id: UUID
    storage: StorageKind
    key: str


@dataclass(frozen=True)
class ScanWaiting(HouseTask):
    """See to it that every file that nobody has looked at is looked at."""


@dataclass(frozen=True)
class SweepIncoming(HouseTask):
    """Remove what arrived and was never finished."""


@dataclass(frozen=True)
class ScanOthers(Task):
    """Let every waiting file of a tenant after this one be looked at."""

    after: UUID | None = None

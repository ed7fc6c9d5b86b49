"""The files that belong to the installation, those of LUMI_HOME and the uploads wherever they are: into an archive
and back."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lumi.core.backup.archive import Backup, Draft, Say, chunks_of
from lumi.core.backup.failures import BackupFailed

PREFIX = "files/"
SECRET_KEY = "secret.key"  # noqa: S105 (a file's name)
UPLOADS = "uploads"
# Keys and the demo's password. All else can be made again, or is the server's own.
KEPT = frozenset({SECRET_KEY, "keys", "demo.json"})
# Below the uploads: what is on its way, and what a restore was about to put there.
_PASSING = ("incoming", "restoring-")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files are: LUMI_HOME, and the folder of what people uploaded, inside of it or not."""

    home: Path
    uploads: Path


async def save(draft: Draft, places: Places, say: Say) -> None:
    """Add the files there are. One that goes away meanwhile was deleted after the database's snapshot."""
    for file, name in _files(places):
        try:
            source = file.open("rb")
        except FileNotFoundError:
            continue
        with source:
            say(f"Saving {name}")
            await draft.take(f"{PREFIX}{name}", chunks_of(source), file.name)


class Staged:
    """Files of a backup, whole and beside their places, to be moved there at once.

    Uploads wait inside their own folder, which may be a disk of its own.
    """

    def __init__(self, places: Places, name: str) -> None:
        self._places = places
        self.home, self.uploads = places.home / name, places.uploads / name

    def settle(self) -> None:
        """Move everything to its place; of what was there nothing is left."""
        for name in sorted(KEPT):
            staged, place = self.home / name, self._places.home / name
            _remove(place)
            if staged.exists():
                staged.rename(place)
        for each in _children(self._places.uploads):
            if each != self.uploads:
                _remove(each)
        for each in _children(self.uploads):
            each.rename(self._places.uploads / each.name)
        self.drop()

    def drop(self) -> None:
        """Leave everything as it was."""
        for folder in (self.home, self.uploads):
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # somebody's files are in it, or it is a disk
            self._places.uploads.rmdir()


def stage(backup: Backup, places: Places) -> Staged:
    """Unpack the files beside their places. Refuses with BackupFailed what does not belong there."""
    names = [_inside(name) for name in backup.names(PREFIX)]
    staged = Staged(places, f"restoring-{secrets.token_hex(4)}")
    places.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged.home.mkdir(mode=0o700)
    try:
        for name in names:
            is_upload = name.parts[0] == UPLOADS
            folder = staged.uploads.joinpath(*name.parts[1:]) if is_upload else staged.home / name
            _write(folder, backup.chunks(f"{PREFIX}{name}"))
    except BaseException:
        staged.drop()
        raise
    return staged


def has_uploads(uploads: Path) -> bool:
    """Whether people have uploaded anything here."""
    return next(_below(uploads), None) is not None


def _files(places: Places) -> Iterator[tuple[Path, str]]:
    """Every file that belongs to the installation, and its name in an archive."""
    for name in sorted(KEPT):
        place = places.home / name
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        kept = (each for each in found if each.is_file() and not each.is_symlink())
        yield from ((each, each.relative_to(places.home).as_posix()) for each in kept)
    for each in _below(places.uploads):
        yield each, f"{UPLOADS}/{each.relative_to(places.uploads).as_posix()}"


def _below(uploads: Path) -> Iterator[Path]:
    for child in _children(uploads):
        if not child.name.startswith(_PASSING):
            found = sorted(child.rglob("*")) if child.is_dir() else [child]
            yield from (each for each in found if each.is_file() and not each.is_symlink())


def _children(folder: Path) -> Sequence[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else ()


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name.removeprefix(PREFIX))
    is_placed = len(path.parts) > 1 if path.parts[:1] == (UPLOADS,) else path.parts[:1] and path.parts[0] in KEPT
    if path.is_absolute() or ".." in path.parts or not is_placed:
        raise BackupFailed(f"the backup holds {name!r}, which belongs to no place of Lumi")
    return path


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(fd)

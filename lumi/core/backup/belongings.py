"""The files of LUMI_HOME that belong to the installation, into an archive and back."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lumi.core.backup.archive import Backup, Draft, Say, chunks_of
from lumi.core.backup.failures import BackupFailed

PREFIX = "files/"
SECRET_KEY = "secret.key"  # noqa: S105 (a file's name)
UPLOADS = "uploads"
# Keys, the demo's password, what people uploaded. All else can be made again, or is the server's own.
KEPT = frozenset({SECRET_KEY, "keys", "demo.json", UPLOADS})


async def save(draft: Draft, home: Path, say: Say) -> None:
    """Add the files there are. One that goes away meanwhile was deleted after the database's snapshot."""
    for file in _files(home):
        try:
            source = file.open("rb")
        except FileNotFoundError:
            continue
        with source:
            say(f"Saving {file.relative_to(home)}")
            await draft.take(f"{PREFIX}{file.relative_to(home).as_posix()}", chunks_of(source), file.name)


class Staged:
    """Files of a backup, whole and beside their places, to be moved there at once."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._folder, self._home = folder, home

    def settle(self) -> None:
        """Move everything to its place; of what was there nothing is left."""
        for name in sorted(KEPT):
            staged, place = self._folder / name, self._home / name
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)
            if staged.exists():
                staged.rename(place)
        self.drop()

    def drop(self) -> None:
        """Leave everything as it was."""
        shutil.rmtree(self._folder, ignore_errors=True)


def stage(backup: Backup, home: Path) -> Staged:
    """Unpack the files beside their places. Refuses with BackupFailed what does not belong there."""
    names = [_inside(name) for name in backup.names(PREFIX)]
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = home / f"restoring-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        for name in names:
            _write(folder / name, backup.chunks(f"{PREFIX}{name}"))
    except BaseException:
        shutil.rmtree(folder)
        raise
    return Staged(folder, home)


def has_uploads(home: Path) -> bool:
    """Whether people have uploaded anything here."""
    return any(file.is_file() for file in (home / UPLOADS).rglob("*"))


def _files(home: Path) -> Iterator[Path]:
    for name in sorted(KEPT):
        place = home / name
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (each for each in found if each.is_file() and not each.is_symlink())


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name.removeprefix(PREFIX))
    if path.is_absolute() or ".." in path.parts or not path.parts or path.parts[0] not in KEPT:
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

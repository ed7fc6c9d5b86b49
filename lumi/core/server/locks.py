"""Locks on files. They belong to the open file, so they vanish with the process, however it ended."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def take(path: Path, *, shared: bool = False) -> int | None:
    """The descriptor of the locked file, None when another holder is in the way. Closing it gives it back."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        if not _is_still_at(fd, path):
            raise BlockingIOError
    except BlockingIOError:
        os.close(fd)
        return None
    _keep_owner(fd, path)
    return fd


def is_taken(path: Path) -> bool:
    """Whether somebody else holds the lock alone. Nothing is created."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


@contextmanager
def alone_in(folder: Path) -> Generator[None]:
    """Waits until no other process is in this block for the same folder."""
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def to_hand_over(fd: int) -> int:
    """A second descriptor of the same lock, with a number above those a new process uses."""
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)


def _is_still_at(fd: int, path: Path) -> bool:
    # The folder may have been removed and made anew between the opening and the locking.
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(fd), there)


def _keep_owner(fd: int, path: Path) -> None:
    # Root acting on somebody's folder must not leave files there that its owner cannot open.
    owner = path.parent.stat().st_uid
    if os.geteuid() == 0 and os.fstat(fd).st_uid != owner:
        os.fchown(fd, owner, -1)

"""The server process itself: a direct child that ends with us, or found living from an earlier time."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypedDict

from lumi.core.server.location import Place

PORT = 5432
_PR_SET_PDEATHSIG = 1
_FAST_SHUTDOWN_SECONDS = 60.0
_HARD_SHUTDOWN_SECONDS = 10.0


class RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class Postmaster(Protocol):
    @property
    def pid(self) -> int: ...
    def is_alive(self) -> bool: ...


class Child:
    """A server that we started."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None


class Found:
    """A server of this folder that somebody else started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def is_alive(self) -> bool:
        return _program(self.pid) is not None


def start(place: Place) -> Child:
    """Starts the server. It may still end at once, for instance while the one before it is leaving."""
    command = [
        str(place.bin / "postgres"),
        "-D",
        str(place.data),
        "-k",
        str(place.socket_dir),
        "-p",
        str(PORT),
    ]
    command += ["-c", f"config_file={place.state / 'postgresql.conf'}", "-c", "listen_addresses="]
    _disown_stale_lock_file(place)
    process = subprocess.Popen(  # noqa: S603 (our own words and paths)
        command,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=ENVIRONMENT,
        preexec_fn=dying_with_us(signal.SIGINT),
        **run_as(place),
    )
    return Child(process)


def find(place: Place) -> Found | None:
    """The living server of this folder: its process is there and its socket answers."""
    pid = _recorded_pid(place)
    if pid is None or not Found(pid).is_alive():
        return None
    with socket.socket(socket.AF_UNIX) as door:
        try:
            door.connect(str(place.socket_dir / f".s.PGSQL.{PORT}"))
        except OSError:
            return None
    return Found(pid)


def stop(server: Postmaster) -> None:
    """Fast shutdown, clean on disk; when that takes a minute, the hard one, repaired at the next start."""
    for number, patience in (
        (signal.SIGINT, _FAST_SHUTDOWN_SECONDS),
        (signal.SIGQUIT, _HARD_SHUTDOWN_SECONDS),
    ):
        try:
            os.kill(server.pid, number)
        except ProcessLookupError:
            return
        until = time.monotonic() + patience
        while server.is_alive():
            if time.monotonic() > until:
                break
            time.sleep(0.005)
        else:
            return


ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def run_as(place: Place) -> RunAs:
    """What a child needs to become the server's user; nothing when we are it already."""
    if not place.account.is_other:
        return {}
    return {"user": place.account.uid, "group": place.account.gid, "extra_groups": []}


def dying_with_us(number: signal.Signals) -> Callable[[], None] | None:
    """For a child to call after its change of user (which would undo it): our end sends it this signal."""
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here, because between fork and exec nothing should be.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def _recorded_pid(place: Place) -> int | None:
    try:
        first = (place.data / "postmaster.pid").read_text().split("\n", 1)[0]
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def _program(pid: int) -> str | None:
    """What runs under this number, "" where the system does not tell; None for nothing, and for a dead process
    that nobody has buried: in a container that can stay for ever."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""
    except FileNotFoundError:
        return None if Path("/proc/self").exists() else ""
    name, _, rest = stat.partition("(")[2].rpartition(") ")
    return None if rest.startswith("Z") else name


def _disown_stale_lock_file(place: Place) -> None:
    # PostgreSQL refuses to start while the number in its lock file is taken, by an unburied process or, in a
    # fresh container, by any other program. A number that is its parent's it passes over, and it still makes
    # sure by the rest of the file that no back-end of the old server lives.
    pid = _recorded_pid(place)
    if pid is None or _program(pid) in {"postgres", ""}:
        return
    path = place.data / "postmaster.pid"
    rest = path.read_text().partition("\n")[2]
    fd = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(fd, "w") as file:
        file.write(f"{os.getpid()}\n{rest}")

"""The one process a server belongs to: `python -m lumi.core.server.supervisor LUMI_HOME [LOCK]`.

It keeps PostgreSQL running while any client holds its lock and ends a second after the last one is gone.
LOCK is the number of an open file on which the starter already holds the supervisor's lock: handed over, the
lock is never free in between, so there is exactly one supervisor however many start at once. Only light
imports here: every `lumi` command waits for this."""

import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from lumi.core.server import cluster, locks, postmaster
from lumi.core.server.failures import ServerFailed
from lumi.core.server.location import Place, prepare
from lumi.core.server.postmaster import Postmaster

_TICK_SECONDS = 0.25
_GRACE_SECONDS = 1.0
_LEAVING_SECONDS = 0.3
_STEADY_SECONDS = 5.0
_ATTEMPTS = 6
_LOG_BYTES = 8 * 1024 * 1024


class Bell:
    """Wakes the main thread for a child's end or an order to stop; sleeps otherwise."""

    def __init__(self) -> None:
        self.stop_ordered = False
        self._ear, mouth = socket.socketpair()
        self._mouth = mouth
        for end in (self._ear, mouth):
            end.setblocking(False)
        signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, self._wake)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._order_stop)

    def wait(self, seconds: float) -> None:
        if select.select([self._ear], [], [], seconds)[0]:
            self._ear.recv(1024)

    def _wake(self, *_: object) -> None:
        """Without a handler the signal would not reach the wakeup file."""

    def _order_stop(self, *_: object) -> None:
        self.stop_ordered = True


class Guests:
    """Tells when the last client has been gone for the grace time."""

    def __init__(self, place: Place) -> None:
        self._lock = place.clients_lock
        self._gone_since: float | None = None

    def are_gone(self) -> bool:
        """After a True newcomers wait until this process has ended: it keeps the clients' lock."""
        held = locks.take(self._lock)
        if held is None:
            self._gone_since = None
            return False
        now = time.monotonic()
        if self._gone_since is None:
            self._gone_since = now
        if now - self._gone_since >= _GRACE_SECONDS:
            return True
        os.close(held)
        return False


class Keeper:
    """Holds the server up: starts it again when it ends, gives up when it will not stay."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._falls = 0
        self.server: Postmaster = _leftover(place) or postmaster.start(place)
        self._since = time.monotonic()

    def hold_up(self) -> None:
        """Refuses with ServerFailed after several quick ends in a row."""
        if self.server.is_alive():
            return
        self._falls = 1 if time.monotonic() - self._since > _STEADY_SECONDS else self._falls + 1
        if self._falls > _ATTEMPTS:
            raise ServerFailed(f"PostgreSQL ended {_ATTEMPTS} times in a row")
        # Dead back-ends may keep the shared memory or the lock file for a moment.
        time.sleep(min(0.01 * 2**self._falls, 1.0))
        self.server = postmaster.start(self._place)
        self._since = time.monotonic()


def supervise(place: Place, lock: int) -> None:
    """Returns when the server has ended cleanly, by order or because nobody needs it."""
    cluster.create_if_missing(place)
    bell, guests = Bell(), Guests(place)
    keeper = Keeper(place)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    try:
        while not bell.stop_ordered and not guests.are_gone():
            bell.wait(_TICK_SECONDS)
            keeper.hold_up()
            _bound_log(place.log)
    finally:
        postmaster.stop(keeper.server)


def _leftover(place: Place) -> Postmaster | None:
    """A living server to attach to. Where the system ends it with its supervisor it is just leaving."""
    until = time.monotonic() + _LEAVING_SECONDS
    while (found := postmaster.find(place)) is not None:
        if not sys.platform.startswith("linux") or time.monotonic() > until:
            return found
        time.sleep(0.005)
    return None


def _bound_log(log: Path) -> None:
    # The server appends through the same open file, so it is emptied in place after a copy is taken.
    if log.stat().st_size < _LOG_BYTES:
        return
    log.with_suffix(".log.1").write_bytes(log.read_bytes())
    os.truncate(log, 0)


def main(arguments: list[str]) -> int:
    home, *rest = arguments
    os.umask(0o077)
    if os.getsid(0) != os.getpid():
        os.setsid()
    os.chdir("/")
    place = prepare(Path(home), lambda _: None)
    lock = int(rest[0]) if rest else locks.take(place.supervisor_lock)
    if lock is None:
        return 0
    os.set_inheritable(lock, False)
    os.truncate(lock, 0)
    try:
        supervise(place, lock)
    except (ServerFailed, OSError) as failure:
        print(f"supervisor: {failure}", file=sys.stderr)  # noqa: T201 (its log is this stream)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

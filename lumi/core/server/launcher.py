"""Starts the supervisor, detached, and knows how the one it started came to its end."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from lumi.core.server import locks
from lumi.core.server.failures import ServerFailed
from lumi.core.server.location import Place

_MODULE = "lumi.core.server.supervisor"
_LOCK_NUMBER = 3
_LOG_TAIL_BYTES = 1500


class Launcher:
    def __init__(self, place: Place) -> None:
        self._place = place
        self._pid: int | None = None

    def launch_if_none(self) -> bool:
        """True when none lived and one was started. Raises ServerFailed when ours could not keep it up."""
        status = self.reap()
        if status:
            raise ServerFailed(f"the database could not be started ({self._place.log}):\n{self._log_tail()}")
        lock = locks.take(self._place.supervisor_lock)
        if lock is None:
            return False
        try:
            os.truncate(lock, 0)
            self._pid = self._spawn(lock)
        finally:
            os.close(lock)
        return True

    def is_serving(self) -> bool:
        """Whether the living supervisor has a server under it: one that it started, or took over."""
        return locks.is_taken(self._place.supervisor_lock) and self._supervisor() is not None

    def order_stop(self) -> None:
        """Tells the living supervisor to end its server, whoever started it."""
        if (pid := self._supervisor()) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def reap(self) -> int | None:
        """The exit code of the supervisor we started, once; None while it lives or when a signal ended it."""
        if self._pid is None:
            return None
        try:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
        except ChildProcessError:
            self._pid = None
            return None
        if not pid:
            return None
        self._pid = None
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else None

    def _supervisor(self) -> int | None:
        text = self._place.supervisor_lock.read_text().strip()
        return int(text) if text.isdigit() else None

    def _spawn(self, lock: int) -> int:
        import lumi

        root = str(Path(lumi.__file__ or "").resolve().parent.parent)
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        log = os.open(self._place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        handed = locks.to_hand_over(lock)
        if os.geteuid() == 0:
            os.fchown(log, self._place.state.stat().st_uid, -1)
        try:
            return os.posix_spawn(
                sys.executable,
                [sys.executable, "-m", _MODULE, str(self._place.home), str(_LOCK_NUMBER)],
                {**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, log, 1),
                    (os.POSIX_SPAWN_DUP2, log, 2),
                    (os.POSIX_SPAWN_DUP2, handed, _LOCK_NUMBER),
                ],
                setsigmask=[],
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP],
            )
        finally:
            os.close(log)
            os.close(handed)

    def _log_tail(self) -> str:
        with self._place.log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_TAIL_BYTES))
            return file.read().decode(errors="replace")

"""A file of log lines that begins anew when it is full. All processes of a machine may write the same one."""

import os
import threading
from pathlib import Path
from typing import TextIO

try:
    import fcntl
except ImportError:  # Windows: then one process a file
    fcntl = None


class LogFile:
    """Appends lines; at `most_bytes` the file becomes `.1`, that one `.2`, and `kept` of them stay."""

    def __init__(self, path: Path, *, most_bytes: int, kept: int) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._kept = kept
        self._file: TextIO | None = None
        self._one_at_a_time = threading.Lock()

    def write(self, line: str) -> None:
        """Append one line. A disk that is full or a folder that is gone is no reason to fail the work."""
        with self._one_at_a_time:
            try:
                file = self._opened()
                file.write(f"{line}\n")
                if os.fstat(file.fileno()).st_size >= self._most_bytes:
                    self._begin_anew(file)
            except (OSError, ValueError):
                self._file = None

    def close(self) -> None:
        """Let go of the file; the next line opens it again."""
        with self._one_at_a_time:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _opened(self) -> TextIO:
        if self._file is not None and not self._is_current(self._file):
            self._file.close()  # another process began anew
            self._file = None
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # A line a write: lines of several processes never mix.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            self._file = open(descriptor, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115 -- kept open
        return self._file

    def _is_current(self, file: TextIO) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def _begin_anew(self, file: TextIO) -> None:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)  # closing gives it back
        if self._is_current(file):
            for number in range(self._kept - 1, 0, -1):
                if self._full(number).exists():
                    self._full(number).replace(self._full(number + 1))
            self._path.replace(self._full(1))
        file.close()
        self._file = None

    def _full(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

"""Every message a twin ever took, in order, and whose line it cut then: what a chaos test counts."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

import orjson

_KEPT_IN_MEMORY = 500_000


@dataclass(frozen=True, slots=True)
class Taken:
    """One message taken; `n` counts from 1 without gaps, `at` is Unix seconds, `to` the person's address."""

    n: int
    at: float
    id: str
    to: str
    type: str
    text: str | None


T = TypeVar("T", bound=Taken)


class Ledger(Generic[T]):
    """Append-only. With a path, each line is with the operating system before its message is answered."""

    def __init__(self, path: Path | None = None) -> None:
        self._kept: deque[T] = deque(maxlen=_KEPT_IN_MEMORY)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else None
        self.count = 0

    def append(self, entry: T) -> None:
        """Write it down; its `n` must be the next one."""
        if self._file is not None:
            os.write(self._file, orjson.dumps(asdict(entry), option=orjson.OPT_APPEND_NEWLINE))
        self._kept.append(entry)
        self.count = entry.n

    def cut(self, message_id: str, at: float) -> None:
        """Write down that the line was cut after this message had been taken: its sender was told nothing."""
        if self._file is not None:
            os.write(self._file, orjson.dumps({"cut": message_id, "at": at}, option=orjson.OPT_APPEND_NEWLINE))

    def after(self, n: int, limit: int) -> Iterator[T]:
        """Up to `limit` of the messages that follow number `n`, as far as they are still in memory."""
        first_kept = self.count - len(self._kept) + 1
        start = max(0, n + 1 - first_kept)
        return islice(self._kept, start, start + limit)

    def close(self) -> None:
        """Give the file back; nothing may be appended afterwards."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

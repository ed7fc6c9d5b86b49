"""Every message the twin ever took, in order: what a chaos test counts."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import orjson

_KEPT_IN_MEMORY = 500_000


@dataclass(frozen=True, slots=True)
class Accepted:
    """One message taken; `n` counts from 1 without gaps, `at` is Unix seconds."""

    n: int
    at: float
    id: str
    phone_number_id: str
    to: str
    type: str
    text: str | None
    callback_data: str | None


class Ledger:
    """Append-only. With a path, each line is with the operating system before its message is answered."""

    def __init__(self, path: Path | None = None) -> None:
        self._kept: deque[Accepted] = deque(maxlen=_KEPT_IN_MEMORY)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else None
        self.count = 0

    def append(self, entry: Accepted) -> None:
        """Write it down; its `n` must be the next one."""
        if self._file is not None:
            os.write(self._file, orjson.dumps(asdict(entry), option=orjson.OPT_APPEND_NEWLINE))
        self._kept.append(entry)
        self.count = entry.n

    def after(self, n: int, limit: int) -> Iterator[Accepted]:
        """Up to `limit` of the messages that follow number `n`, as far as they are still in memory."""
        first_kept = self.count - len(self._kept) + 1
        start = max(0, n + 1 - first_kept)
        return islice(self._kept, start, start + limit)

    def close(self) -> None:
        """Give the file back; nothing may be appended afterwards."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

"""One number of a figure: in memory, and in a file others can read from the moment the process shares its figures.

prometheus_client decides at import time, by an environment variable, whether numbers live in files. Our processes
know their folder only from their settings, so this takes the place of its value class and binds late.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Protocol

from prometheus_client import values
from prometheus_client.mmap_dict import mmap_key

# What adds up over processes. A gauge counts while its process lives.
PREFIXES = ("counter", "histogram", "gauge_livesum")


class Sheet(Protocol):
    """A file of numbers by their key."""

    def read_value(self, key: str) -> tuple[float, float]:
        """One number, 0 when it was never set, and when it was set."""
        ...

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Set one number."""
        ...

    def close(self) -> None:
        """Let go of the file; it stays."""
        ...


_lock = Lock()
_known: list[Value] = []
_files: Mapping[str, Sheet] = {}


class Value:
    """A number that can be added to and set."""

    __slots__ = ("_elsewhere", "_file", "_kept", "_key", "_prefix", "_value")

    _multiprocess = False

    def __init__(
        self,
        typ: str,
        metric_name: str,
        name: str,
        labelnames: Sequence[str],
        labelvalues: Sequence[str],
        help_text: str,
        multiprocess_mode: str = "",
        **_: object,
    ) -> None:
        self._key = mmap_key(metric_name, name, list(labelnames), list(labelvalues), help_text)
        self._prefix = f"gauge_{multiprocess_mode}" if typ == "gauge" else typ
        self._value = self._kept = self._elsewhere = 0.0
        self._file: Sheet | None = None
        with _lock:
            _known.append(self)
            self.bind()

    def bind(self) -> None:
        """Write to the open files from now on; to none when there is none. The caller holds the lock."""
        if self._file is not None:
            self._kept = self._value  # so much is in the file that is left
        self._file = _files.get(self._prefix)
        if self._file is not None and not self._prefix.startswith("gauge"):
            there, _ = self._file.read_value(self._key)
            self._elsewhere = self._kept - there
        self._write()

    def inc(self, amount: float) -> None:
        """Add."""
        with _lock:
            self._value += amount
            self._write()

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Replace."""
        with _lock:
            self._value = value
            self._write()

    def get(self) -> float:
        """What this process counted."""
        return self._value

    def set_exemplar(self, exemplar: object) -> None:
        """Exemplars are not kept."""

    def get_exemplar(self) -> None:
        """Exemplars are not kept."""

    def _write(self) -> None:
        if self._file is not None:
            self._file.write_value(self._key, self._value - self._elsewhere, 0.0)


def install() -> None:
    """Every figure declared from now on is made of these."""
    values.ValueClass = Value


def write_to(files: Mapping[str, Sheet]) -> None:
    """Keep all numbers in these files, by prefix; in memory alone when there are none."""
    global _files
    with _lock:
        _files = files
        for each in _known:
            each.bind()


def _forget_files() -> None:
    # a forked child would write over its parent's numbers; the lock may have been held by another thread
    global _files, _lock
    _lock = Lock()
    write_to({})


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_files)

"""The files in which processes keep their figures, and what is left of those that have ended.

Each process holds a lock as long as it lives, however it ends. Whoever reads the figures first adds what the dead
have counted to the files of the dead and removes theirs: counters stay, gauges vanish, files do not pile up.
"""

from __future__ import annotations

import json
import os
import secrets
import struct
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from lumi.core.figures import value
from lumi.core.logging import get_logger
from lumi.core.server import locks

_log = get_logger(__name__)
# The library is half typed.
_merged: Callable[[Sequence[str]], Iterable[Metric]] = MultiProcessCollector.merge  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
_numbers: Callable[[str], Iterable[tuple[str, float, float, int]]] = MmapedDict.read_all_values_from_file  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
_TORN = (RuntimeError, ValueError, struct.error)
_KEPT = ("counter", "histogram")  # what outlives its process


class Shared:
    """Where this process shares its figures; nowhere before `shared`."""

    folder: Path | None = None
    files: ClassVar[Mapping[str, value.Sheet]] = {}


@contextmanager
def shared(folder: Path) -> Generator[None]:
    """Inside, the figures of this process are part of everybody's, in this folder and no other.

    Where the folder cannot be written the process goes on with figures of its own, and says so.
    """
    before = Shared.folder, Shared.files
    lock = None
    try:
        lock, files = _open(folder)
        _share(folder, files)
    except OSError as error:
        _log.warning("figures are not shared", folder=str(folder), reason=str(error))
        _share(None, {})
    left = Shared.files
    try:
        yield
    finally:
        _share(*before)
        for each in left.values():
            each.close()
        if lock is not None:
            os.close(lock)


def _share(folder: Path | None, files: Mapping[str, value.Sheet]) -> None:
    value.write_to(files)
    Shared.folder, Shared.files = folder, files


def together(folder: Path) -> Iterable[Metric]:
    """The sum over all processes that live, and what the dead have counted; raises OSError when it cannot be read."""
    with locks.alone_in(folder):
        _finish(folder)
        if dead := [lock.stem for lock in folder.glob("*.lock") if not locks.is_taken(lock)]:
            _bury(folder, dead)
        try:
            return _merged([str(each) for each in sorted(folder.glob("*.db"))])
        except _TORN as error:
            raise OSError(f"figures in {folder} cannot be read") from error


def _open(folder: Path) -> tuple[int, dict[str, value.Sheet]]:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{os.getpid()}-{secrets.token_hex(4)}"
    with locks.alone_in(folder):  # nobody reads a file that is not yet one, or buries who has just begun
        lock = locks.take(folder / f"{name}.lock")
        if lock is None:
            raise FileExistsError(folder / name)
        return lock, {prefix: _sheet(folder / f"{prefix}_{name}.db") for prefix in value.PREFIXES}


def _bury(folder: Path, dead: Sequence[str]) -> None:
    for kind in _KEPT:
        fresh = folder / f"{kind}.new"
        fresh.unlink(missing_ok=True)
        _add_up([folder / f"{kind}_{name}.db" for name in ("dead", *dead)], fresh)
    plan = folder / "dead.plan"
    fresh = plan.with_suffix(".new")
    fresh.write_text(json.dumps(list(dead)))
    fresh.replace(plan)  # whatever happens from here on, the next reader finishes it: nothing counts twice
    _finish(folder)


def _finish(folder: Path) -> None:
    plan = folder / "dead.plan"
    if not plan.exists():
        return
    for kind in _KEPT:
        fresh = folder / f"{kind}.new"
        if fresh.exists():
            fresh.replace(folder / f"{kind}_dead.db")
    for name in _planned(plan):
        for prefix in value.PREFIXES:
            (folder / f"{prefix}_{name}.db").unlink(missing_ok=True)
        (folder / f"{name}.lock").unlink(missing_ok=True)
    plan.unlink()


def _planned(plan: Path) -> Sequence[str]:
    try:
        return json.loads(plan.read_text())
    except ValueError:
        return []


def _add_up(files: Iterable[Path], into: Path) -> None:
    sums: defaultdict[str, float] = defaultdict(float)
    for file in files:
        for key, number in _read(file).items():
            sums[key] += number
    written = _sheet(into)
    for key, number in sums.items():
        written.write_value(key, number, 0.0)
    written.close()


def _read(file: Path) -> Mapping[str, float]:
    """The numbers of one file of the dead; none when the machine lost power while it was written."""
    if not file.exists() or not file.stat().st_size:
        return {}
    try:
        found = {key: number for key, number, *_ in _numbers(str(file))}
        for key in found:
            json.loads(key)
    except _TORN as error:
        _log.warning("figures of an ended process cannot be read", file=file.name, reason=type(error).__name__)
        return {}
    return found


def _sheet(path: Path) -> value.Sheet:
    return MmapedDict(str(path))

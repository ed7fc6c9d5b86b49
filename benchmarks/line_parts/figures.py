"""Figures: percentiles, medians of rounds, processor seconds, and the table they are printed in."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

import psutil

Cell = str | float | int | None


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share lies; not a number when there is none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Iterable[float]) -> float:
    """The middle one of several rounds."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """The median and how far the rounds lie apart."""
    return f"{median(values):,.0f}" + (f" ({min(values):,.0f}-{max(values):,.0f})" if len(values) > 1 else "")


class Processors:
    """Processor seconds of named process trees, and of a server whose backends come and go."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        """`processes`: the root process of each name."""
        self._processes = {name: psutil.Process(pid) for name, pid in processes.items()}

    def read(self) -> dict[str, float]:
        """Seconds used until now, of each name; the children's included, the ended ones' too."""
        return {name: sum(map(_seconds, _family(process))) for name, process in self._processes.items()}

    def since(self, before: Mapping[str, float]) -> dict[str, float]:
        """Seconds used since an earlier reading."""
        return {name: used - before[name] for name, used in self.read().items()}


def resident_mb(pid: int) -> float:
    """Resident memory of one process, in MB."""
    return psutil.Process(pid).memory_info().rss / 1e6


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _seconds(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return used.user + used.system + used.children_user + used.children_system


class Table:
    """Rows under a heading, columns as wide as they must be."""

    def __init__(self, title: str, *columns: str) -> None:
        self._title, self._columns = title, columns
        self._rows: list[list[str]] = []

    def add(self, *cells: Cell) -> None:
        """One row; numbers are written short."""
        self._rows.append([_written(cell) for cell in cells])

    def print(self) -> None:
        """To standard output."""
        rows = [list(self._columns), *self._rows]
        wide = [max(len(row[place]) for row in rows) for place in range(len(self._columns))]
        print(f"\n{self._title}")
        for row in rows:
            first, *others = (cell.ljust(w) if not place else cell.rjust(w)
                              for place, (cell, w) in enumerate(zip(row, wide, strict=True)))  # fmt: skip
            print("  ".join(["  " + first, *others]).rstrip(), flush=True)


def _written(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:,.1f}" if abs(cell) >= 1 else f"{cell:.3g}"
    return str(cell)

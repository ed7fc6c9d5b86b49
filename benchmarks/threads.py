"""What a turn costs as more and more threads are open: 100, 1,000, 10,000, 100,000 that wait for an answer.

    python -m benchmarks.threads            all four, about two minutes
    python -m benchmarks.threads --quick    100 and 1,000, few turns

How to read it. One tenant, which is the worst case for the planner. Every thread has a past and a question that
nobody has answered; the oldest twenty are claimed, begun, saved, departed and finished by Lumi's own calls, and then
write again, so that as many are open as before. Milliseconds and pages are for one turn, medians over the calls; a
page is 8 kB that PostgreSQL looked at, wherever it lay: that figure is the same on every machine, busy or not. "Times"
compares the most with the fewest threads. The last column compares the last two sizes: a tree ten times larger is at
most a level deeper, what is looked through becomes ten times dearer. More than 1.5 is told as growing and ends with 1.
The last three are asked by every worker, or by who reads the figures, and not for a turn.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from benchmarks.line_parts.crowd import grow
from benchmarks.line_parts.figures import Table, median
from benchmarks.line_parts.ground import Ground, on_fresh_ground
from benchmarks.line_parts.looks import Looks
from benchmarks.line_parts.rounds import ROUND, Rounds

SIZES = (100, 1_000, 10_000, 100_000)
MOST_TIMES_OF_TEN = 1.5
ASKED = {
    "when is the next due": "select app.next_lane_due()",
    "who is lost": "select * from app.lost_workers()",
    "how many wait (figures)": "select * from app.lanes_waiting()",
}
# Who reads figures counts what waits; nobody promises that this is for nothing.
MAY_GROW = frozenset({"how many wait (figures)"})


async def quick(ground: Ground) -> int:
    """Two small sizes, few turns."""
    return await measure(ground, SIZES[:2], rounds=6)


async def measure(ground: Ground, sizes: Sequence[int], *, rounds: int) -> int:
    """Every size in turn; 1 when something grows."""
    found: dict[int, Looks] = {}
    present = 0
    for size in sizes:
        await grow(ground, present=present, wanted=size)
        present = size
        found[size] = await _measured(ground, rounds)
    print_times("Milliseconds a turn", found, lambda looks, step: median(looks.ms[step]))
    growing = print_times("Pages a turn", found, lambda looks, step: median(looks.pages[step]))
    for step in growing:
        print(f"  Grows: {step}")
    return 1 if growing else 0


async def _measured(ground: Ground, rounds: int) -> Looks:
    async with _rounds(ground) as taken:
        for _ in range(max(1, rounds // 4)):
            await taken.take()  # plans are made for everybody after five calls
        taken.looks.forget()
        for _ in range(rounds):
            await taken.take()
        for name, statement in ASKED.items():
            for _ in range(5):
                await taken.ask(name, statement)
        return taken.looks


@asynccontextmanager
async def _rounds(ground: Ground) -> AsyncGenerator[Rounds]:
    from lumi.core.db import Database

    db = await Database.open(ground.server.app_url, pool_size=1)  # one backend, whose pages are counted
    try:
        yield Rounds(ground, db)
    finally:
        await db.close()


def print_times(title: str, found: Mapping[int, Looks], figure: Callable[[Looks, str], float]) -> Sequence[str]:
    """One table; returns the steps that grow."""
    sizes = list(found)
    table = Table(f"{title}, {ROUND} turns at a time", "open threads", *(f"{size:,}" for size in sizes), "times",
                  "of the last two")  # fmt: skip
    growing: list[str] = []
    for step in found[sizes[0]].ms:
        figures = [figure(found[size], step) for size in sizes]
        table.add(step, *figures, figures[-1] / figures[0], figures[-1] / figures[-2])
        if figures[-1] / figures[-2] > MOST_TIMES_OF_TEN and step not in MAY_GROW:
            growing.append(step)
    table.print()
    return growing


def run(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{Path(__file__).stem}", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="two small sizes, few turns")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    code = asyncio.run(on_fresh_ground(quick if asked.quick else partial(measure, sizes=SIZES, rounds=40)))
    print(f"  in {time.monotonic() - began:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(run())

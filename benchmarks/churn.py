"""Index churn: the same people write for a long time. Do tables and indexes stay as small as what is in them?

    python -m benchmarks.churn                            30 messages a second for 2 minutes
    python -m benchmarks.churn --minutes 60               an hour of it: `make bench-hour`
    python -m benchmarks.churn --minutes 60 --rate 100    more of it

How to read it. Whole turns with the real assistant, one web and one worker process, autovacuum as Lumi sets it.
"Early" is after the first tenth of the time, "late" at its end: sizes before and after. Bytes a row that stay the same
mean that nothing swells; a lane or a thread is written anew with every message, so theirs show it first. "Dead" are
rows that vacuum has still to clear away. "HOT" is the share of updates that touched no index. "Times the rebuilt"
compares an index with itself made from nothing: a B-tree that fills in random order settles near 1.4, one that only
grows at its end near 1. The wait for a reply and the processor time of each part are told tenth by tenth: what a turn
costs must not grow with how many there were. The twin and the generator are no part of Lumi; the machine they share is.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.line_parts.drive import Run, drive, plan, processors
from benchmarks.line_parts.figures import Processors, Table, percentile
from benchmarks.line_parts.ground import Ground, lumi_build, on_fresh_ground
from benchmarks.line_parts.knowing import QUESTIONS, teach
from benchmarks.line_parts.sizes import TABLES, Size, index_sizes, sizes

PEOPLE, RATE = 2_000, 30.0
# What nobody was taught, so that jobs churn too.
UNKNOWN = "Do you lend umbrellas to guests from Mars?"
SHOWN_INDEXES, SHOWN_SWOLLEN = 10, 6
TENTHS = 10


async def quick(ground: Ground) -> None:
    """Four seconds: that it runs, not what it says."""
    await measure(ground, minutes=4 / 60, rate=RATE)


async def measure(ground: Ground, *, minutes: float, rate: float) -> None:
    """Let them write, and measure."""
    seconds = minutes * 60
    await teach(ground)
    url = ground.url("lumi")
    async with lumi_build(ground, "real") as lumi:
        asked = plan(ground, lumi, "open", people=PEOPLE, rate=rate, seconds=seconds, texts=[*QUESTIONS, UNKNOWN])
        looking = asyncio.create_task(_after(seconds / TENTHS, url))
        working = asyncio.create_task(_used(processors(ground, lumi), seconds / TENTHS))
        run = await drive(ground, lumi, asked)
        late = await sizes(url)
        early, early_indexes = await looking
        _print_sizes(early, late, minutes=minutes, rate=rate)
    await _print_indexes(url, early_indexes)
    _print_waits(run, await working)


async def _after(seconds: float, url: str) -> tuple[Mapping[str, Size], Mapping[str, int]]:
    await asyncio.sleep(seconds)
    return await sizes(url), await index_sizes(url)


async def _used(processors: Processors, seconds: float) -> Sequence[Mapping[str, float]]:
    """Processor seconds by part, tenth by tenth."""
    used: list[Mapping[str, float]] = []
    for _ in range(TENTHS):
        before = processors.read()
        await asyncio.sleep(seconds)
        used.append(processors.since(before))
    return used


def _print_sizes(early: Mapping[str, Size], late: Mapping[str, Size], *, minutes: float, rate: float) -> None:
    table = Table(
        f"{rate:g} messages a second for {minutes:.3g} minutes, {PEOPLE} people; early -> late",
        "", "rows", "table MB", "bytes/row", "index MB", "bytes/row", "dead", "vacuums", "HOT %",
    )  # fmt: skip
    for name in TABLES:
        was, now = early[name], late[name]
        table.add(
            name, f"{was.rows:,} -> {now.rows:,}", *_pair(was, now, "table"), *_pair(was, now, "indexes"),
            f"{was.dead:,} -> {now.dead:,}", str(now.vacuums - was.vacuums),
            100.0 * now.hot_updates / now.updates if now.updates else None,
        )  # fmt: skip
    table.print()


def _pair(was: Size, now: Size, what: str) -> tuple[str, str]:
    before, after = (int(getattr(each, what)) for each in (was, now))
    return f"{before / 1e6:.1f} -> {after / 1e6:.1f}", f"{was.per_row(before):,.0f} -> {now.per_row(after):,.0f}"


async def _print_indexes(url: str, early: Mapping[str, int]) -> None:
    swollen = await index_sizes(url)
    rebuilt = await index_sizes(url, rebuilt=True)
    table = Table(
        "The largest indexes at the end, then the most swollen; early -> late, beside them made from nothing",
        "", "MB", "rebuilt MB", "times the rebuilt",
    )  # fmt: skip
    largest = sorted(swollen, key=lambda each: -swollen[each])[:SHOWN_INDEXES]
    others = sorted(swollen.keys() - {*largest}, key=lambda each: -swollen[each] / max(1, rebuilt[each]))
    for name in [*largest, *others[:SHOWN_SWOLLEN]]:
        _add_index(table, name, early[name], swollen[name], rebuilt[name])
    _add_index(table, "all of them", *(sum(each.values()) for each in (early, swollen, rebuilt)))
    table.print()


def _add_index(table: Table, name: str, early: int, late: int, rebuilt: int) -> None:
    table.add(name, f"{early / 1e6:.2f} -> {late / 1e6:.2f}", rebuilt / 1e6, late / max(1, rebuilt))


def _print_waits(run: Run, used: Sequence[Mapping[str, float]]) -> None:
    waits = run.figures.reply_ms
    parts = list(used[0])
    table = Table(
        f"Webhook to reply, {len(waits):,} turns, none lost, none twice; milliseconds of processor a turn",
        "tenth", "p50 ms", "p95 ms", "p99 ms", *parts,
    )  # fmt: skip
    for place, seconds in enumerate(used):
        part = waits[len(waits) * place // TENTHS : len(waits) * (place + 1) // TENTHS]
        cost = (1000 * seconds[each] / max(1, len(part)) for each in parts)
        table.add(str(place + 1), *(percentile(part, share) for share in (0.5, 0.95, 0.99)), *cost)
    table.print()


def run(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{Path(__file__).stem}", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--minutes", type=float, default=2.0, help="how long they write")
    parser.add_argument("--rate", type=float, default=RATE, help="messages a second")
    parser.add_argument("--quick", action="store_true", help="four seconds")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    whole = partial(measure, minutes=asked.minutes, rate=asked.rate)
    asyncio.run(on_fresh_ground(quick if asked.quick else whole))
    print(f"  in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    run()

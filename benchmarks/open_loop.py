"""Messages that arrive at a fixed rate, answered or not: how long until the 200, how long until the reply.

    python -m benchmarks.open_loop            five rates to beyond what is borne, seven minutes
    python -m benchmarks.open_loop --quick    one rate, two seconds

How to read it. People do not wait for other people's answers, so neither does the load: each message is planned for
an instant, and its times are counted from there, also while it waits for a free connection. (A load that asks again
only when it is answered leaves out just those that would have waited longest: "coordinated omission".) What never came
in 20 s counts as having waited so long.

First so many people as it takes write again and again, as in `benchmarks.line`: that is what is borne. The rates are
shares of it; above 100 % a backlog grows for as long as the load lasts, and the wait for replies says how long it was.
Signed webhooks go to one `lumi serve`, whole turns through one worker to the twin that takes the reply. pgbench
commits the same rows at the same rate, in the same round, by a plan of its own. The machine is shared with the twin
and the load.

The acceptance line is the provider's: the median of the webhook answers within 250 ms, and fewer than 1 % above 1 s,
at every rate that is borne. Ends with 1 when it is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.line_parts import pgbench
from benchmarks.line_parts.drive import Run, drive, plan
from benchmarks.line_parts.figures import Table, percentile
from benchmarks.line_parts.ground import Build, Ground, lumi_build, on_fresh_ground

PEOPLE = 4_000
FIRST_WRITERS = 384
CLIENTS = 32
SHARES = (0.25, 0.5, 0.75, 1.0, 1.5)
MEDIAN_MS, LATE_MS, MOST_LATE = 250.0, 1_000.0, 0.01
REST_SECONDS = 90.0
OPEN = "select count(*) from event where settled_at is null"


@dataclass(frozen=True)
class Round:
    """One rate: Lumi under it, and the bare INSERT."""

    share: float
    rate: float
    run: Run
    bare: pgbench.Bare

    @property
    def late(self) -> float:
        """The share of webhooks answered later than a second."""
        waits = self.run.figures.answer_ms
        return sum(each > LATE_MS for each in waits) / max(1, len(waits))

    @property
    def is_accepted(self) -> bool:
        """Whether the provider's line is met."""
        return self.run.answer_ms(0.5) <= MEDIAN_MS and self.late < MOST_LATE


async def quick(ground: Ground) -> int:
    """One rate, a few seconds."""
    return await measure(ground, SHARES[:1], seconds=2.0, writers=32)


async def measure(ground: Ground, shares: Sequence[float], *, seconds: float, writers: int = FIRST_WRITERS) -> int:
    """Each rate in turn; 1 when the line is not met at a rate that is borne."""
    async with lumi_build(ground, "echo") as lumi:
        first = ground.people(PEOPLE)
        borne = await _borne(ground, lumi, first, seconds, writers)
        rounds = [await _round(ground, lumi, first, share, share * borne, seconds) for share in shares]
    _print(borne, rounds)
    judged = [each for each in rounds if each.share <= 1.0]
    met = all(each.is_accepted for each in judged)
    print(f"  Acceptance line, median <= {MEDIAN_MS:g} ms and < {MOST_LATE:.0%} above {LATE_MS / 1000:g} s:"
          f" {'met' if met else 'NOT MET'} up to {judged[-1].rate:,.0f} messages a second")  # fmt: skip
    return 0 if met else 1


async def _borne(ground: Ground, lumi: Build, first: int, seconds: float, writers: int) -> float:
    """Turns a second when everybody writes again as soon as they are answered."""
    asked = plan(ground, lumi, "closed", people=writers, first=first, seconds=seconds / 2, warm=20.0, ahead=8)
    await drive(ground, lumi, asked)
    await ground.settle()
    return (await drive(ground, lumi, asked)).turns


async def _round(ground: Ground, lumi: Build, first: int, share: float, rate: float, seconds: float) -> Round:
    asked = plan(ground, lumi, "open", people=PEOPLE, first=first, rate=rate, seconds=seconds, warm=2.0,
                 connections=CLIENTS, ahead=1)  # fmt: skip
    run = await drive(ground, lumi, asked, may_lag=share > 1.0)
    await _rest(ground)
    bare = await pgbench.insert_and_commit(ground, clients=CLIENTS, seconds=seconds, rate=rate)
    return Round(share, rate, run, bare)


async def _rest(ground: Ground) -> None:
    until = time.monotonic() + REST_SECONDS
    while time.monotonic() < until and await ground.count("lumi", OPEN):  # noqa: ASYNC110 (a count has no event)
        await asyncio.sleep(0.2)


def _print(borne: float, rounds: Sequence[Round]) -> None:
    table = Table(
        f"Messages at a fixed rate, counted from their planned instant; borne are {borne:,.0f} turns a second",
        "of what is borne", "a second", "200: p50 ms", "p95", "p99", "> 1 s %", "line",
        "reply: p50 ms", "p95", "p99", "INSERT: p50 ms", "p95", "p99",
    )  # fmt: skip
    for each in rounds:
        waits = each.run.figures
        table.add(
            f"{each.share:.0%}", f"{each.rate:,.0f}", *_three(waits.answer_ms), 100 * each.late,
            "met" if each.is_accepted else "not met", *_three(waits.reply_ms), *_three(each.bare.latency_ms),
        )  # fmt: skip
    table.print()


def _three(values: Sequence[float]) -> Sequence[float]:
    return [percentile(values, share) for share in (0.5, 0.95, 0.99)]


def run(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{Path(__file__).stem}", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="one rate, a few seconds")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each rate lasts")
    asked = parser.parse_args(arguments)
    whole = partial(measure, shares=SHARES, seconds=asked.seconds)
    return asyncio.run(on_fresh_ground(quick if asked.quick else whole))


if __name__ == "__main__":
    sys.exit(run())

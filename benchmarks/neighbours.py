"""A small tenant beside one that floods: what does the small one feel of it?

    python -m benchmarks.neighbours            a message every half second, 40 s alone and 40 s beside the flood
    python -m benchmarks.neighbours --quick    two seconds each

How to read it. Two organisations, each with its own number, one `lumi serve` and one worker. The small one's guests
write at a fixed rate, counted from the planned instant. The other one's write as fast as they are acknowledged, so
that what waits for its answers grows as long as it lasts ("waiting" at the end). The worker takes the oldest of every
tenant first, so the small one waits for a slot and its share of the processors, and never for the other's queue:
without that its wait would be as long as the flood has lasted.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.line_parts.drive import Run, drive, plan
from benchmarks.line_parts.figures import Table
from benchmarks.line_parts.ground import SMALL_NUMBER, Build, Ground, connected, lumi_build, on_fresh_ground

GUESTS, CROWD = 40, 2_000
CONNECTIONS = 16
WARM_SECONDS = 3.0
WAITING = "select count(*) from event where settled_at is null"


async def quick(ground: Ground) -> None:
    """A second or two each: that it runs, not what it says."""
    await measure(ground, seconds=2.0, rate=4.0, warm=1.0)


async def measure(ground: Ground, *, seconds: float, rate: float, warm: float = WARM_SECONDS) -> None:
    """Alone, then beside the flood."""
    secret = secrets.token_hex(16)
    await connected(ground, "small", SMALL_NUMBER, secret)
    async with lumi_build(ground, "echo") as lumi:
        small, first = ground.people(GUESTS), ground.people(CROWD)
        await _small(ground, lumi, small, secret, warm, rate * 4)
        alone = await _small(ground, lumi, small, secret, seconds, rate)
        flooding = asyncio.create_task(_flood(ground, lumi, first, seconds + 2 * warm))
        await asyncio.sleep(warm)
        beside = await _small(ground, lumi, small, secret, seconds, rate)
        flood = await flooding
        waiting = await ground.count("lumi", WAITING)
    _print(alone, beside, flood, waiting, rate=rate)


async def _small(ground: Ground, lumi: Build, first: int, secret: str, seconds: float, rate: float) -> Run:
    asked = plan(ground, lumi, "open", people=GUESTS, first=first, seconds=seconds, rate=rate, warm=1.0, ahead=4,
                 number=SMALL_NUMBER, secret=secret)  # fmt: skip
    return await drive(ground, lumi, asked, may_lag=True)


async def _flood(ground: Ground, lumi: Build, first: int, seconds: float) -> Run:
    asked = plan(ground, lumi, "webhooks", people=CROWD, first=first, seconds=seconds, connections=CONNECTIONS, ahead=2)
    return await drive(ground, lumi, asked)


def _print(alone: Run, beside: Run, flood: Run, waiting: int, *, rate: float) -> None:
    table = Table(
        f"{rate:g} messages a second of a small tenant, beside {flood.answers:,.0f} a second of another"
        f" ({waiting:,} waiting at the end)",
        "", "200: p50 ms", "p95", "p99", "reply: p50 ms", "p95", "p99", "replies",
    )  # fmt: skip
    for name, run in (("alone", alone), ("beside the flood", beside)):
        table.add(name, *(run.answer_ms(share) for share in (0.5, 0.95, 0.99)),
                  *(run.reply_ms(share) for share in (0.5, 0.95, 0.99)), run.figures.replied)  # fmt: skip
    table.add("times", *(beside.answer_ms(share) / alone.answer_ms(share) for share in (0.5, 0.95, 0.99)),
              *(beside.reply_ms(share) / alone.reply_ms(share) for share in (0.5, 0.95, 0.99)), None)  # fmt: skip
    table.print()


def run(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{Path(__file__).stem}", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="two seconds each")
    parser.add_argument("--rate", type=float, default=2.0, help="messages a second of the small tenant")
    parser.add_argument("--seconds", type=float, default=40.0, help="how long each lasts")
    asked = parser.parse_args(arguments)
    seconds, rate = asked.seconds, asked.rate
    asyncio.run(on_fresh_ground(quick if asked.quick else partial(measure, seconds=seconds, rate=rate)))


if __name__ == "__main__":
    run()

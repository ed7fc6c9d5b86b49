"""Webhooks and whole turns: how many, how fast, for how much processor, beside the bare parts and a usual build.

    python -m benchmarks.line                    everything, about five minutes
    python -m benchmarks.line --quick            one short round of each
    python -m benchmarks.line --only turns       webhooks, turns or steps

How to read it. All runs share one machine, one PostgreSQL with fsync on, one twin of WhatsApp and one load
generator, and alternate in rounds; figures are medians of the rounds, the range behind them. Compare columns of one
table, not of two days.

*Webhooks*: signed bodies against one `lumi serve` over keep-alive connections, each asking again when it is answered
with 200; beside it pgbench with as many clients doing the INSERT and COMMIT of the same rows.

*Turns*: signed webhook, committed, turn, reply posted to the twin, marked as sent; one web and one worker process in
both builds, and a brain that says back what it hears. `benchmarks/conventional` says how the other is built and
tuned, and what "sped up" adds. At saturation so many people write again as soon as they are answered (for each build
a number at which it does well); "moderate" sends 40 messages a second, to Lumi also half of what it bears. Processor
seconds are those of web, worker and database; the twin and the generator are the world's and stand apart. Under 70
turns a second the conventional build counts as broken and the ratio as void.

*Steps*: the real assistant with FAQ entries, and where the time of its turns goes. A turn waits at each step for its
own call and for the calls before it; a call carries several turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from benchmarks.line_parts import pgbench
from benchmarks.line_parts.drive import Broken, Run, drive, plan
from benchmarks.line_parts.figures import Table, median, percentile, spread
from benchmarks.line_parts.ground import Build, Ground, conventional_build, laid, lumi_build
from benchmarks.line_parts.knowing import QUESTIONS, teach

CLIENTS = 32
PEOPLE_WITH_A_THREAD = 256
LEAST_CONVENTIONAL = 70
CALM = 40
PROCESSES = ("web", "worker", "postgres", "twin", "generator")
UNSETTLED = {"lumi": "event where settled_at is null", "conventional": "inbound_event where settled_at is null"}
WARM_SECONDS = 20.0


async def webhooks(ground: Ground, *, rounds: int, seconds: float) -> None:
    """Durable webhooks beside the same INSERT and COMMIT by pgbench."""
    runs: list[Run] = []
    bare: list[pgbench.Bare] = []
    async with lumi_build(ground, "echo", worker=False) as lumi:
        first = ground.people(PEOPLE_WITH_A_THREAD)
        for _ in range(rounds + 1):
            asked = plan(ground, lumi, "webhooks", people=PEOPLE_WITH_A_THREAD, first=first, seconds=seconds,
                         connections=CLIENTS, ahead=int(seconds * 20))  # fmt: skip
            runs.append(await drive(ground, lumi, asked))
            bare.append(await pgbench.insert_and_commit(ground, clients=CLIENTS, seconds=seconds))
            if len(runs) == 1:
                await ground.settle()
    del runs[0], bare[0]
    table = Table(f"Durable webhooks, {CLIENTS} clients", "", "a second", "p50 ms", "p95 ms", "p99 ms")
    table.add("Lumi, signed webhook to 200", spread([run.answers for run in runs]), *(
        median(run.answer_ms(share) for run in runs) for share in (0.5, 0.95, 0.99)))  # fmt: skip
    table.add("pgbench, INSERT and COMMIT", spread([each.rate for each in bare]), *(
        median(each.ms(share) for each in bare) for share in (0.5, 0.95, 0.99)))  # fmt: skip
    ratio = median(run.answers / each.rate for run, each in zip(runs, bare, strict=True))
    table.add("Lumi / pgbench", f"{ratio:.2f}", None, None, None)
    table.print()


@dataclass(frozen=True)
class Rival:
    """One way to build the turn: how it is started, and how many people make it do its best."""

    name: str
    people: int
    start: Callable[[Ground], AbstractAsyncContextManager[Build]]


LUMI = Rival("Lumi", 384, lambda ground: lumi_build(ground, "echo"))
USUAL = Rival("conventional", 64, conventional_build)
SPED_UP = Rival("conventional, sped up", 64, partial(conventional_build, sped_up=True))


async def turns(ground: Ground, *, rounds: int, seconds: float) -> None:
    """Whole turns in each build, saturated and at a moderate load; each run starts the build afresh."""
    rivals = (LUMI, USUAL, SPED_UP)
    firsts = {rival.name: ground.people(rival.people) for rival in rivals}
    for rival in rivals:
        async with rival.start(ground) as build:
            await _saturated(ground, rival, build, firsts[rival.name], 0.5)
    await ground.settle()
    full: dict[str, list[Run]] = {rival.name: [] for rival in rivals}
    calm: dict[tuple[str, int], list[Run]] = {}
    for number in range(rounds):
        for rival in rivals if number % 2 == 0 else reversed(rivals):
            async with rival.start(ground) as build:
                full[rival.name].append(await _saturated(ground, rival, build, firsts[rival.name], seconds))
                for rate in _calm_rates(rival, full):
                    asked = plan(ground, build, "open", people=rival.people, first=firsts[rival.name], rate=rate,
                                 seconds=seconds, warm=1.0, ahead=8)  # fmt: skip
                    calm.setdefault((rival.name, rate), []).append(await drive(ground, build, asked))
    _print_turns(full, calm)
    await _check(ground)


async def _saturated(ground: Ground, rival: Rival, build: Build, first: int, seconds: float) -> Run:
    asked = plan(ground, build, "closed", people=rival.people, first=first, seconds=seconds, warm=WARM_SECONDS, ahead=8)
    return await drive(ground, build, asked)


def _calm_rates(rival: Rival, full: Mapping[str, Sequence[Run]]) -> Sequence[int]:
    """The moderate loads of a build: the same for all, and for Lumi also half of what it bore first."""
    return (CALM, 10 * round(full["Lumi"][0].turns / 20)) if rival is LUMI else (CALM,)


def _print_turns(full: Mapping[str, Sequence[Run]], calm: Mapping[tuple[str, int], Sequence[Run]]) -> None:
    table = Table(
        "Whole turns at saturation, 1 web + 1 worker process", "", "turns/s", "per CPU s", "p50 ms", "p95 ms",
        "ms web", "worker", "postgres", "(twin", "load)",
    )  # fmt: skip
    for name, runs in full.items():
        waits = (median(run.reply_ms(share) for run in runs) for share in (0.5, 0.95))
        parts = (median(1000 * run.used[part] / run.figures.replied for run in runs) for part in PROCESSES)
        table.add(name, spread([run.turns for run in runs]), median(map(_per_second, runs)), *waits, *parts)
    for name in (USUAL.name, SPED_UP.name):
        pairs = list(zip(full["Lumi"], full[name], strict=True))
        times = median(ours.turns / theirs.turns for ours, theirs in pairs)
        per_second = median(_per_second(ours) / _per_second(theirs) for ours, theirs in pairs)
        table.add(f"Lumi / {name}", f"{times:.1f} x", f"{per_second:.1f} x", *[None] * 7)
    table.print()
    if median(run.turns for run in full[USUAL.name]) < LEAST_CONVENTIONAL:
        print(f"  The conventional build stays under {LEAST_CONVENTIONAL} turns/s: broken here, the ratio is void.")
    quiet = Table("Webhook to reply at the twin, moderate load", "", "sent/s", "p50 ms", "p95 ms", "p99 ms")
    for (name, rate), runs in calm.items():
        quiet.add(name, str(rate), *(median(run.reply_ms(share) for run in runs) for share in (0.5, 0.95, 0.99)))
    quiet.print()


def _per_second(run: Run) -> float:
    return run.figures.replied / run.own_seconds


async def _check(ground: Ground) -> None:
    """Nothing may be left over: whatever was answered is marked as sent."""
    for database, unsettled in UNSETTLED.items():
        left = await ground.count(database, f"select count(*) from {unsettled}")
        unsent = await ground.count(database, "select count(*) from delivery where state <> 'sent'")
        if left or unsent:
            raise Broken(f"{database}: {left} events without an answer, {unsent} deliveries not marked as sent")


async def steps(ground: Ground, *, rounds: int, seconds: float) -> None:
    """The real assistant over FAQ entries, watched."""
    learnt = await teach(ground)
    seen = ground.logs / "steps.json"
    async with lumi_build(ground, "real", watched=seen) as lumi:
        first = ground.people(LUMI.people)

        async def saturated(for_seconds: float) -> Run:
            asked = plan(ground, lumi, "closed", people=LUMI.people, first=first, seconds=for_seconds,
                         warm=WARM_SECONDS, ahead=8, texts=QUESTIONS)  # fmt: skip
            return await drive(ground, lumi, asked)

        await saturated(1.0)
        await ground.settle()
        os.kill(lumi.processes["worker"], signal.SIGUSR1)
        runs = [await saturated(seconds) for _ in range(rounds)]
        rate = round(median(run.turns for run in runs) / 2)
        calm = plan(ground, lumi, "open", people=LUMI.people, first=first, seconds=seconds, rate=rate, warm=1.0,
                    ahead=8, texts=QUESTIONS)  # fmt: skip
        quiet = await drive(ground, lumi, calm)
    answered = await ground.count("lumi", "select count(*) from message where author = 'assistant' and sources <> '[]'")
    table = Table(f"The real assistant, {learnt} FAQ entries, {answered:,} answers with a source",
                  "", "turns/s", "per CPU s", "p50 ms", "p95 ms")  # fmt: skip
    table.add("saturated", spread([run.turns for run in runs]), median(map(_per_second, runs)),
              median(run.reply_ms(0.5) for run in runs), median(run.reply_ms(0.95) for run in runs))  # fmt: skip
    table.add("moderate", f"{rate} sent", _per_second(quiet), quiet.reply_ms(0.5), quiet.reply_ms(0.95))
    table.print()
    _print_steps(json.loads(seen.read_text()))


def _print_steps(seen: dict[str, dict[str, object]]) -> None:
    table = Table("Where the time of a turn goes", "", "times", "turns in one", "p50 ms", "p95 ms", "ms a turn")
    whole = len(cast("list[float]", seen["turn:take"]["seconds"]))
    for label, found in sorted(seen.items(), key=lambda each: (not each[0].startswith("turn"), each[0])):
        took = cast("list[float]", found["seconds"])
        carried = cast("int", found["items"]) / len(took)
        table.add(
            label.replace("turn:", "a turn waits: ").replace("call:", "one call: "), f"{len(took):,}",
            carried or None, percentile(took, 0.5) * 1000, percentile(took, 0.95) * 1000, sum(took) * 1000 / whole,
        )  # fmt: skip
    table.print()


# Webhooks come last: nobody answers them, so they would stand in the way of everything after.
PARTS: dict[str, Callable[..., Awaitable[None]]] = {"turns": turns, "steps": steps, "webhooks": webhooks}


async def main(names: Sequence[str], *, quick: bool = False) -> None:
    """Run these parts on one ground."""
    async with laid(conventional="turns" in names) as ground:
        for name in names:
            await PARTS[name](ground, rounds=1 if quick else 5, seconds=4.0 if quick else 8.0)


def run(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{Path(__file__).stem}", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--only", choices=list(PARTS), help="one part")
    asked = parser.parse_args(arguments)
    asyncio.run(main([asked.only] if asked.only else list(PARTS), quick=asked.quick))


if __name__ == "__main__":
    run()

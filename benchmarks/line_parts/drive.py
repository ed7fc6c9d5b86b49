"""One measured run: a plan carried out against a build, with the processor seconds each part used meanwhile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.line_parts import processes
from benchmarks.line_parts.figures import Processors, percentile
from benchmarks.line_parts.generator import Figures, Plan
from benchmarks.line_parts.ground import NUMBER, Build, Ground


class Broken(RuntimeError):
    """A build lost, doubled or refused something: its figures mean nothing."""


@dataclass
class Run:
    """What one run gave; processor seconds by part."""

    figures: Figures
    used: dict[str, float]

    @property
    def answers(self) -> float:
        """Webhooks answered a second."""
        return self.figures.answered / self.figures.seconds

    @property
    def turns(self) -> float:
        """Replies taken by the twin, a second."""
        return self.figures.replied / self.figures.seconds

    @property
    def own_seconds(self) -> float:
        """Processor seconds of web, worker and database; twin and generator are not the build's."""
        return sum(used for name, used in self.used.items() if name in {"web", "worker", "postgres"})

    def reply_ms(self, share: float) -> float:
        """A percentile of the time from webhook to reply."""
        return percentile(self.figures.reply_ms, share)

    def answer_ms(self, share: float) -> float:
        """A percentile of the time from webhook to its 200."""
        return percentile(self.figures.answer_ms, share)


def plan(ground: Ground, build: Build, mode: str, *, people: int, seconds: float, texts: Sequence[str] = (),
         first: int | None = None, number: str = NUMBER, secret: str | None = None, **more: float) -> Plan:  # fmt: skip
    """A plan for this build; the people never wrote before unless `first` says who they are."""
    asked = Plan(
        mode=mode, port=build.port, secret=secret or ground.app_secret, number=number, people=people, seconds=seconds,
        first=ground.people(people) if first is None else first, log=str(ground.twin_log),
        warm=more.get("warm", 0.0), rate=more.get("rate", 0.0),
        connections=int(more.get("connections", 32)), ahead=int(more.get("ahead", 0)),
    )  # fmt: skip
    asked.texts[:] = list(texts) or asked.texts
    return asked


def processors(ground: Ground, build: Build, **others: int) -> Processors:
    """The processor time of a build, of what it stands on, and of `others` by their process."""
    return Processors({**build.processes, "postgres": ground.postmaster, "twin": ground.twin_pid, **others})


async def drive(ground: Ground, build: Build, asked: Plan, *, may_lag: bool = False) -> Run:
    """Carry out a plan; raises Broken when something was refused, lost or said twice.

    `may_lag`: more is sent than can be answered, so that answers may be missing when the patience ends.
    """
    env = processes.environment()
    name = "benchmarks.line_parts.generator"
    async with processes.running("generator", name, env=env, folder=ground.logs, stdin=True, stdout=True) as generator:
        if generator.stdin is None:
            raise ValueError("the generator has no input")
        generator.stdin.write(json.dumps(asdict(asked)).encode() + b"\n")
        await generator.stdin.drain()
        at_work = processors(ground, build, generator=generator.pid)
        await processes.read_line("generator", generator, ground.logs)
        before = at_work.read()
        await processes.read_line("generator", generator, ground.logs)
        used = at_work.since(before)
        figures = Figures(**json.loads(await processes.read_line("generator", generator, ground.logs)))
    lacking = figures.unanswered and asked.mode != "webhooks" and not may_lag
    if figures.refused or figures.twice or lacking:
        raise Broken(
            f"{build.name}: {figures.refused} refused, {figures.twice} answered twice, {figures.unanswered} never;"
            f" {processes.tail(ground.logs, build.name.lower() + '-worker', 600)}"
        )
    return Run(figures, used)

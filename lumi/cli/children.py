"""Processes that belong to `lumi up`: started again when they end, stopped together with it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lumi.cli.screen import note

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 10.0
STOP_SECONDS = 8.0
LARGEST_LOG_BYTES = 8 * 1024 * 1024


@dataclass
class Child:
    """One process and what is known of its lives."""

    name: str
    module: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    log: Path | None = None
    falls: int = 0
    is_restarting: bool = False
    process: asyncio.subprocess.Process | None = None

    async def keep_running(self, leaving: asyncio.Event) -> None:
        """Run it, and run it again with a growing pause, until `leaving`."""
        while not leaving.is_set():
            began = time.monotonic()
            code = await self._run()
            if leaving.is_set():
                return
            if self.is_restarting:
                self.is_restarting = False
                continue
            self.falls = 1 if time.monotonic() - began > STEADY_SECONDS else self.falls + 1
            pause = min(FIRST_PAUSE_SECONDS * 2.0 ** (self.falls - 1), LONGEST_PAUSE_SECONDS)
            note(f"{self.name} ended ({_ending(code)}), starting it again in {pause:g} s{self._see_log()}")
            await _sleep_unless(leaving, pause)

    def restart(self) -> None:
        """Let it end in order; `keep_running` starts it again at once."""
        self.falls, self.is_restarting = 0, True
        self._signal(signal.SIGTERM)

    async def stop(self) -> None:
        """End it: in order, and hard when that takes too long."""
        self._signal(signal.SIGTERM)
        if self.process is None:
            return
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.process.wait()

    async def _run(self) -> int:
        output = self._open_log()
        try:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                *self.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.environment},
                # Ctrl-C reaches only us, and our own end, however sudden, is theirs.
                start_new_session=True,
                preexec_fn=_dying_with_us(),
            )
        finally:
            if output is not None:
                os.close(output)
        return await self.process.wait()

    def _open_log(self) -> int | None:
        if self.log is None:
            return None
        self.log.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    def _see_log(self) -> str:
        return f"; see {self.log}" if self.log else ""


class Family:
    """All children of one `lumi up`."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self._leaving = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start all of them at once."""
        self._keepers = [asyncio.ensure_future(child.keep_running(self._leaving)) for child in self.children]
        self._keepers.append(asyncio.ensure_future(self._bound_logs()))

    def restart(self) -> None:
        """End and start again what runs our code."""
        for child in self.children:
            child.restart()

    async def stop(self) -> None:
        """End all of them, at the same time."""
        self._leaving.set()
        await asyncio.gather(*(child.stop() for child in self.children))
        await asyncio.gather(*self._keepers)

    async def _bound_logs(self) -> None:
        while not self._leaving.is_set():
            for child in self.children:
                if child.log is not None:
                    _bound(child.log)
            await _sleep_unless(self._leaving, 30.0)


async def _sleep_unless(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def _bound(log: Path) -> None:
    # The process appends through its own open file, so it is emptied in place after a copy is taken.
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.with_suffix(".log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)


def _dying_with_us() -> Callable[[], None] | None:
    from lumi.core.server.postmaster import dying_with_us

    return dying_with_us(signal.SIGTERM)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

"""Processes that are always there: whoever dies is started again, as a service manager would."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

GOODBYE_SECONDS = 15.0


@dataclass
class Member:
    """One process, by name; its lines go to a file of that name."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    starts: int = 0
    process: asyncio.subprocess.Process | None = None
    _started: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _leaving: bool = False
    _keeper: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Be there from now on."""
        self._keeper = asyncio.create_task(self._keep())
        await self._started.wait()

    @property
    def kind(self) -> str:
        """What it is, without its number."""
        return self.name.rstrip("0123456789")

    @property
    def pid(self) -> int | None:
        """The process as it is now; None while it starts again."""
        return self.process.pid if self.process is not None and self.process.returncode is None else None

    def send(self, number: signal.Signals) -> bool:
        """Send a signal to the process and its children; False when it is not there just now."""
        if self.process is None or self.process.returncode is not None:
            return False
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
            return True
        return False

    async def leave(self) -> None:
        """Go in order, or be made to."""
        self._leaving = True
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        if self._keeper is not None:
            try:
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await asyncio.shield(self._keeper)
            except TimeoutError:
                self.send(signal.SIGKILL)
                await self._keeper

    async def _keep(self) -> None:
        while not self._leaving:
            self.starts += 1
            with (self.folder / f"{self.name}.log").open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", *self.words, cwd=self.folder, env=dict(self.environment),
                    stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
            self._started.set()
            await self.process.wait()
            if not self._leaving:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def working(members: Sequence[Member]) -> AsyncGenerator[None]:
    """Everybody at work until the end of the block."""
    for member in members:
        await member.start()
    try:
        yield
    finally:
        await asyncio.gather(*(member.leave() for member in members))

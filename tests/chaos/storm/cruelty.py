"""What is done to the house: processes killed, stopped, made to hang, and their database killed under them.

Nothing of it is left to the dice alone: each kind comes once at the beginning of every storm, and a storm in which one
never happened has shown nothing.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tests.chaos.storm.crew import Member
from tests.chaos.storm.falls import Fall
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.wrong import ENDURED, HANGING, ORDER

KINDS = ("web", "worker", "database", "stopped", "hung")
# Longer than others wait for a worker. A nap is too short for that, and too long for it to go on as if nothing were.
STOP_SECONDS, NAP_SECONDS = 20.0, 7.0
NAPS = "napped"
PATIENCE_SECONDS = 40.0
SELDOM = 5.0
WEB, WORKER = KINDS[:2]


@dataclass(frozen=True)
class Aim:
    """How often what is done, in seconds and shares of all blows (naps: of the stops), and to whom; `begins`: with one
    of each kind.
    """

    pause: tuple[float, float] = (0.5, 2.0)
    database: float = 0.1
    stop: float = 0.06
    nap: float = 0.3
    hang: float = 0.04
    victims: frozenset[str] = frozenset({WEB, WORKER})
    begins: bool = True


@dataclass
class Cruelty:
    """Everything that is done to one house, and what it came to: `done` by kind, `falls` of workers."""

    ground: Ground
    crew: Sequence[Member]
    dice: random.Random
    aim: Aim
    done: Counter[str] = field(default_factory=Counter[str])
    falls: list[Fall] = field(default_factory=list[Fall])
    _spared: set[str] = field(default_factory=set[str])
    _going_on: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, "asyncio.Task[None]"])

    @property
    def lacking(self) -> list[str]:
        """What never happened, of what has to."""
        return [kind for kind in KINDS if not self.done[kind]] if self.aim.begins else []

    def _all(self, *kinds: str) -> list[Member]:
        return [each for each in self.crew if each.kind in kinds]

    async def rage(self, over: asyncio.Event, kills: int) -> None:
        """Strike until it is over and enough have died; a build that is wrong has to do so many and no more.

        When enough have died the blows come more seldom: who needs long to start gets somewhere then.
        """
        if self.aim.begins:
            await self._begin()
        while self.done["kills"] < kills or (self.aim.begins and not over.is_set()):
            seldom = SELDOM if self.done["kills"] >= kills else 1.0
            await asyncio.sleep(seldom * self.dice.uniform(*self.aim.pause))
            await self._strike()
        await asyncio.gather(*self._going_on.values())

    async def _begin(self) -> None:
        """One of each kind: who hangs has to live through it first, and who is stopped is spared everything else."""
        stopped, hanging = self._all(WORKER)
        self._spared.add(stopped.name)
        self._go_on("stop", self._stop(stopped))
        self._go_on("hang", self._hang(hanging, endures=True))
        await asyncio.sleep(self.aim.pause[1])
        self._kill(self.dice.choice(self._all(WEB)))
        await self._going_on["hang"]
        self._kill(hanging)
        await asyncio.sleep(self.aim.pause[1])
        await self._until(self._kill_database)

    async def _strike(self) -> None:
        blow = self.dice.random()
        database, stop, hang = self.aim.database, self.aim.stop, self.aim.hang
        hanging = self._all(WORKER)[-1]
        if blow < database:
            self._kill_database()
        elif blow < database + stop:
            nap = self.dice.random() < self.aim.nap
            self._go_on("stop", self._stop(self.dice.choice(self._all(WORKER)), NAP_SECONDS if nap else STOP_SECONDS))
        elif blow < database + stop + hang:
            self._go_on("hang", self._hang(hanging))
        elif victims := [each for each in self._all(*self.aim.victims) if each.name not in self._spared]:
            self._kill(self.dice.choice(victims))

    def _go_on(self, what: str, doing: Coroutine[object, object, None]) -> None:
        """Begin what takes its time, unless the like is going on."""
        if what in self._going_on and not self._going_on[what].done():
            doing.close()
        else:
            self._going_on[what] = asyncio.create_task(doing)

    def _kill(self, victim: Member) -> None:
        pid, at = victim.pid, time.time()
        if pid is None or not victim.send(signal.SIGKILL):
            return
        self.done["kills"] += 1
        self.done[victim.kind] += 1
        if victim.kind == WORKER:
            self.falls.append(Fall(pid, at))

    def _kill_database(self) -> bool:
        server, at = self.ground.postmaster(), time.time()
        robbed = [each.pid for each in self._all(WORKER)]
        if server is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)
            self.done["kills"] += 1
            self.done["database"] += 1
            self.falls += [Fall(pid, at) for pid in robbed if pid is not None]
            return True
        return False

    async def _stop(self, worker: Member, seconds: float = STOP_SECONDS) -> None:
        pid, at = worker.pid, time.time()
        if pid is not None and worker.send(signal.SIGSTOP):
            self.done["stopped" if seconds == STOP_SECONDS else NAPS] += 1
            await asyncio.sleep(seconds)
            worker.send(signal.SIGCONT)
            self.falls.append(Fall(pid, at, until=time.time()))
        self._spared.discard(worker.name)

    async def _hang(self, worker: Member, *, endures: bool = False) -> None:
        """Have one turn never come back; `endures`: it counts when the worker has lived through it."""
        order, hanging, endured = (self.ground.folder / name for name in (ORDER, HANGING, ENDURED))
        for left in (hanging, endured):
            left.unlink(missing_ok=True)
        order.touch()
        if await self._until((endured if endures else hanging).exists):
            self.done["hung"] += 1
        order.unlink(missing_ok=True)

    async def _until(self, happened: Callable[[], bool]) -> bool:
        until = time.monotonic() + PATIENCE_SECONDS
        while not (there := happened()) and time.monotonic() < until:  # noqa: ASYNC110 - others' processes, no event
            await asyncio.sleep(0.05)
        return there

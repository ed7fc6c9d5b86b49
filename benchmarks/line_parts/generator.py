"""The load, in a process of its own: `python -m benchmarks.line_parts.generator`, a plan as JSON on standard input.

Raw connections and requests signed beforehand, so that little of the machine goes into asking. Modes:
`webhooks`: every connection asks again as soon as it is answered. `closed`: so many people, each writes again as
soon as the answer to the last message is in the twin's log. `open`: so many messages a second, whatever comes back,
each from somebody who is owed no answer. Their times are counted from the instant they were planned for, also of
those that had to wait for a free connection or person, and of those that never came: nothing slow is left out.

Prints `begin` when the measured time begins, `end` when it ends, and at last the figures as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import orjson
import uvloop

from benchmarks.line_parts.requests import Stock

_LOOK_SECONDS = 0.002
_HEARD_WHEN_WARM = 3


@dataclass(frozen=True)
class Plan:
    """What is asked of the generator. Times in seconds; `rate` in messages a second.

    `patience`: how long it waits at the end for what is on its way.
    """

    mode: str
    port: int
    secret: str
    number: str
    first: int
    people: int
    log: str
    seconds: float
    warm: float = 0.0
    rate: float = 0.0
    connections: int = 32
    ahead: int = 0
    patience: float = 20.0
    path: str = "/webhook"
    texts: list[str] = field(default_factory=lambda: ["Do you open on Sunday morning?"])


@dataclass
class Figures:
    """What came of it, in the measured time; milliseconds each."""

    answered: int = 0
    refused: int = 0
    replied: int = 0
    unanswered: int = 0
    twice: int = 0
    unsent: int = 0
    seconds: float = 0.0
    answer_ms: list[float] = field(default_factory=list[float])
    reply_ms: list[float] = field(default_factory=list[float])


class Line(asyncio.Protocol):
    """One keep-alive connection with at most one request on its way."""

    def __init__(
        self, free: Callable[[Line], None], answered: Callable[[int, float, float], None], lost: Callable[[Line], None]
    ) -> None:
        self._free, self._answered, self._lost = free, answered, lost
        self._transport: asyncio.Transport | None = None
        self._came = b""
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready for the first request."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    @property
    def is_open(self) -> bool:
        """Whether it can be asked."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        """A server hangs up on a line that was idle for long."""
        self._lost(self)

    def ask(self, request: bytes, planned: float) -> None:
        """Send a request planned for this instant; the answer comes through `answered`, then the line is free."""
        if self._transport is None:
            raise ConnectionError("not connected yet")
        self._since = planned
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer; a whole one is told."""
        self._came += data
        end = self._came.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._came[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._came) < end + 4 + length:
            return
        status = int(head[9:12])
        self._came = b""
        self._answered(status, self._since, time.time())
        self._free(self)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class Load:
    """One plan being carried out."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stock = Stock(
            path=plan.path, secret=plan.secret, number=plan.number, first=plan.first, texts=plan.texts
        )  # fmt: skip
        self._lines: list[Line] = []
        self._free: deque[Line] = deque()
        self._idle = deque(range(plan.people))
        self._due: deque[float] = deque()
        self._sent_at: dict[int, float] = {}
        self._heard = [0] * plan.people
        self._from = self._to = float("inf")
        self._stopped = self._closing = False
        self._connecting: set[asyncio.Task[None]] = set()
        self._figures = Figures()

    async def run(self) -> Figures:
        """Warm up, measure, and wait for what is still on its way."""
        plan = self._plan
        self._stock.fill(plan.people, plan.ahead)
        ear = None if plan.mode == "webhooks" else asyncio.create_task(self._listen(Path(plan.log)))
        feeder = asyncio.create_task(self._open()) if plan.mode == "open" else None
        for _ in range(plan.connections):
            await self._connect()
        await self._measure()
        if ear is not None:
            await self._drain()
            ear.cancel()
        if feeder is not None:
            feeder.cancel()
            self._count_the_late()
        self._figures.unanswered = len(self._sent_at)
        self._closing = True
        for line in self._lines:
            line.close()
        return self._figures

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(
            lambda: Line(self._freed, self._answered, self._hung_up), "127.0.0.1", self._plan.port
        )
        self._lines.append(line)
        self._freed(line)

    def _hung_up(self, line: Line) -> None:
        self._lines.remove(line)
        if line in self._free:
            self._free.remove(line)
        elif not self._closing:
            self._figures.refused += 1
        if not self._closing:
            again = asyncio.ensure_future(self._connect())
            self._connecting.add(again)
            again.add_done_callback(self._connecting.discard)

    async def _measure(self) -> None:
        await self._warm_up()
        print("begin", flush=True)
        self._from = time.time()
        self._to = self._from + self._plan.seconds
        await asyncio.sleep(self._plan.seconds)
        self._to = time.time()
        self._stopped = self._plan.mode != "open"
        print("end", flush=True)
        self._figures.seconds = self._to - self._from

    async def _warm_up(self) -> None:
        """In a closed loop until everybody was answered a few times, at most `warm` seconds; else so long."""
        until = time.monotonic() + self._plan.warm
        while time.monotonic() < until:
            await asyncio.sleep(0.05)
            if self._plan.mode == "closed" and min(self._heard, default=0) >= _HEARD_WHEN_WARM:
                return

    async def _open(self) -> None:
        """Time passes whether they are answered or not: a message that is due waits from its due time."""
        began, due = time.time(), 0
        while True:
            while began + due / self._plan.rate <= min(time.time(), self._to):
                self._due.append(began + due / self._plan.rate)
                due += 1
            self._send()
            await asyncio.sleep(0.001)

    async def _drain(self) -> None:
        until = time.monotonic() + self._plan.patience
        while (self._sent_at or self._due) and time.monotonic() < until:  # noqa: ASYNC110 (nobody would set an event)
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.1)

    def _send(self) -> None:
        is_open, is_timed = self._plan.mode == "open", self._plan.mode != "webhooks"
        while self._free and self._idle and not self._stopped and (self._due or not is_open):
            if not self._free[0].is_open:
                self._free.rotate(-1)  # its end is told in a moment
                if not any(line.is_open for line in self._free):
                    return
                continue
            person = self._idle.popleft()
            planned = self._due.popleft() if is_open else time.time()
            if is_timed:
                self._sent_at[person] = planned
            else:
                self._idle.append(person)
            self._free.popleft().ask(self._stock.take(person), planned)

    def _freed(self, line: Line) -> None:
        self._free.append(line)
        self._send()

    def _answered(self, status: int, since: float, at: float) -> None:
        if status != 200:
            self._figures.refused += 1
        if self._counts(since, at):
            self._figures.answered += 1
            self._figures.answer_ms.append((at - since) * 1000)

    def _counts(self, since: float, at: float) -> bool:
        """Whether this is of the measured time: what was planned in it, or without a plan what ended in it."""
        return self._from <= (since if self._plan.mode == "open" else at) <= self._to

    def _count_the_late(self) -> None:
        """Who was not served by now waited at least so long."""
        gone = time.time()
        self._figures.unsent = len(self._due)
        unsent = [(gone - since) * 1000 for since in self._due if self._counts(since, gone)]
        unheard = [(gone - since) * 1000 for since in self._sent_at.values() if self._counts(since, gone)]
        self._figures.answer_ms += unsent
        self._figures.reply_ms += unsent + unheard

    async def _listen(self, log: Path) -> None:
        """Follow the twin's log from where it is now."""
        first = self._plan.first
        with log.open("rb") as lines:
            lines.seek(0, 2)
            rest = b""
            while True:
                came = lines.read()
                if not came:
                    await asyncio.sleep(_LOOK_SECONDS)
                    continue
                *whole, rest = (rest + came).split(b"\n")
                for each in whole:
                    entry = orjson.loads(each)
                    self._replied(int(entry["to"].lstrip("+")) - first, entry["at"])
                self._send()

    def _replied(self, person: int, at: float) -> None:
        if not 0 <= person < self._plan.people:
            return
        since = self._sent_at.pop(person, None)
        if since is None:
            self._figures.twice += 1
            return
        self._heard[person] += 1
        if self._counts(since, at):
            self._figures.replied += 1
            self._figures.reply_ms.append((at - since) * 1000)
        self._idle.append(person)


async def main() -> None:
    """One plan from standard input."""
    plan = Plan(**json.loads(sys.stdin.readline()))
    figures = await Load(plan).run()
    print(json.dumps(asdict(figures)), flush=True)


if __name__ == "__main__":
    uvloop.run(main())

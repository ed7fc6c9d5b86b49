"""Break the storm loose, let it pass, count.

make chaos        2,000 messages, 100 kills        make chaos-quick   600 messages, 15 kills
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass, field

import aiohttp

from lumi.modules.channels.public import Channel
from tests.chaos.storm.count import Said, Tally
from tests.chaos.storm.crew import Member, working
from tests.chaos.storm.ground import Ground, laid
from tests.chaos.storm.people import People
from tests.chaos.storm.wrong import WRONG

UNSETTLED = (
    "select (select count(*) from event where settled_at is null and due_at <= now())"
    " + (select count(*) from delivery where settled_at is null) + (select count(*) from lane where owner is not null)"
)
# Of a build that is wrong: how often the database dies and a worker is stopped, and who else is killed.
AIMS = {
    "ack": (0.0, 0.0, slice(0, 2)),
    "resend": (0.0, 0.0, slice(2, 4)),
    "epoch": (0.0, 0.0, slice(0, 2)),
    "nothing": (0.0, 0.0, slice(0, 2)),
    "seq": (0.0, 0.0, slice(0, 2)),
}
STOP_SECONDS = 20.0
REST_SECONDS = 180.0


@dataclass
class Storm:
    """What is thrown at the house, and what it did."""

    messages: int
    threads: int
    kills: int
    seed: int
    wrong: str | None
    dice: random.Random = field(init=False)
    done: Counter[str] = field(default_factory=Counter[str])
    in_flight: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    async def rage(self, ground: Ground, over: asyncio.Event, crew: Sequence[Member]) -> None:
        """Kill until it is over and enough have died; stop a worker now and then, and the database too."""
        stops: set[asyncio.Task[None]] = set()
        while self.done["kills"] < self.kills or not over.is_set():
            # a build that is wrong is given the time to do its wrong
            await asyncio.sleep(self.dice.uniform(3.0, 5.0) if self.wrong else self.dice.uniform(0.5, 2.0))
            what = self.dice.random()
            database, stop, victims = AIMS.get(self.wrong or "", (0.1, 0.16, slice(None)))
            if what < database:
                await self._kill_database(ground)
            elif what < stop:
                if stops:
                    continue
                stopped = asyncio.create_task(self._stop(ground, self.dice.choice(crew[2:])))
                stops.add(stopped)
                stopped.add_done_callback(stops.discard)
            else:
                victim = self.dice.choice(crew[victims])
                if victim.send(signal.SIGKILL):
                    self.done["kills"] += 1
                    self.done[victim.name.rstrip("01")] += 1
                    await self._look(ground)
        await asyncio.gather(*stops)

    async def _kill_database(self, ground: Ground) -> None:
        import os

        server = ground.postmaster()
        if server is None:
            return
        os.kill(server, signal.SIGKILL)
        self.done["kills"] += 1
        self.done["database"] += 1
        await self._look(ground)

    async def _stop(self, ground: Ground, worker: Member) -> None:
        if worker.send(signal.SIGSTOP):
            self.done["stopped"] += 1
            await self._look(ground)
            await asyncio.sleep(STOP_SECONDS)
            worker.send(signal.SIGCONT)

    async def _look(self, ground: Ground) -> None:
        """How many sends nobody can know the end of: as many as are under way now, or fewer."""
        self.in_flight += await ground.number("select count(*) from delivery where state = 'sending'")

    async def misbehave(self, ground: Ground, over: asyncio.Event) -> None:
        """Providers that are slow, fail, repeat themselves and mix up what they tell."""
        moods: list[dict[str, object]] = [
            {}, {"delay_ms": 300}, {"fail_rate": 0.3, "status": 503}, {"duplicate_webhooks": 0.3}, {"delay_ms": 1500},
        ]  # fmt: skip
        extra: dict[Channel, list[dict[str, object]]] = {
            Channel.WHATSAPP: [{"statuses_out_of_order": 0.5, "drop_statuses": 0.2}],
            Channel.TELEGRAM: [{"rate_limit_rate": 0.3, "retry_after": 1}],
            Channel.INSTAGRAM: [{"echo_first": 0.5}],
        }
        if self.wrong is not None:
            moods, extra = [{"delay_ms": 3000}], {}
        async with aiohttp.ClientSession() as session:
            while not over.is_set():
                for provider in ground.providers:
                    mood = self.dice.choice([*moods, *extra.get(provider.channel, [])])
                    async with session.post(f"{provider.url}/_twin/faults", json={"reset": True, **mood}) as answer:
                        answer.raise_for_status()
                await asyncio.sleep(3)
            for provider in ground.providers:
                await session.post(f"{provider.url}/_twin/faults", json={"reset": True})

    async def write(self, ground: Ground, everybody: Sequence[People]) -> None:
        """Everybody writes what they have to say."""
        each = self.messages // self.threads
        pace = (6.0 if self.wrong else 1.6) * self.kills / each
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:
            writing: list[Coroutine[None, None, None]] = []
            for number in range(self.threads):
                people = everybody[number % len(everybody)]
                person = _person(people.provider.channel, number)
                await _introduce(session, people, person)
                writing.append(people.write(session, person, each, pace))
            for people in everybody:
                hook = {"url": people.webhooks[0]}
                async with session.post(f"{people.provider.url}/_twin/webhook", json=hook) as answer:
                    answer.raise_for_status()
            await asyncio.gather(*writing)


def _person(channel: Channel, number: int) -> str:
    return str({Channel.WHATSAPP: 33_600_000_000, Channel.TELEGRAM: 7_000_000_000}.get(channel, 10**15) + number)


async def _introduce(session: aiohttp.ClientSession, people: People, person: str) -> None:
    """Providers let nobody be written to who never wrote: their twins have to have heard of the person."""
    hello = {"from": person, "text": "Hello!"}
    async with session.post(f"{people.provider.url}/_twin/inbound", json=hello) as answer:
        answer.raise_for_status()


async def weather(storm: Storm) -> Tally:
    """The whole of it, on fresh ground; what is found is counted by a process of its own."""
    async with laid() as ground:
        everybody = [People(provider, ground.webhooks(provider), storm.dice) for provider in ground.providers]
        crew = ground.crew(storm.wrong)
        over = asyncio.Event()
        async with working(crew):
            moods = asyncio.create_task(storm.misbehave(ground, over))
            rage = asyncio.create_task(storm.rage(ground, over, crew))
            try:
                await storm.write(ground, everybody)
            except AssertionError:
                print(ground.errors())
                raise
            finally:
                over.set()
            await asyncio.gather(moods, rage)
            await _calm(ground)
        said = [Said(each.id, each.after, each.acknowledged_at) for who in everybody for each in who.written.values()]
        (ground.folder / "said.json").write_text(json.dumps([asdict(each) for each in said]))
        return await _counted(ground)


async def _calm(ground: Ground) -> None:
    """Wait until nothing is left to do, as far as it gets."""
    until = time.monotonic() + REST_SECONDS
    while time.monotonic() < until:
        if not await ground.number(UNSETTLED):
            return
        await asyncio.sleep(0.3)


async def _counted(ground: Ground) -> Tally:
    counter = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.storm.count", str(ground.folder), env=ground.environment(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, _ = await counter.communicate(f"{ground.server.admin_url}\n".encode())
    return Tally(**json.loads(told))


def asked(words: Sequence[str] | None = None) -> Storm:
    """The storm that the command line describes."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.storm", description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=100)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--broken", choices=sorted(WRONG), help="a build that is wrong on purpose")
    told = parser.parse_args(words)
    return Storm(told.messages, told.threads, told.kills, told.seed, told.broken)


def main() -> int:
    """Print what was found; 1 when a promise did not hold."""
    storm = asked()
    began = time.monotonic()
    print(f"Storm of seed {storm.seed}: {storm.messages} messages, {storm.threads} threads.", flush=True)
    found = asyncio.run(weather(storm))
    for kind in ("lost", "twice", "out_of_order", "stale"):
        for line in getattr(found, kind)[:5]:
            print(f"  {kind}: {line}")
    deeds = ", ".join(f"{count} {what}" for what, count in storm.done.items())
    print(f"{deeds}; {storm.in_flight} sends in flight at kills; {time.monotonic() - began:.0f} s")
    print(f"{found.posts} posts taken by the providers, {found.failed} given up after refusals")
    print(found)
    return 0 if found.is_clean and found.unknown <= storm.in_flight else 1


if __name__ == "__main__":
    sys.exit(main())

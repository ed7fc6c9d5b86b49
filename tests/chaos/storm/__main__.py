"""Break the storm loose, let it pass, count.

make chaos        2,000 messages, 100 kills        make chaos-quick   600 messages, 15 kills

Every storm begins with each kind of blow once: a web process, a worker and PostgreSQL killed with -9, a worker stopped
for 20 s, a turn that never returns. Ends with 1 when a promise did not hold, when an outcome that nobody knows is
accounted for by no fall of its worker and no line that its provider cut (`falls.py` says what that means), when staff
are not shown one or cannot send it again, or when a kind of blow never fell.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass, field

import aiohttp

from lumi.modules.channels.public import Channel
from tests.chaos.storm.books import Said
from tests.chaos.storm.broken import BUILDS, Build
from tests.chaos.storm.count import Tally
from tests.chaos.storm.crew import working
from tests.chaos.storm.cruelty import KINDS, NAPS, Cruelty
from tests.chaos.storm.ground import Ground, laid
from tests.chaos.storm.people import People
from tests.chaos.storm.staff import Staff, send_again, shown_unknown
from tests.chaos.storm.wrong import WRONG

UNSETTLED = (
    "select (select count(*) from event where settled_at is null and due_at <= now())"
    " + (select count(*) from delivery where settled_at is null) + (select count(*) from lane where owner is not null)"
)
UNSENT = "select count(*) from delivery where id = any ($1::uuid[]) and state not in ('sent', 'delivered', 'read')"
AS_IT_IS = Build()
# People write while it is begun, and as long as it takes to kill so many.
FIRST_SECONDS, SECONDS_A_KILL = 14.0, 1.1
REST_SECONDS = 180.0


@dataclass
class Storm:
    """What is thrown at the house. `seconds`: in which everybody says what they have to say."""

    messages: int
    threads: int
    kills: int
    seed: int
    wrong: str | None
    seconds: float
    rest: float
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    @property
    def build(self) -> Build:
        """Which house it is thrown at, and how."""
        return BUILDS.get(self.wrong or "", AS_IT_IS)

    async def misbehave(self, ground: Ground, over: asyncio.Event) -> None:
        """Providers that are slow, fail, hang up, repeat themselves and mix up what they tell."""
        moods: list[dict[str, object]] = [
            {}, {"delay_ms": 300}, {"fail_rate": 0.3, "status": 503}, {"duplicate_webhooks": 0.3}, {"delay_ms": 1500},
            {"disconnect_after_accept_rate": 0.2},
        ]  # fmt: skip
        extra: dict[Channel, list[dict[str, object]]] = {
            Channel.WHATSAPP: [{"statuses_out_of_order": 0.5, "drop_statuses": 0.2}],
            Channel.TELEGRAM: [{"rate_limit_rate": 0.3, "retry_after": 1}],
            Channel.INSTAGRAM: [{"echo_first": 0.5}],
        }
        if self.wrong is not None:
            moods, extra = [{"delay_ms": self.build.delay_ms}], {}
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
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:
            writing: list[Coroutine[None, None, None]] = []
            for number in range(self.threads):
                people = everybody[number % len(everybody)]
                person = _person(people.provider.channel, number)
                await _introduce(session, people, person)
                writing.append(people.write(session, person, each, self.seconds))
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


@dataclass(frozen=True)
class Aftermath:
    """What is found when it is over."""

    tally: Tally
    cruelty: Cruelty
    unsent: Sequence[str] = ()
    """What staff sent again and did not leave."""

    @property
    def is_well(self) -> bool:
        """Whether the storm was one, and every promise held."""
        return self.tally.is_clean and not self.cruelty.lacking and not self.unsent


async def weather(storm: Storm) -> Aftermath:
    """The whole of it, on fresh ground; what is found is counted by a process of its own."""
    async with laid() as ground:
        everybody = [People(provider, ground.webhooks(provider), storm.dice) for provider in ground.providers]
        crew = ground.crew(storm.wrong)
        cruelty = Cruelty(ground, crew, storm.dice, storm.build.aim)
        over = asyncio.Event()
        async with working(crew):
            await ground.until_open()
            moods = asyncio.create_task(storm.misbehave(ground, over))
            rage = asyncio.create_task(cruelty.rage(over, storm.kills))
            try:
                await storm.write(ground, everybody)
            except AssertionError:
                print(ground.errors())
                raise
            finally:
                over.set()
            await asyncio.gather(moods, rage)
            await _calm(ground, storm.rest)
            _hand_over(ground, everybody, cruelty)
            if storm.wrong is not None:
                return Aftermath(await _counted(ground, ()), cruelty)
            return Aftermath(await _counted(ground, ground.staff()), cruelty, await _sent_again(ground))


def _hand_over(ground: Ground, everybody: Sequence[People], cruelty: Cruelty) -> None:
    """What the one who counts cannot know from logs and tables."""
    said = [Said(each.id, each.after, each.acknowledged_at) for who in everybody for each in who.written.values()]
    (ground.folder / "said.json").write_text(json.dumps([asdict(each) for each in said]))
    (ground.folder / "falls.json").write_text(json.dumps([asdict(each) for each in cruelty.falls]))


async def _calm(ground: Ground, seconds: float) -> None:
    """Wait until nothing is left to do, as far as it gets."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not await ground.number(UNSETTLED):
            return
        await asyncio.sleep(0.3)


async def _counted(ground: Ground, everybody: Sequence[Staff]) -> Tally:
    counter = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.storm.count", str(ground.folder), env=ground.environment(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    where = {"database": ground.server.admin_url, "staff": [asdict(each) for each in everybody]}
    told, _ = await counter.communicate(json.dumps(where).encode() + b"\n")
    return Tally(**json.loads(told))


async def _sent_again(ground: Ground) -> Sequence[str]:
    """Staff send all of it again; what did not leave then."""
    ids = [each.id for each in await shown_unknown(ground.staff())]
    refused = await send_again(ground.staff())
    await _calm(ground, REST_SECONDS)
    unsent = await ground.number(UNSENT, ids)
    return [*refused, *([f"{unsent} of {len(ids)} that staff sent again did not leave"] if unsent else [])]


def asked(words: Sequence[str] | None = None) -> Storm:
    """The storm that the command line describes."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.storm", description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=100)
    parser.add_argument("--kills", type=int, help="at least so many: 100, or what a build that is wrong needs")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--seconds", type=float, help="in which everybody writes")
    parser.add_argument("--broken", choices=sorted(WRONG), help="a build that is wrong on purpose")
    told = parser.parse_args(words)
    build = BUILDS.get(told.broken or "", AS_IT_IS)
    kills = build.kills if told.kills is None or not build.aim.victims else told.kills
    seconds = told.seconds or build.seconds or FIRST_SECONDS + SECONDS_A_KILL * kills
    return Storm(told.messages, told.threads, kills, told.seed, told.broken, seconds, build.rest or REST_SECONDS)


def main() -> int:
    """Print what was found; 1 when a promise did not hold."""
    storm = asked()
    began = time.monotonic()
    print(f"Storm of seed {storm.seed}: {storm.messages} messages, {storm.threads} threads.", flush=True)
    after = asyncio.run(weather(storm))
    found, cruelty = after.tally, after.cruelty
    for kind, lines in {**found.complaints(), "not sent again": after.unsent}.items():
        for line in lines[:5]:
            print(f"  {kind}: {line}")
    for kind in cruelty.lacking:
        print(f"  {kind}: it never came to that, so nothing was shown")
    deeds = ", ".join(f"{cruelty.done[what]} {what}" for what in ("kills", *KINDS, NAPS))
    print(f"{deeds}; {time.monotonic() - began:.0f} s")
    print(f"{found.posts} posts taken by the providers, {found.failed} given up after refusals")
    print(
        f"{found.in_flight} sends in flight when their worker fell, {found.cut} whose line the provider cut;"
        f" unknown for another reason: {len(found.unaccounted)}, unknown and not shown to staff: {len(found.hidden)}"
    )
    print(found)
    return 0 if after.is_well else 1


if __name__ == "__main__":
    sys.exit(main())

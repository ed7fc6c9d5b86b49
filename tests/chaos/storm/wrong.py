"""A web process or a worker that is wrong on purpose, so that the count can be seen to catch it.

    python -m tests.chaos.storm.wrong worker epoch [--hang]

`ack`: says 200 before the commit. `seq`: saves whatever came meanwhile. `resend`: posts again when nobody knows the
outcome. `epoch`: goes on with a lane that somebody else has taken over. `nothing`: the house as it is. With `--hang` a
turn never comes back whenever the storm orders it, with `--nap` the whole process stops just before it saves and wakes
when others have its lanes: both the house has to survive.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from lumi.core.lanes import Lane
    from lumi.core.runner import Pulse
    from lumi.modules.assistant.repository import SaveOutcome

# An order to hang, as a file in the folder of the process: taken up by one turn, and over when its deadline ends it.
ORDER, HANGING, ENDURED = "hang", "hanging", "endured"
NAPS_EVERY = 12
NAP_SECONDS = 14


def ack() -> None:
    """The receiver says 200 and commits a moment later."""
    from lumi.modules.channels.services.receive import Receiver

    real = cast("Callable[..., Awaitable[int]]", Receiver._take)  # pyright: ignore[reportPrivateUsage]
    later: set[asyncio.Task[None]] = set()

    async def take(*given: object, **named: object) -> int:
        async def commit() -> None:
            await asyncio.sleep(0.2)
            await real(*given, **named)

        task = asyncio.ensure_future(commit())
        later.add(task)
        task.add_done_callback(later.discard)
        return 1

    setattr(Receiver, "_take", take)  # noqa: B010 - private on purpose


def seq() -> None:
    """Every thought is taken for the last one, and thinking takes a while."""
    from lumi.modules.assistant import rules

    rules.is_last_thought = lambda *_given: True  # type: ignore[assignment]
    think_slowly()


def think_slowly() -> None:
    """Long enough for something to happen meanwhile."""
    from lumi.modules.assistant.services import thinking

    real = thinking.think

    async def think(*given: object, **named: object) -> object:
        await asyncio.sleep(1.5)
        return await real(*given, **named)  # type: ignore[arg-type]

    thinking.think = think  # type: ignore[assignment]


def resend() -> None:
    """Every channel is taken for one that shows the same key once."""
    from lumi.modules.channels import rules

    for channel, can in rules.CAPABILITIES.items():
        rules.CAPABILITIES[channel] = dataclasses.replace(can, repeatable=True)  # type: ignore[index]


def epoch() -> None:
    """Whatever a worker once claimed it takes back before every step, and it never finds itself too old to speak."""
    from lumi.core import runner
    from lumi.core.runner import Pulse, Runner
    from lumi.modules.assistant.repository import Turns
    from lumi.modules.assistant.services import turn

    runner.end_when_hung = asyncio.Event().wait  # type: ignore[assignment]
    turn.THINK_SECONDS = 1e6  # who sleeps through a deadline would fail by it
    setattr(Pulse, "fresh", property(lambda _: True))  # noqa: B010
    think_slowly()
    setattr(Pulse, "beat", _beat_on)  # noqa: B010
    setattr(Runner, "_until_broken", _live_on)  # noqa: B010
    for name in ("begin", "save", "depart", "finish"):
        real = cast("Callable[..., Awaitable[object]]", getattr(Turns, name))

        async def stolen(
            turns: Turns, lane: Lane, *given: object, real: Callable[..., Awaitable[object]] = real, **named: object
        ) -> object:
            pool, worker = turns._pool, turns._worker  # pyright: ignore[reportPrivateUsage]
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("select app.bind($1)", lane.tenant_id)
                await connection.execute(
                    "update lane set owner = $2, epoch = $3 where tenant_id = $1 and key = $4",
                    lane.tenant_id, worker, lane.epoch, lane.key,
                )  # fmt: skip
            return await real(turns, lane, *given, **named)

        setattr(Turns, name, stolen)
    nap()


def nap() -> None:
    """One turn in so many stops the process as it is about to save; it is woken when its lanes are others' by now."""
    from lumi.modules.assistant.repository import Turns

    real, saves = Turns.save, itertools.count(1)

    async def save(turns: Turns, lane: Lane, item: Mapping[str, object]) -> SaveOutcome:
        if next(saves) % NAPS_EVERY == 0:
            wake = f"sleep {NAP_SECONDS}; kill -CONT {os.getpid()}"
            subprocess.Popen(["/bin/sh", "-c", wake])  # noqa: ASYNC220 - our own words, and we are about to stop
            os.kill(os.getpid(), signal.SIGSTOP)
        return await real(turns, lane, item)

    setattr(Turns, "save", save)  # noqa: B010


async def _live_on(_runner: object) -> None:
    await asyncio.Event().wait()


async def _beat_on(pulse: Pulse) -> None:
    """Beat as long as it goes, and live on when one was declared lost."""
    from lumi.core.db import fetch

    while True:
        await fetch(
            pulse._db.pool,  # pyright: ignore[reportPrivateUsage]
            "update worker set beat_at = clock_timestamp() where id = $1", pulse.worker,
        )  # fmt: skip
        await asyncio.sleep(3)


def nothing() -> None:
    """The house as it is."""


def hang() -> None:
    """The turn that finds an order to hang thinks for ever."""
    from lumi.modules.assistant.services import thinking

    real = thinking.think

    async def think(*given: object, **named: object) -> object:
        try:
            os.rename(ORDER, HANGING)
        except FileNotFoundError:
            return await real(*given, **named)  # type: ignore[arg-type]
        try:
            return await asyncio.Event().wait()
        finally:
            os.rename(HANGING, ENDURED)

    thinking.think = think  # type: ignore[assignment]


WRONG: dict[str, Callable[[], None]] = {each.__name__: each for each in (ack, seq, resend, epoch, nothing)}

if __name__ == "__main__":
    role, which, *more = sys.argv[1:]
    WRONG[which]()
    if "--hang" in more:
        hang()
    if "--nap" in more:
        nap()
    if role == "worker":
        from lumi.worker import main

        main()
    else:
        from lumi.cli import main as lumi

        sys.argv = ["lumi", "serve"]
        lumi()

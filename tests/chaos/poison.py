"""A worker, and the process it takes a lone turn in, which die of the message that tells them to.

    python -m tests.chaos.poison worker DATABASE_URL

The real parts, but for one hand: a turn that reads `poison: kill` is killed, and so on.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import cast

from lumi import wiring
from lumi.core import expendable
from lumi.core.runner import end_when_hung
from lumi.core.settings import get_settings
from lumi.modules.assistant.services import thinking, turn
from lumi.modules.assistant.values import TurnInput

WORD = "poison: "
HOLD = "poison: hold."  # a sentence that ends: nobody waits for more of it
MEMORY_BYTES = 700 * 1024**2
PROCESSOR_SECONDS = 8


def kill() -> None:
    """As the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def segfault() -> None:
    """As a library written in C may."""
    faulthandler._sigsegv()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def memory() -> None:
    """Take more and more."""
    hoard: list[bytearray] = []
    while True:
        hoard.append(bytearray(16 * 1024**2))


def spin() -> None:
    """Never yield."""
    while True:
        pass


def fail() -> None:
    """Raise, as any mistake of ours."""
    raise RuntimeError("poison")


DEEDS: dict[str, Callable[[], None]] = {each.__name__: each for each in (kill, segfault, memory, spin, fail)}


def poison() -> None:
    """From now on a turn does what it reads."""
    real = cast("Callable[..., Awaitable[object]]", thinking.think)

    async def think(tenant_id: object, given: TurnInput, *more: object) -> object:
        for said in given.said:
            if said.text == HOLD:
                await asyncio.Event().wait()
            elif said.text.startswith(WORD):
                DEEDS[said.text.removeprefix(WORD)]()
        return await real(tenant_id, given, *more)

    thinking.think = think  # type: ignore[assignment]


async def work(url: str) -> None:
    """Be a worker until the end."""
    async with wiring.open_house(get_settings(), database_url=url) as house:
        runner = await wiring.open_worker(house)
        runner.also(end_when_hung())
        await runner.run()


if __name__ == "__main__":
    poison()
    expendable.MEMORY_BYTES, expendable.PROCESSOR_SECONDS = MEMORY_BYTES, PROCESSOR_SECONDS
    if sys.argv[1] == "worker":
        # a test must not take the whole machine's memory
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        turn.THINK_SECONDS = 1e6  # who holds holds until it is killed
        wiring.CHILD[:] = ["tests.chaos.poison", "child"]
        asyncio.run(work(sys.argv[2]))
    else:
        from lumi.expendable import main

        main()

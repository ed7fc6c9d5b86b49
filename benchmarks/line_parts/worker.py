"""Lumi's worker with a choice of brain: `python -m benchmarks.line_parts.worker echo|real [WATCHED.json]`.

It is `lumi.worker` but for the one function that thinks, replaced from outside when the brain is to be trivial.
With a file name it also watches the steps of each turn; SIGUSR1 forgets what was seen so far.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from uuid import UUID

from lumi.core import logging
from lumi.core.loop import run
from lumi.core.settings import get_settings
from lumi.modules.assistant.services import thinking
from lumi.modules.assistant.values import Decision, Say, TurnInput
from lumi.worker import work


async def echo(_tenant_id: UUID, given: TurnInput, _knowledge: thinking.Knowledge) -> Decision:
    """The trivial brain of both builds."""
    text = given.said[-1].text
    return Decision((), (Say(text, text, "en"),), "en")


async def _work(watched: Path | None) -> None:
    if watched is None:
        await work(get_settings())
        return
    from benchmarks.line_parts.steps import Watch

    watch = Watch()
    watch.install()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, watch.forget)
    try:
        await work(get_settings())
    finally:
        watch.write(watched)


if __name__ == "__main__":
    brain, *rest = sys.argv[1:]
    if brain == "echo":
        thinking.think = echo
    logging.configure(get_settings().require())
    run(_work(Path(rest[0]) if rest else None))

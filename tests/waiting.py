"""Waiting for what nobody tells a test: back at once where it is so, patient where a machine is slow."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable

PATIENCE_SECONDS = 45.0
"""Longer than anything takes that comes at all: only a test that fails waits for so long."""
SILENCE_SECONDS = 1.5
"""How long to wait for what never comes, where all that does come has to come before."""


async def until(
    so: Callable[[], object], seconds: float = PATIENCE_SECONDS, *, every: float = 0.01, what: str = "it"
) -> None:
    """Wait until `so()` is true, or what it lets us wait for is; AssertionError when it is not in time."""
    give_up_at = time.monotonic() + seconds
    while True:
        found = so()
        if await found if inspect.isawaitable(found) else found:
            return
        assert time.monotonic() < give_up_at, f"{what} did not come true in {seconds:g} s"
        await asyncio.sleep(every)

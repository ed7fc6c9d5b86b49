"""A worker that is stopped when the bytes of a reply are about to leave, and woken: it looks once more first."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.branching import Branch
from tests.chaos.dying import PATIENCE_SECONDS, mortal
from tests.journeys.conftest import Line
from tests.serving import working
from tests.waiting import until

pytestmark = pytest.mark.chaos


async def stops(worker: Branch) -> None:
    """Wait until it has stopped itself."""
    await until(lambda: state_of(worker) == "T", PATIENCE_SECONDS, every=0.05, what="that step")


def state_of(worker: Branch) -> str:
    """What the system says it does: T, it was stopped by a signal."""
    return Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0]


async def test_what_others_have_given_up_meanwhile_is_not_posted_late(line: Line, database_url: str) -> None:
    async with mortal("worker", database_url, "leave", "stopped") as stopped:
        await line.write("Merci !")
        await stops(stopped)
        async with working(line.house):
            await until(lambda: line.rows("select 1 from delivery where state = 'unknown'"))
            await line.write("Merci encore !")
            assert len(await line.hears(1)) == 1
            os.kill(stopped.pid, signal.SIGCONT)
            await asyncio.to_thread(stopped.wait)

    assert len(line.heard()) == 1
    assert await line.rows("select state from delivery order by n") == [("unknown",), ("sent",)]


async def test_what_nobody_else_took_is_sent_after_all(line: Line, database_url: str) -> None:
    async with mortal("worker", database_url, "leave", "stopped") as stopped:
        await line.write("Merci !")
        await stops(stopped)
        await until(lambda: line.rows("select 1 from worker where clock_timestamp() - beat_at > interval '6 s'"))
        os.kill(stopped.pid, signal.SIGCONT)
        assert len(await line.hears(1)) == 1

    assert await line.rows("select state, attempt from delivery") == [("sent", 2)]

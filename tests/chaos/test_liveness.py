"""A worker that dies, or hangs: how soon its threads go on. The promise is the limit, and the figures are printed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time

import pytest

from lumi.core import http
from lumi.modules.assistant import public as assistant
from tests.chaos.poison import HOLD
from tests.chaos.test_poison import ENVIRONMENT
from tests.journeys.conftest import Line
from tests.serving import working
from tests.waiting import until

pytestmark = pytest.mark.chaos

START_SECONDS = 90.0
# Two processors that do the work of other tests as well say little of ours: the promise has to be kept once.
ATTEMPTS = 3
WORKERS = "select 1 from worker having count(*)"


async def until_it_went_on(line: Line, database_url: str, number: signal.Signals) -> float:
    """Seconds from the end of the worker that has a thread until somebody else has answered in it."""
    gone = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.poison", "worker", database_url, env={**os.environ, **ENVIRONMENT}
    )
    said = len(line.heard())
    try:
        await until(lambda: line.rows(f"{WORKERS} = 1"))
        await line.write(HOLD)
        await until(lambda: line.rows("select 1 from lane where owner is not null"))
        await asyncio.sleep(1)  # it has recorded what it thinks about for ever
        async with working(line.house):
            await until(lambda: line.rows(f"{WORKERS} = 2"))
            assert len(line.heard()) == said
            assert await line.rows("select 1 from lane where owner is not null")
            assert gone.returncode is None
            gone.send_signal(number)
            began = time.monotonic()
            await until(lambda: len(line.heard()) == said + 1, START_SECONDS)
            return time.monotonic() - began
    finally:
        with contextlib.suppress(ProcessLookupError):
            gone.kill()
        await gone.wait()


@pytest.mark.parametrize(
    ("number", "limit"), [(signal.SIGKILL, 2.0), (signal.SIGSTOP, 15.0)], ids=["dead within 2 s", "hung within 15 s"]
)
async def test_the_threads_of_a_worker_that_is_gone_go_on(
    line: Line, database_url: str, number: signal.Signals, limit: float
) -> None:
    http.prepare()  # as a worker does before its first beat
    assistant.prepare()
    took = limit + 1
    for _ in range(ATTEMPTS):
        if took > limit:
            took = await until_it_went_on(line, database_url, number)
            print(f"{number.name}: its thread went on after {took:.2f} s")  # noqa: T201 - the figure that is promised

    assert took <= limit

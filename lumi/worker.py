"""The worker process: takes turns and does jobs until it is told to stop. `python -m lumi.worker`."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from lumi.core import http, logging, memory
from lumi.core.db import DATABASE_GONE
from lumi.core.figures import scrape
from lumi.core.loop import run
from lumi.core.runner import end_when_hung
from lumi.core.settings import Settings, get_settings
from lumi.modules.assistant import public as assistant
from lumi.wiring import open_house, open_worker

log = logging.get_logger("lumi.worker")


def main() -> None:
    """Work until SIGTERM or SIGINT. Exit code 0 when told to stop, 1 when something ended the work."""
    settings = get_settings().require()
    logging.configure(settings)
    try:
        run(work(settings))
    except DATABASE_GONE as error:
        log.error("worker_lost_database", reason=f"{type(error).__name__}: {error}")
        sys.exit(1)
    except Exception:  # the top of the process: written down, then the process ends
        log.exception("worker_failed")
        sys.exit(1)


async def work(settings: Settings) -> None:
    """Claim and do what is due until told to stop; raises what ended a background loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await loop.run_in_executor(None, _load)
    async with open_house(settings) as house, scrape.told(settings, house.db, "worker"):
        worker = await open_worker(house)
        worker.also(end_when_hung())
        stopping = loop.create_task(_stop_when_told(stop, worker.stop))
        memory.settle()
        log.info("worker_ready")
        try:
            await worker.run()
        finally:
            stopping.cancel()
    log.info("worker_stopped")


def _load() -> None:
    """Before the first beat: a turn that waits for any of it would stop the loop for all others."""
    http.prepare()
    assistant.prepare()


async def _stop_when_told(told: asyncio.Event, stop: Callable[[], None]) -> None:
    await told.wait()
    stop()


if __name__ == "__main__":
    main()

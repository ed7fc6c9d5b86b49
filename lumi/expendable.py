"""One turn of one lane in a process that may die of it. `python -m lumi.expendable`, by a worker only."""

from __future__ import annotations

import asyncio
import sys

from lumi.core import expendable, http, logging
from lumi.core.db import is_gone
from lumi.core.expendable import Borrowed, Exit, Order
from lumi.core.jobs import Fenced
from lumi.core.loop import run
from lumi.core.settings import Settings, get_settings
from lumi.modules.assistant import public as assistant
from lumi.wiring import open_house, open_turns

log = logging.get_logger("lumi.expendable")

POOL_SIZE = 2


def main() -> None:
    """Take the turn that standard input names. Exit code 0: it was taken; 1: it failed and may be tried again."""
    parent = expendable.keep_output()
    order = expendable.receive_order(sys.stdin.buffer)
    settings = get_settings().require()
    logging.configure(settings)
    try:
        run(take(settings, order, parent))
    except MemoryError:
        expendable.run_out_of_memory()
    except Exception as error:  # the top of the process: written down, then the process ends
        log.exception("turn_failed", lane=str(order.lane.key), attempt=order.lane.crashes)
        sys.exit(Exit.NO_DATABASE if is_gone(error) else Exit.FAILED)


async def take(settings: Settings, order: Order, parent: int) -> None:
    """One whole turn in the name of the worker that ordered it, who waits at `parent` until it begins.

    Raises what it failed of.
    """
    http.prepare()
    assistant.prepare()
    small = settings.model_copy(update={"db_pool_size": POOL_SIZE})
    async with open_house(small, database_url=order.database_url) as house:
        pulse = Borrowed(house.db, order.worker)
        await pulse.look()
        watching = asyncio.ensure_future(pulse.watch())
        turns = open_turns(house, house.db, pulse, out_of_memory=expendable.run_out_of_memory)
        expendable.say_ready(parent)
        try:
            await turns.take(order.lane)
        except Fenced:
            log.info("lane_fenced", lane=str(order.lane.key), epoch=order.lane.epoch)
        finally:
            watching.cancel()


if __name__ == "__main__":
    main()

"""The benchmarks of the line in their short form, one after the other on one ground: `python -m benchmarks.quick`.

That they run and print, in a minute; what they say is said by each alone, on a ground of its own.
"""

from __future__ import annotations

import asyncio
import sys
import time

from benchmarks import churn, neighbours, open_loop, threads
from benchmarks.line_parts.ground import Ground, on_fresh_ground

# What leaves work behind comes last.
SHORT = (churn.quick, open_loop.quick, neighbours.quick, threads.quick)


async def measure(ground: Ground) -> int:
    """How many of them ended with a verdict against this machine at this moment."""
    against = 0
    for short in SHORT:
        began = time.monotonic()
        against += bool(await short(ground))
        print(f"  {short.__module__.rpartition('.')[2]} in {time.monotonic() - began:.0f} s", flush=True)
    return against


if __name__ == "__main__":
    sys.exit(min(1, asyncio.run(on_fresh_ground(measure))))

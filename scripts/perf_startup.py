"""From process start to ready, on a database that is up: is `lumi serve` quick enough, and what do its imports cost?

    python scripts/perf_startup.py --iterations 3 --threshold 2.5

Ends with 1 when the median is over the threshold.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lumi.core.database import place
from lumi.core.migrate import migrate
from lumi.core.settings import get_settings

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60
SHOWN = 15
_IMPORT = re.compile(r"^import time:\s+(\d+) \|\s+(\d+) \| +(\S+)$", re.MULTILINE)


def main() -> int:
    """Measure, print, and say by the exit code whether the threshold was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=3, metavar="N")
    parser.add_argument("--threshold", type=float, default=2.5, metavar="SECONDS")
    given = parser.parse_args()
    return asyncio.run(measure(given.iterations, given.threshold))


async def measure(iterations: int, threshold: float) -> int:
    """Start so many times, one after the other, while the database stays up."""
    settings = get_settings().require()
    async with place(settings) as here:
        await migrate(here.owner_url, here.app_password)
        seconds = [await asyncio.to_thread(start, number) for number in range(1, iterations + 1)]
        listing = await asyncio.to_thread(imports)
    median = statistics.median(seconds)
    is_quick = median <= threshold
    print(f"median   {median:.2f} s; threshold {threshold:.2f} s: {'kept' if is_quick else 'EXCEEDED'}\n")
    show(listing)
    return 0 if is_quick else 1


def start(number: int) -> float:
    """Seconds from the start of the process until /readyz answers 200."""
    before, began = processor(), time.perf_counter()
    with serving() as (process, port):
        wait(process, port)
        took = time.perf_counter() - began
    print(f"start {number:<3}{took:.2f} s; {processor() - before:.2f} s of processor, its end included", flush=True)
    return took


def processor() -> float:
    """Seconds of processor of the children that have ended: a busy machine does not change them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def imports() -> str:
    """What Python writes about the imports of a start."""
    with tempfile.TemporaryFile("w+") as listing:
        with serving("-X", "importtime", output=listing) as (process, port):
            wait(process, port)
        listing.seek(0)
        return listing.read()


@contextmanager
def serving(*options: str, output: IO[str] | None = None) -> Generator[tuple[subprocess.Popen[bytes], int]]:
    """One web server on a free port; what it says goes to `output` or nowhere."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "LUMI_HOME": str(get_settings().lumi_home)}
    process = subprocess.Popen(
        [sys.executable, *options, "-m", "lumi", "serve"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if output is None else output,
    )
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Return when the server is ready; raises RuntimeError when it ended or took too long."""
    give_up_at = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < give_up_at:
        if process.poll() is not None:
            raise RuntimeError(f"lumi serve ended with {process.returncode}")
        if is_ready(port):
            return
        time.sleep(0.005)
    raise RuntimeError(f"lumi serve was not ready within {PATIENCE_SECONDS} s")


def is_ready(port: int) -> bool:
    """Whether /readyz answers 200."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/readyz")
        return asked.getresponse().status == 200
    except OSError:
        return False
    finally:
        asked.close()


def show(listing: str) -> None:
    """Print the imports by package, the dearest first; a package's time is that of its own files."""
    packages: defaultdict[str, list[int]] = defaultdict(list)
    for own, _, name in _found(listing):
        packages[name.split(".")[0]].append(int(own))
    ranked = sorted(packages.items(), key=lambda each: -sum(each[1]))
    total = sum(sum(times) for _, times in ranked)
    print(f"imports  {total / 1e6:.2f} s (with the clock running, which slows them)")
    for name, times in ranked[:SHOWN]:
        print(f"{sum(times) / 1e3:8.0f} ms  {name} ({len(times)} modules)")


def _found(listing: str) -> Sequence[tuple[str, str, str]]:
    return _IMPORT.findall(listing)


if __name__ == "__main__":
    sys.exit(main())

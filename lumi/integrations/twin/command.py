"""A twin as a program of its own: what every one of them is asked on the command line, and how it says where it is."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path

from lumi.integrations.twin.serving import LOOPBACK


def parser(module: str, description: str, *, logged: str = "every message taken") -> argparse.ArgumentParser:
    """The parser of `python -m MODULE`; `logged` names what is written to the log, one line each."""
    made = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    made.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    made.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    made.add_argument("--log", type=Path, metavar="FILE", help=f"write {logged} to this file")
    made.add_argument("--seed", type=int, default=1, help="for the faults that are left to chance")
    return made


def run(serve: Coroutine[None, None, None]) -> None:
    """Serve to the end, on the quick loop where there is one."""
    if sys.platform == "win32":
        asyncio.run(serve)
        return
    import uvloop

    uvloop.run(serve)


async def until_told(said: Mapping[str, object]) -> None:
    """Say this as one line of JSON on standard output, and return when the process is told to end."""
    ended = asyncio.Event()
    if sys.platform != "win32":
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, ended.set)
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    await ended.wait()

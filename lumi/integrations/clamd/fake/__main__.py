"""`python -m lumi.integrations.clamd.fake`: a twin of its own, until it is told to end."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from lumi.integrations.clamd.fake.server import LOOPBACK, running
from lumi.integrations.clamd.fake.twin import TwinSettings


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where."""
    parser = argparse.ArgumentParser(prog="python -m lumi.integrations.clamd.fake")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--socket", type=Path, help="path to listen at, instead of a port")
    parser.add_argument("--max-bytes", type=int, default=100 << 20, help="the largest stream that is taken")
    parser.add_argument("--max-file-bytes", type=int, default=100 << 20, help="the largest file that is looked into")
    parser.add_argument("--silent", action="store_true", help="say OK of what was not looked into (AlertExceedsMax no)")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(asked: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    settings = TwinSettings(
        stream_max_bytes=asked.max_bytes, file_max_bytes=asked.max_file_bytes, alerts_beyond=not asked.silent
    )
    async with running(settings, asked.host, asked.port, path=asked.socket) as served:
        sys.stdout.write(json.dumps({"address": served.address}) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    main()

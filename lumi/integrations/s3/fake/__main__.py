"""`python -m lumi.integrations.s3.fake`: a twin of its own, until it is told to end."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from lumi.integrations.s3.fake.server import LOOPBACK, running
from lumi.integrations.s3.fake.twin import TwinSettings


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where and with which key."""
    parser = argparse.ArgumentParser(prog="python -m lumi.integrations.s3.fake")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--bucket", default=TwinSettings.bucket, help="the one bucket there is")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(asked: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    settings = TwinSettings(bucket=asked.bucket)
    async with running(settings, asked.host, asked.port) as served:
        said = {"url": served.url, "bucket": settings.bucket, "key_id": settings.key_id, "secret": settings.secret}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    main()

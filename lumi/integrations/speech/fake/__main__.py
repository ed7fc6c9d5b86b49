"""`python -m lumi.integrations.speech.fake`: a twin of its own, until it is told to end."""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from lumi.integrations.speech.fake.server import LOOPBACK, running
from lumi.integrations.speech.fake.twin import TwinSettings


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where and with which key."""
    asked = _parser().parse_args()
    if sys.platform == "win32":
        asyncio.run(_serve(asked))
        return
    import uvloop

    uvloop.run(_serve(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lumi.integrations.speech.fake",
        description="A server with the shapes of OpenAI's audio API and of Coqui's. Its key is taken from "
        "STT_API_KEY, or made up and printed.",
    )
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write everything heard and spoken to this file")
    parser.add_argument("--seed", type=int, default=1, help="for the faults that are left to chance")
    return parser


async def _serve(asked: argparse.Namespace) -> None:
    settings = TwinSettings(log_path=asked.log, seed=asked.seed)
    given = os.environ.get("STT_API_KEY")
    settings.token = given or settings.token
    ended = asyncio.Event()
    if sys.platform != "win32":
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, ended.set)
    async with running(settings, asked.host, asked.port) as served:
        said: dict[str, object] = {"url": served.url, "models": list(settings.models)}
        if not given:
            said["token"] = settings.token
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    main()

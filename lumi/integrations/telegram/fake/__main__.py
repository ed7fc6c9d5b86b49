"""`python -m lumi.integrations.telegram.fake`: a twin of its own, until it is told to end."""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from lumi.integrations.telegram.fake.server import LOOPBACK, running
from lumi.integrations.telegram.fake.twin import Twin, TwinSettings, new_token

_TOKENS = "TELEGRAM_BOT_TOKEN"
_SECRET = "TELEGRAM_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where and with which keys."""
    asked = _parser().parse_args()
    if sys.platform == "win32":
        asyncio.run(_serve(asked))
        return
    import uvloop

    uvloop.run(_serve(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lumi.integrations.telegram.fake",
        description=f"A server with the shapes of Telegram's Bot API. Tokens (several with commas between) and the "
        f"webhook's secret are taken from {_TOKENS} and {_SECRET}, or made up and printed.",
    )
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--webhook", metavar="URL", help="where the updates of every bot are posted from the start")
    parser.add_argument("--bots", type=int, default=1, help="how many bots, where no tokens are given")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write every message taken to this file")
    parser.add_argument("--seed", type=int, default=1, help="for the faults that are left to chance")
    return parser


def _settings(asked: argparse.Namespace) -> TwinSettings:
    settings = TwinSettings(webhook_url=asked.webhook, log_path=asked.log, seed=asked.seed)
    given = tuple(token for token in os.environ.get(_TOKENS, "").split(",") if token)
    settings.tokens = given or tuple(new_token() for _ in range(max(1, asked.bots)))
    settings.webhook_secret = os.environ.get(_SECRET) or settings.webhook_secret
    return settings


def _said(twin: Twin, url: str) -> dict[str, object]:
    """Where it is, who its bots are, and every key that was made up."""
    said: dict[str, object] = {
        "url": url,
        "bots": [{"id": each.id, "username": each.username} for each in twin.bots.values()],
    }
    if not os.environ.get(_TOKENS):
        said["tokens"] = list(twin.bots)
    if not os.environ.get(_SECRET):
        said["webhook_secret"] = twin.settings.webhook_secret
    return said


async def _serve(asked: argparse.Namespace) -> None:
    settings = _settings(asked)
    ended = asyncio.Event()
    if sys.platform != "win32":
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, ended.set)
    async with running(settings, asked.host, asked.port) as served:
        sys.stdout.write(json.dumps(_said(served.twin, served.url)) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    main()

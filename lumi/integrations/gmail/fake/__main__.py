"""`python -m lumi.integrations.gmail.fake`: a twin of its own, until it is told to end."""

import argparse
import asyncio
import json
import os
import secrets
import signal
import sys
from pathlib import Path

from lumi.integrations.gmail.fake.server import LOOPBACK, RunningTwin, running
from lumi.integrations.gmail.fake.twin import TwinSettings

_KEYS = {"client_secret": "GMAIL_CLIENT_SECRET", "refresh_token": "GMAIL_REFRESH_TOKEN"}


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
        prog="python -m lumi.integrations.gmail.fake",
        description="A server with the shapes of Gmail's API. Client secret and the refresh token of the first mailbox "
        "are taken from GMAIL_CLIENT_SECRET and GMAIL_REFRESH_TOKEN, or made up and printed.",
    )
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--webhook", metavar="URL", help="where pushes are posted")
    parser.add_argument("--audience", help="what pushes are signed for (default: the address they are posted to)")
    parser.add_argument("--mailbox", action="append", metavar="ADDRESS", help="a mailbox; may be repeated")
    parser.add_argument("--keep-message-ids", action="store_true", help="leave the Message-ID of what is sent as it is")
    parser.add_argument("--quota", type=int, default=0, metavar="UNITS", help="per minute and mailbox (default: none)")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write every mail taken to this file")
    parser.add_argument("--seed", type=int, default=1, help="for the faults that are left to chance")
    return parser


def _settings(asked: argparse.Namespace) -> TwinSettings:
    settings = TwinSettings(
        webhook_url=asked.webhook,
        audience=asked.audience,
        keeps_message_ids=asked.keep_message_ids,
        units_per_minute=asked.quota,
        log_path=asked.log,
        seed=asked.seed,
    )
    if asked.mailbox:
        settings.mailboxes = {str(each).lower(): secrets.token_urlsafe(32) for each in asked.mailbox}
    settings.client_secret = os.environ.get(_KEYS["client_secret"]) or settings.client_secret
    first = next(iter(settings.mailboxes))
    settings.mailboxes[first] = os.environ.get(_KEYS["refresh_token"]) or settings.mailboxes[first]
    return settings


async def _serve(asked: argparse.Namespace) -> None:
    settings = _settings(asked)
    ended = asyncio.Event()
    if sys.platform != "win32":
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, ended.set)
    async with running(settings, asked.host, asked.port) as served:
        sys.stdout.write(json.dumps(_said(settings, served)) + "\n")
        sys.stdout.flush()
        await ended.wait()


def _said(settings: TwinSettings, served: RunningTwin) -> dict[str, object]:
    """What its user has to know; keys that were given are not said again."""
    said: dict[str, object] = {
        "url": served.url,
        "token_url": served.token_url,
        "certs_url": served.certs_url,
        "client_id": settings.client_id,
        "topic": settings.topic,
        "service_account": settings.service_account,
    }
    given = os.environ.get(_KEYS["refresh_token"])
    said["mailboxes"] = {address: None if key == given else key for address, key in settings.mailboxes.items()}
    if settings.client_secret != os.environ.get(_KEYS["client_secret"]):
        said["client_secret"] = settings.client_secret
    return said


if __name__ == "__main__":
    main()

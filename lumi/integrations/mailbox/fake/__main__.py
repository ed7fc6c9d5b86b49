"""`python -m lumi.integrations.mailbox.fake`: a twin of its own, until it is told to end."""

import argparse
import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from lumi.integrations.mailbox.fake.server import LOOPBACK, Ports, running
from lumi.integrations.mailbox.fake.twin import TwinSettings


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
        prog="python -m lumi.integrations.mailbox.fake",
        description="An IMAP and an SMTP server with the manners of a mail provider. Password and access token are "
        "taken from MAILBOX_PASSWORD and MAILBOX_ACCESS_TOKEN, or made up and printed.",
    )
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="port of the control surface (default: any free one)")
    for name in ("imap", "smtp", "imap-tls", "smtp-tls"):
        parser.add_argument(f"--{name}-port", type=int, default=0, help="default: any free one")
    parser.add_argument("--account", action="append", metavar="ADDRESS", help="a mailbox; may be repeated")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="in PEM; passwords then travel in TLS only")
    parser.add_argument("--key", type=Path, metavar="FILE", help="of the certificate")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write every mail taken to this file")
    parser.add_argument("--seed", type=int, default=1, help="for the faults that are left to chance")
    return parser


def _settings(asked: argparse.Namespace) -> TwinSettings:
    settings = TwinSettings(log_path=asked.log, seed=asked.seed)
    if asked.certificate is not None:
        settings.certificate = (asked.certificate, asked.key or asked.certificate)
    if asked.account:
        settings.accounts = tuple(asked.account)
    settings.password = os.environ.get("MAILBOX_PASSWORD") or settings.password
    settings.access_token = os.environ.get("MAILBOX_ACCESS_TOKEN") or settings.access_token
    return settings


async def _serve(asked: argparse.Namespace) -> None:
    settings = _settings(asked)
    ended = asyncio.Event()
    if sys.platform != "win32":
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, ended.set)
    ports = Ports(asked.imap_port, asked.smtp_port, asked.imap_tls_port, asked.smtp_tls_port)
    async with running(settings, asked.host, asked.port, ports) as served:
        said: dict[str, object] = {
            "url": served.url,
            "host": served.host,
            "ports": asdict(served.ports),
            "accounts": settings.accounts,
        }
        if settings.password != os.environ.get("MAILBOX_PASSWORD"):
            said["password"] = settings.password
        if settings.access_token != os.environ.get("MAILBOX_ACCESS_TOKEN"):
            said["access_token"] = settings.access_token
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    main()

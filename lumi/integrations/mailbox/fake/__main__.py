"""`python -m lumi.integrations.mailbox.fake`: a twin of its own, until it is told to end."""

import argparse
import os
from dataclasses import asdict
from pathlib import Path

from lumi.integrations.mailbox.fake.server import Ports, RunningTwin, running
from lumi.integrations.mailbox.fake.twin import TwinSettings
from lumi.integrations.twin import command

_KEYS = {
    "password": "MAILBOX_PASSWORD",
    "access_token": "MAILBOX_ACCESS_TOKEN",
    "client_secret": "MAILBOX_CLIENT_SECRET",
}


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where and with which keys."""
    command.run(_serve(_parser().parse_args()))


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "lumi.integrations.mailbox.fake",
        "An IMAP and an SMTP server with the manners of a mail provider, and who gives tokens for them. Password, "
        "access token and the secret of the client are taken from MAILBOX_PASSWORD, MAILBOX_ACCESS_TOKEN and "
        "MAILBOX_CLIENT_SECRET, or made up and printed; a refresh token of each account is printed.",
        logged="every mail taken",
    )
    for name in ("imap", "smtp", "imap-tls", "smtp-tls"):
        parser.add_argument(f"--{name}-port", type=int, default=0, help="default: any free one")
    parser.add_argument("--account", action="append", metavar="ADDRESS", help="a mailbox; may be repeated")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="in PEM; passwords then travel in TLS only")
    parser.add_argument("--key", type=Path, metavar="FILE", help="of the certificate")
    return parser


def _settings(asked: argparse.Namespace) -> TwinSettings:
    settings = TwinSettings(log_path=asked.log, seed=asked.seed)
    if asked.certificate is not None:
        settings.certificate = (asked.certificate, asked.key or asked.certificate)
    if asked.account:
        settings.accounts = tuple(asked.account)
    settings.password = os.environ.get(_KEYS["password"]) or settings.password
    settings.access_token = os.environ.get(_KEYS["access_token"]) or settings.access_token
    settings.client_secret = os.environ.get(_KEYS["client_secret"]) or settings.client_secret
    return settings


async def _serve(asked: argparse.Namespace) -> None:
    settings = _settings(asked)
    ports = Ports(asked.imap_port, asked.smtp_port, asked.imap_tls_port, asked.smtp_tls_port)
    async with running(settings, asked.host, asked.port, ports) as served:
        await command.until_told(_said(settings, served))


def _said(settings: TwinSettings, served: RunningTwin) -> dict[str, object]:
    """What its user has to know; keys that were given are not said again."""
    keys = {
        "password": settings.password,
        "access_token": settings.access_token,
        "client_secret": settings.client_secret,
    }
    made_up = {name: key for name, key in keys.items() if key != os.environ.get(_KEYS[name])}
    return {
        "url": served.url,
        "host": served.host,
        "ports": asdict(served.ports),
        "accounts": settings.accounts,
        "token_url": served.token_url,
        "device_url": served.device_url,
        "client_id": settings.client_id,
        "refresh_tokens": {account: served.twin.grants.grant(account) for account in settings.accounts},
        **made_up,
    }


if __name__ == "__main__":
    main()

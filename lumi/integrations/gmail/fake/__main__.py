"""`python -m lumi.integrations.gmail.fake`: a twin of its own, until it is told to end."""

import argparse
import os
import secrets

from lumi.integrations.gmail.fake.server import RunningTwin, running
from lumi.integrations.gmail.fake.twin import TwinSettings
from lumi.integrations.twin import command

_KEYS = {"client_secret": "GMAIL_CLIENT_SECRET", "refresh_token": "GMAIL_REFRESH_TOKEN"}


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where and with which keys."""
    command.run(_serve(_parser().parse_args()))


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "lumi.integrations.gmail.fake",
        "A server with the shapes of Gmail's API. Client secret and the refresh token of the first mailbox "
        "are taken from GMAIL_CLIENT_SECRET and GMAIL_REFRESH_TOKEN, or made up and printed.",
        logged="every mail taken",
    )
    parser.add_argument("--webhook", metavar="URL", help="where pushes are posted")
    parser.add_argument("--audience", help="what pushes are signed for (default: the address they are posted to)")
    parser.add_argument("--mailbox", action="append", metavar="ADDRESS", help="a mailbox; may be repeated")
    parser.add_argument("--keep-message-ids", action="store_true", help="leave the Message-ID of what is sent as it is")
    parser.add_argument("--quota", type=int, default=0, metavar="UNITS", help="per minute and mailbox (default: none)")
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
    async with running(settings, asked.host, asked.port) as served:
        await command.until_told(_said(settings, served))


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

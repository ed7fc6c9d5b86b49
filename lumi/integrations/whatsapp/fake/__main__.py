"""`python -m lumi.integrations.whatsapp.fake`: a twin of its own, until it is told to end."""

import argparse
import os

from lumi.integrations.twin import command
from lumi.integrations.whatsapp.fake.server import running
from lumi.integrations.whatsapp.fake.twin import TwinSettings


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where and with which keys."""
    command.run(_serve(_parser().parse_args()))


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "lumi.integrations.whatsapp.fake",
        "A server with the shapes of WhatsApp's Graph API. Access token and app secret are taken "
        "from WHATSAPP_ACCESS_TOKEN and WHATSAPP_APP_SECRET, or made up and printed.",
    )
    parser.add_argument("--webhook", metavar="URL", help="where events are posted")
    parser.add_argument(
        "--number",
        action="append",
        metavar="ID[=PHONE]",
        help="a business number, by its phone number id; may be repeated",
    )
    parser.add_argument("--statuses", default="sent,delivered,read", help="what follows each message; may be empty")
    parser.add_argument("--status-pause-ms", type=float, default=150.0, help="milliseconds between statuses")
    return parser


def _settings(asked: argparse.Namespace) -> TwinSettings:
    settings = TwinSettings(
        webhook_url=asked.webhook,
        statuses=tuple(word for word in str(asked.statuses).split(",") if word),
        status_pause_ms=asked.status_pause_ms,
        log_path=asked.log,
        seed=asked.seed,
    )
    settings.token = os.environ.get("WHATSAPP_ACCESS_TOKEN") or settings.token
    settings.app_secret = os.environ.get("WHATSAPP_APP_SECRET") or settings.app_secret
    if asked.number:
        pairs = (str(each).partition("=") for each in asked.number)
        settings.numbers = {number: phone or number for number, _, phone in pairs}
    return settings


async def _serve(asked: argparse.Namespace) -> None:
    settings = _settings(asked)
    async with running(settings, asked.host, asked.port) as served:
        said: dict[str, object] = {"url": served.url, "phone_number_ids": list(settings.numbers)}
        if settings.token != os.environ.get("WHATSAPP_ACCESS_TOKEN"):
            said["token"] = settings.token
        if settings.app_secret != os.environ.get("WHATSAPP_APP_SECRET"):
            said["app_secret"] = settings.app_secret
        await command.until_told(said)


if __name__ == "__main__":
    main()

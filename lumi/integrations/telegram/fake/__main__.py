"""`python -m lumi.integrations.telegram.fake`: a twin of its own, until it is told to end."""

import argparse
import os

from lumi.integrations.telegram.fake.server import running
from lumi.integrations.telegram.fake.twin import Twin, TwinSettings, new_token
from lumi.integrations.twin import command

_TOKENS = "TELEGRAM_BOT_TOKEN"
_SECRET = "TELEGRAM_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where and with which keys."""
    command.run(_serve(_parser().parse_args()))


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "lumi.integrations.telegram.fake",
        f"A server with the shapes of Telegram's Bot API. Tokens (several with commas between) and the "
        f"webhook's secret are taken from {_TOKENS} and {_SECRET}, or made up and printed.",
    )
    parser.add_argument("--webhook", metavar="URL", help="where the updates of every bot are posted from the start")
    parser.add_argument("--bots", type=int, default=1, help="how many bots, where no tokens are given")
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
    async with running(settings, asked.host, asked.port) as served:
        await command.until_told(_said(served.twin, served.url))


if __name__ == "__main__":
    main()

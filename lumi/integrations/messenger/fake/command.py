"""The command line of the twin, whichever surface it has."""

import argparse
import os
from dataclasses import dataclass

from lumi.integrations.messenger.fake.server import running
from lumi.integrations.messenger.fake.surface import Surface
from lumi.integrations.messenger.fake.twin import TwinSettings
from lumi.integrations.twin import command


@dataclass(frozen=True, slots=True)
class Command:
    """How the twin is called. Keys are taken from the environment under `prefix`, or made up and printed."""

    module: str
    prefix: str
    surface: Surface
    has_pages: bool = False

    def run(self) -> None:
        """Serve as the command line says; one JSON line on standard output tells where and with which keys."""
        command.run(self._serve(*self._told()))

    @property
    def _token_variable(self) -> str:
        return f"{self.prefix}_ACCESS_TOKEN"

    @property
    def _secret_variable(self) -> str:
        return f"{self.prefix}_APP_SECRET"

    def _parser(self) -> argparse.ArgumentParser:
        parser = command.parser(
            self.module,
            f"A server with the shapes of Meta's Send API. Access token and app secret are taken from "
            f"{self._token_variable} and {self._secret_variable}, or made up and printed.",
        )
        parser.add_argument("--webhook", metavar="URL", help="where events are posted")
        parser.add_argument("--account", metavar="ID[=NAME]", help="the account, by the id webhooks are about")
        if self.has_pages:
            parser.add_argument("--page", metavar="ID", help="the page whose token it is (Facebook Login)")
        parser.add_argument("--statuses", default="delivered,read", help="what follows each message; may be empty")
        parser.add_argument("--status-pause-ms", type=float, default=150.0, help="milliseconds between those")
        return parser

    def _told(self) -> tuple[TwinSettings, str, int]:
        asked = self._parser().parse_args()
        settings = TwinSettings(
            surface=self.surface,
            webhook_url=asked.webhook,
            page_id=asked.page if self.has_pages else None,
            statuses=tuple(word for word in str(asked.statuses).split(",") if word),
            status_pause_ms=asked.status_pause_ms,
            log_path=asked.log,
            seed=asked.seed,
        )
        settings.token = os.environ.get(self._token_variable) or settings.token
        settings.app_secret = os.environ.get(self._secret_variable) or settings.app_secret
        account_id, _, name = str(asked.account or "").partition("=")
        settings.account_id = account_id or settings.account_id
        settings.account_name = name or settings.account_name
        return settings, str(asked.host), int(asked.port)

    async def _serve(self, settings: TwinSettings, host: str, port: int) -> None:
        async with running(settings, host, port) as served:
            said: dict[str, object] = {"url": served.url, "account_id": settings.account_id}
            if settings.token != os.environ.get(self._token_variable):
                said["token"] = settings.token
            if settings.app_secret != os.environ.get(self._secret_variable):
                said["app_secret"] = settings.app_secret
            await command.until_told(said)

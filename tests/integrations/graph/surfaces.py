"""The two surfaces of Meta's messaging, and both ways to connect Instagram, each with its twin and its client."""

from collections.abc import Callable
from dataclasses import dataclass

from lumi.core.http import Http
from lumi.integrations.graph.messaging_shapes import Batch
from lumi.integrations.instagram import payloads as instagram_payloads
from lumi.integrations.instagram.client import Instagram, Login
from lumi.integrations.instagram.fake.surface import INSTAGRAM
from lumi.integrations.messenger import payloads as messenger_payloads
from lumi.integrations.messenger.client import Messenger
from lumi.integrations.messenger.fake.surface import MESSENGER, Surface

APP_SECRET = "an-invented-app-secret"
VERIFY_TOKEN = "an-invented-verify-token"
ACCOUNT = "510000000000007"
PERSON = "7001002003004005"


@dataclass(frozen=True)
class Kind:
    """One of them. `page_id` is the page through which Instagram is reached, if it is."""

    name: str
    surface: Surface
    parse: Callable[[bytes], Batch]
    page_id: str | None = None

    def client(
        self, http: Http, base: str, token: str, *, account: str = ACCOUNT, version: str = "v25.0"
    ) -> Messenger | Instagram:
        if self.surface is MESSENGER:
            return Messenger(http, base, version, token, account)
        login = Login.FACEBOOK if self.page_id else None
        return Instagram(http, base, version, token, account, login=login)

    def __str__(self) -> str:
        return self.name


MESSENGER_KIND = Kind("messenger", MESSENGER, messenger_payloads.parse)
INSTAGRAM_KIND = Kind("instagram", INSTAGRAM, instagram_payloads.parse)
PAGE_KIND = Kind("instagram-by-page", INSTAGRAM, instagram_payloads.parse, page_id="510000000000008")

"""One provider each: its twin, and what the owner of an account there would enter."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from lumi.modules.channels.public import Channel

if TYPE_CHECKING:
    from lumi.integrations.gmail.fake.twin import Twin
    from lumi.integrations.messenger.fake.surface import Surface


@dataclass(frozen=True)
class Provider:
    """A twin at `url`, and an account there."""

    channel: Channel
    url: str
    external_id: str
    given: Mapping[str, str]
    person: str
    elsewhere: Mapping[str, str] = field(default_factory=dict[str, str])
    gmail: Twin | None = None
    busy: int = 503
    """The status by which it says: not now."""

    @property
    def settings(self) -> Mapping[str, str]:
        """Where the provider is, which is an operator's business."""
        return {"api_base": self.url, **self.elsewhere}

    async def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """Use the twin's control surface."""
        async with (
            aiohttp.ClientSession(self.url) as session,
            session.request(method, f"/_twin/{path}", json=body) as answer,
        ):
            told: dict[str, object] = await answer.json()
            assert answer.status == 200, told
            return told

    async def write(self, text: str, **more: object) -> str:
        """The person writes; returns the provider's id of it."""
        return str((await self.ask("POST", "inbound", {"from": self.person, "text": text, **more}))["id"])

    async def faults(self, **wishes: object) -> None:
        """Let the provider misbehave, or with nothing named be well again."""
        await self.ask("POST", "faults", {"reset": True, **wishes})

    async def heard(self) -> list[str]:
        """What the person was sent, in order."""
        log = await self.ask("GET", "log")
        taken: list[dict[str, object]] = log["messages"]  # type: ignore[assignment]
        return [str(each["text"]) for each in taken if str(each["to"]).lstrip("+") == self.person]


@asynccontextmanager
async def whatsapp() -> AsyncGenerator[Provider]:
    """WhatsApp."""
    from lumi.integrations.whatsapp.fake.server import running
    from lumi.integrations.whatsapp.fake.twin import TwinSettings

    number = str(10**14 + secrets.randbelow(10**14))
    settings = TwinSettings(numbers={number: "33100000001"}, status_pause_ms=5.0)
    async with running(settings) as twin:
        given = {"phone_number_id": number, "app_secret": settings.app_secret, "access_token": settings.token}
        yield Provider(Channel.WHATSAPP, twin.url, number, given, f"336{secrets.randbelow(10**8):08}")


@asynccontextmanager
async def telegram() -> AsyncGenerator[Provider]:
    """Telegram."""
    from lumi.integrations.telegram.fake.server import running
    from lumi.integrations.telegram.fake.twin import TwinSettings

    settings = TwinSettings()
    (token,) = settings.tokens
    async with running(settings) as twin:
        bot, _, _ = token.partition(":")
        yield Provider(Channel.TELEGRAM, twin.url, bot, {"bot_token": token}, str(10**9 + secrets.randbelow(10**9)))


@asynccontextmanager
async def messenger() -> AsyncGenerator[Provider]:
    """Messenger."""
    from lumi.integrations.messenger.fake.surface import MESSENGER

    async with _meta(Channel.MESSENGER, MESSENGER, "page_id") as provider:
        yield provider


@asynccontextmanager
async def instagram() -> AsyncGenerator[Provider]:
    """Instagram."""
    from lumi.integrations.instagram.fake.surface import INSTAGRAM

    async with _meta(Channel.INSTAGRAM, INSTAGRAM, "account_id") as provider:
        yield provider


@asynccontextmanager
async def _meta(channel: Channel, surface: Surface, named: str) -> AsyncGenerator[Provider]:
    from lumi.integrations.messenger.fake.server import running
    from lumi.integrations.messenger.fake.twin import TwinSettings

    account = str(10**14 + secrets.randbelow(10**14))
    settings = TwinSettings(surface=surface, account_id=account)
    async with running(settings) as twin:
        given = {named: account, "app_secret": settings.app_secret, "access_token": settings.token}
        yield Provider(channel, twin.url, account, given, str(10**15 + secrets.randbelow(10**15)))


@asynccontextmanager
async def gmail() -> AsyncGenerator[Provider]:
    """Gmail."""
    from lumi.integrations.gmail.fake.server import running
    from lumi.integrations.gmail.fake.twin import TwinSettings

    address = f"salon{secrets.randbelow(10**9)}@salon.example"
    settings = TwinSettings(
        mailboxes={address: secrets.token_urlsafe(32)}, audience=f"https://{secrets.token_hex(8)}.example/push"
    )
    async with running(settings) as twin:
        given = {
            "address": address, "client_id": settings.client_id, "client_secret": settings.client_secret,
            "refresh_token": settings.mailboxes[address], "topic": settings.topic,
            "push_service_account": settings.service_account, "push_audience": str(settings.audience),
        }  # fmt: skip
        elsewhere = {"token_url": twin.token_url, "certs_url": twin.certs_url}
        person = f"ana{secrets.randbelow(10**9)}@guest.example"
        yield Provider(Channel.GMAIL, twin.url, address, given, person, elsewhere, twin.twin)


@asynccontextmanager
async def mailbox() -> AsyncGenerator[Provider]:
    """Any mailbox."""
    from lumi.integrations.mailbox.fake.server import running
    from lumi.integrations.mailbox.fake.twin import TwinSettings

    address = f"salon{secrets.randbelow(10**9)}@twin.example"
    settings = TwinSettings(accounts=(address,), keeps_copies=True)
    async with running(settings) as twin:
        given = {"address": address, "password": settings.password}
        for name, port in (("imap", twin.ports.imap), ("smtp", twin.ports.smtp)):
            given |= {f"{name}_host": twin.host, f"{name}_port": str(port), f"{name}_security": "plain"}
        person = f"ana{secrets.randbelow(10**9)}@guest.example"
        yield Provider(Channel.MAILBOX, twin.url, address, given, person, busy=451)


PROVIDERS = {
    Channel.WHATSAPP: whatsapp,
    Channel.TELEGRAM: telegram,
    Channel.INSTAGRAM: instagram,
    Channel.MESSENGER: messenger,
    Channel.GMAIL: gmail,
    Channel.MAILBOX: mailbox,
}

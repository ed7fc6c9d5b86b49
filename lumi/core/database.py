"""Which database this process uses: the one in DATABASE_URL, or Lumi's own embedded server."""

import hashlib
import hmac
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lumi.core.settings import Settings, get_settings


@dataclass(frozen=True)
class Place:
    """Where the database is, for both roles. `app_password` is set when Lumi gives the role its password."""

    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)
    app_password: str | None = field(default=None, repr=False)
    note: str | None = None


@asynccontextmanager
async def place(settings: Settings, *, say: Callable[[str], None] = lambda _line: None) -> AsyncGenerator[Place]:
    """The database, running as long as this block: an embedded server is started when it is needed."""
    if settings.database_url is not None:
        from lumi.core.db import app_url

        owner = settings.database_url.get_secret_value()
        password = app_password(settings)
        yield Place(owner, app_url(owner, password), password)
        return
    from lumi.core.server import attach

    async with attach.hold(settings.lumi_home, say=say) as server:
        yield Place(server.owner_url, server.app_url, None, server.note)


@asynccontextmanager
async def owner_database() -> AsyncGenerator[tuple[str, str | None]]:
    """The owner's URL and the password the application role is to have, from the settings."""
    async with place(get_settings()) as here:
        yield here.owner_url, here.app_password


def app_password(settings: Settings) -> str:
    """The application role's password on an outside server: derived, so that it need not be stored."""
    key = settings.master_key().get_secret_value().encode()
    return hmac.new(key, b"lumi:database:lumi_app", hashlib.sha256).hexdigest()

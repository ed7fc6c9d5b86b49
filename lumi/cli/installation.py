"""The installation a command works in: its settings, its database brought to this version, its connections."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lumi.cli.refusals import Refusal
from lumi.cli.screen import Say, note

if TYPE_CHECKING:
    from lumi.api.house import House
    from lumi.core.database import Place
    from lumi.core.settings import Settings
    from lumi.modules.tenants.public import Tenant


EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 (compared with, not listened on)


def quiet_settings() -> Settings:
    """The settings of a command that people read: complaints are raised, logs begin at warnings."""
    from lumi.core import logging
    from lumi.core.settings import get_settings

    settings = get_settings().require()
    logging.configure(settings.model_copy(update={"log_level": "WARNING", "log_format": "console"}))
    return settings


def reached(settings: Settings) -> str:
    """Host and port at which this machine reaches its web server."""
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    return f"[{host}]:{settings.port}" if ":" in host else f"{host}:{settings.port}"


@asynccontextmanager
async def placed(settings: Settings, *, say: Say = note, may_migrate: bool | None = None) -> AsyncGenerator[Place]:
    """The database, running and of this version; unless told, a command migrates none of production."""
    from lumi.core.database import place
    from lumi.core.schema_state import is_current

    async with place(settings, say=say) as here:
        if not await is_current(here.owner_url, here.app_url):
            if not (may_migrate or (may_migrate is None and not settings.is_production)):
                raise Refusal("The database is not at this version: run `lumi migrate` first.")
            from lumi.core.migrate import migrate  # Alembic takes as long as all the rest of a start

            await migrate(here.owner_url, here.app_password, say=say)
        yield here


@asynccontextmanager
async def opened(settings: Settings, *, say: Say = note) -> AsyncGenerator[House]:
    """Everything a command may need, connected."""
    from lumi.wiring import open_house

    async with placed(settings, say=say) as here, open_house(settings, database_url=here.app_url) as house:
        yield house


async def tenant_of(house: House, slug: str) -> Tenant:
    """The tenant of this slug; refuses with the slugs there are."""
    from lumi.modules.tenants import public as tenants

    found = await tenants.find_by_slug(house.db, slug)
    if found is None:
        known = ", ".join(tenant.slug for tenant in await tenants.list_all(house.db))
        raise Refusal(f"There is no tenant {slug!r}. " + (f"There are: {known}." if known else "Run `lumi init`."))
    return found

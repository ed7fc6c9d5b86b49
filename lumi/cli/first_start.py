"""What a start makes where it is missing: schema, demo organisations, the WhatsApp number of the environment.

`python -m lumi.cli.first_start` does it in a process of its own, so that the one that watches stays small.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pydantic import SecretStr

from lumi.cli.installation import placed, quiet_settings
from lumi.cli.refusals import told_in_words
from lumi.cli.screen import Say, progress

if TYPE_CHECKING:
    from lumi.api.house import House
    from lumi.core.database import Place
    from lumi.core.db import Database
    from lumi.core.settings import Settings
    from lumi.modules.channels.public import Sender
    from lumi.modules.tenants.public import Tenant

# Channels whose account the environment may name, and the setting that says so by being there.
_CHANNELS = ("whatsapp", "telegram", "instagram", "messenger", "gmail", "mailbox")

# Not __name__: run as a program it has another.
_MODULE = "lumi.cli.first_start"


async def is_made(settings: Settings, here: Place) -> bool:
    """Whether there is nothing to make: a look that costs two connections and loads nothing heavy."""
    from lumi.core.schema_state import has_tenants, is_current

    if not await is_current(here.owner_url, here.app_url) or any(_given(settings, each) for each in _CHANNELS):
        return False
    return settings.is_production or (await has_tenants(here.app_url) and _twins_are_connected(settings))


async def make() -> None:
    """Make what is missing in a process of its own; ends this one too when that fails."""
    made = await asyncio.create_subprocess_exec(sys.executable, "-m", _MODULE)
    if await made.wait() != 0:
        raise SystemExit(1)


async def furnish_if_empty(house: House, say: Say) -> None:
    """What a first start makes, where nobody has a tenant yet."""
    from lumi.modules.tenants import public as tenants

    if not await tenants.list_all(house.db):
        await furnish(house.db, house.settings, say)


async def furnish(db: Database, settings: Settings, say: Say) -> None:
    """Seed an empty installation outside production, point it to its twins, connect the environment's number."""
    if not settings.is_production:
        from lumi.demo import keys, seed

        await seed.seed_if_empty(db, settings, say)
        kept = keys.find(settings.lumi_home)
        if kept is not None and not _twins_are_connected(settings):
            await seed.connect_twins(db, settings, kept)
    await connect_first_tenant(db, settings, say)


def _twins_are_connected(settings: Settings) -> bool:
    from lumi.demo import keys

    kept = keys.find(settings.lumi_home)
    return kept is None or not keys.wants_twin(settings) or kept.connected_port == kept.twin_port


async def connect_first_tenant(db: Database, settings: Settings, say: Say) -> bool:
    """Connect the accounts of the environment to the oldest tenant; says whether there was something to connect."""
    channels = [each for each in _CHANNELS if _given(settings, each)]
    if not channels:
        return False
    from lumi.modules.tenants import public as tenants

    known = await tenants.list_all(db)
    if not known:
        say(f"{', '.join(channels)} will be connected to the first tenant: `lumi tenant add` makes one")
        return False
    first = min(known, key=lambda tenant: tenant.id)
    async with _providers(db, settings) as sender:
        for channel in channels:
            await _connect(db, sender, settings, first, channel, say)
    return True


def _given(settings: Settings, channel: str) -> dict[str, str]:
    """What the environment says of a channel's account, by the names of its needs; addresses and versions are not."""
    prefix = f"{channel}_"
    given: dict[str, str] = {}
    for name in type(settings).model_fields:
        value: object = getattr(settings, name) if name.startswith(prefix) else None
        if value and not name.endswith(("_api_base", "_url", "_version")):
            given[name.removeprefix(prefix)] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return given


@asynccontextmanager
async def _providers(db: Database, settings: Settings) -> AsyncGenerator[Sender]:
    from lumi.core.http import Http
    from lumi.modules.channels import public as channels
    from lumi.wiring import providers

    async with Http() as http:
        yield channels.Sender(db, providers(settings, http))


async def _connect(db: Database, sender: Sender, settings: Settings, tenant: Tenant, channel: str, say: Say) -> None:
    """One account, its owner taken at their word; what is missing is said, and a start goes on without it."""
    from lumi.core.context import Context
    from lumi.core.errors import AppError
    from lumi.modules.channels import public as channels
    from lumi.modules.channels.public import Channel, NewAccount

    wanted = NewAccount(Channel(channel), _given(settings, channel))
    try:
        async with db.transaction(tenant.id) as session:
            made = await channels.connect_given(Context(session, tenant.id), sender, wanted, address=settings.base_url)
    except AppError as refusal:
        say(f"{channel} is not connected: {refusal.detail}")
        return
    if made is channels.Left.ANOTHERS_WORD:
        say(f"{channel} is connected already, and not by the environment: `lumi channels connect` renews it")
    elif made is channels.Left.GIVEN_UP:
        say(f"{channel} was disconnected, and is no account of the environment: `lumi channels connect` connects it")
    elif isinstance(made, channels.Connected):
        say(f"{channel} {made.account.external_id} is connected to {tenant.slug}")


async def _main() -> None:
    from lumi.core.db import Database

    settings = quiet_settings()
    with progress("Preparing Lumi") as say:
        async with placed(settings, say=say, may_migrate=True) as here:
            db = await Database.open(here.app_url, pool_size=2)
            try:
                await furnish(db, settings, say)
            finally:
                await db.close()


if __name__ == "__main__":
    with told_in_words():
        asyncio.run(_main())

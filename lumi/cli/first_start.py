"""What a start makes where it is missing: schema, demo organisations, the WhatsApp number of the environment.

`python -m lumi.cli.first_start` does it in a process of its own, so that the one that watches stays small.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from typing import TYPE_CHECKING

from lumi.cli.installation import placed, quiet_settings
from lumi.cli.refusals import told_in_words
from lumi.cli.screen import Say, progress

if TYPE_CHECKING:
    from lumi.api.house import House
    from lumi.core.database import Place
    from lumi.core.db import Database
    from lumi.core.settings import Settings
    from lumi.modules.tenants.public import Tenant

_NEEDED = ("whatsapp_phone_number_id", "whatsapp_access_token", "whatsapp_app_secret")


# Not __name__: run as a program it has another.
_MODULE = "lumi.cli.first_start"


async def is_made(settings: Settings, here: Place) -> bool:
    """Whether there is nothing to make: a look that costs two connections and loads nothing heavy."""
    from lumi.core.schema_state import has_tenants, is_current

    if not await is_current(here.owner_url, here.app_url) or any(getattr(settings, name) for name in _NEEDED):
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
    """Connect WHATSAPP_… of the environment to the oldest tenant; says whether there was something to connect."""
    given = [name for name in _NEEDED if getattr(settings, name)]
    if not given:
        return False
    if missing := [name.upper() for name in _NEEDED if name not in given]:
        say(f"WhatsApp is not connected: {', '.join(missing)} is missing beside the other WHATSAPP_ settings")
        return False
    from lumi.modules.tenants import public as tenants

    known = await tenants.list_all(db)
    if not known:
        say("WhatsApp will be connected to the first tenant: `lumi tenant add` makes one")
        return False
    first = min(known, key=lambda tenant: tenant.id)
    await _connect(db, settings, first)
    say(f"WhatsApp number {settings.whatsapp_phone_number_id} is connected to {first.slug}")
    return True


async def _connect(db: Database, settings: Settings, tenant: Tenant) -> None:
    from lumi.core.context import Context
    from lumi.modules.channels import public as channels
    from lumi.modules.channels.public import Channel, Credentials
    from lumi.modules.tenants import public as tenants
    from lumi.modules.tenants.public import IdentifierKind

    number, token = settings.whatsapp_phone_number_id, settings.whatsapp_access_token
    secret, word = settings.whatsapp_app_secret, settings.whatsapp_verify_token
    if number is None or token is None or secret is None:
        raise ValueError("ask only for a number that is there")
    # Without a verify token nobody can subscribe by challenge: an unguessable one stands in.
    verify_token = word.get_secret_value() if word else secrets.token_urlsafe(24)
    credentials = Credentials(secret.get_secret_value(), verify_token, token.get_secret_value())
    async with db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id)
        await tenants.claim_identifier(ctx, IdentifierKind.PHONE_NUMBER_ID, number)
        await channels.connect(ctx, channel=Channel.WHATSAPP, external_id=number, name=number, credentials=credentials)


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

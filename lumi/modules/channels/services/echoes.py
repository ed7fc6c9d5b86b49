"""What people of the organisation write in their own mail program: it concerns us where we know whom they write to."""

from __future__ import annotations

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.modules.channels.repositories import thread_rows
from lumi.modules.channels.values.accounts import Account
from lumi.modules.channels.values.incoming import Inbound, Parsed


async def leave_out_strangers(db: Database, account: Account, parsed: Parsed) -> None:
    """Drop, and count, what was written to people who never wrote to this account: it is kept nowhere."""
    doubtful = {each for item in parsed.inbound if not item.begins for each in item.addresses}
    if not doubtful:
        return
    async with db.transaction(account.tenant_id) as session:
        known = await thread_rows.known_addresses(Context(session, account.tenant_id), account.id, sorted(doubtful))
    known |= {each for item in parsed.inbound if item.begins for each in item.addresses}

    def concerns_us(item: Inbound) -> bool:
        return item.begins or not known.isdisjoint(item.addresses)

    parsed.ignored += ["echo.stranger" for item in parsed.inbound if not concerns_us(item)]
    parsed.inbound = [item for item in parsed.inbound if concerns_us(item)]

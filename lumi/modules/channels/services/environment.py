"""The account that the environment names: connected once for what it says, and from then on its owner's."""

from __future__ import annotations

import hmac
from enum import StrEnum

import orjson

from lumi.core import crypto
from lumi.core.context import Context
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services.providers import Connected, connect_account, external_id_of
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.accounts import NewAccount

# The setting of an account that keeps a fingerprint of what the environment said of it when that was last taken.
TAKEN = "environment"


class Left(StrEnum):
    """Why what the environment says was not taken."""

    AS_IT_WAS = "as it was"
    ANOTHERS_WORD = "connected by other means"


async def connect_given(ctx: Context, sender: Sender, wanted: NewAccount, *, address: str) -> Connected | Left:
    """Connect what the environment names, its owner taken at their word; raises as `connect_account` does.

    Nothing is touched when it says what it said before: tokens are renewed meanwhile, and staff may have disconnected
    the account. One that was connected by other means stays as it is.
    """
    known = await account_rows.find_account(ctx, wanted.channel, external_id_of(sender, wanted))
    says = _fingerprint(wanted)
    if known is not None:
        taken = known.settings.get(TAKEN)
        if taken is None and known.disconnected_at is None:
            return Left.ANOTHERS_WORD
        if taken == says:
            return Left.AS_IT_WAS
    made = await connect_account(ctx, sender, wanted, address=address, ask=False)
    row = await account_rows.account(ctx, made.account.id)
    if row is not None:
        row.settings = {**row.settings, TAKEN: says}
    return made


def _fingerprint(wanted: NewAccount) -> str:
    said = orjson.dumps(dict(wanted.given), option=orjson.OPT_SORT_KEYS)
    return hmac.digest(crypto.derive("environment"), said, "sha256").hex()

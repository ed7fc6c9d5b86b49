"""The account that the environment names: connected once for what it says, and from then on its owner's."""

from __future__ import annotations

import hmac
from enum import StrEnum

import orjson

from lumi.core import crypto
from lumi.core.context import Context
from lumi.modules.channels.models import ChannelAccount
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services.providers import Connected, connect_account, described_as, external_id_of
from lumi.modules.channels.services.send import Sender
from lumi.modules.channels.values.accounts import NewAccount

# The setting of an account that keeps a fingerprint of what the environment said of it when that was last taken.
TAKEN = "environment"


class Left(StrEnum):
    """Why what the environment says was not taken."""

    AS_IT_WAS = "as it was"
    ANOTHERS_WORD = "connected by other means"
    GIVEN_UP = "disconnected, and connected by other means before"


async def connect_given(ctx: Context, sender: Sender, wanted: NewAccount, *, address: str) -> Connected | Left:
    """Connect what the environment names, its owner taken at their word; raises as `connect_account` does.

    Nothing is touched when it says what it said before: tokens are renewed meanwhile, and staff may have disconnected
    the account. One that was connected by other means stays as it is, and one that has just these credentials is taken
    for the environment's: that is how it was connected before fingerprints were kept.
    """
    known = await account_rows.find_account(ctx, wanted.channel, external_id_of(sender, wanted))
    says = _fingerprint(wanted)
    if known is not None:
        taken = known.settings.get(TAKEN)
        if taken is None and not await _has_these(ctx, sender, wanted, known):
            return Left.ANOTHERS_WORD if known.disconnected_at is None else Left.GIVEN_UP
        if taken in (None, says):
            known.settings = {**known.settings, TAKEN: says}
            return Left.AS_IT_WAS
    made = await connect_account(ctx, sender, wanted, address=address, ask=False)
    row = await account_rows.account(ctx, made.account.id)
    if row is not None:
        row.settings = {**row.settings, TAKEN: says}
    return made


async def _has_these(ctx: Context, sender: Sender, wanted: NewAccount, known: ChannelAccount) -> bool:
    """Whether an account speaks and is heard with what the environment says."""
    given = described_as(sender, wanted, known.settings)
    app = await account_rows.find_app(ctx, wanted.channel, given.external_id)
    if app is None or known.access_token is None:
        return False
    kept = [crypto.open_sealed(each, tenant_id=ctx.tenant_id) for each in (known.access_token, app.secret)]
    return kept == [given.access_token.encode(), given.app_secret.encode()]


def _fingerprint(wanted: NewAccount) -> str:
    said = orjson.dumps(dict(wanted.given), option=orjson.OPT_SORT_KEYS)
    return hmac.digest(crypto.derive("environment"), said, "sha256").hex()

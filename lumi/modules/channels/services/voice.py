"""Whether an account answers voice notes aloud, as its owner wants it."""

from __future__ import annotations

from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.modules.channels.errors import UnknownAccount
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services.send import VOICE_ANSWERS
from lumi.modules.channels.values.accounts import ACCOUNT_KEPT_AS


async def choose(ctx: Context, account_id: UUID, *, aloud: bool) -> None:
    """Answer whoever speaks aloud, where the installation has a voice and the channel can; else always in writing.

    Raises UnknownAccount.
    """
    row = await account_rows.account(ctx, account_id)
    if row is None or row.disconnected_at is not None:
        raise UnknownAccount
    if (row.settings.get(VOICE_ANSWERS) is not False) == aloud:
        return
    row.settings = {**row.settings, VOICE_ANSWERS: aloud}
    await ctx.session.flush()
    ctx.outdate(ACCOUNT_KEPT_AS, str(account_id))
    await audit(ctx, "channels.voice_chosen", target=str(row.id), detail={"aloud": aloud})

"""Playing a provider: a recorded webhook body as it would be posted for one tenant's account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lumi.core import crypto
from lumi.core.context import Context
from lumi.integrations.graph import signature
from lumi.integrations.whatsapp import recorded
from lumi.modules.channels.errors import UnknownAccount, Unreadable
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.values.kinds import Channel


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A POST as the provider would make it: the path on our server, its headers, its bytes."""

    path: str
    headers: Mapping[str, str]
    body: bytes


async def rehearse(ctx: Context, channel: Channel, body: bytes, *, as_is: bool, sign: bool) -> Rehearsal:
    """The body retold for the account this tenant connected last: its number, now, new ids; `as_is` keeps the bytes.

    Signed with the secret of the account's app unless `sign` is False. Raises UnknownAccount for a channel on which
    the tenant has no account that anybody signs for, Unreadable for a body that is no JSON and is to be retold.
    """
    accounts = [
        each for each in await account_rows.accounts(ctx) if each.channel == channel and not each.disconnected_at
    ]
    account = accounts[-1] if accounts else None
    app = await account_rows.find_app(ctx, channel, account.external_id) if account else None
    if account is None or app is None:
        raise UnknownAccount(f"This tenant has no {channel} account that takes webhooks.")
    if not as_is:
        try:
            body = recorded.retold(body, phone_number_id=account.external_id, display_phone_number=account.name)
        except ValueError:
            raise Unreadable("This body is no JSON: post it as it is.") from None
    headers = {"Content-Type": "application/json"}
    if sign:
        secret = crypto.open_sealed(app.secret, tenant_id=ctx.tenant_id).decode()
        headers[signature.HEADER] = signature.sign(secret, body)
    return Rehearsal(f"/webhooks/{channel}", headers, body)

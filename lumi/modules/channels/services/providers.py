"""Connecting a provider's account as its owner does: asked whether it is right, kept, and told where to post."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.errors import DependencyUnavailable
from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.core.logging import get_logger
from lumi.core.pagination import Cursor, Page
from lumi.modules.channels.adapters.ports import Bearer, Examined, Pulling, Subscribed
from lumi.modules.channels.engine.needing import needed
from lumi.modules.channels.errors import CredentialsMissing, NotConnectable, ProviderRefused, UnknownAccount
from lumi.modules.channels.events import ExamineAccount, RefreshTemplates
from lumi.modules.channels.models import ChannelAccount
from lumi.modules.channels.repositories import account_rows, watch_rows
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.services import status
from lumi.modules.channels.services.connect import Credentials, connect
from lumi.modules.channels.services.pull import begin_at_now
from lumi.modules.channels.services.send import VOICE_ANSWERS, Sender
from lumi.modules.channels.values.accounts import (
    ACCOUNT_KEPT_AS,
    Account,
    ConnectedAccount,
    Described,
    Need,
    NewAccount,
)
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import IdentifierKind, IdentifierNotFound

log = get_logger("lumi.channels")

CURSOR = Cursor("channels", tuple[datetime, UUID])
# The names under which the outside knows an account that a tenant connects with credentials.
IDENTIFIERS = {
    Channel.WHATSAPP: IdentifierKind.PHONE_NUMBER_ID,
    Channel.TELEGRAM: IdentifierKind.BOT,
    Channel.INSTAGRAM: IdentifierKind.PAGE,
    Channel.MESSENGER: IdentifierKind.PAGE,
    Channel.GMAIL: IdentifierKind.MAILBOX,
    Channel.MAILBOX: IdentifierKind.MAILBOX,
}


_NEW = UUID(int=0)
# A moment after connecting, when what was subscribed is there for everybody.
FIRST_EXAMINED = timedelta(seconds=5)


# Channels for whose accounts nobody posts to us.
_ONLY_READ = frozenset({Channel.MAILBOX})


@dataclass(frozen=True, slots=True)
class Connected:
    """An account just connected; the word its owner enters at the provider, None where there is nothing to enter."""

    account: ConnectedAccount
    verify_token: str | None = field(repr=False)


async def connect_account(
    ctx: Context, sender: Sender, wanted: NewAccount, *, address: str, ask: bool = True
) -> Connected:
    """Ask the provider whether all is right, then connect; a provider that can be told is told to post to `address`.

    Connecting again renews the credentials. Raises NotConnectable, CredentialsMissing, CredentialsMixed, BadIdentifier,
    ProviderRefused, AccountTaken and, when nobody answered, DependencyUnavailable: nothing was stored. Without `ask`
    the owner is taken at their word, and nobody has to answer.
    """
    adapter = sender.adapter(wanted.channel)
    given = _complete(adapter.needs, wanted.given)
    with provider_says():
        described = adapter.assume(given, {})
    await tenants.claim_identifier(ctx, IDENTIFIERS[wanted.channel], described.external_id)
    known = await account_rows.find_account(ctx, wanted.channel, described.external_id)
    was_given_up = known is not None and known.disconnected_at is not None
    if known is not None:
        described = adapter.assume(given, known.settings)
    account = _draft(ctx, wanted, described)
    if ask:
        with provider_says():
            known_as = await adapter.probe(account)
        account = dataclasses.replace(account, name=wanted.name or known_as)
    account_id = await connect(
        ctx, channel=wanted.channel, external_id=account.external_id, name=account.name,
        credentials=Credentials(
            described.app_secret, described.verify_token or "", described.access_token, isinstance(adapter, Bearer)
        ),
        settings=described.settings,
    )  # fmt: skip
    if known is not None and ask:
        await audit(
            ctx, "channels.credentials_renewed", target=str(account_id), detail={"channel": wanted.channel.value}
        )
    sender.forget_pause(account_id)
    made = await get_account(ctx, account_id)
    with provider_says() if ask else suppress(OutsideFailure):
        ready = dataclasses.replace(account, id=account_id)
        if isinstance(adapter, Pulling):
            await begin_at_now(ctx, adapter, ready, anew=was_given_up)
        await adapter.subscribe(ready, f"{address}{made.webhook_path}", described.app_secret)
    if isinstance(adapter, Examined):
        await ctx.defer(ExamineAccount(account_id), run_at=ctx.now + FIRST_EXAMINED)
    if adapter.capabilities.templates:
        await ctx.defer(RefreshTemplates(account_id), key=f"templates:{account_id}")
    return Connected(made, described.verify_token)


def external_id_of(sender: Sender, wanted: NewAccount) -> str:
    """What the provider calls the account that is to be connected; raises as `connect_account` does."""
    return described_as(sender, wanted, {}).external_id


def described_as(sender: Sender, wanted: NewAccount, settings: Mapping[str, object]) -> Described:
    """The account that is to be connected, its owner taken at their word; raises as `connect_account` does."""
    adapter = sender.adapter(wanted.channel)
    with provider_says():
        return adapter.assume(_complete(adapter.needs, wanted.given), settings)


def _draft(ctx: Context, wanted: NewAccount, described: Described) -> Account:
    return Account(
        ctx.tenant_id, _NEW, wanted.channel, described.external_id, wanted.name or described.external_id,
        described.access_token, described.settings,
    )  # fmt: skip


def _complete(needs: Sequence[Need], given: Mapping[str, str]) -> Mapping[str, str]:
    """What was given of what is needed, without what nobody asked for; raises CredentialsMissing, CredentialsMixed."""
    if not needs:
        raise NotConnectable
    kept = {need.name: value for need in needs if (value := given.get(need.name, "").strip())}
    wanted = needed(needs, kept)
    missing = [need.name for need in wanted if need.required and need.name not in kept]
    if missing:
        raise CredentialsMissing(f"To connect this account {', '.join(missing)} is needed.", missing=missing)
    return kept


async def get_account(ctx: Context, account_id: UUID) -> ConnectedAccount:
    """One account; raises UnknownAccount."""
    row = await account_rows.account(ctx, account_id)
    if row is None:
        raise UnknownAccount
    return (await _seen(ctx, [row]))[0]


async def list_connected(ctx: Context, *, cursor: str | None, limit: int) -> Page[ConnectedAccount]:
    """A page of the tenant's accounts, connected ones and those that were, oldest first."""
    rows = await account_rows.accounts_after(ctx, CURSOR.after(cursor), limit + 1)
    return CURSOR.page(await _seen(ctx, rows), limit, lambda each: (each.connected_at, each.id))


async def disconnect(ctx: Context, sender: Sender, account_id: UUID) -> bool:
    """Nothing comes in or goes out any more, and somebody else may connect it; raises UnknownAccount.

    What was said stays. The provider is told to post no more
    where it can be: False when it could not, and then its owner ends that there.
    """
    row = await account_rows.account(ctx, account_id)
    if row is None or Channel(row.channel) not in IDENTIFIERS:
        raise UnknownAccount
    if row.disconnected_at is not None:
        return isinstance(sender.adapter(Channel(row.channel)), Subscribed)
    told = await _told(ctx, sender, Channel(row.channel), account_id)
    row.disconnected_at = ctx.now
    await ctx.session.flush()
    ctx.outdate(ACCOUNT_KEPT_AS, str(account_id))
    await watch_rows.clear_alerts(ctx, account_id)
    with suppress(IdentifierNotFound):
        await tenants.release_identifier(ctx, IDENTIFIERS[Channel(row.channel)], row.external_id)
    detail: dict[str, object] = {"channel": row.channel, "provider_told": told}
    await audit(ctx, "channels.account_disconnected", target=str(row.id), detail=detail)
    return told


async def _told(ctx: Context, sender: Sender, channel: Channel, account_id: UUID) -> bool:
    """Whether the provider posts nothing any more; it may be away, or refuse the token that is given up."""
    adapter = sender.adapter(channel)
    account = await sender.ready(ctx.tenant_id, account_id)
    if account is None or not isinstance(adapter, Subscribed):
        return False
    try:
        await adapter.unsubscribe(account)
    except OutsideFailure as failure:
        log.warning("provider_not_told", account=str(account_id), reason=str(failure))
        return False
    return True


@contextmanager
def provider_says() -> Generator[None]:
    """What a provider answers while an account is connected, in our terms."""
    try:
        yield
    except Rejected as refusal:
        said = f"The provider does not accept this account: {refusal}. Nothing was stored."
        raise ProviderRefused(said, provider_status=refusal.status) from refusal
    except (Unavailable, RateLimited, OutcomeUnknown) as failure:
        raise DependencyUnavailable(f"The provider does not answer now: {failure}. Nothing was stored.") from failure


async def _seen(ctx: Context, rows: Sequence[ChannelAccount]) -> list[ConnectedAccount]:
    ids = [row.id for row in rows]
    heard = await account_rows.heard_accounts(ctx, ids)
    open_ones = await watch_rows.open_alerts(ctx, ids)
    return [
        ConnectedAccount(
            row.id, Channel(row.channel), row.external_id, row.name, row.connected_at, row.disconnected_at,
            row.id in heard, _webhook_path(row), status.state(ctx, row, open_ones, was_heard=row.id in heard),
            row.settings.get(VOICE_ANSWERS) is not False, CAPABILITIES[Channel(row.channel)].templates,
            Channel(row.channel) is not Channel.TERMINAL,
        )
        for row in rows
    ]  # fmt: skip


def _webhook_path(row: ChannelAccount) -> str | None:
    is_posted_to = row.app_id is not None and Channel(row.channel) not in _ONLY_READ
    return f"/webhooks/{row.channel}/{row.id}" if is_posted_to else None

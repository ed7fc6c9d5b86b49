"""`lumi channels`: connect an organisation's accounts at providers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lumi.cli.refusals import Refusal, told_in_words
from lumi.cli.screen import emit, note, progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from lumi.api.house import House
    from lumi.modules.channels.public import Adapter, Connected, NewAccount, Status
    from lumi.modules.tenants.public import Tenant

channels = typer.Typer(help="The accounts people write to.", no_args_is_help=True)
LOOKS_APART_SECONDS = 1.0
OfTenant = Annotated[str, typer.Option(help="Slug of the organisation whose account it is.")]
Called = Annotated[str | None, typer.Option(help="What staff call it. [default: its id]")]
Patience = Annotated[
    int | None, typer.Option(metavar="SECONDS", help="How long to wait for the first event. [default: 600, or 0]")
]


@channels.command("connect")
def connect(
    channel: Annotated[str, typer.Argument(help="The channel, such as whatsapp.")],
    *,
    tenant: OfTenant,
    name: Called = None,
    wait: Patience = None,
) -> None:
    """Connect an account: ask the provider whether it is right, say what to enter there, wait for the first event.

    What it needs it reads from the environment under the channel's name, as TELEGRAM_BOT_TOKEN or
    WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_APP_SECRET, WHATSAPP_ACCESS_TOKEN and WHATSAPP_VERIFY_TOKEN, and asks for what
    is not set; `lumi channels needs` lists it. Connecting again renews the credentials. Where nobody is there to be
    asked, it does not wait.
    """
    with told_in_words():
        from lumi.core.loop import run

        if not run(_connect(channel, tenant, name, _patience(wait))):
            raise typer.Exit(1)


@channels.command("authorize")
def authorize(
    channel: Annotated[str, typer.Argument(help="The channel, such as mailbox.")],
    *,
    tenant: OfTenant,
    name: Called = None,
    wait: Patience = None,
) -> None:
    """Connect an account that takes no password: its owner grants access in a browser, and this waits for it.

    Prints the address to open, signed in as the account, and the code to enter there. What it needs besides, as
    MAILBOX_ADDRESS and MAILBOX_CLIENT_ID, is read and asked for as by `connect`; what is granted is shown to nobody.
    """
    with told_in_words():
        from lumi.core.loop import run

        if not run(_connect(channel, tenant, name, _patience(wait), is_granted=True)):
            raise typer.Exit(1)


def _patience(wait: int | None) -> int:
    return wait if wait is not None else (600 if sys.stdin.isatty() else 0)


@channels.command("needs")
def needs() -> None:
    """List what each channel needs: the channel, the variable, whether it is required, what it is."""
    with told_in_words():
        from lumi.core.loop import run

        run(_needs())


@channels.command("list")
def list_all(tenant: Annotated[str, typer.Option(help="Slug of the organisation.")]) -> None:
    """List the connected accounts: id, channel, id at the provider, name, separated by tabs."""
    with told_in_words():
        from lumi.core.loop import run

        run(_list(tenant))


@channels.command("status")
def status(
    org: Annotated[
        str | None, typer.Option("--org", "--tenant", help="Slug of the organisation. [default: all of them]")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an account, one a line.")] = False,
) -> None:
    """Show how the connected accounts are: what came in, what did not arrive, the token, what is wrong.

    Per account: its state, messages received in 24 hours beside what is usual, when it was heard last, deliveries
    that wait and those of 30 days by what became of them, days until its token ends, and the last failure. What is
    wrong follows in words. Exit code 1 when anything is.
    """
    with told_in_words():
        from lumi.core.loop import run

        if not run(_status(org, as_json=as_json)):
            raise typer.Exit(1)


@channels.command("unclaimed")
def unclaimed(
    limit: Annotated[int, typer.Option(help="So many at most, the newest first.")] = 50,
) -> None:
    """List what came signed by an app that several organisations share, and of which nobody can tell whose it is.

    Time, channel, reason, size in bytes and the beginning as a JSON text, separated by tabs. No organisation is shown
    any of it.
    """
    with told_in_words():
        from lumi.core.loop import run

        run(_unclaimed(limit))


async def _unclaimed(limit: int) -> None:
    from lumi.cli.installation import opened, quiet_settings
    from lumi.core import dead_letters

    async with opened(quiet_settings()) as house, house.db.transaction(None) as session:
        for each in await dead_letters.nobodys(session, limit=limit):
            told = [each.created_at.isoformat(), each.origin, each.reason, str(each.size_bytes), json.dumps(each.shown)]
            emit("\t".join(told))


async def _status(slug: str | None, *, as_json: bool) -> bool:
    """Whether all is well with an organisation, or with every one."""
    from lumi.cli import channel_status
    from lumi.cli.installation import opened, quiet_settings

    async with opened(quiet_settings()) as house:
        found = {tenant.slug: await _statuses(house, tenant) for tenant in await _asked_about(house, slug)}
    if as_json:
        channel_status.emit_json(found)
    elif any(found.values()):
        channel_status.draw(found, by_name=slug is None)
    else:
        note(f"No account{f' of {slug}' if slug else ''} is connected. `lumi channels connect --help` says how.")
    return not any(each.alerts for accounts in found.values() for each in accounts)


async def _asked_about(house: House, slug: str | None) -> Sequence[Tenant]:
    from lumi.cli.installation import tenant_of
    from lumi.modules.tenants import public as tenants

    return await tenants.list_all(house.db) if slug is None else [await tenant_of(house, slug)]


async def _statuses(house: House, tenant: Tenant) -> Sequence[Status]:
    from lumi.core.context import Context
    from lumi.modules.channels import public as channels

    async with house.db.transaction(tenant.id) as session:
        return await channels.list_statuses(Context(session, tenant.id))


async def _connect(channel: str, slug: str, name: str | None, patience: int, *, is_granted: bool = False) -> bool:
    from lumi.cli.installation import opened, quiet_settings, tenant_of

    settings = quiet_settings()
    async with opened(settings) as house:
        tenant = await tenant_of(house, slug)
        wanted = await _granted(house, channel, name) if is_granted else _asked(house, channel, name)
        made = await _connected(house, tenant, wanted)
        account = made.account
        told = f"{account.channel} {account.external_id} is connected to {tenant.slug}."
        note(told if made.verify_token is None else f"{told} Enter at the provider:")
        if account.webhook_path:
            emit(f"webhook URL\t{settings.base_url}{account.webhook_path}")
        if made.verify_token is not None:
            emit(f"verify token\t{made.verify_token}")
        return not patience or await _hears(house, tenant, account.id, patience)


async def _granted(house: House, channel: str, name: str | None) -> NewAccount:
    """The account with what its owner grants in a browser meanwhile."""
    from lumi.modules.channels import public as channels

    adapter = _adapter(house, channel)
    wanted = _asked(house, channel, name, without=adapter.grants if isinstance(adapter, channels.Inviting) else ())
    invitation = await channels.invite(house.sender, wanted)
    note("Open this address in a browser, signed in as the account, and enter the code:")
    emit(f"address\t{invitation.address}")
    emit(f"code\t{invitation.user_code}")
    with progress("Waiting for access to be granted; Ctrl-C leaves it at that"):
        return await channels.await_grant(house.sender, wanted, invitation)


async def _connected(house: House, tenant: Tenant, wanted: NewAccount) -> Connected:
    from lumi.core.context import Context
    from lumi.modules.channels import public as channels

    with progress("Asking the provider"):
        async with house.db.transaction(tenant.id) as session:
            ctx = Context(session, tenant.id)
            return await channels.connect_account(ctx, house.sender, wanted, address=house.settings.base_url)


async def _hears(house: House, tenant: Tenant, account_id: UUID, patience: int) -> bool:
    """Whether anything comes in before patience ends."""
    from lumi.core.context import Context
    from lumi.modules.channels import public as channels

    with progress("Waiting for the first event; Ctrl-C leaves it at that"):
        for _ in range(max(1, int(patience / LOOKS_APART_SECONDS))):
            async with house.db.transaction(tenant.id) as session:
                if (await channels.get_account(Context(session, tenant.id), account_id)).was_heard:
                    break
            await asyncio.sleep(LOOKS_APART_SECONDS)
        else:
            note(f"Nothing came in for {patience} seconds. The account stays connected.")
            return False
    note("The first event has come in.")
    return True


async def _list(slug: str) -> None:
    from lumi.cli.installation import opened, quiet_settings, tenant_of
    from lumi.core.context import Context
    from lumi.modules.channels import public as channels

    async with opened(quiet_settings()) as house:
        tenant = await tenant_of(house, slug)
        async with house.db.transaction(tenant.id) as session:
            for account in await channels.list_accounts(Context(session, tenant.id)):
                emit(f"{account.id}\t{account.channel}\t{account.external_id}\t{account.name}")


async def _needs() -> None:
    from lumi.cli.installation import opened, quiet_settings

    async with opened(quiet_settings()) as house:
        for adapter in house.sender.connectable():
            for need in adapter.needs:
                required = ("required" if need.required else "optional") + (f" for {need.way}" if need.way else "")
                emit(f"{adapter.channel}\t{_variable(adapter, need.name)}\t{required}\t{need.says}")


def _adapter(house: House, channel: str) -> Adapter:
    known = {str(adapter.channel): adapter for adapter in house.sender.connectable()}
    if channel not in known:
        raise Refusal(f"Accounts of {channel!r} are not connected with credentials. Try: {', '.join(known)}.")
    return known[channel]


def _asked(house: House, channel: str, name: str | None, *, without: Sequence[str] = ()) -> NewAccount:
    """What the environment has of what is needed, and answers to the rest; `without` is had otherwise."""
    from lumi.modules.channels.public import NewAccount

    adapter = _adapter(house, channel)
    needs = [need for need in adapter.needs if need.name not in without]
    there = {need.name: value for need in needs if (value := os.environ.get(_variable(adapter, need.name)))}
    granted = next((need.way for need in adapter.needs if need.name in without), None)
    way = granted or _way(adapter, there)
    asked = [need for need in needs if need.required and need.way in (None, way) and need.name not in there]
    answers = {each.name: _answer(_variable(adapter, each.name), each.says, hidden=each.secret) for each in asked}
    return NewAccount(adapter.channel, {**there, **answers}, name)


def _way(adapter: Adapter, there: Mapping[str, str]) -> str | None:
    """Of several ways to let us in the one that the environment begins, else the one that is chosen."""
    ways = list(dict.fromkeys(need.way for need in adapter.needs if need.way is not None))
    begun = [need.way for need in adapter.needs if need.way is not None and need.name in there]
    if begun or not ways:
        return begun[0] if begun else None
    if not sys.stdin.isatty():
        needed = {way: [_variable(adapter, each.name) for each in adapter.needs if each.way == way and each.required]
                  for way in ways}  # fmt: skip
        choice = ", or ".join(" and ".join(each) for each in needed.values())
        raise Refusal(f"Set {choice}: nobody is here to be asked.")
    chosen = str(typer.prompt(f"How it lets us in: {' or '.join(ways)}", err=True, default=ways[0])).strip()
    if chosen not in ways:
        raise Refusal(f"There is no such way: {chosen!r}.")
    return chosen


def _variable(adapter: Adapter, need: str) -> str:
    return f"{adapter.channel}_{need}".upper()


def _answer(variable: str, question: str, *, hidden: bool = False) -> str:
    """The answer to a question about what is not in the environment."""
    if not sys.stdin.isatty():
        raise Refusal(f"Set {variable}: nobody is here to be asked.")
    return str(typer.prompt(question, err=True, hide_input=hidden)).strip()

"""Commands about the organisations of this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lumi.cli.refusals import told_in_words

if TYPE_CHECKING:
    from lumi.core.context import Context

tenants = typer.Typer(help="The organisations of this installation.", no_args_is_help=True)


@tenants.command("add")
def add(
    slug: Annotated[str, typer.Argument(help="Its name in addresses: small letters, digits and hyphens.")],
    *,
    name: Annotated[str | None, typer.Option(help="Its name as people read it. [default: from the slug]")] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="+336…", help="Phone number of its owner, with the country code.")
    ] = None,
) -> None:
    """Add an organisation, with its web chat, its terminal account and the usual roles."""
    with told_in_words():
        from lumi.core.loop import run

        run(_add(slug, name or slug.replace("-", " ").title(), owner))


@tenants.command("list")
def list_all() -> None:
    """List the organisations: slug, name, language and time zone, separated by tabs."""
    with told_in_words():
        from lumi.core.loop import run

        run(_list())


async def _add(slug: str, name: str, owner: str | None) -> None:
    from lumi.cli.first_start import connect_first_tenant
    from lumi.cli.installation import opened, quiet_settings
    from lumi.cli.screen import emit, note, progress
    from lumi.core.context import Context
    from lumi.core.ids import new_id

    settings = quiet_settings()
    with progress("Adding the organisation") as say:
        async with opened(settings, say=say) as house:
            tenant_id = new_id()
            async with house.db.transaction(tenant_id) as session:
                ctx = Context(session, tenant_id)
                await found(ctx, slug=slug, name=name)
                if owner is not None:
                    await _appoint(ctx, owner)
            await connect_first_tenant(house.db, settings, note)
    emit(f"{slug}\t{name}")
    note(f"Chat: {settings.base_url}/chat/{slug}   Try: lumi chat {slug}")


async def found(ctx: Context, *, slug: str, name: str, locale: str = "fr", time_zone: str = "Europe/Paris") -> None:
    """An organisation with its usual roles, its web chat and its terminal account."""
    from lumi.modules.accounts import public as accounts
    from lumi.modules.channels import public as channels
    from lumi.modules.channels.public import Channel
    from lumi.modules.tenants import public as tenants
    from lumi.modules.tenants.public import TenantKind

    await tenants.add_within(ctx, slug=slug, name=name, kind=TenantKind.BUSINESS, locale=locale, time_zone=time_zone)
    await accounts.create_default_roles(ctx)
    for channel in (Channel.WEB, Channel.TERMINAL):
        await channels.connect(ctx, channel=channel, external_id=slug, name=name)


async def _appoint(ctx: Context, phone: str) -> None:
    from lumi.modules.contacts import public as contacts
    from lumi.modules.contacts.public import Point, PointKind

    contact = await contacts.identify(ctx, [Point(PointKind.PHONE, phone)])
    await contacts.appoint_owner(ctx, contact.id)


async def _list() -> None:
    from lumi.cli.installation import opened, quiet_settings
    from lumi.cli.screen import emit
    from lumi.modules.tenants import public as tenants

    async with opened(quiet_settings()) as house:
        for tenant in await tenants.list_all(house.db):
            emit(f"{tenant.slug}\t{tenant.name}\t{tenant.locale}\t{tenant.time_zone}")

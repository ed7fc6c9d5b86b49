"""Who may come in by the widget: pages the organisation listed, to the account its visitors write to."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request

from lumi.core.context import Context
from lumi.core.errors import Forbidden, NotFound
from lumi.core.limits import network
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import AccountView, Channel
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import Tenant


async def account(ctx: Context) -> AccountView:
    """The organisation's widget; raises NotFound."""
    for each in await channels.list_accounts(ctx):
        if each.channel is Channel.WEB:
            return each
    raise NotFound


def check_origin(connection: HTTPConnection, tenant: Tenant) -> None:
    """A browser says which page speaks; a program that is none may say what it likes, and proves nobody by it."""
    origin = connection.headers.get("origin")
    if origin is None or urlsplit(origin).netloc == connection.headers.get("host"):
        return
    if not tenants.may_show_widget(tenant.settings, origin):
        raise Forbidden("This page may not show the widget.")


def host(request: Request) -> str:
    """What a stranger is counted by."""
    return network(request.client.host) if request.client else "unknown"

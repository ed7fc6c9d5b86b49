"""What others may ask of accounts.

    entrance = accounts.open_entrance(settings, database, limiter)  # once a process
    principal = await accounts.authenticate(entrance, token)
    await accounts.ensure_staff(ctx, email=…, name=…, password=…, role="owner")

The application keeps the entrance as `app.state.entrance` and `accounts.authenticator(entrance)` as
`app.state.authenticator`.
"""

from uuid import UUID

from lumi.core.context import Context
from lumi.core.principal import Authenticator, Principal
from lumi.modules.accounts.errors import (
    LastOwner,
    RoleUnknown,
    SessionEnded,
    TenantRequired,
    WrongCredentials,
)
from lumi.modules.accounts.services import staff
from lumi.modules.accounts.services.entrance import Entrance, open_entrance
from lumi.modules.accounts.services.passwords import Passwords
from lumi.modules.accounts.services.principals import authenticate
from lumi.modules.accounts.services.sessions import refresh
from lumi.modules.accounts.services.sign_in import sign_in
from lumi.modules.accounts.services.staff import add_member, create_default_roles, names_of, remove_member
from lumi.modules.accounts.values import DEFAULT_ROLES, Caller, Organisation, Person, SignedIn, Staff

__all__ = [
    "DEFAULT_ROLES",
    "Caller",
    "Entrance",
    "LastOwner",
    "Organisation",
    "Person",
    "RoleUnknown",
    "SessionEnded",
    "SignedIn",
    "Staff",
    "TenantRequired",
    "WrongCredentials",
    "add_member",
    "authenticate",
    "authenticator",
    "create_default_roles",
    "create_identity",
    "ensure_staff",
    "names_of",
    "open_entrance",
    "refresh",
    "remove_member",
    "sign_in",
]


def authenticator(entrance: Entrance) -> Authenticator:
    """`authenticate` of this entrance, as core asks for it."""

    async def check(token: str, /) -> Principal:
        return await authenticate(entrance, token)

    return check


async def create_identity(ctx: Context, *, email: str, name: str, password: str | None) -> UUID:
    """The login of this address, made when nobody has it; one that exists keeps its name and password."""
    return await staff.create_identity(ctx, Passwords(), email=email, name=name, password=password)


async def ensure_staff(ctx: Context, *, email: str, name: str, password: str, role: str) -> Staff:
    """The member with this address and role: makes what is missing and changes nothing else. May run twice.

    The tenant must have the role; see `create_default_roles`.
    """
    return await staff.ensure_staff(ctx, Passwords(), email=email, name=name, password=password, role=role)

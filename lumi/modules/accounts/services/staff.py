"""Who works here, and with which role."""

from collections.abc import Iterable
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.errors import NotFound
from lumi.core.pagination import Cursor, Page
from lumi.modules.accounts import repository
from lumi.modules.accounts.errors import LastOwner, RoleUnknown
from lumi.modules.accounts.models import Role
from lumi.modules.accounts.rules import check_address, check_password
from lumi.modules.accounts.services.passwords import Passwords
from lumi.modules.accounts.values import DEFAULT_ROLES, OWNER, Staff

CURSOR = Cursor("staff", tuple[str, UUID])


async def create_default_roles(ctx: Context) -> None:
    """Give the tenant the roles owner, admin, agent and analyst; those it has get today's permissions."""
    for name, permissions in DEFAULT_ROLES.items():
        await repository.save_role(ctx.session, ctx.tenant_id, name, permissions, ctx.now)
    await audit(ctx, "accounts.default_roles_created", target=f"tenant:{ctx.tenant_id}")


async def create_identity(ctx: Context, passwords: Passwords, *, email: str, name: str, password: str | None) -> UUID:
    """The login of this address, made when nobody has it; one that exists keeps its name and password.

    Refuses what is no address and a password that is too weak. It is visible here once it is a member.
    """
    address = check_address(email)
    if password is not None:
        check_password(password)
    password_hash = await passwords.hash(password) if password is not None else None
    identity_id = await repository.identity_for(ctx.session, address, name, password_hash)
    await audit(ctx, "accounts.identity_ensured", target=f"identity:{identity_id}")
    return identity_id


async def add_member(ctx: Context, *, identity_id: UUID, role: str) -> None:
    """Make the identity a member with this role; a member changes role.

    Refuses an unknown role, and to take the role of owner from the last one.
    """
    role_id = await repository.find_role_id(ctx.session, role)
    if role_id is None:
        raise RoleUnknown(role=role)
    if role != OWNER:
        await _keep_an_owner(ctx, identity_id)
    await repository.save_membership(ctx.session, ctx.tenant_id, identity_id, role_id, ctx.now)
    await audit(ctx, "accounts.member_added", target=f"identity:{identity_id}", detail={"role": role})


async def remove_member(ctx: Context, *, identity_id: UUID) -> None:
    """End the membership and all its sessions here; the login stays. Refuses the last owner."""
    await _keep_an_owner(ctx, identity_id)
    if not await repository.delete_membership(ctx.session, identity_id):
        raise NotFound
    await audit(ctx, "accounts.member_removed", target=f"identity:{identity_id}")


async def ensure_staff(ctx: Context, passwords: Passwords, *, email: str, name: str, password: str, role: str) -> Staff:
    """The member with this address and role: makes what is missing and changes nothing else."""
    address = check_address(email)
    found = await repository.find_staff(ctx.session, address)
    if found is not None and found.role == role:
        return found
    identity_id = await create_identity(ctx, passwords, email=address, name=name, password=password)
    await add_member(ctx, identity_id=identity_id, role=role)
    return await repository.get_staff(ctx.session, address)


async def list_staff(ctx: Context, *, cursor: str | None, limit: int) -> Page[Staff]:
    """Members by address."""
    rows = await repository.list_staff(ctx.session, CURSOR.after(cursor), limit)
    return CURSOR.page(rows, limit, lambda member: (member.person.email, member.membership_id))


async def list_roles(ctx: Context) -> list[Role]:
    """All roles by name; a tenant has a handful."""
    return await repository.list_roles(ctx.session)


async def names_of(ctx: Context, identity_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of those of these identities that are members here."""
    return await repository.names_of(ctx.session, frozenset(identity_ids))


async def _keep_an_owner(ctx: Context, leaving: UUID) -> None:
    if await repository.lock_owners(ctx.session, OWNER) == [leaving]:
        raise LastOwner

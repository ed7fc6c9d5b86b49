"""Makers of what tests need, with defaults: `await make_tenant(database)`, `await make_contact(ctx)`."""

import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from lumi.core.clock import now
from lumi.core.context import SYSTEM, Actor, Context
from lumi.core.db import Database
from lumi.core.ids import new_id
from lumi.modules.accounts import public as accounts
from lumi.modules.accounts import repository as accounts_repository
from lumi.modules.accounts.public import Caller, Entrance, Organisation, Person
from lumi.modules.accounts.services import sessions
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import Contact, Point, PointKind
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import Pack, Tenant, TenantKind


def a_slug(stem: str = "salon-eclat") -> str:
    """A slug nobody has."""
    return f"{stem}-{secrets.token_hex(6)}"


def a_phone_number() -> str:
    """A number nobody has, in E.164."""
    return f"+33639{secrets.randbelow(10**6):06}"


def a_user_id() -> str:
    """A WhatsApp user id (BSUID) nobody has."""
    return f"FR.{secrets.randbelow(10**16):016}"


async def make_tenant(
    database: Database, *, name: str = "Salon Éclat", kind: TenantKind = TenantKind.BUSINESS, locale: str = "fr"
) -> Tenant:
    """A tenant that nothing else uses."""
    return await tenants.add(database, slug=a_slug(), name=name, kind=kind, locale=locale, packs=[Pack.APPOINTMENTS])


async def make_contact(
    ctx: Context, *, name: str | None = "Amélie Roux", points: Sequence[Point] | None = None
) -> Contact:
    """A contact, reached at a phone unless `points` says where."""
    given = [Point(PointKind.PHONE, a_phone_number())] if points is None else points
    return await contacts.add(ctx, points=given, name=name, language="fr")


async def make_staff_headers(
    database: Database, entrance: Entrance, tenant: Tenant, permissions: Sequence[str]
) -> dict[str, str]:
    """The Authorization header of a new member of this tenant who may do exactly this.

    Everything is real but the password: hashing one takes longer than most tests.
    """
    role = f"test-{new_id().hex}"
    async with begin_work(database, tenant) as ctx:
        await accounts_repository.save_role(ctx.session, tenant.id, role, frozenset(permissions), ctx.now)
        email = f"{new_id().hex}@example.org"
        identity_id = await accounts.create_identity(ctx, email=email, name="Léa Martin", password=None)
        await accounts.add_member(ctx, identity_id=identity_id, role=role)
        opened = await sessions.open_session(
            ctx,
            Caller("127.0.0.1", "tests"),
            Person(identity_id, email, "Léa Martin"),
            Organisation(tenant.id, tenant.slug, tenant.name),
        )
    return {"Authorization": f"Bearer {sessions.signed_in(entrance, opened, now()).access_token}"}


@asynccontextmanager
async def begin_work(database: Database, tenant: Tenant, actor: Actor = SYSTEM) -> AsyncGenerator[Context]:
    """A unit of work in one tenant; it commits at the end."""
    async with database.transaction(tenant.id) as session:
        yield Context(session, tenant.id, actor)

"""Every query of accounts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Row, Select, delete, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core.audit import AuditEntry
from lumi.core.db import rows_affected
from lumi.core.ids import new_id
from lumi.modules.accounts.models import ApiKey, Identity, Membership, RefreshToken, Role, SignInSession
from lumi.modules.accounts.values import LAST_USED_EVERY, Organisation, Person, RevokedWhy, Staff, Standing


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who might be signing in."""

    person: Person
    password_hash: str | None = field(repr=False)
    organisations: tuple[Organisation, ...]


async def find_candidate(session: AsyncSession, email: str) -> Candidate | None:
    """The person behind an address and where they work; needs no tenant."""
    rows = (await session.execute(text("select * from app.sign_in_candidate(:email)"), {"email": email})).all()
    if not rows:
        return None
    places = tuple(Organisation(row.tenant_id, row.tenant_slug, row.tenant_name) for row in rows if row.tenant_id)
    first = rows[0]
    return Candidate(Person(first.identity_id, email, first.name), first.password_hash, places)


async def identity_for(session: AsyncSession, email: str, name: str, password_hash: str | None) -> UUID:
    """The identity with this address, made when there is none; an existing one stays as it is."""
    statement = text("select app.identity_for(:id, :email, :name, :hash)")
    values = {"id": new_id(), "email": email, "name": name, "hash": password_hash}
    return cast("UUID", await session.scalar(statement, values))


async def rehash(session: AsyncSession, identity_id: UUID, old_hash: str, new_hash: str) -> None:
    """Replace a hash unless somebody did meanwhile."""
    statement = text("select app.rehash_password(:id, :old, :new)")
    await session.execute(statement, {"id": identity_id, "old": old_hash, "new": new_hash})


async def save_role(
    session: AsyncSession, tenant_id: UUID, name: str, permissions: frozenset[str], now: datetime
) -> None:
    """Add the role, or give the one of this name these permissions."""
    values = {"tenant_id": tenant_id, "id": new_id(), "name": name, "created_at": now}
    statement = upsert(Role).values(**values, permissions=sorted(permissions))
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "name"], set_={"permissions": statement.excluded.permissions}
        )
    )


async def list_roles(session: AsyncSession) -> list[Role]:
    """All roles by name."""
    return list(await session.scalars(select(Role).order_by(Role.name)))


async def find_role_id(session: AsyncSession, name: str) -> UUID | None:
    """The role of this name."""
    return await session.scalar(select(Role.id).where(Role.name == name))


async def save_membership(
    session: AsyncSession, tenant_id: UUID, identity_id: UUID, role_id: UUID, now: datetime
) -> None:
    """Make the identity a member with this role, or change the member's role."""
    values = {"tenant_id": tenant_id, "id": new_id(), "identity_id": identity_id, "created_at": now}
    await session.execute(
        upsert(Membership)
        .values(**values, role_id=role_id)
        .on_conflict_do_update(index_elements=["tenant_id", "identity_id"], set_={"role_id": role_id})
    )


async def lock_owners(session: AsyncSession, role: str) -> list[UUID]:
    """The identities with this role, locked so that two cannot leave at once."""
    statement = (
        select(Membership.identity_id)
        .where(Membership.role_id.in_(select(Role.id).where(Role.name == role)))
        .order_by(Membership.id)
        .with_for_update()
    )
    return list(await session.scalars(statement))


async def delete_membership(session: AsyncSession, identity_id: UUID) -> bool:
    """End the membership and, by the foreign key, its sessions; whether there was one."""
    result = await session.execute(delete(Membership).where(Membership.identity_id == identity_id))
    return rows_affected(result) > 0


async def find_staff(session: AsyncSession, email: str) -> Staff | None:
    """The member with this address."""
    row = (await session.execute(_staff().where(Identity.email == email))).one_or_none()
    return _staff_of(row) if row else None


async def get_staff(session: AsyncSession, email: str) -> Staff:
    """The member with this address, who is known to be there."""
    return _staff_of((await session.execute(_staff().where(Identity.email == email))).one())


async def list_staff(session: AsyncSession, after: tuple[str, UUID] | None, limit: int) -> list[Staff]:
    """Members by address, one more than `limit` when there are more."""
    statement = _staff().order_by(Identity.email, Membership.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(Identity.email, Membership.id) > after)
    return [_staff_of(row) for row in await session.execute(statement)]


async def find_person(session: AsyncSession, identity_id: UUID) -> Person | None:
    """The member's name and address."""
    row = (
        await session.execute(select(Identity.id, Identity.email, Identity.name).where(Identity.id == identity_id))
    ).one_or_none()
    return Person(row.id, row.email, row.name) if row else None


async def names_of(session: AsyncSession, identity_ids: frozenset[UUID]) -> dict[UUID, str]:
    """The names of those of these identities that are members here."""
    rows = await session.execute(select(Identity.id, Identity.name).where(Identity.id.in_(identity_ids)))
    return {row.id: row.name for row in rows}


async def add_session(session: AsyncSession, row: SignInSession) -> None:
    """Store a new session; the person's sessions that are over by time go."""
    over = delete(SignInSession).where(
        SignInSession.identity_id == row.identity_id, SignInSession.expires_at <= row.created_at
    )
    await session.execute(over)
    session.add(row)
    await session.flush()


async def add_refresh_token(session: AsyncSession, row: RefreshToken, now: datetime) -> None:
    """Store a new refresh token; those of its session that have expired go."""
    expired = delete(RefreshToken).where(RefreshToken.session_id == row.session_id, RefreshToken.expires_at <= now)
    await session.execute(expired)
    session.add(row)
    await session.flush()


async def lock_session_of(session: AsyncSession, token_id: UUID) -> SignInSession | None:
    """The session of a refresh token, locked: refreshes and the end of one session come one by one."""
    statement = (
        select(SignInSession)
        .where(SignInSession.id == select(RefreshToken.session_id).where(RefreshToken.id == token_id).scalar_subquery())
        .with_for_update()
    )
    return await session.scalar(statement)


async def get_refresh_token(session: AsyncSession, token_id: UUID) -> RefreshToken:
    """The refresh token as it is now; read it after its session is locked."""
    return (await session.scalars(select(RefreshToken).where(RefreshToken.id == token_id))).one()


async def forget_successors(session: AsyncSession, session_id: UUID, used_before: datetime) -> None:
    """Drop the sealed successors that nobody may ask for again."""
    statement = (
        update(RefreshToken)
        .where(RefreshToken.session_id == session_id, RefreshToken.used_at < used_before)
        .where(RefreshToken.successor.is_not(None))
        .values(successor=None)
    )
    await session.execute(statement, execution_options={"synchronize_session": False})


async def end_session(session: AsyncSession, session_id: UUID, why: RevokedWhy, now: datetime) -> bool:
    """Revoke the session; whether it was alive."""
    statement = (
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.revoked_at.is_(None))
        .values(revoked_at=now, revoked_why=why.value)
    )
    return rows_affected(await session.execute(statement)) > 0


async def find_standing(session: AsyncSession, session_id: UUID, identity_id: UUID, now: datetime) -> Standing | None:
    """Whose session it is and what their role allows, unless it has ended or they are no member any more."""
    statement = (
        select(Identity.id, Identity.email, Identity.name, Role.permissions)
        .select_from(SignInSession)
        .join(Membership, Membership.identity_id == SignInSession.identity_id)
        .join(Role, Role.id == Membership.role_id)
        .join(Identity, Identity.id == SignInSession.identity_id)
        .where(SignInSession.id == session_id, SignInSession.identity_id == identity_id)
        .where(SignInSession.revoked_at.is_(None), SignInSession.expires_at > now)
    )
    row = (await session.execute(statement)).one_or_none()
    return Standing(Person(row.id, row.email, row.name), frozenset(row.permissions)) if row else None


async def add_api_key(session: AsyncSession, row: ApiKey) -> None:
    """Store a new key."""
    session.add(row)
    await session.flush()


async def find_api_key(session: AsyncSession, key_id: UUID) -> ApiKey | None:
    """The key of this id, revoked or not."""
    return await session.scalar(select(ApiKey).where(ApiKey.id == key_id))


async def list_api_keys(session: AsyncSession, after: tuple[datetime, UUID] | None, limit: int) -> list[ApiKey]:
    """Keys, newest first, one more than `limit` when there are more."""
    statement = select(ApiKey).order_by(ApiKey.created_at.desc(), ApiKey.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(ApiKey.created_at, ApiKey.id) < after)
    return list(await session.scalars(statement))


async def revoke_api_key(session: AsyncSession, key_id: UUID, by: UUID, now: datetime) -> None:
    """Revoke the key; a key revoked before keeps its first date."""
    statement = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
    await session.execute(statement.values(revoked_at=now, revoked_by=by))


async def note_use(session: AsyncSession, key_id: UUID, now: datetime) -> None:
    """Remember that the key was used, at most once a minute."""
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now - LAST_USED_EVERY)
    await session.execute(update(ApiKey).where(ApiKey.id == key_id, stale).values(last_used_at=now))


async def list_audit(
    session: AsyncSession, after: tuple[datetime, UUID] | None, limit: int, *, action: str | None
) -> list[AuditEntry]:
    """Deeds, newest first, one more than `limit` when there are more."""
    statement = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    if action is not None:
        statement = statement.where(AuditEntry.action == action)
    if after is not None:
        statement = statement.where(tuple_(AuditEntry.at, AuditEntry.id) < after)
    return list(await session.scalars(statement))


def _staff() -> Select[UUID, datetime, UUID, str, str, str]:
    columns = (Membership.id, Membership.created_at, Identity.id, Identity.email, Identity.name, Role.name)
    return (
        select(*columns).join(Identity, Identity.id == Membership.identity_id).join(Role, Role.id == Membership.role_id)
    )


def _staff_of(row: Row[UUID, datetime, UUID, str, str, str]) -> Staff:
    membership_id, joined_at, identity_id, email, name, role = row
    return Staff(membership_id, Person(identity_id, email, name), role, joined_at)

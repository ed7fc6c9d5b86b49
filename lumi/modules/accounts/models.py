"""The tables of accounts. `audit_entry` is modelled in core, where every module writes it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.audit import AuditEntry
from lumi.core.db import Base, TenantTable

Instant = DateTime(timezone=True)


class Identity(Base):
    """A person with a login. The hash is not readable by the application; see sql/sign_in.sql."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text, deferred=True, deferred_raiseload=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Role(TenantTable, Base):
    """A named set of permissions."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("tenant_id", "id"), UniqueConstraint("tenant_id", "name"))

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(Instant)


class Membership(TenantTable, Base):
    """An identity in a tenant, with its role there."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "identity_id"),
        ForeignKeyConstraint(["tenant_id", "role_id"], ["role.tenant_id", "role.id"]),
        Index("membership_role", "tenant_id", "role_id"),
        Index("membership_identity", "identity_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
    role_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Instant)


class SignInSession(TenantTable, Base):
    """One sign-in on one device."""

    __tablename__ = "session"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("(revoked_at is null) = (revoked_why is null)"),
        ForeignKeyConstraint(
            ["tenant_id", "identity_id"],
            ["membership.tenant_id", "membership.identity_id"],
            ondelete="CASCADE",
        ),
        Index("session_identity", "tenant_id", "identity_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    identity_id: Mapped[UUID]
    user_agent: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_why: Mapped[str | None] = mapped_column(Text)


class RefreshToken(TenantTable, Base):
    """A refresh token, good for one use; kept after it so that a second use is noticed."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "session_id"], ["session.tenant_id", "session.id"], ondelete="CASCADE"),
        Index("refresh_token_session", "tenant_id", "session_id", "expires_at"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    session_id: Mapped[UUID]
    digest: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    successor: Mapped[bytes | None]


class ApiKey(TenantTable, Base):
    """A key for programs; only its digest is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("(revoked_at is null) = (revoked_by is null)"),
        Index("api_key_created", "tenant_id", "created_at", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes]
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[UUID]
    created_by_name: Mapped[str] = mapped_column(Text)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[UUID | None]


__all__ = ("ApiKey", "AuditEntry", "Identity", "Membership", "RefreshToken", "Role", "SignInSession")

"""The tables contacts own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base, TenantTable

_TIME = DateTime(timezone=True)


class Contact(TenantTable, Base):
    """A person. One with `merged_into` is another row's earlier self and is shown nowhere."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "merged_into"], ["contact.tenant_id", "contact.id"], ondelete="CASCADE"),
        Index("contact_newest", "tenant_id", "created_at", "id", postgresql_where=text("merged_into is null")),
        Index("contact_merged", "tenant_id", "merged_into", postgresql_where=text("merged_into is not null")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    name: Mapped[str | None] = mapped_column(Text, default=None)
    search_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    language: Mapped[str | None] = mapped_column(Text, default=None)
    is_owner: Mapped[bool] = mapped_column(default=False, server_default="false")
    stopped_at: Mapped[datetime | None] = mapped_column(_TIME, default=None)
    merged_into: Mapped[UUID | None] = mapped_column(default=None)
    time_zone: Mapped[str | None] = mapped_column(Text, default=None)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(_TIME, server_default=func.clock_timestamp())


class ContactPoint(TenantTable, Base):
    """An address; of one kind it is one person's."""

    __tablename__ = "contact_point"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "kind", "value"),
        ForeignKeyConstraint(["tenant_id", "contact_id"], ["contact.tenant_id", "contact.id"], ondelete="CASCADE"),
        Index("contact_point_contact", "tenant_id", "contact_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    contact_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME, server_default=func.clock_timestamp())


class Consent(TenantTable, Base):
    """That a person agreed to something, or took it back; never changed, the newest of a purpose counts."""

    __tablename__ = "consent"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "contact_id"], ["contact.tenant_id", "contact.id"], ondelete="CASCADE"),
        Index("consent_newest", "tenant_id", "contact_id", "purpose", text("id desc")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    contact_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(_TIME, server_default=func.clock_timestamp())

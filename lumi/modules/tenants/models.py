"""The tables tenants own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base


class Tenant(Base):
    """An organisation. Its own id is what the others' `tenant_id` names."""

    __tablename__ = "tenant"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text, server_default="fr")
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    time_zone: Mapped[str] = mapped_column(Text, server_default="Europe/Paris")
    packs: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    settings: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class InboundIdentifier(Base):
    """A name under which the outside knows a tenant."""

    __tablename__ = "inbound_identifier"
    __table_args__ = (Index("inbound_identifier_value", "kind", "value"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())

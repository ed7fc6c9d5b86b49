"""The ledger's table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base, Big

_Time = DateTime(timezone=True)
_NOW = sql("clock_timestamp()")


class Message(Base):
    """One message of a thread."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "thread_id"], ["thread.tenant_id", "thread.id"], ondelete="CASCADE"),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    thread_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[Big] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    author: Mapped[str]
    author_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(server_default="text")
    text: Mapped[str]
    lang: Mapped[str | None]
    sources: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default=sql("'[]'"))
    handover: Mapped[bool] = mapped_column(server_default="false")
    event_n: Mapped[Big | None]
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    edited_at: Mapped[datetime | None] = mapped_column(_Time)
    deleted_at: Mapped[datetime | None] = mapped_column(_Time)
    choices: Mapped[list[str]] = mapped_column(JSONB, server_default=sql("'[]'"))


class IdempotencyKey(Base):
    """The answer to a request that may be sent twice."""

    __tablename__ = "idempotency_key"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenant.id"], ondelete="CASCADE"),)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    result: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)

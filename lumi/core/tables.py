"""The house's own tables, as SQLAlchemy knows them: for migrations to compare, and for lists staff may read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base, Big

_Time = DateTime(timezone=True)
_NOW = text("clock_timestamp()")
_ZERO = text("0")


def _tenant() -> ForeignKey:
    return ForeignKey("tenant.id", ondelete="CASCADE")


class WorkerRow(Base):
    """A worker process alive."""

    __tablename__ = "worker"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    beat_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    backend_pid: Mapped[int] = mapped_column(server_default=text("pg_backend_pid()"))


class ProtocolRow(Base):
    """The newest way the processes of this installation work together: one row."""

    __tablename__ = "protocol"
    __table_args__ = (CheckConstraint("only_row"),)
    only_row: Mapped[bool] = mapped_column(server_default=text("true"), primary_key=True)
    version: Mapped[int]


class LaneRow(Base):
    """One ordered line of work."""

    __tablename__ = "lane"
    __table_args__ = (
        Index(
            "lane_due", "tenant_id", "ready_at",
            postgresql_where=text("owner is null and ready_at is not null"),
        ),
        Index("lane_owned", "owner", postgresql_where=text("owner is not null")),
    )  # fmt: skip
    tenant_id: Mapped[UUID] = mapped_column(_tenant(), primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[Big] = mapped_column(server_default=_ZERO)
    ready_at: Mapped[datetime | None] = mapped_column(_Time)
    owner: Mapped[int | None]
    epoch: Mapped[Big] = mapped_column(server_default=_ZERO)
    crashes: Mapped[int] = mapped_column(server_default=_ZERO)
    event_n: Mapped[Big] = mapped_column(server_default=_ZERO)
    message_n: Mapped[Big] = mapped_column(server_default=_ZERO)
    delivery_n: Mapped[Big] = mapped_column(server_default=_ZERO)
    closed_at: Mapped[datetime | None] = mapped_column(_Time)


class JobRow(Base):
    """Work without a thread."""

    __tablename__ = "job"
    __table_args__ = (
        Index("job_due", "ready_at", postgresql_where=text("owner is null and ready_at is not null")),
        Index("job_owned", "owner", postgresql_where=text("owner is not null")),
        Index("job_dead", "tenant_id", "dead_at", postgresql_where=text("dead_at is not null")),
        Index(
            "job_key", "tenant_id", "kind", "key", unique=True, postgresql_nulls_not_distinct=True,
            postgresql_where=text("key is not null and crashes = 0"),
        ),
    )  # fmt: skip
    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID | None] = mapped_column(_tenant())
    kind: Mapped[str]
    args: Mapped[dict[str, object]] = mapped_column(JSONB)
    key: Mapped[str | None]
    ready_at: Mapped[datetime | None] = mapped_column(_Time, server_default=_NOW)
    owner: Mapped[int | None]
    epoch: Mapped[Big] = mapped_column(server_default=_ZERO)
    crashes: Mapped[int] = mapped_column(server_default=_ZERO)
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    dead_at: Mapped[datetime | None] = mapped_column(_Time)


class CronRow(Base):
    """A schedule of the house."""

    __tablename__ = "cron"
    name: Mapped[str] = mapped_column(primary_key=True)
    schedule: Mapped[str]
    next_at: Mapped[datetime] = mapped_column(_Time)


class DeadLetter(Base):
    """What was authentic and could not be used. Without a tenant: nobody can be said to own it."""

    __tablename__ = "dead_letter"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("requeued_at is null or closed_at is not null"),
        Index("dead_letter_open", "tenant_id", "created_at", postgresql_where=text("closed_at is null")),
        Index("dead_letter_newest", "tenant_id", "created_at", "id"),
        Index("dead_letter_source", "tenant_id", "source", "created_at", "id"),
        Index("dead_letter_waiting", "source", postgresql_where=text("closed_at is null")),
    )
    tenant_id: Mapped[UUID | None] = mapped_column(_tenant())
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    origin: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    closed_at: Mapped[datetime | None] = mapped_column(_Time)
    closed_by: Mapped[UUID | None]
    requeued_at: Mapped[datetime | None] = mapped_column(_Time)

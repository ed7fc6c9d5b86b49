"""The table the assistant owns."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base, Big, TenantTable

_Time = DateTime(timezone=True)


class Turn(TenantTable, Base):
    """What one turn read, understood and decided."""

    __tablename__ = "turn"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "thread_id"], ["thread.tenant_id", "thread.id"], ondelete="CASCADE"),
        Index("turn_thread", "tenant_id", "thread_id", "seq"),
    )
    thread_id: Mapped[UUID]
    seq: Mapped[Big]
    epoch: Mapped[Big]
    attempt: Mapped[int] = mapped_column(server_default="1")
    input: Mapped[dict[str, object]] = mapped_column(JSONB)
    commands: Mapped[list[object]] = mapped_column(JSONB)
    effects: Mapped[list[object]] = mapped_column(JSONB)
    began_at: Mapped[datetime] = mapped_column(_Time)
    saved_at: Mapped[datetime] = mapped_column(_Time, server_default=text("clock_timestamp()"))

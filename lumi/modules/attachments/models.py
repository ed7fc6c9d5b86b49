"""The table attachments own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base, Big, TenantTable

_TIME = DateTime(timezone=True)


class AttachmentRow(TenantTable, Base):
    """One file of a message: of an event, where somebody sent it to us; or ours, of a message once it has one."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "thread_id", "event_n", "place"),
        ForeignKeyConstraint(["tenant_id", "thread_id"], ["thread.tenant_id", "thread.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["tenant_id", "file_id"], ["stored_file.tenant_id", "stored_file.id"], ondelete="SET NULL (file_id)"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "message_id"], ["message.tenant_id", "message.id"], ondelete="SET NULL (message_id)"
        ),
        CheckConstraint("(event_n is null) = (shown_as is not null)", name="attachment_of_one_side"),
        CheckConstraint("(state = 'waiting') = (settled_at is null)"),
        Index("attachment_file", "tenant_id", "file_id", postgresql_where=text("file_id is not null")),
        Index(
            "attachment_message",
            "tenant_id",
            "message_id",
            unique=True,
            postgresql_where=text("message_id is not null"),
        ),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    thread_id: Mapped[UUID]
    event_n: Mapped[Big | None]
    message_id: Mapped[UUID | None]
    shown_as: Mapped[str | None]
    place: Mapped[int]
    kind: Mapped[str]
    is_voice: Mapped[bool]
    reference: Mapped[dict[str, object]] = mapped_column(JSONB)
    name: Mapped[str]
    mime: Mapped[str | None]
    size_bytes: Mapped[Big | None]
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    file_id: Mapped[UUID | None]
    transcript: Mapped[str | None]
    language: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(_TIME, server_default=text("clock_timestamp()"))
    wait_until: Mapped[datetime] = mapped_column(_TIME)
    settled_at: Mapped[datetime | None] = mapped_column(_TIME)

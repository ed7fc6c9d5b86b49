"""The table files own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base, Big, TenantTable

_TIME = DateTime(timezone=True)
# Files that somebody still has to look at: written out, so that their index is known to answer.
UNSEEN = "state in ('pending', 'unscanned') and deleted_at is null"


class FileRow(TenantTable, Base):
    """A file. Its bytes are removed soon after `deleted_at`, or after something was found in them."""

    __tablename__ = "stored_file"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("octet_length(sha256) = 32"),
        CheckConstraint("size_bytes > 0"),
        Index("stored_file_newest", "tenant_id", "created_at", "id"),
        Index(
            "stored_file_waiting", "tenant_id", "id",
            postgresql_where=text(UNSEEN),
        ),
        Index(
            "stored_file_request", "tenant_id", "created_by", "request_key",
            unique=True, postgresql_nulls_not_distinct=True, postgresql_where=text("request_key is not null"),
        ),
    )  # fmt: skip

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str]
    mime: Mapped[str]
    size_bytes: Mapped[Big]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str]
    note: Mapped[str | None]
    storage: Mapped[str]
    storage_key: Mapped[str]
    request_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(_TIME, server_default=func.clock_timestamp())
    created_by: Mapped[UUID | None]
    scanned_at: Mapped[datetime | None] = mapped_column(_TIME)
    deleted_at: Mapped[datetime | None] = mapped_column(_TIME)
    deleted_by: Mapped[UUID | None]

"""Who did what, in the transaction that did it: rows are added and read, never changed."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import DateTime, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.context import Context
from lumi.core.db import Base, TenantTable
from lumi.core.ids import new_id

EMPTY: Mapping[str, object] = {}


class AuditEntry(TenantTable, Base):
    """One deed. The application may insert and select, nothing else; see the grants."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        Index("audit_entry_at", "tenant_id", "at", "id"),
        Index("audit_entry_action", "tenant_id", "action", "at", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, object]] = mapped_column(JSONB)
    request_id: Mapped[str] = mapped_column(Text)


async def audit(ctx: Context, action: str, *, target: str, detail: Mapping[str, object] = EMPTY) -> None:
    """Record that `ctx.actor` did `action` ("knowledge.document_created") to `target`, if this commits.

    `target` names the thing as `kind:id`. `detail` holds ids, numbers and names, never a secret.
    """
    ctx.session.add(
        AuditEntry(
            tenant_id=ctx.tenant_id,
            id=new_id(),
            at=ctx.now,
            actor_kind=ctx.actor.kind,
            actor_id=ctx.actor.id,
            actor_name=ctx.actor.name,
            action=action,
            target=target,
            detail=json.loads(orjson.dumps(dict(detail), default=str)),
            request_id=ctx.request_id,
        )
    )
    await ctx.session.flush()

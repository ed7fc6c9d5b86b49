"""The tables channels own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base, Big, TenantTable
from lumi.modules.channels.values.kinds import DeliveryState, Purpose

Json = dict[str, object]
_Time = DateTime(timezone=True)
_NOW = text("clock_timestamp()")


def _tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id"], ["tenant.id"], ondelete="CASCADE")


def _account() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "account_id"], ["channel_account.tenant_id", "channel_account.id"], ondelete="CASCADE"
    )


class ProviderApp(TenantTable, Base):
    """Who signs what arrives."""

    __tablename__ = "provider_app"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "channel", "name"),
        _tenant(),
        Index("provider_app_proof", "channel", "proof"),
    )
    channel: Mapped[str]
    name: Mapped[str]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    verify_token: Mapped[bytes] = mapped_column(LargeBinary)
    proof: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class ChannelAccount(TenantTable, Base):
    """A number, a widget, a terminal: one connected account of a channel."""

    __tablename__ = "channel_account"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "channel", "external_id"),
        ForeignKeyConstraint(["tenant_id", "app_id"], ["provider_app.tenant_id", "provider_app.id"]),
        _tenant(),
        Index(
            "channel_account_connected", "channel", "external_id", unique=True,
            postgresql_where=text("app_id is not null and disconnected_at is null"),
        ),
    )  # fmt: skip
    channel: Mapped[str]
    app_id: Mapped[UUID | None]
    external_id: Mapped[str]
    name: Mapped[str]
    access_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    settings: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    connected_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    disconnected_at: Mapped[datetime | None] = mapped_column(_Time)
    checked_at: Mapped[datetime | None] = mapped_column(_Time)
    token_expires_at: Mapped[datetime | None] = mapped_column(_Time)
    token_refused_at: Mapped[datetime | None] = mapped_column(_Time)
    webhook_trouble: Mapped[str | None]
    failed_at: Mapped[datetime | None] = mapped_column(_Time)
    failed_why: Mapped[str | None]
    failure: Mapped[str | None]


class Thread(TenantTable, Base):
    """One dialogue on one account."""

    __tablename__ = "thread"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        _account(),
        ForeignKeyConstraint(["tenant_id", "contact_id"], ["contact.tenant_id", "contact.id"]),
        _tenant(),
        CheckConstraint("(held_by is null) = (held_at is null)"),
        CheckConstraint("merged_at is null or merged_into is not null"),
        ForeignKeyConstraint(["tenant_id", "merged_into"], ["thread.tenant_id", "thread.id"], ondelete="CASCADE"),
        Index("thread_merged", "tenant_id", "merged_into", postgresql_where=text("merged_into is not null")),
        Index("thread_active", "tenant_id", "active_at", "id"),
        Index("thread_contact", "tenant_id", "contact_id"),
        Index(
            "thread_waiting", "tenant_id", "active_at", "id",
            postgresql_where=text("wants_human_at is not null and held_by is null"),
        ),
        Index("thread_held", "tenant_id", "active_at", "id", postgresql_where=text("held_by is not null")),
    )  # fmt: skip
    account_id: Mapped[UUID]
    channel: Mapped[str]
    address: Mapped[str]
    contact_id: Mapped[UUID | None]
    language: Mapped[str | None]
    held_by: Mapped[UUID | None]
    held_at: Mapped[datetime | None] = mapped_column(_Time)
    wants_human_at: Mapped[datetime | None] = mapped_column(_Time)
    quiet_until: Mapped[datetime | None] = mapped_column(_Time)
    merged_into: Mapped[UUID | None]
    merged_at: Mapped[datetime | None] = mapped_column(_Time)
    heard_at: Mapped[datetime | None] = mapped_column(_Time)
    opted_out_at: Mapped[datetime | None] = mapped_column(_Time)
    blocked_at: Mapped[datetime | None] = mapped_column(_Time)
    new_addresses: Mapped[int] = mapped_column(server_default="0")
    active_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class ThreadAddress(Base):
    """An address a thread is known under."""

    __tablename__ = "thread_address"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "thread_id"], ["thread.tenant_id", "thread.id"], ondelete="CASCADE"),
        _account(),
        Index("thread_address_thread", "tenant_id", "thread_id"),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[UUID]
    told_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class InboundEvent(Base):
    """What came in, numbered under the lane's lock."""

    __tablename__ = "event"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "thread_id"], ["thread.tenant_id", "thread.id"], ondelete="CASCADE"),
        CheckConstraint("(settled_at is null) = (settled_by is null)"),
        Index("event_open", "tenant_id", "thread_id", "n", postgresql_where=text("settled_at is null")),
        Index("event_parked", "tenant_id", "thread_id", "n", postgresql_where=text("settled_by = 'parked'")),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    thread_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[Big] = mapped_column(primary_key=True)
    kind: Mapped[str]
    provider_id: Mapped[str]
    payload: Mapped[Json] = mapped_column(JSONB)
    sent_at: Mapped[datetime | None] = mapped_column(_Time)
    received_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    due_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    recorded_at: Mapped[datetime | None] = mapped_column(_Time)
    settled_at: Mapped[datetime | None] = mapped_column(_Time)
    settled_by: Mapped[str | None]
    turn_id: Mapped[UUID | None]


class EventKey(Base):
    """The provider's id of something seen."""

    __tablename__ = "event_key"
    __table_args__ = (Index("event_key_seen", "tenant_id", "seen_at"),)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class Delivery(TenantTable, Base):
    """One message on its way out."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("tenant_id", "thread_id", "n"),
        ForeignKeyConstraint(["tenant_id", "thread_id"], ["thread.tenant_id", "thread.id"], ondelete="CASCADE"),
        CheckConstraint("(state in ('committed', 'sending')) = (settled_at is null)"),
        Index("delivery_unfinished", "tenant_id", "thread_id", "n", postgresql_where=text("settled_at is null")),
        Index("delivery_message", "tenant_id", "thread_id", "message_n"),
        Index("delivery_held", "tenant_id", "thread_id", postgresql_where=text("held_at is not null")),
        Index("delivery_proactive", "tenant_id", "thread_id", "n", postgresql_where=text("purpose = 'proactive'")),
        Index(
            "delivery_continues", "tenant_id", "continues",
            unique=True, postgresql_where=text("continues is not null"),
        ),
        Index(
            "delivery_provider", "tenant_id", "account_id", "provider_id",
            unique=True, postgresql_where=text("provider_id is not null"),
        ),
        Index(
            "delivery_trouble", "tenant_id", "account_id", "settled_at", "id",
            postgresql_where=text("error is not null and settled_at is not null"),
        ),
    )  # fmt: skip
    thread_id: Mapped[UUID]
    n: Mapped[Big]
    account_id: Mapped[UUID]
    message_n: Mapped[Big]
    author: Mapped[str]
    body: Mapped[Json] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default=DeliveryState.COMMITTED)
    attempt: Mapped[int] = mapped_column(server_default="0")
    epoch: Mapped[Big | None]
    next_try_at: Mapped[datetime | None] = mapped_column(_Time)
    valid_until: Mapped[datetime | None] = mapped_column(_Time)
    provider_id: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    sending_at: Mapped[datetime | None] = mapped_column(_Time)
    settled_at: Mapped[datetime | None] = mapped_column(_Time)
    purpose: Mapped[str] = mapped_column(server_default=Purpose.ANSWER)
    continues: Mapped[UUID | None]
    held_at: Mapped[datetime | None] = mapped_column(_Time)
    reached: Mapped[str | None]


class MessageTemplate(TenantTable, Base):
    """A text a provider approved before, as it told last."""

    __tablename__ = "message_template"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "account_id", "name", "language"),
        _account(),
        _tenant(),
        Index(
            "message_template_purpose", "tenant_id", "account_id", postgresql_where=text("purpose is not null")
        ),
    )  # fmt: skip
    account_id: Mapped[UUID]
    provider_id: Mapped[str]
    name: Mapped[str]
    language: Mapped[str]
    category: Mapped[str]
    body: Mapped[str]
    plain: Mapped[bool]
    status: Mapped[str]
    reason: Mapped[str | None]
    purpose: Mapped[str | None]
    seen_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class ParkedReceipt(Base):
    """A status that came before we knew what it speaks of."""

    __tablename__ = "receipt"
    __table_args__ = (_account(), Index("receipt_seen", "tenant_id", "seen_at"))
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    error: Mapped[str | None]
    seen_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)


class ChannelTraffic(Base):
    """What came in and went out on an account in one hour."""

    __tablename__ = "channel_traffic"
    __table_args__ = (_account(),)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(_Time, primary_key=True)
    received: Mapped[int] = mapped_column(server_default="0")
    sent: Mapped[int] = mapped_column(server_default="0")
    delivered: Mapped[int] = mapped_column(server_default="0")
    read: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    unknown: Mapped[int] = mapped_column(server_default="0")
    heard_at: Mapped[datetime | None] = mapped_column(_Time)


class ChannelAlert(TenantTable, Base):
    """Something somebody should know of an account."""

    __tablename__ = "channel_alert"
    __table_args__ = (
        _account(),
        Index(
            "channel_alert_open", "tenant_id", "account_id", "kind",
            unique=True, postgresql_where=text("cleared_at is null"),
        ),
    )  # fmt: skip
    account_id: Mapped[UUID]
    kind: Mapped[str]
    stage: Mapped[int] = mapped_column(server_default="0")
    detail: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    raised_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    cleared_at: Mapped[datetime | None] = mapped_column(_Time)


class ChannelCursor(Base):
    """How far an account that is pulled was read, who reads it now, and what went wrong."""

    __tablename__ = "channel_cursor"
    __table_args__ = (
        _account(),
        CheckConstraint("(leased_by is null) = (leased_until is null)"),
        CheckConstraint("(failed_at is null) = (error is null)"),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    cursor: Mapped[Json | None] = mapped_column(JSONB)
    pulled_at: Mapped[datetime | None] = mapped_column(_Time)
    next_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    failures: Mapped[int] = mapped_column(server_default="0")
    failed_at: Mapped[datetime | None] = mapped_column(_Time)
    error: Mapped[str | None]
    leased_by: Mapped[UUID | None]
    owner: Mapped[int | None]
    leased_until: Mapped[datetime | None] = mapped_column(_Time)
    wanted: Mapped[bool] = mapped_column(server_default=text("false"))

"""The tables, as ORM models."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

_Time = DateTime(timezone=True)


class Base(DeclarativeBase):
    """All models; big integer keys."""

    type_annotation_map = {int: BigInteger, datetime: _Time}  # noqa: RUF012 (read by SQLAlchemy)


class Account(Base):
    """A business number at the provider."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_number_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Contact(Base):
    """A person who writes to us."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("account_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    address: Mapped[str]
    name: Mapped[str | None]


class Conversation(Base):
    """The dialogue of one person with one number."""

    __tablename__ = "conversation"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), unique=True)
    last_n: Mapped[int] = mapped_column(server_default="0")
    active_at: Mapped[datetime] = mapped_column(server_default=func.now())

    account: Mapped[Account] = relationship(lazy="raise")
    contact: Mapped[Contact] = relationship(lazy="raise")


class InboundEvent(Base):
    """One message as the provider delivered it; a repeated delivery finds it there."""

    __tablename__ = "inbound_event"
    __table_args__ = (UniqueConstraint("account_id", "provider_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    provider_id: Mapped[str]
    payload: Mapped[dict[str, object]] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    settled_at: Mapped[datetime | None]

    conversation: Mapped[Conversation] = relationship(lazy="raise")


class Message(Base):
    """The ledger: what was said, numbered."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("conversation_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    n: Mapped[int]
    author: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Delivery(Base):
    """One message on its way out."""

    __tablename__ = "delivery"
    __table_args__ = (Index("delivery_provider", "provider_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    message_n: Mapped[int]
    body: Mapped[dict[str, object]] = mapped_column(JSONB)
    state: Mapped[str]
    attempt: Mapped[int] = mapped_column(server_default="1")
    provider_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    settled_at: Mapped[datetime | None]


class Turn(Base):
    """What one turn read and decided; `event_id` is unique, so a repeated job writes nothing twice."""

    __tablename__ = "turn"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("inbound_event.id"), unique=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    input: Mapped[dict[str, object]] = mapped_column(JSONB)
    effects: Mapped[dict[str, object]] = mapped_column(JSONB)
    began_at: Mapped[datetime]
    saved_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    delivery: Mapped[Delivery] = relationship(lazy="raise")

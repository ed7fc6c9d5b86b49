"""The tables of knowledge. The index tables are written by SQL functions alone and modelled for their shape."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    REAL,
    BigInteger,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from lumi.core.db import Base, TenantTable

_Time = DateTime(timezone=True)
_NOW = sql("clock_timestamp()")


class Document(TenantTable, Base):
    """A document or FAQ entry; archived ones stay for the record and are never found."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        Index(
            "document_external_id", "tenant_id", "external_id", unique=True, postgresql_where=sql("archived_at is null")
        ),
        Index("document_newest", "tenant_id", "created_at", "id", postgresql_where=sql("archived_at is null")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    external_id_is_number: Mapped[bool] = mapped_column(default=False, server_default="false")
    lang: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    keywords: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    current_version: Mapped[int] = mapped_column(default=1, server_default="1")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    updated_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    archived_at: Mapped[datetime | None] = mapped_column(_Time)
    archived_by: Mapped[UUID | None]


class DocumentVersion(Base):
    """The text of a document as it was at one time."""

    __tablename__ = "document_version"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "document_id"], ["document.tenant_id", "document.id"], ondelete="CASCADE"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    checksum: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_Time, server_default=_NOW)
    created_by: Mapped[UUID | None]
    created_by_name: Mapped[str] = mapped_column(Text, server_default="")


class Section(TenantTable, Base):
    """What answers quote."""

    __tablename__ = "section"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "document_id", "anchor"),
        ForeignKeyConstraint(["tenant_id", "document_id"], ["document.tenant_id", "document.id"], ondelete="CASCADE"),
    )

    document_id: Mapped[UUID]
    anchor: Mapped[str] = mapped_column(Text)
    place: Mapped[int]
    title_path: Mapped[list[str]] = mapped_column(ARRAY(Text))
    text: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(Text)
    words: Mapped[int]
    checksum: Mapped[str] = mapped_column(Text)


class KnowledgeState(Base):
    """The number of the last change of a tenant's knowledge; its row lock serialises writers."""

    __tablename__ = "knowledge_state"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, server_default="0")


class SectionIndex(Base):
    """A section as it was indexed."""

    __tablename__ = "section_index"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "section_id"], ["section.tenant_id", "section.id"], ondelete="CASCADE"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    section_id: Mapped[UUID] = mapped_column(primary_key=True)
    lang: Mapped[str] = mapped_column(Text)
    length: Mapped[float] = mapped_column(REAL)
    stems: Mapped[str] = mapped_column(Text)
    concepts: Mapped[str] = mapped_column(Text)


class Posting(Base):
    """A term of a section."""

    __tablename__ = "posting"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(Text, primary_key=True)
    section_id: Mapped[UUID] = mapped_column(primary_key=True)
    tf: Mapped[float] = mapped_column(REAL)
    length: Mapped[float] = mapped_column(REAL)


class Vocabulary(Base):
    """A term and in how many sections it is."""

    __tablename__ = "vocabulary"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(Text, primary_key=True)
    sections: Mapped[int]


class Gram(Base):
    """Three letters of a term."""

    __tablename__ = "gram"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    gram: Mapped[str] = mapped_column(Text, primary_key=True)
    term: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[int]


class Collection(Base):
    """How many sections a tenant has in a language, and how long they are together."""

    __tablename__ = "collection"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(Text, primary_key=True)
    sections: Mapped[int]
    length: Mapped[float] = mapped_column(Double)


class Gap(TenantTable, Base):
    """A question nothing answered."""

    __tablename__ = "gap"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "fingerprint"),
        Index("gap_newest", "tenant_id", "last_asked_at", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    question: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    lang: Mapped[str | None] = mapped_column(Text)
    times: Mapped[int] = mapped_column(default=1, server_default="1")
    first_asked_at: Mapped[datetime] = mapped_column(_Time)
    last_asked_at: Mapped[datetime] = mapped_column(_Time)
    closed_at: Mapped[datetime | None] = mapped_column(_Time)
    closed_by: Mapped[UUID | None]

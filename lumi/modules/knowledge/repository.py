"""Every query about documents, sections and gaps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, cast
from uuid import UUID

from sqlalchemy import Select, delete, insert, select, tuple_, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core.db import Pool, fetch
from lumi.modules.knowledge import rules
from lumi.modules.knowledge.models import Document, DocumentVersion, Gap, Section
from lumi.modules.knowledge.values import Asked, Found, Passage

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """A section as the index takes it: see app.knowledge_index."""

    id: UUID
    lang: str
    title_weight: float
    title: str
    keywords: str
    body: str
    title_concepts: str
    body_concepts: str


_TOUCH = sql("select app.knowledge_touch(:tenant)")
_FORGET = sql("select app.knowledge_forget(:tenant, cast(:ids as uuid[]))")
_INDEX = sql(
    "select app.knowledge_index(:tenant, :edition, cast(:ids as uuid[]), cast(:langs as text[]),"
    " cast(:weights as real[]), cast(:titles as text[]), cast(:keywords as text[]), cast(:bodies as text[]),"
    " cast(:title_concepts as text[]), cast(:body_concepts as text[]))"
)


_OUTDATED = sql("select * from app.knowledge_outdated(:tenant, :edition, :want)")
_FIND = sql(
    "select * from app.find_passages(:tenant, cast(:units as int[]), cast(:words as text[]),"
    " cast(:concept_units as int[]), cast(:concepts as text[]), cast(:soft as int[]), :lang, :want)"
)
_FIND_IN_POOL = "select * from app.find_passages($1, $2, $3, $4, $5, $6, $7, $8)"


async def touch(session: AsyncSession, tenant_id: UUID) -> int:
    """Wait for the tenant's other writers, then give this change its number: first in every change."""
    return int(await session.scalar(_TOUCH, {"tenant": tenant_id}) or 0)


async def index(session: AsyncSession, tenant_id: UUID, entries: Sequence[Entry]) -> None:
    """Index these sections, in place of what was indexed of them."""
    if not entries:
        return
    columns = {
        "ids": [e.id for e in entries],
        "langs": [e.lang for e in entries],
        "weights": [e.title_weight for e in entries],
        "titles": [e.title for e in entries],
        "keywords": [e.keywords for e in entries],
        "bodies": [e.body for e in entries],
        "title_concepts": [e.title_concepts for e in entries],
        "body_concepts": [e.body_concepts for e in entries],
    }
    await session.execute(_INDEX, {"tenant": tenant_id, "edition": rules.INDEX_EDITION, **columns})


async def outdated(session: AsyncSession, tenant_id: UUID, limit: int) -> list[tuple[Section, Sequence[str]]]:
    """Sections indexed by older rules than today's, with the keywords of their documents."""
    given = {"tenant": tenant_id, "edition": rules.INDEX_EDITION, "want": limit}
    ids = (await session.scalars(_OUTDATED, given)).all()
    statement = (
        select(Section, Document.keywords)
        .join(Document, (Document.tenant_id == Section.tenant_id) & (Document.id == Section.document_id))
        .where(Section.tenant_id == tenant_id, Section.id.in_(ids))
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def find(session: AsyncSession, tenant_id: UUID, asked: Asked, lang: str | None, want: int) -> list[Found]:
    """The best passages, best first, as this transaction sees them."""
    given = {
        "units": list(asked.units),
        "words": list(asked.words),
        "concept_units": list(asked.concept_units),
        "concepts": list(asked.concepts),
        "soft": list(asked.soft),
    }
    rows = await session.execute(_FIND, {"tenant": tenant_id, **given, "lang": lang, "want": want})
    return [_found(row) for row in rows.mappings()]


async def find_in_pool(pool: Pool, tenant_id: UUID, asked: Asked, lang: str | None, want: int) -> list[Found]:
    """The same in one statement of its own, without a transaction that anybody holds."""
    parts = (asked.units, asked.words, asked.concept_units, asked.concepts, asked.soft)
    return [_found(row) for row in await fetch(pool, _FIND_IN_POOL, tenant_id, *parts, lang, want)]


async def version(pool: Pool, tenant_id: UUID) -> int:
    """The number of the last change of the tenant's knowledge."""
    return cast("int", (await fetch(pool, "select app.knowledge_version($1)", tenant_id))[0][0])


async def remove_sections(session: AsyncSession, tenant_id: UUID, ids: Collection[UUID]) -> None:
    """Take sections out of the index and away."""
    if not ids:
        return
    await session.execute(_FORGET, {"tenant": tenant_id, "ids": list(ids)})
    await session.execute(delete(Section).where(Section.tenant_id == tenant_id, Section.id.in_(ids)))


async def add_rows(
    session: AsyncSession, documents: Sequence[Row], versions: Sequence[Row], sections: Sequence[Row]
) -> None:
    """Insert new documents with their first versions and sections."""
    for model, rows in ((Document, documents), (DocumentVersion, versions), (Section, sections)):
        if rows:
            await session.execute(insert(model), list(rows))


async def add_version(session: AsyncSession, row: Row) -> None:
    """Insert one version of a document."""
    await session.execute(insert(DocumentVersion), [row])


async def add_sections(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Insert sections of a document that is there."""
    if rows:
        await session.execute(insert(Section), list(rows))


async def find_document(session: AsyncSession, tenant_id: UUID, document_id: UUID) -> Document | None:
    """The document, unless it is archived."""
    return await session.scalar(_present(tenant_id).where(Document.id == document_id))


async def lock_document(session: AsyncSession, tenant_id: UUID, document_id: UUID) -> Document | None:
    """The document as it is now; nobody else changes it until this transaction ends."""
    statement = _present(tenant_id).where(Document.id == document_id).with_for_update()
    return await session.scalar(statement.execution_options(populate_existing=True))


async def by_external_ids(session: AsyncSession, tenant_id: UUID, ids: Collection[str]) -> dict[str, Document]:
    """The documents that are not archived and have one of these external ids."""
    rows = await session.scalars(_present(tenant_id).where(Document.external_id.in_(ids)))
    return {row.external_id: row for row in rows if row.external_id is not None}


async def list_documents(
    session: AsyncSession, tenant_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Document]:
    """Documents, newest first."""
    place = tuple_(Document.created_at, Document.id)
    statement = _present(tenant_id)
    if after is not None:
        statement = statement.where(place < tuple_(*after))
    return list(await session.scalars(statement.order_by(Document.created_at.desc(), Document.id.desc()).limit(limit)))


async def current_text(session: AsyncSession, document: Document) -> DocumentVersion:
    """The newest text of a document."""
    mine = (
        DocumentVersion.tenant_id == document.tenant_id,
        DocumentVersion.document_id == document.id,
        DocumentVersion.number == document.current_version,
    )
    return (await session.scalars(select(DocumentVersion).where(*mine))).one()


async def checksums(session: AsyncSession, tenant_id: UUID, documents: Collection[Document]) -> dict[UUID, str]:
    """The checksum of the newest text of each document."""
    wanted = [(document.id, document.current_version) for document in documents]
    statement = select(DocumentVersion.document_id, DocumentVersion.checksum).where(
        DocumentVersion.tenant_id == tenant_id,
        tuple_(DocumentVersion.document_id, DocumentVersion.number).in_(wanted),
    )
    return {row.document_id: row.checksum for row in await session.execute(statement)}


async def sections_of(session: AsyncSession, tenant_id: UUID, document_id: UUID) -> list[Section]:
    """The sections of a document in order."""
    mine = (Section.tenant_id == tenant_id, Section.document_id == document_id)
    return list(await session.scalars(select(Section).where(*mine).order_by(Section.place)))


async def change_sections(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Update sections by primary key."""
    if rows:
        await session.execute(update(Section), list(rows))


async def count_gap(session: AsyncSession, row: Row) -> Gap:
    """The gap of this fingerprint, asked once more and open again, or new."""
    statement = upsert(Gap).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=[Gap.tenant_id, Gap.fingerprint],
        set_={
            "times": Gap.times + 1,
            "last_asked_at": statement.excluded.last_asked_at,
            "lang": statement.excluded.lang,
            "closed_at": None,
            "closed_by": None,
        },
    )
    found = await session.scalars(statement.returning(Gap), execution_options={"populate_existing": True})
    return found.one()


async def lock_gap(session: AsyncSession, tenant_id: UUID, gap_id: UUID) -> Gap | None:
    """The gap as it is now; nobody else changes it until this transaction ends."""
    statement = select(Gap).where(Gap.tenant_id == tenant_id, Gap.id == gap_id).with_for_update()
    return await session.scalar(statement.execution_options(populate_existing=True))


async def list_gaps(
    session: AsyncSession, tenant_id: UUID, *, closed: bool, after: tuple[datetime, UUID] | None, limit: int
) -> list[Gap]:
    """Open or closed gaps, those asked last first."""
    state = Gap.closed_at.is_not(None) if closed else Gap.closed_at.is_(None)
    statement = select(Gap).where(Gap.tenant_id == tenant_id, state)
    if after is not None:
        statement = statement.where(tuple_(Gap.last_asked_at, Gap.id) < tuple_(*after))
    return list(await session.scalars(statement.order_by(Gap.last_asked_at.desc(), Gap.id.desc()).limit(limit)))


class _Row(TypedDict):
    id: UUID
    document_id: UUID
    external_id: str | None
    external_id_is_number: bool
    title_path: list[str]
    url: str | None
    lang: str
    body: str
    score: float
    exact: int
    named: int
    alike: int
    weights: list[float | None] | None
    terms: list[str | None] | None
    knows: str
    stems: str


def _found(row: object) -> Found:
    given = cast("_Row", row)
    passage = Passage(
        id=given["id"],
        document_id=given["document_id"],
        external_id=rules.given_id(given["external_id"], given["external_id_is_number"]),
        title=rules.displayed_title(given["title_path"]),
        url=given["url"],
        lang=given["lang"],
        text=given["body"],
        score=given["score"],
        evidence=0.0,
    )
    return Found(
        passage,
        exact=given["exact"],
        named=given["named"],
        alike=given["alike"],
        weights=tuple(given["weights"] or ()),
        terms=tuple(given["terms"] or ()),
        concepts=frozenset(given["knows"].split()),
        stems=given["stems"],
    )


def _present(tenant_id: UUID) -> Select[Document]:
    return select(Document).where(Document.tenant_id == tenant_id, Document.archived_at.is_(None))

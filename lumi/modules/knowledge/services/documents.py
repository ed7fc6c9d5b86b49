"""Documents: storing, replacing, reading and archiving them, their sections and index along with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import compress
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.errors import VersionConflict
from lumi.core.ids import new_id
from lumi.core.pagination import Cursor, Page
from lumi.modules.knowledge import models, repository, rules
from lumi.modules.knowledge.engine import outline, passage
from lumi.modules.knowledge.errors import DocumentNotFound, ExternalIdTaken
from lumi.modules.knowledge.events import DocumentArchived, DocumentStored
from lumi.modules.knowledge.repository import Entry, Row
from lumi.modules.knowledge.values import Document, DocumentKind, Draft, Section, TextFormat, Written

CURSOR = Cursor("knowledge documents", tuple[datetime, UUID])


async def store_document(ctx: Context, draft: Draft) -> Document:
    """Store a new document; it is found as soon as this commits. Emits DocumentStored.

    Raises ExternalIdTaken, EmptyText, NulCharacter, TextTooLarge.
    """
    draft = checked(draft)
    await repository.touch(ctx.session, ctx.tenant_id)
    external_id, _ = rules.stored_id(draft.external_id)
    if external_id is not None and await repository.by_external_ids(ctx.session, ctx.tenant_id, [external_id]):
        raise ExternalIdTaken
    rows = new_rows(ctx, draft)
    await repository.add_rows(ctx.session, [rows.document], [rows.version], rows.sections)
    await repository.index(ctx.session, ctx.tenant_id, rows.entries)
    await audit(ctx, "knowledge.document_created", target=f"document:{rows.id}", detail={"title": draft.title})
    await ctx.emit(DocumentStored(rows.id, 1))
    return (await get_document(ctx, rows.id)).document


async def replace_document(ctx: Context, document_id: UUID, draft: Draft, *, version: int | None) -> Document:
    """Give a document this content in place of what it has; sections whose anchor stays keep their id.

    `version` is the one that was read, None for whichever it is. Emits DocumentStored.
    Raises DocumentNotFound, VersionConflict, ExternalIdTaken, EmptyText, NulCharacter, TextTooLarge.
    """
    draft = checked(draft)
    await repository.touch(ctx.session, ctx.tenant_id)
    row = await _locked(ctx, document_id)
    if version is not None and version != row.version:
        raise VersionConflict(version=row.version)
    external_id, is_number = rules.stored_id(draft.external_id)
    if external_id is not None and external_id != row.external_id:
        if await repository.by_external_ids(ctx.session, ctx.tenant_id, [external_id]):
            raise ExternalIdTaken
        row.external_id, row.external_id_is_number = external_id, is_number
    await _rewrite(ctx, row, draft)
    await audit(ctx, "knowledge.document_replaced", target=f"document:{row.id}", detail={"version": row.version})
    await ctx.emit(DocumentStored(row.id, row.version))
    return shown(row)


async def archive_document(ctx: Context, document_id: UUID, *, version: int | None = None) -> None:
    """Silence a document: nothing finds it from the moment this commits. Emits DocumentArchived.

    Its texts stay for the record. Raises DocumentNotFound, VersionConflict.
    """
    await repository.touch(ctx.session, ctx.tenant_id)
    row = await _locked(ctx, document_id)
    if version is not None and version != row.version:
        raise VersionConflict(version=row.version)
    sections = await repository.sections_of(ctx.session, ctx.tenant_id, document_id)
    await repository.remove_sections(ctx.session, ctx.tenant_id, [section.id for section in sections])
    row.archived_at, row.archived_by = ctx.now, ctx.actor.id
    row.version += 1
    await audit(ctx, "knowledge.document_archived", target=f"document:{row.id}", detail={"title": row.title})
    await ctx.emit(DocumentArchived(row.id))


async def get_document(ctx: Context, document_id: UUID) -> Written:
    """A document with its text; raises DocumentNotFound."""
    row = await repository.find_document(ctx.session, ctx.tenant_id, document_id)
    if row is None:
        raise DocumentNotFound
    text = await repository.current_text(ctx.session, row)
    return Written(shown(row), TextFormat(text.format), text.body)


async def list_documents(ctx: Context, *, cursor: str | None, limit: int) -> Page[Document]:
    """Documents, newest first."""
    after = CURSOR.after(cursor)
    rows = await repository.list_documents(ctx.session, ctx.tenant_id, after=after, limit=limit + 1)
    return CURSOR.page([shown(row) for row in rows], limit, lambda one: (one.created_at, one.id))


async def list_sections(ctx: Context, document_id: UUID) -> list[Section]:
    """The sections of a document in order; raises DocumentNotFound."""
    if await repository.find_document(ctx.session, ctx.tenant_id, document_id) is None:
        raise DocumentNotFound
    rows = await repository.sections_of(ctx.session, ctx.tenant_id, document_id)
    return [
        Section(r.id, r.document_id, r.anchor, r.place, rules.displayed_title(r.title_path), r.text, r.lang)
        for r in rows
    ]


@dataclass(frozen=True, slots=True)
class NewRows:
    """What a new document puts into the tables, and into the index."""

    id: UUID
    document: Row
    version: Row
    sections: list[Row]
    entries: list[Entry]


def checked(draft: Draft) -> Draft:
    """The draft with clean title and body; raises EmptyText, NulCharacter, TextTooLarge."""
    title = " ".join(rules.checked(draft.title).split())
    external_id = draft.external_id
    if isinstance(external_id, str):
        external_id = rules.checked(external_id)
    return replace(draft, title=title, body=rules.checked(draft.body), external_id=external_id)


def new_rows(ctx: Context, draft: Draft) -> NewRows:
    """The rows of a checked draft as a new document."""
    document_id = new_id()
    external_id, is_number = rules.stored_id(draft.external_id)
    document: Row = {
        "tenant_id": ctx.tenant_id,
        "id": document_id,
        "kind": draft.kind,
        "external_id": external_id,
        "external_id_is_number": is_number,
        "lang": draft.lang,
        "title": draft.title,
        "url": draft.url,
        "keywords": list(draft.keywords),
        "created_at": ctx.now,
        "updated_at": ctx.now,
    }
    sections, entries = _section_rows(ctx, document_id, draft, {})
    return NewRows(document_id, document, _version_row(ctx, document_id, 1, draft), sections, entries)


def text_checksum(draft: Draft) -> str:
    """A digest of all that is quoted or searched."""
    return rules.checksum(draft.kind, draft.lang, draft.title, draft.url or "", *draft.keywords, "", draft.body)


def shown(row: models.Document) -> Document:
    """What others may know of a stored document."""
    return Document(
        id=row.id,
        kind=DocumentKind(row.kind),
        external_id=rules.given_id(row.external_id, row.external_id_is_number),
        lang=row.lang,
        title=row.title,
        url=row.url,
        keywords=tuple(row.keywords),
        version=row.version,
        current_version=row.current_version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def _locked(ctx: Context, document_id: UUID) -> models.Document:
    row = await repository.lock_document(ctx.session, ctx.tenant_id, document_id)
    if row is None:
        raise DocumentNotFound
    return row


async def _rewrite(ctx: Context, row: models.Document, draft: Draft) -> None:
    """A new version of the text where it differs, and the sections that differ with it."""
    row.kind, row.lang, row.title, row.url = draft.kind, draft.lang, draft.title, draft.url
    row.keywords, row.updated_at = list(draft.keywords), ctx.now
    row.version += 1
    current = await repository.checksums(ctx.session, ctx.tenant_id, [row])
    if current[row.id] == text_checksum(draft):
        return
    row.current_version += 1
    await repository.add_version(ctx.session, _version_row(ctx, row.id, row.current_version, draft))
    before = {s.anchor: s for s in await repository.sections_of(ctx.session, ctx.tenant_id, row.id)}
    rows, entries = _section_rows(ctx, row.id, draft, {anchor: s.id for anchor, s in before.items()})
    same = {(s.id, s.checksum) for s in before.values()}
    fresh = [(section["id"], section["checksum"]) not in same for section in rows]
    here = {section["anchor"] for section in rows}
    await repository.remove_sections(ctx.session, ctx.tenant_id, [s.id for a, s in before.items() if a not in here])
    stayed = [bool(before.get(str(section["anchor"]))) for section in rows]
    await repository.change_sections(ctx.session, list(compress(rows, stayed)))
    await repository.add_sections(ctx.session, [row for row, old in zip(rows, stayed, strict=True) if not old])
    await repository.index(ctx.session, ctx.tenant_id, list(compress(entries, fresh)))


def _section_rows(
    ctx: Context, document_id: UUID, draft: Draft, known: dict[str, UUID]
) -> tuple[list[Row], list[Entry]]:
    entries: list[Entry] = []
    rows: list[Row] = []
    for place, section in enumerate(outline.outline(draft)):
        section_id = known.get(section.anchor) or new_id()
        read = passage.read(draft.lang, " ".join(dict.fromkeys(section.title_path)), draft.keywords, section.text)
        entries.append(_entry(section_id, draft.lang, section.title_path, read))
        rows.append(
            {
                "tenant_id": ctx.tenant_id,
                "id": section_id,
                "document_id": document_id,
                "anchor": section.anchor,
                "place": place,
                "title_path": list(section.title_path),
                "text": section.text,
                "lang": draft.lang,
                "words": read.count,
                "checksum": rules.checksum(draft.lang, *draft.keywords, "", *section.title_path, "", section.text),
            }
        )
    return rows, entries


def entry_of(section: models.Section, keywords: Sequence[str]) -> Entry:
    """A stored section as the index takes it."""
    read = passage.read(section.lang, " ".join(dict.fromkeys(section.title_path)), keywords, section.text)
    return _entry(section.id, section.lang, section.title_path, read)


def _entry(section_id: UUID, lang: str, title_path: Sequence[str], read: passage.Passage) -> Entry:
    return Entry(
        id=section_id,
        lang=lang,
        title_weight=rules.title_weight(title_path),
        title=read.title,
        keywords=read.keywords,
        body=read.body,
        title_concepts=read.title_concepts,
        body_concepts=read.body_concepts,
    )


def _version_row(ctx: Context, document_id: UUID, number: int, draft: Draft) -> Row:
    return {
        "tenant_id": ctx.tenant_id,
        "document_id": document_id,
        "number": number,
        "title": draft.title,
        "format": draft.format,
        "body": draft.body,
        "checksum": text_checksum(draft),
        "created_at": ctx.now,
        "created_by": ctx.actor.id,
        "created_by_name": ctx.actor.name,
    }


async def add_many(ctx: Context, drafts: Sequence[Draft]) -> None:
    """Store new documents at once, after `repository.touch`; their external ids must be free."""
    made = [new_rows(ctx, draft) for draft in drafts]
    await repository.add_rows(
        ctx.session,
        [rows.document for rows in made],
        [rows.version for rows in made],
        [section for rows in made for section in rows.sections],
    )
    await repository.index(ctx.session, ctx.tenant_id, [entry for rows in made for entry in rows.entries])

"""What the organisation knows, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, UploadFile, status

from lumi.core.page_query import CursorToken, Limit
from lumi.core.pagination import DEFAULT_LIMIT, Page
from lumi.core.preconditions import ExpectedVersion
from lumi.core.problems import refusals
from lumi.modules.knowledge import rules
from lumi.modules.knowledge.deps import KnowledgeRead, KnowledgeWrite
from lumi.modules.knowledge.errors import (
    DocumentNotFound,
    EmptyText,
    ExternalIdTaken,
    GapNotFound,
    InvalidEncoding,
    NulCharacter,
    TextTooLarge,
    UnsupportedType,
)
from lumi.modules.knowledge.schemas import (
    AnswerRead,
    Ask,
    DocumentCreate,
    DocumentRead,
    DocumentText,
    DocumentUpdate,
    FileFields,
    GapRead,
    Search,
    SearchResult,
    SectionList,
    SectionRead,
)
from lumi.modules.knowledge.services import documents, finding, gaps
from lumi.modules.knowledge.values import DocumentKind, Draft

router = APIRouter(tags=["knowledge"])

TEXT = (EmptyText, NulCharacter, TextTooLarge, ExternalIdTaken)


@router.post("/documents", status_code=status.HTTP_201_CREATED, responses=refusals(*TEXT))
async def create_document(ctx: KnowledgeWrite, body: DocumentCreate) -> DocumentRead:
    """Store a document or an FAQ entry. It is found from the moment this answers."""
    return DocumentRead.of(await documents.store_document(ctx, body.draft()))


@router.post(
    "/documents/files", status_code=status.HTTP_201_CREATED, responses=refusals(*TEXT, InvalidEncoding, UnsupportedType)
)
async def upload_document(ctx: KnowledgeWrite, file: UploadFile, fields: Annotated[FileFields, Form()]) -> DocumentRead:
    """Store a Markdown (.md, .markdown) or plain text (.txt) file in UTF-8, at most 1 MiB."""
    name = file.filename or ""
    draft = Draft(
        kind=DocumentKind.DOCUMENT,
        format=rules.format_of(name),
        lang=fields.lang,
        title=fields.title or rules.stem_of(name),
        body=rules.decoded(await file.read(rules.MAX_TEXT_BYTES + 1)),
        url=fields.url,
        external_id=fields.external_id,
    )
    return DocumentRead.of(await documents.store_document(ctx, draft))


@router.get("/documents")
async def list_documents(
    ctx: KnowledgeRead, cursor: CursorToken = None, limit: Limit = DEFAULT_LIMIT
) -> Page[DocumentRead]:
    """Documents and FAQ entries, newest first, without their texts."""
    return (await documents.list_documents(ctx, cursor=cursor, limit=limit)).map(DocumentRead.of)


@router.get("/documents/{document_id}", responses=refusals(DocumentNotFound))
async def get_document(ctx: KnowledgeRead, document_id: UUID) -> DocumentText:
    """One document with its text."""
    return DocumentText.of_written(await documents.get_document(ctx, document_id))


@router.put("/documents/{document_id}", responses=refusals(DocumentNotFound, *TEXT))
async def replace_document(
    ctx: KnowledgeWrite, document_id: UUID, version: ExpectedVersion, body: DocumentUpdate
) -> DocumentRead:
    """Give a document new content. If-Match takes the `version` that was read; 409 when it has changed since."""
    return DocumentRead.of(await documents.replace_document(ctx, document_id, body.draft(), version=version))


@router.delete("/documents/{document_id}", status_code=status.HTTP_204_NO_CONTENT, responses=refusals(DocumentNotFound))
async def delete_document(ctx: KnowledgeWrite, document_id: UUID, version: ExpectedVersion) -> None:
    """Silence a document at once. If-Match takes the `version` that was read, or `*`."""
    await documents.archive_document(ctx, document_id, version=version)


@router.get("/documents/{document_id}/sections", responses=refusals(DocumentNotFound))
async def list_sections(ctx: KnowledgeRead, document_id: UUID) -> SectionList:
    """The sections of a document: what answers cite. An id stays while the document has that anchor."""
    return SectionList(items=[SectionRead.of(section) for section in await documents.list_sections(ctx, document_id)])


@router.post("/search")
async def search_knowledge(ctx: KnowledgeRead, body: Search) -> SearchResult:
    """The passages that speak of a question, best first. Changes nothing."""
    found = await finding.search(ctx, question=body.question, lang=body.lang, limit=body.limit)
    return SearchResult.of(found)


@router.post("/ask")
async def ask_knowledge(ctx: KnowledgeRead, body: Ask) -> AnswerRead:
    """The answer the assistant would quote, with its source; or none when evidence is thin. Changes nothing."""
    found = await finding.search(ctx, question=body.question, lang=body.lang)
    return AnswerRead.of(rules.answer_from(found))


@router.get("/gaps")
async def list_gaps(
    ctx: KnowledgeRead,
    closed: Annotated[bool, Query(description="Closed ones instead of open ones.")] = False,
    cursor: CursorToken = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[GapRead]:
    """Questions nothing answered, those asked last first."""
    return (await gaps.list_gaps(ctx, closed=closed, cursor=cursor, limit=limit)).map(GapRead.of)


@router.post("/gaps/{gap_id}/close", responses=refusals(GapNotFound))
async def close_gap(ctx: KnowledgeWrite, gap_id: UUID) -> GapRead:
    """Take a question off the list; it comes back when it is asked again."""
    return GapRead.of(await gaps.close_gap(ctx, gap_id))

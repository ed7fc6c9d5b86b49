"""What the routes of knowledge take and give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lumi.modules.knowledge.values import (
    Answer,
    Document,
    DocumentKind,
    Draft,
    ExternalId,
    Gap,
    Passage,
    Section,
    Source,
    TextFormat,
    Written,
)

Lang = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Link = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00]+$")]
Title = Annotated[str, StringConstraints(max_length=500)]
Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
GivenId = (
    Annotated[int, Field(strict=True, ge=0, lt=1 << 53)]
    | Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
)
Question = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]


class DocumentCreate(BaseModel):
    """A document or an FAQ entry; of an entry the title is the question and the text the answer."""

    model_config = ConfigDict(extra="forbid")

    kind: DocumentKind = DocumentKind.DOCUMENT
    lang: Lang = Field(examples=["fr"])
    title: Title
    text: str = Field(description="At most 1 MiB.")
    format: TextFormat = TextFormat.MARKDOWN
    url: Link | None = Field(None, description="Where people can read it.")
    keywords: Annotated[list[Keyword], Field(max_length=50)] = Field(
        default_factory=list, description="Searched, never shown."
    )
    external_id: GivenId | None = Field(None, description="Your own name for it, unique.")

    def draft(self) -> Draft:
        """The same without HTTP."""
        return Draft(
            kind=self.kind,
            lang=self.lang,
            title=self.title,
            body=self.text,
            format=self.format,
            url=self.url,
            keywords=tuple(self.keywords),
            external_id=self.external_id,
        )


class DocumentUpdate(DocumentCreate):
    """The whole new content. Without an external id the document keeps the one it has."""


class FileFields(BaseModel):
    """What goes with an uploaded file. Without a title it is the name of the file."""

    lang: Lang
    title: Title | None = None
    url: Link | None = None
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class DocumentRead(BaseModel):
    """A document without its text."""

    id: UUID
    kind: DocumentKind
    external_id: ExternalId | None
    lang: str
    title: str
    url: str | None
    keywords: list[str]
    version: int = Field(description="Goes into If-Match of the next change.")
    current_version: int = Field(description="The number of the present text.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, document: Document) -> DocumentRead:
        """What is shown of a document."""
        return cls.model_validate(document, from_attributes=True)


class DocumentText(DocumentRead):
    """A document with its text."""

    format: TextFormat
    text: str

    @classmethod
    def of_written(cls, written: Written) -> DocumentText:
        """What is shown of a document that is opened."""
        shown = DocumentRead.of(written.document)
        return cls(**shown.model_dump(), format=written.format, text=written.body)


class SectionRead(BaseModel):
    """A section: what answers cite."""

    id: UUID
    anchor: str
    place: int
    title: str
    text: str
    lang: str

    @classmethod
    def of(cls, section: Section) -> SectionRead:
        """What is shown of a section."""
        return cls.model_validate(section, from_attributes=True)


class SectionList(BaseModel):
    """All sections of a document, in order."""

    items: list[SectionRead]


class Search(BaseModel):
    """A search by a question."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    lang: Lang | None = Field(None, description="The question's language, when it is known.")
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class PassageRead(BaseModel):
    """A section that was found."""

    id: UUID
    document_id: UUID
    title: str
    url: str | None
    lang: str
    text: str
    score: float = Field(description="Orders this list; means nothing beside another's.")
    evidence: float = Field(description="0 to 1: how surely the passage answers the question.")


class SearchResult(BaseModel):
    """Passages, best first."""

    passages: list[PassageRead]

    @classmethod
    def of(cls, passages: Sequence[Passage]) -> SearchResult:
        """What is shown of what was found."""
        return cls(passages=[PassageRead.model_validate(found, from_attributes=True) for found in passages])


class Ask(BaseModel):
    """A question that wants one answer."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    lang: Lang | None = Field(None, description="The question's language, when it is known.")


class SourceRead(BaseModel):
    """Where an answer comes from."""

    id: UUID
    title: str
    url: str | None
    lang: str

    @classmethod
    def of(cls, source: Source) -> SourceRead:
        """What is shown of a source."""
        return cls.model_validate(source, from_attributes=True)


class AnswerRead(BaseModel):
    """The best passage as it was written; `answered` is false when there is not enough evidence for any."""

    answered: bool
    text: str = ""
    lang: str | None = None
    sources: list[SourceRead] = Field(default_factory=list[SourceRead])

    @classmethod
    def of(cls, answer: Answer | None) -> AnswerRead:
        """What is shown of an answer, or of none."""
        if answer is None:
            return cls(answered=False)
        sources = [SourceRead.of(source) for source in answer.sources]
        return cls(answered=True, text=answer.text, lang=answer.lang, sources=sources)


class GapRead(BaseModel):
    """A question nothing answered."""

    id: UUID
    question: str
    lang: str | None
    times: int
    first_asked_at: datetime
    last_asked_at: datetime
    closed_at: datetime | None
    closed_by: UUID | None

    @classmethod
    def of(cls, gap: Gap) -> GapRead:
        """What is shown of a gap."""
        return cls.model_validate(gap, from_attributes=True)

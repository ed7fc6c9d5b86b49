"""The words of knowledge: documents, sections, passages, answers, gaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

ExternalId = int | str


class DocumentKind(StrEnum):
    """An FAQ entry is one question with one answer, and one section; a document has as many as it needs."""

    FAQ = "faq"
    DOCUMENT = "document"


class TextFormat(StrEnum):
    """How a body is written."""

    MARKDOWN = "markdown"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as somebody hands it in. `keywords` are searched and never shown.

    `external_id` is the name under which the one who stores it will know it again.
    """

    kind: DocumentKind
    lang: str
    title: str
    body: str
    format: TextFormat = TextFormat.PLAIN
    url: str | None = None
    keywords: tuple[str, ...] = ()
    external_id: ExternalId | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document. `version` counts every change, `current_version` those of its text."""

    id: UUID
    kind: DocumentKind
    external_id: ExternalId | None
    lang: str
    title: str
    url: str | None
    keywords: tuple[str, ...]
    version: int
    current_version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """A document with its current text."""

    document: Document
    format: TextFormat
    body: str


@dataclass(frozen=True, slots=True)
class Outlined:
    """A section before it is stored: its anchor is its name inside the document."""

    anchor: str
    title_path: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A stable target of citations: the id stays while the document has this anchor."""

    id: UUID
    document_id: UUID
    anchor: str
    place: int
    title: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart. Parallel: word i belongs to units[i], concept i to concept_units[i].

    A soft unit stands for filler words that name a concept ("how much"): it helps, and proves nothing. `kinds` are
    what is asked of the subject, `wanted` those of them that an answer has a figure or a word for, `counted` is what
    to say the number of.
    """

    units: tuple[int, ...]
    words: tuple[str, ...]
    concept_units: tuple[int, ...]
    concepts: tuple[str, ...]
    soft: tuple[int, ...]
    kinds: frozenset[str]
    wanted: frozenset[str]
    counted: str | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A section that was found. `score` orders one list; `evidence`, how surely it answers (0 to 1), compares all."""

    id: UUID
    document_id: UUID
    external_id: ExternalId | None
    title: str
    url: str | None
    lang: str
    text: str
    score: float
    evidence: float


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as the index found it, not judged yet; the bit of a word is its place in `Asked.words`.

    `exact`, `named` and `alike` are the words it has as they are, by a concept, and as something that looks alike.
    `weights` say what each word weighs in the passage's language and `terms` what it is there, None where it is a
    stop word. `stems` are the words of the passage in order.
    """

    passage: Passage
    exact: int
    named: int
    alike: int
    weights: tuple[float | None, ...]
    terms: tuple[str | None, ...]
    concepts: frozenset[str]
    stems: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from; `id` is the section's."""

    id: UUID
    title: str
    url: str | None
    lang: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What knowledge says to a question, quoted as written, in the language it was written in."""

    text: str
    lang: str
    sources: tuple[Source, ...]
    evidence: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A question nothing answered, and how often it was asked."""

    id: UUID
    question: str
    lang: str | None
    times: int
    first_asked_at: datetime
    last_asked_at: datetime
    closed_at: datetime | None
    closed_by: UUID | None


@dataclass(slots=True)
class Loaded:
    """What loading many documents did so far."""

    stored: int = field(default=0)
    unchanged: int = field(default=0)

    @property
    def done(self) -> int:
        """How many lines are dealt with."""
        return self.stored + self.unchanged

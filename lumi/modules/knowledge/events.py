"""News of knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lumi.core.events import Event


@dataclass(frozen=True)
class DocumentStored(Event):
    """A document is new or has changed; it is found from the moment this was committed."""

    document_id: UUID
    version: int


@dataclass(frozen=True)
class DocumentsLoaded(Event):
    """Many documents were stored at once."""

    documents: int


@dataclass(frozen=True)
class DocumentArchived(Event):
    """A document was deleted; it is silent from the moment this was committed."""

    document_id: UUID

"""News of knowledge, and what it does later."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lumi.core.events import Event
from lumi.core.jobs import HouseTask, Task


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


@dataclass(frozen=True)
class RefreshIndexes(HouseTask):
    """See to it that every tenant's index is made by today's rules."""


@dataclass(frozen=True)
class IndexAgain(Task):
    """Index again what older rules have indexed of a tenant."""

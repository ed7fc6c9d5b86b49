"""What others may ask of knowledge.

passages = await knowledge.find_passages(db.pool, tenant.id, "Wann öffnet ihr?", "de", 5)
answer = knowledge.answer_from(passages)  # None: nobody knows, log_gap
"""

from __future__ import annotations

from lumi.modules.knowledge.errors import BadLine, DocumentNotFound
from lumi.modules.knowledge.events import DocumentArchived, DocumentsLoaded, DocumentStored
from lumi.modules.knowledge.rules import EVIDENCE_THRESHOLD, answer_from
from lumi.modules.knowledge.services.documents import (
    archive_document,
    get_document,
    list_sections,
    replace_document,
    store_document,
)
from lumi.modules.knowledge.services.finding import FoundLine, find_passages, search, search_lines, version
from lumi.modules.knowledge.services.gaps import close_gap, log_gap
from lumi.modules.knowledge.services.loading import load_batch, load_lines
from lumi.modules.knowledge.services.recalling import Recall
from lumi.modules.knowledge.values import (
    Answer,
    Document,
    DocumentKind,
    Draft,
    Gap,
    Loaded,
    Passage,
    Section,
    Source,
    TextFormat,
    Written,
)

__all__ = [
    "EVIDENCE_THRESHOLD",
    "Answer",
    "BadLine",
    "Document",
    "DocumentArchived",
    "DocumentKind",
    "DocumentNotFound",
    "DocumentStored",
    "DocumentsLoaded",
    "Draft",
    "FoundLine",
    "Gap",
    "Loaded",
    "Passage",
    "Recall",
    "Section",
    "Source",
    "TextFormat",
    "Written",
    "answer_from",
    "archive_document",
    "close_gap",
    "find_passages",
    "get_document",
    "list_sections",
    "load_batch",
    "load_lines",
    "log_gap",
    "replace_document",
    "search",
    "search_lines",
    "store_document",
    "version",
]

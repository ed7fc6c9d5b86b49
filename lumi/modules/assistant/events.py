"""News of the assistant."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lumi.core.events import Event


@dataclass(frozen=True)
class QuestionUnanswered(Event):
    """Somebody asked what the knowledge does not answer."""

    thread_id: UUID
    question: str
    lang: str


@dataclass(frozen=True)
class HumanWanted(Event):
    """Somebody asked for a person."""

    thread_id: UUID

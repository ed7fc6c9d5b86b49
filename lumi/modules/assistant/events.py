"""News of the assistant."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lumi.core.events import Event
from lumi.core.jobs import HouseTask, Task


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


@dataclass(frozen=True)
class ForgetOld(HouseTask):
    """Have every tenant forget what conversations left behind before so many days; 0 keeps it for ever."""

    messages_days: int
    records_days: int


@dataclass(frozen=True)
class Forget(Task):
    """Forget a tenant's next piece, from behind this thread on."""

    messages_days: int
    records_days: int
    after: UUID | None = None

"""What travels over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from lumi.core.dead_letters import Letter, Source


class DeadLetterRead(BaseModel):
    """Something authentic that could not be used."""

    id: UUID
    source: Source
    origin: str = Field(description="Where it lay: a channel, `conversation/number` of an event, the id of a job.")
    reason: str
    body: str = Field(
        description="The beginning of what came, as text: what is not UTF-8 or cannot be printed is shown as U+FFFD."
    )
    body_bytes: int = Field(description="The length of all that came; more than `body` when it is long.")
    created_at: datetime
    closed_at: datetime | None
    requeued_at: datetime | None = Field(description="When it was closed by being tried again.")

    @classmethod
    def of(cls, letter: Letter) -> DeadLetterRead:
        """The letter as staff may see it."""
        return cls(
            id=letter.id, source=letter.source, origin=letter.origin, reason=letter.reason,
            body=letter.shown, body_bytes=letter.size_bytes, created_at=letter.created_at,
            closed_at=letter.closed_at, requeued_at=letter.requeued_at,
        )  # fmt: skip

"""What is done with attachments later."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lumi.core.jobs import Task


@dataclass(frozen=True)
class FetchAttachment(Task):
    """Fetch it from its provider and keep it. `attempt` counts how often the provider was away."""

    attachment_id: UUID
    attempt: int = 0


@dataclass(frozen=True)
class HearAttachment(Task):
    """Write down what is said in it. `attempt` counts how often nobody could hear."""

    attachment_id: UUID
    attempt: int = 0


@dataclass(frozen=True)
class DropUnsent(Task):
    """Let a file go that staff attached and never sent."""

    attachment_id: UUID


@dataclass(frozen=True)
class DropUnclaimed(Task):
    """Let a file go that a visitor sent and that no message ever had."""

    file_id: UUID


@dataclass(frozen=True)
class DropAttachments(Task):
    """Let the files of a message go that was taken back."""

    thread_id: UUID
    event_n: int

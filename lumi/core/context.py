"""Context: on whose behalf, for which tenant, in which transaction. First argument below the router."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core import jobs
from lumi.core.clock import now as clock_now
from lumi.core.db import OUTDATED
from lumi.core.events import Event
from lumi.core.ids import new_id
from lumi.core.jobs import Task


class ActorKind(StrEnum):
    """Who may act."""

    STAFF = "staff"
    API_KEY = "api_key"
    CONTACT = "contact"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; `id` is None for the system itself."""

    kind: ActorKind
    id: UUID | None = None
    name: str = ""


SYSTEM = Actor(ActorKind.SYSTEM, name="lumi")


@dataclass(frozen=True, slots=True)
class Context:
    """One unit of work: its transaction commits after the caller returns, never inside a service."""

    session: AsyncSession
    tenant_id: UUID
    actor: Actor = SYSTEM
    now: datetime = field(default_factory=clock_now)
    request_id: str = field(default_factory=lambda: new_id().hex)

    def outdate(self, kind: str, key: str) -> None:
        """Drop this from the cache of every process, once this transaction is committed."""
        self.session.info.setdefault(OUTDATED, []).append((self.tenant_id, kind, key))

    async def emit(self, event: Event) -> None:
        """Tell every subscriber of this event, if and when this transaction commits."""
        await jobs.insert_for_event(self.session, self.tenant_id, event)

    async def defer(self, task: Task, *, run_at: datetime | None = None, key: str | None = None) -> None:
        """Run this task later, if and when this transaction commits; of waiting tasks with one `key` one stays."""
        await jobs.insert(self.session, self.tenant_id, task, run_at=run_at, key=key)

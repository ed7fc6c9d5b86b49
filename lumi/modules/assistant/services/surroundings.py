"""What a turn asks of its neighbours: who speaks, who is spoken to, what is known."""

from __future__ import annotations

import time
from uuid import UUID

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.errors import NotFound
from lumi.core.lanes import Lane
from lumi.modules.assistant.values import Answer, LaneState, Source, Speaker
from lumi.modules.channels import public as channels
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import Point, PointKind
from lumi.modules.knowledge import public as knowledge
from lumi.modules.tenants import public as tenants

SPEAKERS_KNOWN_SECONDS = 5.0
PASSAGES = 3


class Surroundings:
    """The neighbours of the assistant, each entered through its door and holding no connection afterwards."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._speakers: dict[UUID, tuple[float, Speaker]] = {}

    async def speaker(self, tenant_id: UUID) -> Speaker:
        """The organisation that answers; what it calls itself may be a few seconds old."""
        known = self._speakers.get(tenant_id)
        if known is not None and time.monotonic() - known[0] < SPEAKERS_KNOWN_SECONDS:
            return known[1]
        tenant = await tenants.by_id(self._db, tenant_id)
        if tenant is None:
            raise NotFound
        speaker = Speaker(tenant.name, tenant.locale, tuple(tenant.languages))
        self._speakers[tenant_id] = (time.monotonic(), speaker)
        return speaker

    async def introduce(self, lane: Lane, state: LaneState) -> UUID | None:
        """Whose thread this is: the person of any of its addresses, new or known; None when no address is one."""
        points = [
            Point(PointKind(kind), value) for kind, _, value in (address.partition(":") for address in state.addresses)
        ]
        name = next((str(e.payload["name"]) for e in state.events if e.payload.get("name")), None)
        async with self._db.transaction(lane.tenant_id) as session:
            ctx = Context(session, lane.tenant_id)
            try:
                contact = await contacts.identify(ctx, points, name=name)
            except contacts.BadPoint:  # it heals by no repetition, and the thread is answered all the same
                return None
            await channels.belongs_to(ctx, lane.key, contact.id)
        return contact.id

    async def answer(self, tenant_id: UUID, question: str, lang: str) -> Answer | None:
        """What knowledge says to a question, or None below the evidence threshold."""
        found = await knowledge.find_passages(self._db.pool, tenant_id, question, lang, PASSAGES)
        answer = knowledge.answer_from(found)
        if answer is None:
            return None
        sources = tuple(Source(str(s.id), s.title, s.url, s.lang) for s in answer.sources)
        return Answer(answer.text, answer.lang, sources, answer.evidence)

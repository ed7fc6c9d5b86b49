"""What a turn asks of its neighbours: who speaks, who is spoken to, what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.errors import NotFound
from lumi.core.known import Known
from lumi.core.lanes import Lane
from lumi.modules.assistant.repository import PerTenant
from lumi.modules.assistant.values import Answer, LaneState, Source, Speaker
from lumi.modules.channels import public as channels
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import Introduction, Point, PointKind
from lumi.modules.knowledge import public as knowledge
from lumi.modules.tenants import public as tenants

SPEAKERS_KNOWN_SECONDS = 5.0
PASSAGES = 3


@dataclass(frozen=True, slots=True)
class _Newcomer:
    thread_id: UUID
    person: Introduction


class Surroundings:
    """The neighbours of the assistant, each entered through its door and holding no connection afterwards."""

    def __init__(self, db: Database, recall: knowledge.Recall) -> None:
        self._db = db
        self._recall = recall
        self._speakers: Known[UUID, Speaker] = Known(SPEAKERS_KNOWN_SECONDS)
        self._meet: PerTenant[_Newcomer, UUID | None] = PerTenant(self._meet_all)

    async def speaker(self, tenant_id: UUID) -> Speaker:
        """The organisation that answers; what it calls itself may be a few seconds old."""
        return await self._speakers(tenant_id, lambda: self._read_speaker(tenant_id))

    async def _read_speaker(self, tenant_id: UUID) -> Speaker:
        tenant = await tenants.by_id(self._db, tenant_id)
        if tenant is None:
            raise NotFound
        suggestions = tuple((lang, tuple(each)) for lang, each in tenant.settings.suggestions.items())
        return Speaker(tenant.name, tenant.locale, tuple(tenant.languages), suggestions)

    async def introduce(self, lane: Lane, state: LaneState) -> UUID | None:
        """Whose thread this is: the person of any of its addresses, new or known; None when no address is one."""
        points = [
            Point(PointKind(kind), value) for kind, _, value in (address.partition(":") for address in state.addresses)
        ]
        name = next((str(e.payload["name"]) for e in state.events if e.payload.get("name")), None)
        newcomer = _Newcomer(lane.key, Introduction(points, name))
        met = None if state.new_addresses else await self._meet(lane.tenant_id, newcomer)
        return met or await self._look_closer(lane.tenant_id, newcomer, state.new_addresses)

    async def _meet_all(self, tenant_id: UUID, newcomers: Sequence[_Newcomer]) -> Sequence[UUID | None]:
        # two commits: after the first alone the thread is still nobody's, and its next turn finds the same person
        met = await contacts.meet(self._db.pool, tenant_id, [each.person for each in newcomers])
        contact_of = {each.thread_id: who for each, who in zip(newcomers, met, strict=True) if who is not None}
        if contact_of:
            await channels.threads_belong_to(self._db.pool, tenant_id, contact_of)
        return met

    async def _look_closer(self, tenant_id: UUID, newcomer: _Newcomer, asked: int) -> UUID | None:
        async with self._db.transaction(tenant_id) as session:
            ctx = Context(session, tenant_id)
            try:
                contact = await contacts.identify(ctx, newcomer.person.points, name=newcomer.person.name)
            except contacts.BadPoint:  # it heals by no repetition, and the thread is answered all the same
                return None
            await channels.belongs_to(ctx, newcomer.thread_id, contact.id, asked=asked)
        return contact.id

    async def answer(self, tenant_id: UUID, question: str, lang: str) -> Answer | None:
        """What knowledge says to a question, or None below the evidence threshold."""
        found = await self._recall.find_passages(tenant_id, question, lang, PASSAGES)
        answer = knowledge.answer_from(found)
        if answer is None:
            return None
        sources = tuple(Source(str(s.id), s.title, s.url, s.lang) for s in answer.sources)
        return Answer(answer.text, answer.lang, sources, answer.evidence)

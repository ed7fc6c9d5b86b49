"""What becomes of a message that may not leave as it is: manners, a template, another thread, or held and shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.errors import NotFound
from lumi.core.ids import new_id
from lumi.core.known import Known
from lumi.core.lanes import Lane
from lumi.modules.assistant.repository import Turns
from lumi.modules.assistant.values import LaneState, Mark, PendingDelivery
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import DeliveryState, Facts, QuietHours, Verdict, Worded
from lumi.modules.tenants import public as tenants

MANNERS_KNOWN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How an organisation wants people written to whom nobody asked it to write; `locale` is its own language."""

    locale: str
    zone: str
    quiet: QuietHours
    per_day: int
    per_week: int
    needs_consent: bool


class Reacher:
    """Finds a way for what the gate does not let go; every way is one transaction under the lane's fence."""

    def __init__(self, db: Database, turns: Turns) -> None:
        self._db, self._turns = db, turns
        self._manners: Known[UUID, Manners] = Known(MANNERS_KNOWN_SECONDS)

    async def manners(self, tenant_id: UUID) -> Manners:
        """What the organisation has set; it may be a few seconds old."""
        return await self._manners(tenant_id, lambda: self._read_manners(tenant_id))

    async def otherwise(
        self, lane: Lane, state: LaneState, delivery: PendingDelivery, facts: Facts
    ) -> PendingDelivery | Mark:
        """What may leave instead, to be looked at by the gate again, or what has become of it.

        The whole text by a template of this account; else in another thread of the person that is open; else held
        until they write, who are asked to, once.
        """
        manners = await self.manners(lane.tenant_id)
        parts = _parts(state, delivery)
        async with self._db.transaction(lane.tenant_id) as session:
            ctx = Context(session, lane.tenant_id)
            # No template carries a file, and no other thread has it.
            with_file = any(part.file is not None for part in parts)
            whole = delivery.text if len(parts) == 1 and not delivery.choices and not with_file else None
            languages = [each for each in (state.language, manners.locale) if each]
            carried, invitation = await channels.reopening(ctx, state.account_id, whole, languages)
            route = None
            if carried is None and not delivery.went_on and state.contact_id is not None and not with_file:
                route = await channels.elsewhere(ctx, facts, lane.key, state.contact_id, now())
        if carried is not None:
            return await self._dressed(lane, state, delivery, carried)
        if route is not None and await self._move(lane, state, delivery, parts, route):
            return Mark(delivery.id, DeliveryState.WITHDRAWN, error=Verdict.MOVED.value)
        if invitation is not None:
            await self._turns.invite(lane, state.seq, delivery.id, invitation.reads, _template(invitation))
        return Mark(delivery.id, DeliveryState.HELD, error=Verdict.WINDOW_CLOSED.value)

    async def _dressed(
        self, lane: Lane, state: LaneState, delivery: PendingDelivery, worded: Worded
    ) -> PendingDelivery | Mark:
        template = _template(worded)
        if not await self._turns.as_template(lane, state.seq, delivery.id, template):
            return delivery  # the thread moved: the gate looks anew at what it is now
        return dataclasses.replace(delivery, template=template)

    async def _move(
        self, lane: Lane, state: LaneState, delivery: PendingDelivery, parts: Sequence[PendingDelivery],
        route: channels.Route,
    ) -> bool:  # fmt: skip
        words = "\n".join(part.text for part in parts)
        choices = parts[-1].choices
        split = channels.messages(words, choices, channels.CAPABILITIES[route.channel])
        there = [
            {"id": new_id(), "body": {"text": text, **({"choices": list(drawn)} if drawn else {})}}
            for text, drawn in split
        ]
        return await self._turns.move_on(lane, state.seq, delivery.id, route.thread_id, words, there)

    async def _read_manners(self, tenant_id: UUID) -> Manners:
        tenant = await tenants.by_id(self._db, tenant_id)
        if tenant is None:
            raise NotFound
        settings = tenant.settings
        return Manners(
            tenant.locale, tenant.time_zone, QuietHours(settings.quiet_from, settings.quiet_until),
            settings.proactive_per_day, settings.proactive_per_week, settings.proactive_needs_consent,
        )  # fmt: skip


def zone_of(state: LaneState, manners: Manners) -> ZoneInfo:
    """Where the person lives, or else the organisation."""
    return ZoneInfo(state.time_zone or manners.zone)


def _parts(state: LaneState, delivery: PendingDelivery) -> Sequence[PendingDelivery]:
    """What has not left of the message this is a part of."""
    mine = [
        each
        for each in state.deliveries
        if each.message_n == delivery.message_n and each.state == DeliveryState.COMMITTED
    ]
    return mine or [delivery]


def _template(worded: Worded) -> Mapping[str, object]:
    template = worded.template
    return {
        "name": template.name, "language": template.language, "fills": dict(template.fills), "reads": worded.reads,
    }  # fmt: skip

"""The turn of a thread: record, speak, think, save, deliver, finish. `docs/architecture.md` has the protocol."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic
from uuid import UUID

from lumi.core import i18n
from lumi.core.clock import now
from lumi.core.dead_letters import Source
from lumi.core.jobs import Fenced
from lumi.core.lanes import Lane, retry_pause
from lumi.core.logging import get_logger
from lumi.core.metrics import DEAD_LETTERS, REPLY_SECONDS, TURN_SECONDS, TURNS
from lumi.core.realtime import Realtime
from lumi.modules.assistant import rules
from lumi.modules.assistant.repository import SaveOutcome, Turns
from lumi.modules.assistant.rules import ReplyBudget
from lumi.modules.assistant.services import saving, thinking
from lumi.modules.assistant.services.delivering import Deliverer
from lumi.modules.assistant.services.looking import begin, look
from lumi.modules.assistant.services.thinking import Knowledge
from lumi.modules.assistant.values import LaneState, Mark, Outcome, Speaker
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, DeliveryState, EventKind

log = get_logger("lumi.turn")

THINK_SECONDS = 12.0
SLOW_THOUGHT_SECONDS = 1.0

Speakers = Callable[[UUID], Awaitable[Speaker]]
Introduce = Callable[[Lane, LaneState], Awaitable[UUID | None]]


class TurnTaker:
    """Takes the turns of threads as one worker."""

    def __init__(
        self,
        turns: Turns,
        deliverer: Deliverer,
        realtime: Realtime,
        *,
        knowledge: Knowledge,
        speakers: Speakers,
        introduce: Introduce,
        courtesies: channels.Courtesies,
        budget: ReplyBudget,
        out_of_memory: Callable[[], None] | None = None,
    ) -> None:
        """`out_of_memory`: a turn needs more than there is; where it returns, the turn has failed like any other."""
        self._turns, self._deliverer, self._realtime = turns, deliverer, realtime
        self._courtesies = courtesies
        self._knowledge, self._speakers, self._introduce = knowledge, speakers, introduce
        self._budget = budget
        self._out_of_memory = out_of_memory

    async def take(self, lane: Lane) -> None:
        """One whole turn; raises Fenced when another worker has the lane, anything else gives it back later."""
        began = monotonic()
        state = await self._load(lane)
        outcome = Outcome()
        failed = True
        try:
            said = await self._speak(lane, state, outcome)
            if said and state.events:
                await self._answer(lane, state, outcome)
            failed = False
        except MemoryError:
            if self._out_of_memory is not None:
                self._out_of_memory()
            raise
        finally:
            # what was posted is written down whatever happened after it
            pause = now() + retry_pause(lane.crashes) if failed else outcome.not_before
            ended = await self._turns.finish(lane, outcome.marks, pause, failed=failed)
        if not ended:
            raise Fenced("another worker has this lane now")
        self._tell(lane, state)
        TURN_SECONDS.observe(monotonic() - began)

    async def _load(self, lane: Lane) -> LaneState:
        state = await look(self._turns, lane)
        if state.waiting and _writes(state) and await self._turns.release_held(lane):
            state = await look(self._turns, lane)  # what was held until they write goes first
        if state.events:
            self._tell(lane, state)
        is_new = state.contact_id is None or state.new_addresses > 0
        if is_new and await self._introduce(lane, state) is not None:
            state = await look(self._turns, lane)  # what is known of this person counts from the first word on
        return state

    async def _speak(self, lane: Lane, state: LaneState, outcome: Outcome) -> bool:
        """Unfinished deliveries first: an answer thought while they wait would be stale when they are out."""
        if not state.deliveries:
            return True
        said = await self._deliverer.deliver(lane, state, state.deliveries, outcome.marks)
        return said and not any(mark.reopen for mark in outcome.marks)

    async def _answer(self, lane: Lane, state: LaneState, outcome: Outcome) -> None:
        began_at = now()
        first_open_at = min(event.received_at for event in state.events)
        attempt = 1
        while True:
            if state.held:
                item = saving.settle_silently(lane, state, stopped=thinking.wishes_silence(state), began_at=began_at)
                self._require(await self._turns.save(lane, item))
                TURNS.labels("held").inc()
                return
            ready = dataclasses.replace(state, events=rules.before_what_waits(state.events, now()))
            outcome.not_before = rules.wait_until(ready.events, now())
            if not ready.events:
                outcome.not_before = rules.files_until(state.events, now())
            if outcome.not_before is not None or not ready.events:
                self._attend(lane, state, typing=True)
                return
            saved = await self._think_and_save(lane, ready, attempt, first_open_at, began_at, outcome)
            if saved:
                return
            attempt += 1
            state = await self._load(lane)
            if not state.events or state.deliveries:  # what came to be said meanwhile is said first
                return

    async def _think_and_save(
        self,
        lane: Lane,
        state: LaneState,
        attempt: int,
        first_open_at: datetime,
        began_at: datetime,
        outcome: Outcome,
    ) -> bool:
        self._typing(lane, state)
        spent = rules.is_spent(state.answered, self._budget, now())
        given = thinking.read(state, await self._speakers(lane.tenant_id), spent=spent)
        slow = asyncio.get_running_loop().call_later(SLOW_THOUGHT_SECONDS, self._attend, lane, state)
        try:
            async with asyncio.timeout(THINK_SECONDS):
                decision = await thinking.think(lane.tenant_id, given, self._knowledge)
        finally:
            slow.cancel()
        final = rules.is_last_thought(attempt, first_open_at, now())
        proposal = saving.propose(lane, state, given, decision, attempt=attempt, final=final, began_at=began_at)
        if self._require(await self._turns.save(lane, proposal.item)) is SaveOutcome.MOVED:
            TURNS.labels("moved").inc()
            return False
        TURNS.labels("saved").inc()
        if proposal.deliveries:
            self._tell(lane, state)
            self._attend(lane, state, typing=False)
            await self._deliver(lane, state, proposal, outcome)
            REPLY_SECONDS.labels(state.channel).observe((now() - first_open_at).total_seconds())
        return True

    async def _deliver(self, lane: Lane, state: LaneState, proposal: saving.Proposal, outcome: Outcome) -> None:
        await self._deliverer.deliver(lane, _after(state), proposal.deliveries, outcome.marks)

    async def lay_down(self, lane: Lane, why: str) -> None:
        """What turns die of goes to a person, the oldest thing alone, and the lane goes on with the rest.

        A message about to leave, which comes first in a turn, is failed. An event goes to the dead letters, and the
        guest is told, once while a person is wanted. What may be on its way is left to become known or unknown.
        """
        state = await begin(self._turns, lane)  # and not _load: it may be the introduction that fails
        marks: list[Mark] = []
        next_to_leave = next(iter(state.deliveries), None)
        if next_to_leave is not None:
            if rules.is_due(next_to_leave, now()):
                marks.append(Mark(next_to_leave.id, DeliveryState.FAILED, error=why))
        elif state.events:
            await self._bury(lane, state, why)
        log.error("turn_given_up", lane=str(lane.key), why=why)
        await self._turns.finish(lane, marks)
        self._tell(lane, state)

    async def _bury(self, lane: Lane, state: LaneState, why: str) -> None:
        lang = state.language or (await self._speakers(lane.tenant_id)).locale
        apology = i18n.tr("assistant-failed", lang)
        item = saving.bury(lane, state, state.events[0], apology=apology, lang=lang, why=why, began_at=now())
        self._require(await self._turns.save(lane, item))
        TURNS.labels("dead").inc()
        DEAD_LETTERS.labels(Source.EVENT.value).inc()

    def _require(self, outcome: SaveOutcome) -> SaveOutcome:
        if outcome is SaveOutcome.FENCED:
            raise Fenced("another worker has this lane now")
        return outcome

    def _tell(self, lane: Lane, state: LaneState) -> None:
        """Let whoever watches look again: staff always, the person where the surface is ours."""
        note = {"type": "conversation", "id": str(lane.key)}
        self._realtime.publish(f"tenant:{lane.tenant_id}", note)
        if state.is_watched:
            self._realtime.publish(f"thread:{lane.key}", {"type": "changed"})

    def _attend(self, lane: Lane, state: LaneState, typing: bool = True) -> None:
        """Show the person that their last message was read, and whether an answer is being written."""
        last = next((event for event in reversed(state.events) if event.kind == EventKind.MESSAGE), None)
        if last is not None:
            self._courtesies.show(
                Channel(state.channel), tenant_id=lane.tenant_id, account_id=state.account_id,
                attention=channels.Attention(state.address, last.provider_id, typing),
            )  # fmt: skip

    def _typing(self, lane: Lane, state: LaneState) -> None:
        if state.is_watched:
            self._realtime.publish(f"thread:{lane.key}", {"type": "typing"})


def _writes(state: LaneState) -> bool:
    """Whether the person has written something that is still open."""
    return any(event.kind == EventKind.MESSAGE for event in state.events)


def _after(state: LaneState) -> LaneState:
    """The thread as it stands after Save: what was read is settled, so nothing newer is known to be open."""
    return dataclasses.replace(state, events=())

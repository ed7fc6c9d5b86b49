"""Deliver: the gate, then one attempt, then the outcome. Nothing is ever posted twice blindly."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import cast

from lumi.core import i18n
from lumi.core.clock import now
from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Silenced, Unavailable, only_while
from lumi.core.jobs import Fenced
from lumi.core.lanes import Lane
from lumi.core.logging import get_logger
from lumi.core.metrics import DELIVERIES
from lumi.modules.assistant.repository import Turns
from lumi.modules.assistant.services.looking import look
from lumi.modules.assistant.services.packing import NOTHING, Packed, Packer
from lumi.modules.assistant.services.reaching import Reacher, zone_of
from lumi.modules.assistant.values import LaneState, Mark, PendingDelivery
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Author, Channel, DeliveryState, Facts, Purpose, Template, Verdict

log = get_logger("lumi.deliver")

_GATE_LOOKS = 3
# Until it is asked again whether an account that was refused is connected anew, in seconds.
ACCESS_PAUSE = 60.0
WORD_LOOKS, WORD_LOOK_SECONDS = 30, 0.1
_REFUSED = {
    Verdict.HUMAN_HOLDS: DeliveryState.WITHDRAWN,
    Verdict.STOPPED: DeliveryState.WITHDRAWN,
    Verdict.TOO_LATE: DeliveryState.WITHDRAWN,
    Verdict.NO_CONSENT: DeliveryState.WITHDRAWN,
    Verdict.OPTED_OUT: DeliveryState.WITHDRAWN,
    Verdict.BLOCKED: DeliveryState.WITHDRAWN,
    Verdict.DAY_FULL: DeliveryState.HELD,
    Verdict.WEEK_FULL: DeliveryState.HELD,
    Verdict.OUTCOME_UNKNOWN: DeliveryState.UNKNOWN,
}
_GONE = "gone"
# What is seen only as it departs.
_NOT_TO_THEM = frozenset({Verdict.OPTED_OUT, Verdict.BLOCKED, Verdict.NO_CONSENT, Verdict.DAY_FULL, Verdict.WEEK_FULL})


class Deliverer:
    """Sends what a lane has committed, in the order of its numbers."""

    def __init__(
        self, turns: Turns, sender: channels.Sender, reacher: Reacher, packer: Packer, *, is_alive: Callable[[], bool]
    ) -> None:
        """`is_alive` says whether this worker's last committed beat is fresh: otherwise nothing is posted.

        That is asked before a send begins and again when its bytes are about to leave.
        """
        self._packer = packer
        self._turns, self._sender, self._reacher, self._is_alive = turns, sender, reacher, is_alive

    async def deliver(
        self, lane: Lane, state: LaneState, pending: Sequence[PendingDelivery], marks: list[Mark]
    ) -> bool:
        """Try each in order and stop at the first that must wait; returns whether all is said.

        What nobody asked for is stepped over while it waits: nobody's answer is delayed by it. Each outcome is in
        `marks` the moment it is known: what fails later must not lose it.
        """
        unordered = self._sender.capabilities(Channel(state.channel)).unordered
        before: Mark | None = None
        for delivery in pending:
            if unordered and before is not None and before.state == DeliveryState.SENT:
                await self._word_of(lane, before)
            mark = before = await self._one(lane, state, delivery)
            if mark is not None:
                marks.append(mark)
                DELIVERIES.labels(state.channel, mark.state).inc()
            waits = mark is None or mark.state == DeliveryState.COMMITTED
            if waits and not _can_wait(delivery):
                return False
        return True

    async def _word_of(self, lane: Lane, sent: Mark) -> None:
        """Wait until the provider says that it sent this, 3 s at most: what is behind it might be shown before it.

        What is known already is written down first, so that nobody has to ask if this worker does not live to see it.
        """
        if not await self._turns.mark_early(lane, sent):
            raise Fenced("another worker has this lane now")
        for _ in range(WORD_LOOKS):
            if await self._turns.has_word(lane, sent.id):
                return
            await asyncio.sleep(WORD_LOOK_SECONDS)

    async def _one(self, lane: Lane, state: LaneState, delivery: PendingDelivery) -> Mark | None:
        for _ in range(_GATE_LOOKS):
            facts = await self._facts(lane, state, delivery)
            verdict = channels.gate(facts, self._sender.capabilities(Channel(state.channel)), now())
            if delivery.state == DeliveryState.SENDING and verdict is not Verdict.GO:
                found = await self._look_up(lane, state, delivery)
                if found is not None:
                    return found
            if verdict is Verdict.WAIT:
                return None
            if verdict is Verdict.WINDOW_CLOSED:
                other = await self._reacher.otherwise(lane, state, delivery, facts)
                if isinstance(other, Mark):
                    return other
                if other is not delivery:
                    delivery = other
                    continue
            elif verdict is not Verdict.GO:
                return _stays(delivery, verdict, facts)
            elif delivery.state == DeliveryState.SENDING:
                return await self._post(lane, state, delivery)  # repeatable: showing it again shows it once
            elif pause := self._sender.pause(state.account_id):
                return Mark(delivery.id, DeliveryState.COMMITTED, pause=pause)
            else:
                departed = await self._go(lane, state, delivery)
                if not isinstance(departed, Verdict):
                    return departed
                if departed in _NOT_TO_THEM:
                    return _stays(delivery, departed, facts)
            state = await look(self._turns, lane)
            if _is_behind(delivery, state.deliveries):
                return None  # it came from a thread that was merged into this one
            delivery = next((each for each in state.deliveries if each.id == delivery.id), delivery)
        return None

    async def _go(self, lane: Lane, state: LaneState, delivery: PendingDelivery) -> Verdict | Mark | None:
        """Pack, depart, post: what became of it, or why it did not depart."""
        async with self._packer.packed(lane, state, delivery) as packed:
            if isinstance(packed, Mark):
                return packed
            departed = await self._depart(lane, state, delivery)
            if departed is not Verdict.GO:
                return departed
            mark = await self._post(lane, state, delivery, packed)
            if mark is None or mark.state != DeliveryState.COMMITTED:
                self._packer.forget(delivery.id)
            return mark

    async def _depart(self, lane: Lane, state: LaneState, delivery: PendingDelivery) -> Verdict:
        """Commit that the post begins: GO, WAIT when the thread moved, or why nothing more may be said now."""
        if not self._is_alive():
            raise Fenced("this worker was silent too long to speak")
        if delivery.purpose != Purpose.PROACTIVE:
            return Verdict.GO if await self._turns.depart(lane, state.seq, delivery.id) else Verdict.WAIT
        manners = await self._reacher.manners(lane.tenant_id)
        said = await self._turns.depart_proactive(
            lane, state.seq, delivery.id, manners.per_day, manners.per_week, needs_consent=manners.needs_consent
        )
        if said == _GONE:
            return Verdict.GO
        return Verdict(said) if said in _NOT_TO_THEM else Verdict.WAIT

    async def _facts(self, lane: Lane, state: LaneState, delivery: PendingDelivery) -> Facts:
        quiet_until = None
        if delivery.purpose == Purpose.PROACTIVE:
            manners = await self._reacher.manners(lane.tenant_id)
            quiet_until = channels.quiet_until(now(), manners.quiet, zone_of(state, manners))
        return dataclasses.replace(_facts(state, delivery), quiet_until=quiet_until)

    async def _post(
        self, lane: Lane, state: LaneState, delivery: PendingDelivery, packed: Packed = NOTHING
    ) -> Mark | None:
        message = dataclasses.replace(self._outgoing(lane, state, delivery), voice=packed.voice, file=packed.file)
        is_text = not message.choices and message.template is None and message.file is None
        send = self._sender.send_text if is_text else self._sender.send
        try:
            with only_while(self._is_alive):
                sent = await send(
                    Channel(state.channel), tenant_id=lane.tenant_id, account_id=state.account_id,
                    addresses=state.addresses, message=message,
                )  # fmt: skip
        except Silenced:
            # Nothing left. Who has the lane by now waits for this one in vain; if nobody has, it is sent after all.
            log.warning("silenced", delivery=str(delivery.id))
            return Mark(delivery.id, DeliveryState.COMMITTED, pause=0.0)
        except OutcomeUnknown:
            log.warning("outcome_unknown", delivery=str(delivery.id))
            # Without an answer it stays `sending`: its status is awaited, it is never posted again blindly.
            return await self._look_up(lane, state, delivery)
        except Rejected as refusal:
            if channels.says_window_closed(refusal) and message.template is None:
                # Looked at anew at once: a template, another way, or held until they write.
                return Mark(delivery.id, DeliveryState.COMMITTED, error=Verdict.WINDOW_CLOSED.value, pause=0.0)
            if channels.says_access_ended(refusal):
                # It waits for the account to be connected again: the message is as good as it was, no attempt is lost.
                error = channels.of_send(refusal)
                return Mark(delivery.id, DeliveryState.COMMITTED, error=error, pause=ACCESS_PAUSE, uncounted=True)
            return Mark(delivery.id, DeliveryState.FAILED, error=channels.of_send(refusal))
        except (Unavailable, RateLimited) as failure:
            paced = isinstance(failure, RateLimited)
            pause = channels.retry_pause(delivery.attempt + 1, failure.retry_after, paced=paced)
            if pause is None:
                return Mark(delivery.id, DeliveryState.FAILED, error=channels.of_send(failure))
            return Mark(delivery.id, DeliveryState.COMMITTED, error=channels.of_send(failure), pause=pause)
        return Mark(delivery.id, DeliveryState.SENT, provider_id=sent.provider_id)

    async def _look_up(self, lane: Lane, state: LaneState, delivery: PendingDelivery) -> Mark | None:
        """What the provider knows of a post whose outcome we do not; None when it knows nothing, or cannot be asked."""
        try:
            found = await self._sender.find_sent(
                Channel(state.channel), tenant_id=lane.tenant_id, account_id=state.account_id,
                addresses=state.addresses, message=self._outgoing(lane, state, delivery),
            )  # fmt: skip
        except OutsideFailure:
            return None
        return Mark(delivery.id, DeliveryState.SENT, provider_id=found.provider_id) if found is not None else None

    def _outgoing(self, lane: Lane, state: LaneState, delivery: PendingDelivery) -> channels.Outgoing:
        can = self._sender.capabilities(Channel(state.channel))
        return channels.Outgoing(
            delivery.id, lane.key, delivery.message_n, state.address, delivery.text,
            attempt=delivery.attempt, as_person=channels.only_people(_facts(state, delivery), can, now()),
            reply=delivery.reply or state.reply, automatic=delivery.author != Author.STAFF, choices=delivery.choices,
            menu=i18n.tr("channels-choose", state.language or "en"), template=_template(delivery),
        )  # fmt: skip


def _is_behind(delivery: PendingDelivery, pending: Sequence[PendingDelivery]) -> bool:
    """Whether something that is to leave first has not; what nobody asked for is stepped over."""
    before = itertools.takewhile(lambda each: each.id != delivery.id, pending)
    return any(each.state == DeliveryState.COMMITTED and not _can_wait(each) for each in before)


def _facts(state: LaneState, delivery: PendingDelivery) -> Facts:
    return Facts(
        author=Author(delivery.author),
        state=DeliveryState(delivery.state),
        held=state.held,
        stopped=state.stopped,
        confirms_stop=delivery.confirms_stop,
        last_inbound_at=state.last_inbound_at,
        valid_until=delivery.valid_until,
        newer_open=bool(state.events),
        next_try_at=delivery.next_try_at,
        sending_at=delivery.sending_at,
        purpose=Purpose(delivery.purpose),
        by_template=delivery.template is not None,
        shut=delivery.shut,
    )


def _can_wait(delivery: PendingDelivery) -> bool:
    """Whether what comes behind it need not wait for it; while it is being posted everything does."""
    return delivery.purpose == Purpose.PROACTIVE and delivery.state == DeliveryState.COMMITTED


def _stays(delivery: PendingDelivery, verdict: Verdict, facts: Facts) -> Mark:
    """What becomes of a delivery that does not leave now."""
    if verdict is Verdict.QUIET_HOURS and facts.quiet_until is not None:
        wait = (channels.after_quiet(facts.quiet_until, delivery.id) - now()).total_seconds()
        return Mark(delivery.id, DeliveryState.COMMITTED, error=verdict.value, pause=wait)
    reopen = delivery.turn_id if verdict is Verdict.TOO_LATE else None
    return Mark(delivery.id, _REFUSED[verdict], error=verdict.value, reopen=reopen)


def _template(delivery: PendingDelivery) -> Template | None:
    kept = delivery.template
    if kept is None:
        return None
    return Template(str(kept["name"]), str(kept["language"]), cast("dict[str, str]", kept["fills"]))

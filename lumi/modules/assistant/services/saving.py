"""Save: a decision as the rows it becomes, committed whole or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import orjson

from lumi.core import events, jobs
from lumi.core.events import Event
from lumi.core.ids import new_id
from lumi.core.lanes import Lane
from lumi.modules.assistant.events import HumanWanted, QuestionUnanswered
from lumi.modules.assistant.values import (
    CallHuman,
    Decision,
    Effect,
    LaneState,
    NoteGap,
    OpenEvent,
    PendingDelivery,
    ResumeWriting,
    Say,
    Spoken,
    StopWriting,
    TurnInput,
)
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, SettledBy
from lumi.modules.contacts.public import ContactResumed, ContactStopped

VALID_SECONDS = 600
Json = Mapping[str, object]


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """A turn ready to be saved: the rows, and the deliveries they commit."""

    item: Json
    deliveries: Sequence[PendingDelivery]


def propose(
    lane: Lane,
    state: LaneState,
    given: TurnInput,
    decision: Decision,
    *,
    attempt: int,
    final: bool,
    began_at: datetime,
) -> Proposal:
    """The rows of a decision; every event that was read is settled by it."""
    turn_id = new_id()
    said = [effect for effect in decision.effects if isinstance(effect, Say)]
    messages = [_message(state, say) for say in said]
    left_to_people = (given.spent or given.late) and bool(given.said)
    by = SettledBy.TURN if said else SettledBy.HUMAN if left_to_people else SettledBy.NOT_NEEDED
    item: dict[str, object] = {
        "key": lane.key, "epoch": lane.epoch, "seq": state.seq, "final": final,
        "account_id": state.account_id, "contact_id": state.contact_id,
        "settled": [{"n": event.n, "by": by} for event in state.events],
        "messages": messages,
        "language": decision.lang,
        "wants_human": any(isinstance(effect, CallHuman) for effect in decision.effects),
        **_silence(_stopped(decision)),
        "turn": {
            "id": turn_id, "attempt": attempt, "began_at": began_at, "input": given,
            "commands": decision.commands,
            "effects": [_effect(effect) for effect in decision.effects],
        },
        "jobs": [row for event in _news(lane, decision) for row in _jobs(event)],
    }  # fmt: skip
    return Proposal(item, [each for message in messages for each in _pending(message, turn_id)])


def settle_silently(lane: Lane, state: LaneState, *, stopped: bool | None, began_at: datetime) -> Json:
    """The rows of a turn that says nothing: a human holds the thread. A stop word counts all the same."""
    return {**_bare(lane, state, state.events, by=SettledBy.HUMAN, began_at=began_at), **_silence(stopped)}


def bury(
    lane: Lane, state: LaneState, event: OpenEvent, *, apology: str, lang: str, why: str, began_at: datetime
) -> Json:
    """The rows of a turn that nobody could take because of one event: a dead letter, and a person is wanted.

    The guest is told, unless a person is called already: then they were.
    """
    say = Say(apology, apology, lang, handover=True)
    is_told = state.held or state.stopped or state.wants_human
    messages = [] if is_told else [_message(state, say)]
    bare = _bare(lane, state, [event], by=SettledBy.DEAD, began_at=began_at)
    return {**bare, "messages": messages, "wants_human": True, "dead_reason": why}


def _bare(
    lane: Lane, state: LaneState, settled: Sequence[OpenEvent], *, by: SettledBy, began_at: datetime
) -> dict[str, object]:
    return {
        "key": lane.key, "epoch": lane.epoch, "seq": state.seq, "final": True,
        "account_id": state.account_id, "contact_id": state.contact_id,
        "settled": [{"n": event.n, "by": by} for event in settled],
        "messages": [], "language": None, "wants_human": False, "stopped": None, "jobs": [],
        "turn": {
            "id": new_id(), "attempt": 1, "began_at": began_at, "commands": [], "effects": [],
            "input": {"settled_by": by},
        },
    }  # fmt: skip


def _message(state: LaneState, say: Say) -> dict[str, object]:
    """A message, and its text in as many parts as its channel needs."""
    can = channels.CAPABILITIES[Channel(state.channel)]
    parts = channels.messages(say.plain, say.choices, can)
    # Whoever spoke may be answered aloud: whether that is wanted, and works, is seen when it leaves.
    is_one = len(parts) == 1 and not say.choices
    aloud = can.voice and is_one and any(event.payload.get("heard") for event in state.events)
    spoken = {"text": say.text, "lang": say.lang} if aloud else None
    return {
        "id": new_id(), "author": "assistant", "text": say.text, "lang": say.lang, "sources": say.sources,
        "parts": [
            {"delivery_id": new_id(), "plain": part, "spoken": spoken, "choices": drawn} for part, drawn in parts
        ],
        "choices": channels.offered(say.choices),
        "handover": say.handover, "confirms_stop": say.confirms_stop, "valid_for": VALID_SECONDS,
        "reply": _answered(state),
    }  # fmt: skip


def _answered(state: LaneState) -> object:
    """What the last message that is answered carried for the answer to find its place, whatever comes meanwhile."""
    carried = [event.payload["reply"] for event in state.events if event.payload.get("reply")]
    return carried[-1] if carried else state.reply


def _pending(message: Mapping[str, object], turn_id: UUID) -> list[PendingDelivery]:
    return [
        PendingDelivery(
            id=cast("UUID", part["delivery_id"]),
            message_n=0,
            author="assistant",
            text=str(part["plain"]),
            state="committed",
            attempt=0,
            next_try_at=None,
            valid_until=None,
            sending_at=None,
            confirms_stop=bool(message["confirms_stop"]),
            turn_id=turn_id,
            spoken=Spoken(**spoken) if (spoken := cast("dict[str, str] | None", part["spoken"])) else None,
            choices=cast("Sequence[str]", part["choices"]),
            reply=cast("Mapping[str, object] | None", message["reply"]),
        )
        for part in cast("list[dict[str, object]]", message["parts"])
    ]


def _stopped(decision: Decision) -> bool | None:
    for effect in decision.effects:
        if isinstance(effect, StopWriting):
            return True
        if isinstance(effect, ResumeWriting):
            return False
    return None


def _silence(stopped: bool | None) -> dict[str, object]:
    """The person wants to hear no more, or again, and the jobs that what contacts tells of it becomes.

    Whose id these carry is known where they are written.
    """
    if stopped is None:
        return {"stopped": None, "news_kinds": []}
    news = (ContactStopped if stopped else ContactResumed)(new_id())
    return {"stopped": stopped, "news_kinds": jobs.registry.subscribers(news)}


def _effect(effect: Effect) -> dict[str, object]:
    return {"effect": type(effect).__name__, **vars(effect)}


def _news(lane: Lane, decision: Decision) -> Sequence[Event]:
    news: list[Event] = []
    for effect in decision.effects:
        if isinstance(effect, NoteGap):
            news.append(QuestionUnanswered(lane.key, effect.question, effect.lang))
        elif isinstance(effect, CallHuman):
            news.append(HumanWanted(lane.key))
    return news


def _jobs(event: Event) -> Sequence[Mapping[str, object]]:
    return [
        {"id": new_id(), "kind": name, "args": orjson.Fragment(events.encode(event))}
        for name in jobs.registry.subscribers(event)
    ]

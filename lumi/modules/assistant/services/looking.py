"""Looking at a thread: as it is now, with what changes it applied first."""

from __future__ import annotations

from lumi.core.jobs import Fenced
from lumi.core.lanes import Lane
from lumi.modules.assistant.repository import Turns
from lumi.modules.assistant.values import LaneState
from lumi.modules.channels.public import EventKind

# Events that change a thread without being something to answer.
_CHANGES = frozenset({EventKind.EDIT, EventKind.DELETION, EventKind.ECHO, EventKind.HEARD})


async def look(turns: Turns, lane: Lane) -> LaneState:
    """The thread, once edits, deletions and what a person wrote in the provider's app are applied; or Fenced.

    Every look of the gate is one: somebody who has just spoken for us is not talked over.
    """
    state = await begin(turns, lane)
    while _changes(state) and await turns.apply_changes(lane):
        state = await begin(turns, lane)
    return state


async def begin(turns: Turns, lane: Lane) -> LaneState:
    """The thread with what is open, nothing applied; or Fenced."""
    state = await turns.begin(lane)
    if state is None:
        raise Fenced("another worker has this lane now")
    return state


def _changes(state: LaneState) -> bool:
    """Whether something is to be applied before anything is answered."""
    return any(event.kind in _CHANGES for event in state.events) or (state.parked and bool(state.events))

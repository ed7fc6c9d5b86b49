"""Where the time of a turn goes: a watch on each step of Lumi's worker, from outside.

Wraps methods of the running process, as a test would; the product knows nothing of it. Two kinds of figures: what a
turn waits for at each step, and what each call to the database takes and carries.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Sequence, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from lumi.core.jobs import JobSource
from lumi.core.lanes import LaneSource
from lumi.core.runner import Runner
from lumi.modules.assistant.repository import Turns
from lumi.modules.assistant.services import thinking
from lumi.modules.assistant.services.surroundings import Surroundings
from lumi.modules.assistant.services.turn import TurnTaker
from lumi.modules.channels.public import Sender

P = ParamSpec("P")
R = TypeVar("R")
_KEPT = 200_000


@dataclass
class Step:
    """One step: how long each call took, and how many turns were in it."""

    seconds: list[float] = field(default_factory=list[float])
    items: int = 0

    def note(self, seconds: float, items: int) -> None:
        """One call."""
        if len(self.seconds) < _KEPT:
            self.seconds.append(seconds)
        self.items += items


class Watch:
    """Watches every step and writes what it saw into a file at the end."""

    # What a turn waits for.
    TURN = (
        (TurnTaker, "take"), (Turns, "begin"), (Surroundings, "introduce"), (Surroundings, "answer"),
        (Turns, "save"), (Turns, "depart"), (Sender, "send_text"), (Turns, "finish"),
    )  # fmt: skip
    # Calls to the database, several turns in each.
    CALLS = (
        (LaneSource, "claim"), (Turns, "_begin_all"), (Turns, "_save_all"), (Turns, "_depart_all"),
        (Turns, "_finish_all"), (JobSource, "claim"), (Runner, "_sleep"),
    )  # fmt: skip

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}

    def install(self) -> None:
        """From now on every step is timed."""
        for owner, name in self.TURN:
            self._wrap(owner, name, f"turn:{name}", batched=False)
        for owner, name in self.CALLS:
            self._wrap(owner, name, f"call:{owner.__name__}.{name.strip('_')}", batched=True)
        thinking.think = self._watched("turn:think", thinking.think, _one)

    def forget(self) -> None:
        """Begin anew: what was warmed up does not count."""
        self._steps.clear()

    def write(self, path: Path) -> None:
        """What was seen, as JSON."""
        seen = {name: {"seconds": step.seconds, "items": step.items} for name, step in self._steps.items()}
        path.write_text(json.dumps(seen))

    def _wrap(self, owner: type[object], name: str, label: str, *, batched: bool) -> None:
        real = cast("Callable[..., Awaitable[object]]", getattr(owner, name))
        count = _carried if batched else _one
        setattr(owner, name, self._watched(label, real, count))

    def _watched(
        self, label: str, real: Callable[P, Awaitable[R]], count: Callable[[Sequence[object], object], int]
    ) -> Callable[P, Awaitable[R]]:
        async def watched(*args: P.args, **named: P.kwargs) -> R:
            began = time.perf_counter()
            result = await real(*args, **named)
            step = self._steps.setdefault(label, Step())
            step.note(time.perf_counter() - began, count(args, result))
            return result

        return watched


def _one(_args: Sequence[object], _result: object) -> int:
    return 1


def _carried(args: Sequence[object], result: object) -> int:
    """How many turns a call carried: those it was given, or for a claim those it brought."""
    last = args[-1] if args else None
    if isinstance(last, Sized):
        return len(last)
    return len(result) if isinstance(result, Sized) else 0

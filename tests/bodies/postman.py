"""The postman: posts bodies, damaged and whole, proved and not, and looks what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from lumi.core.settings import get_settings
from tests.bodies.doors import Door
from tests.bodies.mutations import Node, damaged, torn, written
from tests.bodies.recorded import Body
from tests.bodies.trace import Trace

if TYPE_CHECKING:
    from httpx2 import AsyncClient

T = TypeVar("T")
KINDS = ("events", "receipts", "letters", "ignored", "pulls")
_SHOWN = 400
_PATIENT = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)


class Wrong(AssertionError):
    """A promise that did not hold."""


@dataclass
class Tally:
    """What came of everything that was posted."""

    bodies: int = 0
    mutations: int = 0
    acknowledged: int = 0
    refused: int = 0
    errors: list[str] = field(default_factory=list[str])
    left: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    def __str__(self) -> str:
        """The figure."""
        left = ", ".join(f"{number} {what}" for what, number in self.left.items())
        return (
            f"{self.bodies} bodies, {self.mutations} mutations: {self.acknowledged} acknowledged,"
            f" {self.refused} refused, {len(self.errors)} errors ({left})"
        )


class Postman:
    """Posts to these doors; `look` says what the last post left behind.

    Hypothesis draws in a thread of its own; the posting is on this loop.
    """

    def __init__(self, client: AsyncClient, look: Callable[[], Awaitable[Trace]], doors: Sequence[Door]) -> None:
        self._client, self._look, self._doors = client, look, doors
        self._loop = asyncio.get_running_loop()
        self._keys = (f"neighbour.{number:08}" for number in count())
        self.tally = Tally()

    async def deliver(self, body: Body, *, mutations: int, dice: int) -> None:
        """The body as it is at every path of its channel, then so many mutations of it; what is wrong is tallied."""
        self.tally.bodies += 1
        try:
            for door in self._doors:
                for path in door.paths if body.channel in (door.channel, None) else ():
                    await self.post(door, path, written(body.tree).encode(), is_proved=True)
            await asyncio.to_thread(self._damage, body, mutations, dice)
        except Wrong as wrong:
            self.tally.errors.append(f"{body.name}: {wrong}")

    async def post(self, door: Door, path: str, raw: bytes, *, is_proved: bool, neighbour: str | None = None) -> None:
        """One post; raises Wrong when it was neither acknowledged nor refused, or left no trace."""
        proof = door.prove(raw) if is_proved else door.deny(raw)
        answer = await self._client.post(path, content=raw, headers={"content-type": "application/json", **proof})
        left = await self._look()
        told = f"{path} answered {answer.status_code} to {len(raw)} bytes {_shown(raw)}"
        if not is_proved or not door.is_provable:
            if not 400 <= answer.status_code < 500 or not left.is_nothing:
                raise Wrong(f"{told}, which nobody proved, and left {left}")
            self.tally.refused += 1
            return
        if answer.status_code == 413 and len(raw) > get_settings().max_webhook_bytes:
            self.tally.refused += 1
            return
        if answer.status_code != 200:
            raise Wrong(told)
        if left.is_nothing:
            raise Wrong(f"{told}, and it vanished")
        if neighbour is not None and not left.holds(neighbour):
            raise Wrong(f"{told}, and its good neighbour vanished")
        self.tally.acknowledged += 1
        numbers = (len(left.events), left.receipts, len(left.letters), left.ignored, left.pulls)
        for what, number in zip(KINDS, numbers, strict=True):
            self.tally.left[what] += number

    def _damage(self, body: Body, mutations: int, dice: int) -> None:
        @seed(dice)
        @settings(
            max_examples=mutations, deadline=None, database=None, suppress_health_check=_PATIENT,
            phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False, print_blob=False,
        )  # fmt: skip
        @given(st.data())
        def once(data: st.DataObject) -> None:
            self.tally.mutations += 1
            door = data.draw(st.sampled_from(self._likely(body)))
            path = data.draw(st.sampled_from(door.paths))
            told, neighbour = self._accompanied(door, data.draw(damaged(body.tree)), has_one=data.draw(st.booleans()))
            raw = written(told).encode()
            if data.draw(st.integers(0, 9)) == 9:
                raw, neighbour = data.draw(torn(raw)), None
            is_proved = data.draw(st.integers(0, 9)) != 9
            self._wait(self.post(door, path, raw, is_proved=is_proved, neighbour=neighbour if is_proved else None))

        once()

    def _likely(self, body: Body) -> Sequence[Door]:
        """Every door, and the body's own again and again."""
        own = [door for door in self._doors if door.channel is body.channel]
        return [*own * 12, *self._doors]

    def _accompanied(self, door: Door, told: Node, *, has_one: bool) -> tuple[Node, str | None]:
        key = next(self._keys)
        together = door.beside(told, key) if has_one else None
        return (told, None) if together is None else (together, key)

    def _wait(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _shown(raw: bytes) -> str:
    text = raw.decode("utf-8", "backslashreplace")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]} … {text[-_SHOWN // 2 :]}"

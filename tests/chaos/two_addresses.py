"""Somebody who is known at a phone number and at a WhatsApp user id, first as two people."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

import orjson

from lumi.core.jobs import Fenced
from lumi.core.lanes import Lane
from lumi.core.runner import Pulse
from lumi.integrations.whatsapp.fake.ledger import Accepted
from lumi.modules.assistant.repository import Turns
from lumi.modules.assistant.values import LaneState
from tests import factories
from tests.journeys.conftest import Line
from tests.waiting import until


@dataclass
class TwoAddresses:
    """One person, as WhatsApp names them: by one address, by the other, by both."""

    line: Line
    user_id: str = field(default_factory=factories.a_user_id)

    async def by_phone(self, words: str) -> str:
        """Write as somebody of whom only the number is told; the provider's id of the message."""
        return await self._write(words, **{"from": self.line.person})

    async def by_user_id(self, words: str) -> str:
        """Write as somebody of whom only the user id is told."""
        return await self._write(words, **{"from": None, "from_user_id": self.user_id})

    async def by_both(self, words: str) -> str:
        """Write as somebody of whom both are told."""
        return await self._write(words, **{"from": self.line.person, "from_user_id": self.user_id})

    async def as_two(self, first: str, second: str) -> Sequence[UUID]:
        """Write by phone, then by user id, as two people: the older thread and the younger."""
        await self.by_phone(first)
        await self.by_user_id(second)
        return await self.threads()

    def both(self, words: str) -> bytes:
        """The body of a post in which both are told."""
        message = self.line.message(words, **{"from": self.line.person, "from_user_id": self.user_id})
        return self.line.body(message, extra={"contacts": []})

    async def _write(self, words: str, **who: object) -> str:
        message = self.line.message(words, **who)
        answer = await self.line.post(self.line.body(message, extra={"contacts": []}))
        assert answer.status_code == 200, answer.text
        return str(message["id"])

    async def tell(self, field: str, value: Mapping[str, object]) -> None:
        """Have WhatsApp tell something about a person."""
        number = {"metadata": {"phone_number_id": self.line.number}}
        change = {"field": field, "value": {"messaging_product": "whatsapp", **number, **value}}
        body = orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})
        assert (await self.line.post(body)).status_code == 200

    def heard(self) -> list[Accepted]:
        """What the person got, at whichever address, in order."""
        at = {self.line.person, self.user_id}
        return [each for each in self.line.twin.twin.ledger.after(0, 10_000) if each.to.lstrip("+") in at]

    async def hears(self, count: int) -> list[Accepted]:
        """Wait until they have got so many, and that it stays so many."""
        await until(lambda: len(self.heard()) >= count)
        await self.line.settled()
        return self.heard()

    async def threads(self) -> list[UUID]:
        """Their threads, the oldest first."""
        return [cast("UUID", row[0]) for row in await self.line.rows("select id from thread order by created_at, id")]

    async def unite(self) -> None:
        """Somebody with both addresses is told of, and nothing else."""
        change = {"wa_id": self.line.person, "user_id": {"previous": self.user_id, "current": self.user_id}}
        await self.tell("user_id_update", {"user_id_update": [change]})


@dataclass
class Hand:
    """A worker whose steps the test takes."""

    line: Line
    pulse: Pulse
    turns: Turns

    async def take(self, thread: UUID) -> tuple[Lane, LaneState]:
        """Claim the lane of a thread, and begin its turn."""
        rows = await self.line.house.db.pool.fetch("select * from app.claim_lanes($1, 100)", self.pulse.worker)
        lanes = [Lane(row["tenant_id"], row["key"], row["epoch"], row["crashes"]) for row in rows]
        mine = next(lane for lane in lanes if lane.key == thread)
        for other in lanes:
            if other.key != thread:
                await self.turns.finish(other, [])
        return mine, await self.begin(mine)

    async def begin(self, lane: Lane) -> LaneState:
        """Begin a turn; raises Fenced when somebody else has the lane."""
        state = await self.turns.begin(lane)
        if state is None:
            raise Fenced
        return state


@asynccontextmanager
async def by_hand(line: Line) -> AsyncGenerator[Hand]:
    """A worker that does nothing by itself, and leaves in order."""
    pulse = await Pulse.start(line.house.db)
    try:
        yield Hand(line, pulse, Turns(line.house.db, pulse.worker))
    finally:
        await pulse.stop()


def words(rows: Sequence[tuple[object, ...]]) -> list[object]:
    """The first column."""
    return [row[0] for row in rows]

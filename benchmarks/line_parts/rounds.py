"""Rounds of turns in this process by Lumi's own calls, step by step, so that each step can be measured."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import cast
from uuid import UUID

from benchmarks.line_parts.ground import Ground
from benchmarks.line_parts.looks import Looks
from lumi.core.clock import now
from lumi.core.db import Database, fetch
from lumi.core.ids import new_id
from lumi.core.lanes import Lane, LaneSource
from lumi.core.wake import Waker
from lumi.modules.assistant.repository import Turns
from lumi.modules.assistant.services import saving, thinking
from lumi.modules.assistant.values import Decision, LaneState, Mark, Say, Speaker
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, DeliveryState, Inbound

ROUND = 20
WORKER = 77_777
SPEAKER = Speaker("Salon", "en", ("en",))


class Nobody(Waker):
    """There is no worker to wake."""

    def __call__(self) -> None:
        """Nothing."""


class NoTurns:
    """Nobody takes turns but the round."""

    async def take(self, lane: Lane) -> None:
        """Refuse it."""
        raise RuntimeError("nobody takes turns but the round")

    async def lay_down(self, lane: Lane, why: str) -> None:
        """Refuse it."""
        raise RuntimeError("nobody lays anything down but the round")


async def nothing_to_unite(tenant_id: UUID, account_id: UUID, addresses: Sequence[str], *, moved: bool = False) -> None:
    """Everybody here has one address."""


class Rounds:
    """The oldest twenty threads are answered, and write again."""

    def __init__(self, ground: Ground, db: Database) -> None:
        self.looks = Looks(db)
        self._db = db
        self._tenant_id, self._account_id = cast("UUID", ground.tenant_id), cast("UUID", ground.account_id)
        self._receiver = channels.Receiver(db, Nobody(db), {}, unite=nothing_to_unite)
        self._turns = Turns(db, WORKER)
        self._lanes = LaneSource(db, WORKER, NoTurns())
        self._keys = (f"bench.{new_id().hex}.{number}" for number in count())

    async def take(self) -> None:
        """One round, measured step by step."""
        async with self.looks.of("claim", among=ROUND):
            lanes = await self._lanes.claim(ROUND)
        async with self.looks.of("begin", among=ROUND):
            states = await asyncio.gather(*(self._turns.begin(lane) for lane in lanes))
        known = [(lane, state) for lane, state in zip(lanes, states, strict=True) if state is not None]
        if len(known) < ROUND:
            raise RuntimeError(f"{len(known)} turns where {ROUND} should be")
        proposals = [_proposal(lane, state) for lane, state in known]
        async with self.looks.of("save", among=ROUND):
            await asyncio.gather(
                *(self._turns.save(lane, each.item) for (lane, _), each in zip(known, proposals, strict=True))
            )
        ids = [each.deliveries[0].id for each in proposals]
        async with self.looks.of("depart", among=ROUND):
            await asyncio.gather(*(self._turns.depart(lane, state.seq, one)
                                   for (lane, state), one in zip(known, ids, strict=True)))  # fmt: skip
        marks = [Mark(one, DeliveryState.SENT, provider_id=next(self._keys)) for one in ids]
        async with self.looks.of("finish", among=ROUND):
            freed = await asyncio.gather(
                *(self._turns.finish(lane, [mark]) for (lane, _), mark in zip(known, marks, strict=True))
            )
        if not all(freed):
            raise RuntimeError("a lane was not ours any more")
        async with self.looks.of("ingest", among=ROUND):
            await asyncio.gather(*(self._write(state) for _, state in known))

    async def ask(self, name: str, statement: str) -> None:
        """One of the questions that are not for a turn."""
        async with self.looks.of(name):
            await fetch(self._db.pool, statement)

    async def _write(self, state: LaneState) -> None:
        payload = {"kind": "text", "type": "text", "text": "Do you open on Sunday morning?", "name": "Guest"}
        item = Inbound(None, next(self._keys), [state.address], payload, now())
        await self._receiver.enter(self._tenant_id, self._account_id, Channel.WHATSAPP, item)


def _proposal(lane: Lane, state: LaneState) -> saving.Proposal:
    given = thinking.read(state, SPEAKER)
    text = given.said[-1].text
    decision = Decision((), (Say(text, text, "en"),), "en")
    return saving.propose(lane, state, given, decision, attempt=1, final=False, began_at=now())

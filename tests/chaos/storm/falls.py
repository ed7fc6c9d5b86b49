"""Falls: what was done to workers, and which sends were under way then.

A send is in flight at a fall when the worker that began it was killed, stopped or robbed of its database before it let
go of the lane: nobody else can write down how that post ended. Who began a send, and until when the lane was held, the
database itself writes down (`journal.sql`): a worker that fell cannot, and a look from outside would come too late. A
worker that was killed goes on falling for ever; one that was stopped, until it is woken; one whose database died does
not outlive that by much, and what it still sends meanwhile is its fall, too. The death of a web process is no fall: it
sends nothing.

So an outcome that nobody knows is accounted for by a fall of the very worker that sent it, or by the provider, whose
twin wrote down that it cut the line of that very message. Each of anything else is one too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import asyncpg

JOURNAL = Path(__file__).with_name("journal.sql")
_DEPARTURES = """
    select d.delivery::text, w.pid, extract(epoch from w.born_at)::float8, extract(epoch from d.departed_at)::float8,
           extract(epoch from d.let_go_at)::float8
    from storm.departure d join storm.worker w on w.id = d.worker order by d.departed_at
"""


@dataclass(frozen=True)
class Fall:
    """What was done to the worker of this process id, in Unix seconds; `until`: when it could go on, if ever."""

    pid: int
    at: float
    until: float | None = None


class Departure(NamedTuple):
    """A send that began, the worker that began it, and when the lane was let go of; Unix seconds."""

    delivery: str
    pid: int
    born_at: float
    departed_at: float
    let_go_at: float | None


async def keep_journal(admin_url: str) -> None:
    """Have the database write down who sends what from now on."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(JOURNAL.read_text())
    finally:
        await connection.close()


async def read_departures(connection: asyncpg.Connection[asyncpg.Record]) -> Sequence[Departure]:
    """Every send that began, in order."""
    return [Departure(*row) for row in await connection.fetch(_DEPARTURES)]


def last_of_each(departures: Iterable[Departure]) -> Mapping[str, Departure]:
    """The last send of each delivery: the others were refused, and it was tried again."""
    return {each.delivery: each for each in departures}


def in_flight(departures: Iterable[Departure], falls: Iterable[Fall]) -> set[str]:
    """The deliveries that were being sent by somebody who fell."""
    of_worker: dict[int, list[Fall]] = {}
    for fall in falls:
        of_worker.setdefault(fall.pid, []).append(fall)
    return {each.delivery for each in departures if any(_falls(each, fall) for fall in of_worker.get(each.pid, ()))}


def _falls(send: Departure, fall: Fall) -> bool:
    was_there = send.born_at <= fall.at
    had_begun = fall.until is None or send.departed_at <= fall.until
    was_not_over = send.let_go_at is None or send.let_go_at >= fall.at
    return was_there and had_begun and was_not_over

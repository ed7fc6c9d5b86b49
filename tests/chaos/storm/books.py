"""What was written down: by those who wrote, by the twins, by our tables and by the storm. Read in that order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import asyncpg

from tests.chaos.storm.falls import Departure, Fall, read_departures
from tests.chaos.storm.staff import Staff, shown_unknown

Thread = UUID


@dataclass(frozen=True)
class Said:
    """What somebody wrote and was told is taken, at which second; `after` was taken before this was posted."""

    id: str
    after: str | None
    acknowledged_at: float


@dataclass(frozen=True)
class Post:
    """What a provider took, in its order; `key` is the delivery's where the provider carries it.

    `at` is Unix seconds; `is_cut`: the line was cut then, and its sender told nothing.
    """

    place: int
    id: str
    person: str
    key: str | None
    at: float = 0.0
    is_cut: bool = False


class Event(NamedTuple):
    """What came in, as our tables know it."""

    id: str
    thread: Thread
    n: int
    received_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    turn: UUID | None
    message_n: int | None


class Delivery(NamedTuple):
    """What was to leave."""

    id: str
    thread: Thread
    n: int
    state: str
    provider_id: str | None
    turn: str | None


class Turn(NamedTuple):
    """A turn that was saved, and the numbers of the events it read."""

    id: UUID
    thread: Thread
    saved_at: datetime
    attempt: int
    read: tuple[int, ...]


@dataclass(frozen=True)
class Books:
    """Both sides: what providers wrote down, and what we did. `of_person` leads from an address to its thread.

    `departures` are the sends that began, `falls` what was done to workers, `shown` what staff see as unknown.
    """

    said: Sequence[Said]
    posts: Sequence[Post]
    events: Sequence[Event]
    deliveries: Sequence[Delivery]
    turns: Sequence[Turn]
    of_person: Mapping[str, Thread]
    departures: Sequence[Departure] = ()
    falls: Sequence[Fall] = ()
    shown: Set[str] = frozenset()


def read_posts(folder: Path, places: Mapping[str, str]) -> list[Post]:
    """What the twins wrote down, each in its order."""
    found: list[Post] = []
    for name, prefix in places.items():
        path = folder / f"{name}.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        cut = {line["cut"] for line in lines if "cut" in line}
        for entry in (line for line in lines if "cut" not in line):
            person = f"{prefix}:{str(entry['to']).lstrip('+')}"
            key = entry.get("callback_data") or entry.get("metadata")
            found.append(Post(entry["n"], entry["id"], person, key, entry["at"], entry["id"] in cut))
    return found


_EVENTS = """
    select e.provider_id, e.thread_id, e.n, e.received_at, e.settled_at, e.settled_by, e.turn_id, m.n
    from event e left join message m on m.tenant_id = e.tenant_id and m.thread_id = e.thread_id and m.event_n = e.n
    where e.kind = 'message'
"""


async def read_books(folder: Path, url: str, everybody: Sequence[Staff]) -> Books:
    """The twins' logs, then our tables, then what staff are shown."""
    places = {"whatsapp": "phone", "telegram": "telegram", "instagram": "instagram"}
    posts = read_posts(folder, places)
    said = [Said(**each) for each in json.loads((folder / "said.json").read_text())]
    connection = await asyncpg.connect(url)
    try:
        events = [Event(*row) for row in await connection.fetch(_EVENTS)]
        deliveries = [
            Delivery(*row)
            for row in await connection.fetch(
                "select id::text, thread_id, n, state, provider_id, body ->> 'turn_id' from delivery"
            )
        ]
        turns = [
            Turn(row[0], row[1], row[2], row[3], tuple(each["n"] for each in json.loads(row[4]).get("said", ())))
            for row in await connection.fetch("select id, thread_id, saved_at, attempt, input::text from turn")
        ]
        people = await connection.fetch("select replace(address, '+', ''), thread_id from thread_address")
        departures = await read_departures(connection)
    finally:
        await connection.close()
    falls = [Fall(**each) for each in json.loads((folder / "falls.json").read_text())]
    shown = {each.id for each in await shown_unknown(everybody)}
    of_person = {str(row[0]): row[1] for row in people}
    return Books(said, posts, events, deliveries, turns, of_person, departures, falls, shown)

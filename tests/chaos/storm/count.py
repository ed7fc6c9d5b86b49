"""Counts what became of everything: the twins' logs are read first, our tables second, and nothing else is believed.

python -m tests.chaos.storm.count FOLDER   # the address of the database on standard input
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import asyncpg

Thread = UUID


@dataclass(frozen=True)
class Said:
    """What somebody wrote and was told is taken, at which second; `after` was taken before this was posted."""

    id: str
    after: str | None
    acknowledged_at: float


@dataclass(frozen=True)
class Post:
    """What a provider took, in its order; `key` is the delivery's where the provider carries it."""

    place: int
    id: str
    person: str
    key: str | None


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


@dataclass
class Tally:
    """What was found; of each of the first four only none will do."""

    lost: list[str] = field(default_factory=list[str])
    twice: list[str] = field(default_factory=list[str])
    out_of_order: list[str] = field(default_factory=list[str])
    stale: list[str] = field(default_factory=list[str])
    unknown: int = 0
    failed: int = 0
    messages: int = 0
    posts: int = 0

    def __str__(self) -> str:
        return (
            f"{len(self.lost)} lost, {len(self.twice)} twice, {len(self.out_of_order)} out of order,"
            f" {len(self.stale)} stale, {self.unknown} unknown of {self.messages}"
        )

    @property
    def is_clean(self) -> bool:
        """Whether every promise held."""
        return not (self.lost or self.twice or self.out_of_order or self.stale)


@dataclass(frozen=True)
class Books:
    """Both sides: what providers wrote down, and what we did. `of_person` leads from an address to its thread."""

    said: Sequence[Said]
    posts: Sequence[Post]
    events: Sequence[Event]
    deliveries: Sequence[Delivery]
    turns: Sequence[Turn]
    of_person: Mapping[str, Thread]


def tally(books: Books, *, thoughts: int, patience: float) -> Tally:
    """Count. A thought that is the last (`thoughts` in all, or `patience` seconds) may leave newer ones for later."""
    found = Tally(messages=len(books.said), posts=len(books.posts))
    found.failed = sum(each.state == "failed" for each in books.deliveries)
    found.unknown = sum(each.state == "unknown" for each in books.deliveries)
    events = {each.id: each for each in books.events}
    found.lost += _lost(books.said, events)
    posted = _posted(books)
    found.twice += [*_posted_twice(books, posted), *_answered_twice(books, posted)]
    found.out_of_order += [*_ledger_disorder(books.said, events), *_disorder(books, posted)]
    found.stale += _stale(books, events, thoughts, patience)
    return found


def _lost(said: Iterable[Said], events: Mapping[str, Event]) -> Iterable[str]:
    for each in said:
        event = events.get(each.id)
        if event is None:
            yield f"{each.id}: nobody knows it"
        elif event.message_n is None:
            yield f"{each.id}: not in the ledger"
        elif event.settled_at is None:
            yield f"{each.id}: never settled"
        elif event.settled_by == "dead":
            yield f"{each.id}: given up"


def _posted(books: Books) -> dict[str, list[Post]]:
    """The posts of each delivery, by the provider's id or the key that came along; the rest under its thread."""
    by_provider_id = {each.provider_id: each.id for each in books.deliveries if each.provider_id}
    ids = {each.id for each in books.deliveries}
    posted: dict[str, list[Post]] = defaultdict(list)
    for post in books.posts:
        whose = post.key if post.key in ids else by_provider_id.get(post.id)
        posted[whose or f"thread {books.of_person.get(post.person)}"].append(post)
    return posted


def _posted_twice(books: Books, posted: Mapping[str, Sequence[Post]]) -> Iterable[str]:
    for whose, posts in posted.items():
        if not whose.startswith("thread ") and len(posts) > 1:
            yield f"delivery {whose}: {len(posts)} posts"
    nobody_knows = Counter(
        f"thread {each.thread}" for each in books.deliveries if each.state == "unknown" and each.id not in posted
    )
    for whose, posts in posted.items():
        if whose.startswith("thread ") and len(posts) > nobody_knows[whose]:
            yield f"{whose}: {len(posts)} posts that no delivery accounts for, {nobody_knows[whose]} unknown"


def _answered_twice(books: Books, posted: Mapping[str, Sequence[Post]]) -> Iterable[str]:
    spoken = {each.turn for each in books.deliveries if each.id in posted}
    answers: dict[tuple[Thread, int], list[UUID]] = defaultdict(list)
    for turn in books.turns:
        if str(turn.id) in spoken:
            for n in turn.read:
                answers[turn.thread, n].append(turn.id)
    for (thread, n), turns in answers.items():
        if len(turns) > 1:
            yield f"event {thread}/{n}: answered by {len(turns)} turns"


def _ledger_disorder(said: Iterable[Said], events: Mapping[str, Event]) -> Iterable[str]:
    for each in said:
        event, before = events.get(each.id), events.get(each.after or "")
        if event and before and event.message_n and before.message_n and event.message_n < before.message_n:
            yield f"{each.id}: before {before.id} in the ledger"


def _disorder(books: Books, posted: Mapping[str, Sequence[Post]]) -> Iterable[str]:
    last: dict[Thread, tuple[int, int]] = {}
    for each in sorted(books.deliveries, key=lambda each: (each.thread, each.n)):
        if each.id not in posted:
            continue
        place = posted[each.id][0].place
        before = last.get(each.thread)
        if before is not None and place < before[1]:
            yield f"delivery {each.thread}/{each.n}: left before {before[0]}"
        last[each.thread] = (each.n, place)


def _stale(books: Books, events: Mapping[str, Event], thoughts: int, patience: float) -> Iterable[str]:
    acknowledged = {each.id: each.acknowledged_at for each in books.said}
    of_thread: dict[Thread, list[Event]] = defaultdict(list)
    for event in events.values():
        of_thread[event.thread].append(event)
    for turn in books.turns:
        read = [each for each in of_thread[turn.thread] if each.n in turn.read]
        if not read:
            continue
        waited = (turn.saved_at - min(each.received_at for each in read)).total_seconds()
        if turn.attempt >= thoughts or waited >= patience:
            continue
        for event in of_thread[turn.thread]:
            was_open = event.settled_at is None or event.settled_at > turn.saved_at
            acked_at = acknowledged.get(event.id, float("inf"))
            if event.n not in turn.read and was_open and acked_at < turn.saved_at.timestamp() and event.turn != turn.id:
                yield f"turn {turn.id}: saved without {event.thread}/{event.n}, acknowledged before"


def read_posts(folder: Path, places: Mapping[str, str]) -> list[Post]:
    """What the twins wrote down, each in its order."""
    found: list[Post] = []
    for name, prefix in places.items():
        path = folder / f"{name}.jsonl"
        for line in path.read_text().splitlines() if path.exists() else ():
            entry = json.loads(line)
            person = f"{prefix}:{str(entry['to']).lstrip('+')}"
            found.append(Post(entry["n"], entry["id"], person, entry.get("callback_data")))
    return found


_EVENTS = """
    select e.provider_id, e.thread_id, e.n, e.received_at, e.settled_at, e.settled_by, e.turn_id, m.n
    from event e left join message m on m.tenant_id = e.tenant_id and m.thread_id = e.thread_id and m.event_n = e.n
    where e.kind = 'message'
"""


async def read_books(folder: Path, url: str) -> Books:
    """The twins' logs, then our tables."""
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
    finally:
        await connection.close()
    return Books(said, posts, events, deliveries, turns, {str(row[0]): row[1] for row in people})


async def main() -> None:
    """Print the tally as JSON."""
    from lumi.modules.assistant import rules

    books = await read_books(Path(sys.argv[1]), (await asyncio.to_thread(sys.stdin.readline)).strip())
    found = tally(books, thoughts=rules.THINK_AGAIN + 1, patience=rules.THINK_AGAIN_FOR.total_seconds())
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    asyncio.run(main())

"""Counts what became of everything: the twins' logs are read first, our tables second, and nothing else is believed.

Third comes what staff are shown of what nobody knows: it has to be all of it.

    python -m tests.chaos.storm.count FOLDER   # where the database and staff are, on standard input
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

from tests.chaos.storm.books import Books, Delivery, Event, Post, Said, Thread, read_books
from tests.chaos.storm.falls import Departure, in_flight, last_of_each
from tests.chaos.storm.staff import Staff


@dataclass
class Tally:
    """What was found; of each list only none will do."""

    lost: list[str] = field(default_factory=list[str])
    twice: list[str] = field(default_factory=list[str])
    out_of_order: list[str] = field(default_factory=list[str])
    stale: list[str] = field(default_factory=list[str])
    unaccounted: list[str] = field(default_factory=list[str])
    """Outcomes nobody knows, though neither a worker fell nor the provider cut the line."""
    hidden: list[str] = field(default_factory=list[str])
    """Outcomes nobody knows, and staff are not shown."""
    unknown: int = 0
    in_flight: int = 0
    """Sends under way when their worker fell: so many may be unknown."""
    cut: int = 0
    """Those whose line the provider cut."""
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
        return not any(self.complaints().values())

    def complaints(self) -> Mapping[str, Sequence[str]]:
        """What was found of each kind, in words."""
        return {
            "lost": self.lost, "twice": self.twice, "out of order": self.out_of_order, "stale": self.stale,
            "unaccounted": self.unaccounted, "hidden": self.hidden,
        }  # fmt: skip


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
    fell = in_flight(books.departures, books.falls)
    found.in_flight, found.cut = len(fell), sum(each.is_cut for each in books.posts)
    unknown = [each for each in books.deliveries if each.state == "unknown"]
    found.unaccounted += _unaccounted([each for each in unknown if each.id not in fell], books)
    found.hidden += [f"delivery {each.id}: unknown, and not shown" for each in unknown if each.id not in books.shown]
    return found


def _unaccounted(unknown: Iterable[Delivery], books: Books) -> Iterable[str]:
    """Those whose provider did not cut the line of that very post: each cut is of one send."""
    sends = last_of_each(books.departures)
    cuts = {each: books.of_person.get(each.person) for each in books.posts if each.is_cut}
    for delivery in unknown:
        send = sends.get(delivery.id)
        if send is None:
            yield f"delivery {delivery.id}: unknown, and it never began to be sent"
            continue
        its = (post for post, thread in cuts.items() if thread == delivery.thread and _is_of(post, send))
        cut = next(its, None)
        if cut is None:
            yield f"delivery {delivery.id}: unknown, though its worker ({send.pid}) stood and its line was not cut"
        else:
            del cuts[cut]


def _is_of(post: Post, send: Departure) -> bool:
    until = float("inf") if send.let_go_at is None else send.let_go_at
    return post.key in (None, send.delivery) and send.departed_at <= post.at <= until


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
    last: dict[Thread, tuple[Delivery, int]] = {}
    for each in sorted(books.deliveries, key=lambda each: (each.thread, each.n)):
        if each.id not in posted:
            continue
        place = posted[each.id][0].place
        before = last.get(each.thread)
        if before is not None and place < before[1]:
            late = before[0]
            yield f"delivery {each.thread}/{each.n} ({each.state}): left before {late.n} ({late.state})"
        last[each.thread] = (each, place)


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


async def main() -> None:
    """Print the tally as JSON."""
    from lumi.modules.assistant import rules

    told = json.loads(await asyncio.to_thread(sys.stdin.readline))
    books = await read_books(Path(sys.argv[1]), told["database"], [Staff(**each) for each in told["staff"]])
    found = tally(books, thoughts=rules.THINK_AGAIN + 1, patience=rules.THINK_AGAIN_FOR.total_seconds())
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    asyncio.run(main())

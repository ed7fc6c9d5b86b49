"""News between processes, for what is open on a screen right now: hints, never the only copy of anything.

    realtime.publish(f"tenant:{tenant_id}", {"type": "conversation", "id": …})     # after the commit
    async with realtime.subscribe(f"thread:{thread_id}") as notes:
        note = await notes.get()

Notes travel by NOTIFY, or by Redis where it is configured. Whoever may have missed one is told
`{"type": "resync"}` and reads again from the database: after a lost connection, an overflow, or when reading
too slowly.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import cast

import orjson

from lumi.core import metrics
from lumi.core.logging import get_logger
from lumi.core.realtime_link import EVERYONE, Link, LinkLost

Note = Mapping[str, object]
Notes = asyncio.Queue[Note]

RESYNC: Note = {"type": "resync"}
MOST_WAITING_NOTES = 256
MOST_WAITING_TO_LEAVE = 10_000
MOST_IN_ONE_GROUP = 500
LARGEST_NOTE_BYTES = 7_000
PAUSE_SECONDS = 0.002
CONNECT_SECONDS = 5.0
CANCEL_AGAIN_SECONDS = 0.1
LAST_WORDS_SECONDS = 1.0
PAUSES_AFTER_FAILURE_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)

_log = get_logger(__name__)


class Realtime:
    """Publish and subscribe for one process. Connections open with the first note and the first reader."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._readers: defaultdict[str, set[Notes]] = defaultdict(set)
        self._leaving: list[tuple[str, str]] = []
        self._something_leaves = asyncio.Event()
        self._listening = asyncio.Event()
        self._heard_before = False
        self._sender: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None

    @property
    def is_listening(self) -> bool:
        """Whether notes of others reach this process right now."""
        return self._listening.is_set()

    def publish(self, topic: str, note: Note) -> None:
        """Tell every reader of the topic, in all processes, soon. Neither waits nor raises."""
        try:
            text = orjson.dumps(note)
        except TypeError as mistake:
            metrics.NOTES_DROPPED.labels("unreadable").inc()
            _log.error("a note is not JSON", topic=topic, mistake=str(mistake))
            return
        if len(text) > LARGEST_NOTE_BYTES:
            metrics.NOTES_DROPPED.labels("too_large").inc()
            text = orjson.dumps(RESYNC)
        if len(self._leaving) >= MOST_WAITING_TO_LEAVE:
            self._give_up_waiting("overflow")
        self._leaving.append((topic, text.decode()))
        self._something_leaves.set()
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._keep_sending(), name="realtime-sender")

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncGenerator[Notes]:
        """The notes of a topic from now on; `cache:*` hears every topic that begins with `cache:`."""
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._keep_listening(), name="realtime-listener")
        notes: Notes = asyncio.Queue(MOST_WAITING_NOTES)
        self._readers[topic].add(notes)
        try:
            await self._begin_watching(topic, notes)
            yield notes
        finally:
            await self._leave(topic, notes)

    async def close(self) -> None:
        """Send what is waiting if that is possible at once, then stop."""
        tasks = [task for task in (self._sender, self._listener) if task is not None]
        await _end(tasks)
        self._listening.clear()
        with suppress(LinkLost, TimeoutError):
            await asyncio.wait_for(self._send_waiting(), LAST_WORDS_SECONDS)
        await self._link.close()

    async def _begin_watching(self, topic: str, notes: Notes) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.gather(self._link.watch(topic), self._listening.wait())
        except (TimeoutError, LinkLost):
            # The reader hears of it as soon as there is a connection: it is told to resync then.
            self._heard_before = True

    async def _leave(self, topic: str, notes: Notes) -> None:
        readers = self._readers[topic]
        readers.discard(notes)
        if not readers:
            del self._readers[topic]
            with suppress(LinkLost):
                await self._link.unwatch(topic)

    async def _keep_sending(self) -> None:
        failures = 0
        while True:
            await self._something_leaves.wait()
            try:
                await self._send_waiting()
                failures = 0
                await asyncio.sleep(PAUSE_SECONDS)
            except LinkLost as lost:
                # Whether the last group arrived is unknown, so everyone reads again.
                self._give_up_waiting("link_lost")
                failures = await _pause_after("notes cannot be sent", lost, failures)

    async def _send_waiting(self) -> None:
        self._something_leaves.clear()
        while self._leaving:
            group = self._leaving[:MOST_IN_ONE_GROUP]
            await self._link.send(group)
            del self._leaving[: len(group)]

    def _give_up_waiting(self, reason: str) -> None:
        metrics.NOTES_DROPPED.labels(reason).inc(len(self._leaving))
        self._leaving[:] = [(EVERYONE, orjson.dumps(RESYNC).decode())]
        self._something_leaves.set()

    async def _keep_listening(self) -> None:
        failures = 0
        while True:
            try:
                await self._link.listen(self._hear, self._now_listening)
            except LinkLost as lost:
                failures = 0 if self._listening.is_set() else failures
                self._listening.clear()
                failures = await _pause_after("notes cannot be heard", lost, failures)

    def _now_listening(self) -> None:
        self._listening.set()
        if self._heard_before:
            self._hear(EVERYONE, orjson.dumps(RESYNC).decode())
        self._heard_before = True

    def _hear(self, topic: str, text: str) -> None:
        family = f"{topic.partition(':')[0]}:*"
        if topic == EVERYONE:
            readers = [notes for each in self._readers.values() for notes in each]
        else:
            readers = [*self._readers.get(topic, ()), *self._readers.get(family, ())]
        if readers:
            note = cast("Note", orjson.loads(text))
            for notes in readers:
                _put(notes, note)


def _put(notes: Notes, note: Note) -> None:
    if notes.full():
        metrics.NOTES_DROPPED.labels("slow_reader").inc(notes.qsize())
        while not notes.empty():
            notes.get_nowait()
        notes.put_nowait(RESYNC)
    notes.put_nowait(note)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel until it is heard: a cancellation that meets a client in the middle of its own time-out gets lost."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_SECONDS)


async def _pause_after(what: str, lost: LinkLost, failures: int) -> int:
    pause = PAUSES_AFTER_FAILURE_SECONDS[min(failures, len(PAUSES_AFTER_FAILURE_SECONDS) - 1)]
    _log.warning(what, reason=str(lost), next_try_seconds=pause)
    await asyncio.sleep(pause)
    return failures + 1


def open_realtime(dsn: str, *, redis_url: str | None = None, redis_prefix: str = "lumi") -> Realtime:
    """The realtime of this process: over Redis where it is configured, else over the database at `dsn`."""
    if redis_url:
        from lumi.core.realtime_redis import RedisLink

        return Realtime(RedisLink(redis_url, prefix=redis_prefix))
    from lumi.core.realtime_postgres import PostgresLink

    return Realtime(PostgresLink(dsn))

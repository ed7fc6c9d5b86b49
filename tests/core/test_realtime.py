"""Notes reach every reader, in every process, and whoever may have missed one is told to read again."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from lumi.core import realtime as realtime_module
from lumi.core.db import Database
from lumi.core.realtime import MOST_WAITING_NOTES, RESYNC, Note, Notes, Realtime, open_realtime
from tests.core.conftest import RedisServer

Opened = AbstractAsyncContextManager[Realtime]


@asynccontextmanager
async def opened(dsn: str, redis_url: str | None = None) -> AsyncGenerator[Realtime]:
    one = open_realtime(dsn, redis_url=redis_url, redis_prefix="test")
    try:
        yield one
    finally:
        await one.close()


@pytest.fixture(params=["postgres", "redis"])
def open_one(request: pytest.FixtureRequest, database: Database) -> Callable[[], Opened]:
    """Opens a Realtime as another process would, over each of the two ways notes travel."""
    if request.param == "redis":
        url = str(request.getfixturevalue("redis_url"))
        return lambda: opened("", url)
    return lambda: opened(database.url)


def fresh_topic() -> str:
    return f"thread:{uuid4()}"


async def heard(notes: Notes, within: float = 5.0) -> Note:
    return await asyncio.wait_for(notes.get(), within)


async def heard_number(notes: Notes, n: int) -> None:
    """Read until this number comes; a resync in between is allowed, silence is not."""
    while (await heard(notes)).get("n") != n:
        pass


async def test_a_note_published_in_one_process_is_heard_in_another(open_one: Callable[[], Opened]) -> None:
    topic = fresh_topic()
    async with open_one() as here, open_one() as there, there.subscribe(topic) as notes:
        here.publish(topic, {"type": "message", "n": 1, "id": uuid4()})
        assert (await heard(notes))["type"] == "message"


async def test_notes_arrive_in_the_order_they_were_published_and_equal_ones_are_all_told(
    open_one: Callable[[], Opened],
) -> None:
    topic = fresh_topic()
    async with open_one() as here, here.subscribe(topic) as notes:
        for n in (1, 2, 2, 2, 3):
            here.publish(topic, {"n": n})
        assert [(await heard(notes))["n"] for _ in range(5)] == [1, 2, 2, 2, 3]


async def test_a_reader_hears_its_own_topic_and_no_other(open_one: Callable[[], Opened]) -> None:
    mine, other = fresh_topic(), fresh_topic()
    async with open_one() as here, here.subscribe(mine) as notes, here.subscribe(other) as others:
        here.publish(other, {"n": 1})
        here.publish(mine, {"n": 2})
        assert (await heard(notes))["n"] == 2
        assert (await heard(others))["n"] == 1
        assert notes.empty()


async def test_all_readers_of_a_topic_hear_a_note(open_one: Callable[[], Opened]) -> None:
    topic = fresh_topic()
    async with open_one() as here, here.subscribe(topic) as one, here.subscribe(topic) as two:
        here.publish(topic, {"n": 7})
        assert [(await heard(one))["n"], (await heard(two))["n"]] == [7, 7]


async def test_a_family_of_topics_can_be_heard_as_one(open_one: Callable[[], Opened]) -> None:
    async with open_one() as here, here.subscribe("cache:*") as notes:
        here.publish(f"cache:{uuid4()}", {"n": 1})
        here.publish(f"cache:{uuid4()}", {"n": 2})
        assert [(await heard(notes))["n"] for _ in range(2)] == [1, 2]


async def test_who_left_and_came_back_hears_again(open_one: Callable[[], Opened]) -> None:
    topic = fresh_topic()
    async with open_one() as here:
        for n in range(20):
            async with here.subscribe(topic) as notes:
                here.publish(topic, {"n": n})
                assert (await heard(notes))["n"] == n


async def test_who_leaves_while_another_comes_does_not_take_the_topic_along(
    open_one: Callable[[], Opened],
) -> None:
    topic = fresh_topic()
    async with open_one() as here:
        leaving = here.subscribe(topic)
        await leaving.__aenter__()
        coming = here.subscribe(topic)
        _, notes = await asyncio.gather(leaving.__aexit__(None, None, None), coming.__aenter__())
        here.publish(topic, {"n": 1})
        assert (await heard(notes))["n"] == 1
        await coming.__aexit__(None, None, None)


async def test_a_reader_that_is_too_slow_is_told_to_resync_and_holds_up_nobody(
    open_one: Callable[[], Opened],
) -> None:
    topic = fresh_topic()
    async with open_one() as here, here.subscribe(topic) as slow, here.subscribe(topic) as quick:
        for n in range(MOST_WAITING_NOTES + 50):
            here.publish(topic, {"n": n})
            assert (await heard(quick))["n"] == n
        waiting = [slow.get_nowait() for _ in range(slow.qsize())]
        assert waiting[0] == RESYNC
        assert waiting[-1]["n"] == MOST_WAITING_NOTES + 49


async def test_a_note_that_is_too_large_becomes_a_resync(open_one: Callable[[], Opened]) -> None:
    topic = fresh_topic()
    async with open_one() as here, here.subscribe(topic) as notes:
        here.publish(topic, {"text": "é" * 4000})
        assert await heard(notes) == RESYNC


async def test_publishing_what_is_not_json_does_not_raise(open_one: Callable[[], Opened]) -> None:
    topic = fresh_topic()
    async with open_one() as here, here.subscribe(topic) as notes:
        here.publish(topic, {"what": object()})
        here.publish(topic, {"n": 1})
        assert (await heard(notes))["n"] == 1


async def test_what_was_published_just_before_the_end_is_still_sent(open_one: Callable[[], Opened]) -> None:
    topic = fresh_topic()
    async with open_one() as there, there.subscribe(topic) as notes:
        async with open_one() as here:
            here.publish(topic, {"n": 1})
        assert (await heard(notes))["n"] == 1


async def test_publishing_without_anything_to_send_through_neither_waits_nor_raises(tmp_path: Path) -> None:
    async with opened(f"postgresql://nobody@/nothing?host={tmp_path}") as here:
        for n in range(realtime_module.MOST_WAITING_TO_LEAVE + 10):
            here.publish("thread:x", {"n": n})
        assert not here.is_listening


async def test_more_notes_than_can_wait_become_one_resync_for_everyone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime_module, "MOST_WAITING_TO_LEAVE", 10)
    topic = fresh_topic()
    async with opened(database.url) as here, here.subscribe(topic) as notes:
        for n in range(15):
            here.publish(fresh_topic(), {"n": n})
        assert await heard(notes) == RESYNC


async def test_after_a_lost_database_connection_readers_are_told_to_resync_and_hear_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime_module, "PAUSES_AFTER_FAILURE_SECONDS", (0.05,))
    topic = fresh_topic()
    async with opened(database.url) as here, here.subscribe(topic) as notes:
        here.publish(topic, {"n": 1})
        assert (await heard(notes))["n"] == 1
        ended = await end_connections(database)
        assert ended >= 2  # ours, and those of an application that other tests have started in this process
        assert await heard(notes) == RESYNC
        here.publish(topic, {"n": 2})
        await heard_number(notes, 2)


async def end_connections(database: Database) -> int:
    """Cut what carries notes, as a restart of the server would; returns how many there were."""
    connection = await asyncpg.connect(database.url)
    found = await connection.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name like 'lumi realtime%' and datname = current_database()"
    )
    await connection.close()
    return len(found)


async def test_after_a_restart_of_redis_readers_are_told_to_resync_and_hear_again(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime_module, "PAUSES_AFTER_FAILURE_SECONDS", (0.05,))
    topic = fresh_topic()
    async with opened("", redis_server.url) as here, here.subscribe(topic) as notes:
        here.publish(topic, {"n": 1})
        assert (await heard(notes))["n"] == 1
        redis_server.stop()
        here.publish(topic, {"n": 2})
        redis_server.start()
        assert await heard(notes) == RESYNC
        while not notes.empty():
            notes.get_nowait()
        here.publish(topic, {"n": 3})
        await heard_number(notes, 3)


async def test_a_reader_that_came_while_redis_was_away_hears_when_it_is_back(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime_module, "PAUSES_AFTER_FAILURE_SECONDS", (0.05,))
    monkeypatch.setattr(realtime_module, "CONNECT_SECONDS", 0.2)
    topic = fresh_topic()
    redis_server.stop()
    async with opened("", redis_server.url) as here, here.subscribe(topic) as notes:
        assert not here.is_listening
        redis_server.start()
        assert await heard(notes) == RESYNC
        here.publish(topic, {"n": 1})
        assert (await heard(notes))["n"] == 1


SPEAKER = """
import asyncio, sys
from lumi.core.realtime import open_realtime

async def speak() -> None:
    realtime = open_realtime(sys.argv[1], redis_url=sys.argv[2] or None, redis_prefix="test")
    realtime.publish(sys.argv[3], {"from": "another process"})
    await realtime.close()

asyncio.run(speak())
"""


@pytest.mark.parametrize("way", ["postgres", "redis"])
async def test_a_real_second_process_is_heard(way: str, database: Database, request: pytest.FixtureRequest) -> None:
    redis_url = str(request.getfixturevalue("redis_url")) if way == "redis" else ""
    topic = fresh_topic()
    async with opened(database.url, redis_url) as here, here.subscribe(topic) as notes:
        arguments = (sys.executable, "-c", SPEAKER, database.url, redis_url, topic)
        speaker = await asyncio.create_subprocess_exec(*arguments)
        assert await speaker.wait() == 0
        assert await heard(notes) == {"from": "another process"}

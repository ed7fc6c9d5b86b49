"""Rate limits: in memory, through Redis, and when Redis goes."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.core import limits
from lumi.core.errors import TooManyRequests
from lumi.core.ids import new_id
from lumi.core.limits import WINDOW_SECONDS, Limiter, network, seconds_to_wait
from tests.core.conftest import RedisServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("in_one_minute")


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncGenerator[Limiter]:
    """A limiter that counts in memory, and one that counts in Redis."""
    url = str(request.getfixturevalue("redis_url")) if request.param == "redis" else None
    made = Limiter(url, prefix=f"test-{new_id().hex}")
    yield made
    await made.close()


async def passed(limiter: Limiter, key: str, hits: int, *, bucket: str = "test") -> list[bool]:
    """For each of these hits, whether it was among three a minute."""
    outcomes: list[bool] = []
    for _ in range(hits):
        try:
            await limiter.hit(bucket, key, per_minute=3)
            outcomes.append(True)
        except TooManyRequests:
            outcomes.append(False)
    return outcomes


async def test_hits_beyond_the_limit_are_refused_with_the_seconds_to_wait(limiter: Limiter) -> None:
    assert await passed(limiter, "a", 3) == [True, True, True]
    with pytest.raises(TooManyRequests) as refusal:
        await limiter.hit("test", "a", per_minute=3)
    assert 1 <= refusal.value.retry_after <= WINDOW_SECONDS + 1
    assert await passed(limiter, "a", 1) == [False]


async def test_keys_and_buckets_are_counted_apart(limiter: Limiter) -> None:
    await passed(limiter, "a", 3)
    assert await passed(limiter, "b", 1) == [True]
    assert await passed(limiter, "a", 1, bucket="another") == [True]
    assert await passed(limiter, "a", 1) == [False]


async def test_hits_at_once_do_not_slip_through(limiter: Limiter) -> None:
    answers = await asyncio.gather(*(passed(limiter, "a", 1) for _ in range(20)))
    assert sum(answer == [True] for answer in answers) <= 3


async def test_switched_off_it_refuses_nothing() -> None:
    assert await passed(Limiter(enabled=False), "a", 10) == [True] * 10


async def test_two_processes_count_together_through_redis(redis_url: str) -> None:
    prefix = f"test-{new_id().hex}"
    first, second = Limiter(redis_url, prefix=prefix), Limiter(redis_url, prefix=prefix)
    assert await passed(first, "a", 2) == [True, True]
    assert await passed(second, "a", 2) == [True, False]
    await first.close()
    await second.close()


async def test_with_redis_gone_each_process_counts_by_itself(redis_server: RedisServer) -> None:
    limiter = Limiter(redis_server.url, prefix="test")
    assert await passed(limiter, "a", 1) == [True]
    redis_server.stop()
    assert await passed(limiter, "b", 4) == [True, True, True, False]
    await limiter.close()


async def test_a_redis_that_does_not_answer_is_asked_once_and_then_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "REDIS_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(limits, "REDIS_PAUSE_SECONDS", 600.0)
    asked: list[bytes] = []

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(1))
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        limiter = Limiter(f"redis://127.0.0.1:{port}/0", prefix="test")
        assert await passed(limiter, "a", 4) == [True, True, True, False]
        await until(lambda: asked)
        await limiter.close()
    assert len(asked) == 1


async def test_when_redis_is_back_it_counts_again(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumi.core.limits.REDIS_PAUSE_SECONDS", 0.05)
    limiter = Limiter(redis_server.url, prefix="test")
    redis_server.stop()
    assert await passed(limiter, "a", 4) == [True, True, True, False]
    redis_server.start()
    await asyncio.sleep(0.1)
    assert await passed(limiter, "a", 4) == [True, True, True, False]
    await limiter.close()


class TestWait:
    """How long one has to wait, from the two counters."""

    @pytest.mark.parametrize(
        ("previous", "previous_left", "current", "current_left", "seconds"),
        [
            (0, 0.0, 10, 90.0, 31),  # all in this minute: until it ends, then until one has faded
            (0, 0.0, 10, 60.0, 1),  # the minute is over: the first second frees a place
            (10, 60.0, 0, 120.0, 1),  # a full minute just ended
            (10, 30.0, 5, 90.0, 1),  # half of ten and five are ten
            (10, 30.0, 9, 90.0, 25),  # one place is free when only a tenth of the last minute counts
        ],
    )
    def test_table(self, previous: int, previous_left: float, current: int, current_left: float, seconds: int) -> None:
        assert seconds_to_wait(10, previous, previous_left, current, current_left) == seconds

    @given(st.integers(1, 50), st.integers(0, 50), st.floats(0, 60), st.integers(0, 50), st.floats(60, 120))
    def test_after_the_wait_one_more_is_within_the_limit(
        self, limit: int, previous: int, left: float, current: int, current_left: float
    ) -> None:
        previous, current = min(previous, limit), min(current, limit)
        wait = seconds_to_wait(limit, previous, left, current, current_left)
        until_next = current_left - WINDOW_SECONDS
        if current >= limit:
            weighs = current * max(0.0, WINDOW_SECONDS - (wait - until_next)) / WINDOW_SECONDS
        else:
            weighs = current + previous * max(0.0, left - wait) / WINDOW_SECONDS
        assert weighs < limit


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("/run/socket", "/run/socket"),
    ],
)
def test_an_address_is_counted_by_its_network(host: str, key: str) -> None:
    assert network(host) == key

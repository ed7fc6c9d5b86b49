"""How this process talks to Redis, where there is one; only then imported: the client takes 0.1 s to load."""

# The client takes its options as bare keyword arguments.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import time
from typing import Protocol, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

LOST = (RedisError, OSError, TimeoutError)


class _Echoes(Protocol):
    """The part of the client that is used here, typed."""

    async def echo(self, value: str) -> object: ...


def open_redis(url: str, *, answer_seconds: float) -> Redis:
    """A client that tells us of a lost connection instead of opening another one behind our back.

    Whoever finds every connection in use waits `answer_seconds` for one. What the URL says comes first.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=answer_seconds,
        socket_connect_timeout=answer_seconds,
        socket_timeout=answer_seconds,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
        decode_responses=False,
    )
    return Redis.from_pool(pool)


async def milliseconds_to(client: Redis) -> float:
    """How long Redis takes to answer; raises what LOST lists."""
    began = time.perf_counter()
    await cast("_Echoes", client).echo("lumi")
    return round((time.perf_counter() - began) * 1000, 2)

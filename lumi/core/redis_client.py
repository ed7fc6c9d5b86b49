"""How this process talks to Redis, where there is one; only then imported: the client takes 0.1 s to load."""

# The client takes its options as bare keyword arguments.
# pyright: reportUnknownMemberType=false

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

LOST = (RedisError, OSError, TimeoutError)


def open_redis(url: str, *, answer_seconds: float) -> Redis:
    """A client that tells us of a lost connection instead of opening another one behind our back."""
    return Redis.from_url(
        url,
        socket_connect_timeout=answer_seconds,
        socket_timeout=answer_seconds,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
        decode_responses=False,
    )

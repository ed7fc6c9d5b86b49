"""HTTP itself: one aiohttp session. Loaded by the first call, because a process that calls nobody does without it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import aiohttp

from lumi import __version__
from lumi.core.http import answers
from lumi.core.http.answers import Body, Response
from lumi.core.http.failures import Rejected, Unavailable, lost

CONNECT_SECONDS = 5.0
# Shorter than the idle time after which servers hang up, so that we rarely write into a closed connection.
IDLE_CONNECTION_SECONDS = 15.0

_NOTHING_WAS_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Wire:
    """Connections to the outside, kept open between calls until `close`; made inside a running loop."""

    def __init__(self, connections: int) -> None:
        connector = aiohttp.TCPConnector(limit=connections, keepalive_timeout=IDLE_CONNECTION_SECONDS, ttl_dns_cache=30)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),  # the session serves all tenants: it may remember nothing
            headers={"User-Agent": f"Lumi/{__version__}"},
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def exchange(
        self,
        method: str,
        url: str,
        data: Body,
        headers: Mapping[str, str] | None,
        timeout: float,
        repeatable: bool,
    ) -> Response:
        """What was answered, whatever its status; raises Rejected, Unavailable or OutcomeUnknown when nothing was."""
        try:
            with _opened(data) as body:
                async with self._session.request(
                    method, url, data=body, headers=headers, timeout=_limits(timeout), allow_redirects=False
                ) as answer:
                    return Response(answer.status, answer.headers, await _read_whole(answer))
        except _NOTHING_WAS_SENT as error:
            raise Unavailable(f"not connected ({type(error).__name__})") from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise Rejected(0, reason="this is not an address we can call") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise lost(type(error).__name__, repeatable) from error


@contextmanager
def _opened(data: Body) -> Generator[bytes | Mapping[str, str] | BinaryIO | None]:
    """What aiohttp sends: of a file it reads a piece at a time, off the loop."""
    if not isinstance(data, Path):
        yield data
        return
    with data.open("rb") as file:
        yield file


async def _read_whole(answer: aiohttp.ClientResponse) -> bytes:
    """The body, at most MAX_ANSWER_BYTES of it once unpacked; `ClientPayloadError` when there is more."""
    length = answer.content_length
    if length is not None and length <= answers.MAX_ANSWER_BYTES and "Content-Encoding" not in answer.headers:
        return await answer.read()
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > answers.MAX_ANSWER_BYTES:
            raise aiohttp.ClientPayloadError("the answer is larger than we read")
        parts.append(part)
    return b"".join(parts)


@lru_cache(maxsize=64)
def _limits(timeout: float) -> aiohttp.ClientTimeout:
    # The connection has less time than the whole: when the total runs out something may have been sent.
    return aiohttp.ClientTimeout(total=timeout, connect=min(CONNECT_SECONDS, timeout / 2))

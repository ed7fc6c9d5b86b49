"""HTTP itself: one aiohttp session. Loaded by the first call, because a process that calls nobody does without it."""

import asyncio
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from lumi import __version__
from lumi.core.http import answers, leaving
from lumi.core.http.answers import Body, Framed, Response, travelling_seconds
from lumi.core.http.failures import Rejected, Unavailable, lost

CONNECT_SECONDS = 5.0
# Shorter than the idle time after which servers hang up, so that we rarely write into a closed connection.
IDLE_CONNECTION_SECONDS = 15.0

_PIECE_BYTES = 1 << 18
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
        """What was answered, whatever its status; raises Rejected, Unavailable or OutcomeUnknown when nothing was.

        Raises Silenced when the last look says so.
        """
        leaving.look()
        watch = _Watch()
        try:
            with _opened(data, watch) as body:
                async with self._session.request(
                    method,
                    url,
                    data=body,
                    headers=_measured(data, headers),
                    timeout=_limits(timeout + travelling_seconds(_size(data))),
                    allow_redirects=False,
                ) as answer:
                    return Response(answer.status, answer.headers, await _read_whole(answer))
        except _NOTHING_WAS_SENT as error:
            raise Unavailable(f"not connected ({type(error).__name__})") from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise Rejected(0, reason="this is not an address we can call") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if watch.silenced is not None:
                raise watch.silenced from None
            if data and isinstance(data, bytes | Framed) and not watch.has_begun:
                how = "not connected" if isinstance(data, bytes) else "cut before its end"
                raise Unavailable(f"{how} ({type(error).__name__})") from error
            raise lost(type(error).__name__, repeatable) from error


class _Watch:
    """Looks once more while a body is written, where aiohttp would pass on no error of ours."""

    def __init__(self) -> None:
        self.silenced: leaving.Silenced | None = None
        self.has_begun = False
        """Whether anything may have been sent of which the other side can make something."""

    def look(self) -> None:
        """Raise Silenced, and remember it."""
        try:
            leaving.look()
        except leaving.Silenced as refusal:
            self.silenced = refusal
            raise


class LookedAt(aiohttp.BytesPayload):
    """Bytes that take the last look when there is a connection, and then go at once, together with their head."""

    def __init__(self, data: bytes, watch: _Watch) -> None:
        super().__init__(data)
        self._watch = watch

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Called by aiohttp; Silenced ends the exchange before anything of it was written."""
        self._watch.look()
        self._watch.has_begun = True
        await super().write_with_length(writer, content_length)


@contextmanager
def _opened(
    data: Body, watch: _Watch
) -> Generator[bytes | Mapping[str, str] | BinaryIO | LookedAt | AsyncIterator[bytes] | None]:
    """What aiohttp sends: of a file it reads a piece at a time, off the loop."""
    if isinstance(data, Framed):
        with data.path.open("rb") as file:
            yield _framed(data, file, watch)
    elif isinstance(data, Path):
        with data.open("rb") as file:
            yield file
    elif data and isinstance(data, bytes):
        yield LookedAt(data, watch)
    else:
        yield data


async def _framed(data: Framed, file: BinaryIO, watch: _Watch) -> AsyncIterator[bytes]:
    yield data.before
    while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
        yield piece
    watch.look()  # a body without its end is none
    watch.has_begun = True
    yield data.after


def _measured(data: Body, headers: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """The headers, and how long a body is that aiohttp cannot measure: not every server takes one in chunks."""
    return {**(headers or {}), "Content-Length": str(_size(data))} if isinstance(data, Framed) else headers


def _size(data: Body) -> int:
    """How many bytes a body is; 0 of a form without a file, which is small."""
    if isinstance(data, Framed):
        return len(data.before) + data.path.stat().st_size + len(data.after)
    if isinstance(data, Path):
        return data.stat().st_size
    return len(data) if isinstance(data, bytes) else 0


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

"""A port of its own for the figures, so that a scraper needs no way to the API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from lumi.core.logging import get_logger

_log = get_logger(__name__)

TAKE_OVER_SECONDS = 2.0
_PATIENCE_SECONDS = 5.0
_LONGEST_HEAD = 16 * 1024

Answer = Callable[[], Awaitable[tuple[bytes, str]]]


async def keep_answering(host: str, port: int, answer: Answer) -> None:
    """Answer `GET /metrics` until cancelled. While another process has the port, wait to take it over."""
    is_waiting = False
    while True:
        try:
            server = await asyncio.start_server(_Visit(answer).serve, host, port, limit=_LONGEST_HEAD)
        except OSError as error:
            if not is_waiting:
                _log.info("another process answers for the figures", port=port, reason=error.strerror)
            is_waiting = True
            await asyncio.sleep(TAKE_OVER_SECONDS)
            continue
        async with server:
            await server.serve_forever()


class _Visit:
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answer; a visitor who is slow or talks nonsense is left."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await self._reply(head.partition(b"\r\n")[0].split(b" ")))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    async def _reply(self, request: list[bytes]) -> bytes:
        if len(request) != 3 or request[1].partition(b"?")[0] != b"/metrics":
            return _written("404 Not Found", b"", "text/plain")
        if request[0] != b"GET":
            return _written("405 Method Not Allowed", b"", "text/plain")
        return _written("200 OK", *await self._answer())


def _written(status: str, body: bytes, media_type: str) -> bytes:
    head = f"content-type: {media_type}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return f"HTTP/1.1 {status}\r\n{head}".encode() + body

"""Refusals of the layers around the application, which have no handler of errors: as plain ASGI."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import orjson
from starlette.types import Receive, Scope, Send

from lumi.core.errors import AppError

_DRAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Rest:
    """What is still to come of a refused body."""

    receive: Receive
    most: int

    async def drain(self) -> None:
        """Throw it away as it comes: to its end, to `most` bytes, for a second."""
        left = self.most
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while left > 0:
                    message = await self.receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body"):
                        return


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of this (lower-case) name."""
    for each, value in cast("list[tuple[bytes, bytes]]", scope["headers"]):
        if each == name:
            return value
    return None


async def refuse(scope: Scope, send: Send, why: AppError, *, rest: Rest | None = None) -> None:
    """Answer with a refusal as problem+json (RFC 9457); a socket is closed before it was accepted.

    The answer is sent at once; `rest` is drained before the connection is closed.
    """
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why.code})
        return
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": why.title,
        "status": why.status,
        "code": why.code,
        "detail": why.detail,
        "errors": [],
        "request_id": scope.get("state", {}).get("request_id"),
    }
    # The body is not read to its end, so the connection cannot serve another request.
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    body = orjson.dumps(problem)
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": why.status, "headers": headers})
    if rest is not None:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await rest.drain()
        body = b""
    await send({"type": "http.response.body", "body": body})

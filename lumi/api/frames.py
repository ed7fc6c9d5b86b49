"""Frames of a socket: JSON objects, bounded, the first one within seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import IntEnum
from typing import cast

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

FIRST_FRAME_SECONDS = 5.0
LONGEST_FRAME = 64 * 1024


class Close(IntEnum):
    """Why a socket is closed."""

    NORMAL = 1000
    GOING_AWAY = 1001
    POLICY = 1008
    TOO_BIG = 1009
    TRY_LATER = 1013
    TOKEN = 4001


class Closed(Exception):
    """This socket ends now, for this reason."""

    def __init__(self, code: Close) -> None:
        self.code = code
        super().__init__(code.name)


class Frames:
    """One socket, spoken to in JSON objects."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._sending = asyncio.Lock()

    async def first(self) -> Mapping[str, object]:
        """The opening frame; raises Closed when it is late or not one of authentication."""
        try:
            async with asyncio.timeout(FIRST_FRAME_SECONDS):
                frame = await self.next()
        except TimeoutError:
            raise Closed(Close.POLICY) from None
        if frame.get("type") != "auth" or not isinstance(frame.get("token"), str):
            raise Closed(Close.POLICY)
        return frame

    async def next(self) -> Mapping[str, object]:
        """The next frame; raises Closed for what is too big or no JSON object, WebSocketDisconnect at the end."""
        try:
            text = await self._socket.receive_text()
        except KeyError:  # starlette: a binary frame has no text
            raise Closed(Close.POLICY) from None
        if len(text.encode()) > LONGEST_FRAME:
            raise Closed(Close.TOO_BIG)
        try:
            frame: object = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closed(Close.POLICY) from None
        if not isinstance(frame, dict):
            raise Closed(Close.POLICY)
        return cast("dict[str, object]", frame)

    async def send(self, frame: Mapping[str, object]) -> None:
        """Send one frame; a peer that is gone raises WebSocketDisconnect."""
        async with self._sending:
            try:
                await self._socket.send_text(orjson.dumps(frame, default=str).decode())
            except RuntimeError as error:  # starlette: the socket was closed under us
                raise WebSocketDisconnect(Close.GOING_AWAY) from error

    async def close(self, code: Close) -> None:
        """End the conversation; nothing happens when it has ended already."""
        try:
            await self._socket.close(code)
        except RuntimeError:
            return


async def together(*loops: asyncio.Task[None]) -> None:
    """Run the loops of a socket until one ends; raises what ended it."""
    try:
        done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in loops:
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

"""A socket as a test speaks on it: JSON frames, and all that was heard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

Frame = dict[str, object]
WIDGET = "/v1/widget/socket"
CONSOLE = "/v1/console/socket"
PATIENCE_SECONDS = 45.0
# Longer than a note takes to arrive, which is a few milliseconds.
SILENCE_SECONDS = 0.25


@dataclass(slots=True)
class Talk:
    """One open socket."""

    socket: ClientConnection
    heard: list[str] = field(default_factory=list[str])

    async def say(self, frame: Frame) -> None:
        """Send a frame."""
        await self.socket.send(json.dumps(frame, default=str))

    async def next(self) -> Frame:
        """The next frame; raises TimeoutError, or ConnectionClosed."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            text = str(await self.socket.recv())
        self.heard.append(text)
        return cast("Frame", json.loads(text))

    async def until(self, kind: str, **values: object) -> Frame:
        """The next frame of this kind with these values."""
        while True:
            found = await self.next()
            if found["type"] == kind and all(found.get(key) == value for key, value in values.items()):
                return found

    async def rest(self) -> None:
        """Hear whatever still comes, until nothing does."""
        while True:
            try:
                self.heard.append(str(await asyncio.wait_for(self.socket.recv(), SILENCE_SECONDS)))
            except TimeoutError:
                return

    async def closed_with(self) -> int:
        """The code the other side closes with, whatever it says before."""
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await self._hear_all()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code

    async def _hear_all(self) -> None:
        while True:
            await self.next()


@asynccontextmanager
async def talk(port: int, path: str, token: str) -> AsyncGenerator[Talk]:
    """A socket that has said who it is."""
    async with websockets.connect(f"ws://127.0.0.1:{port}{path}", compression=None) as socket:
        opened = Talk(socket)
        await opened.say({"type": "auth", "token": token})
        yield opened

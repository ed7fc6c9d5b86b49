"""Somebody on a page that shows the widget, over a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection

from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant

Frame = dict[str, object]
SITE = "https://www.salon.example"


@dataclass
class Visitor:
    """Somebody on a page that shows the widget."""

    socket: ClientConnection

    async def say(self, frame: Frame) -> None:
        await self.socket.send(json.dumps(frame))

    async def frame(self, *kinds: str) -> Frame:
        """The next frame of one of these kinds."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = cast("Frame", json.loads(await self.socket.recv()))
                if found["type"] in kinds:
                    return found

    async def write(self, text: str, key: str | None = None) -> str:
        key = key or str(uuid4())
        await self.say({"type": "message", "id": key, "text": text})
        return key

    async def reply(self) -> Frame:
        """The next message that is not the visitor's own."""
        while (found := await self.frame("message"))["author"] == "contact":
            continue
        return found


@dataclass
class Site:
    """A tenant's widget, served."""

    tenant: Tenant
    port: int
    client: AsyncClient
    database: Database

    async def session(self, token: object = None, identity: str | None = None) -> Frame:
        answer = await self.ask({"token": token, "identity": identity})
        assert answer.status_code == 200, answer.text
        return cast("Frame", answer.json())

    async def ask(self, body: Frame) -> Response:
        """Ask for a session from the tenant's page."""
        return await self.client.post(f"/v1/widget/{self.tenant.slug}/session", json=body, headers={"Origin": SITE})

    @asynccontextmanager
    async def visit(self, token: object, origin: str = SITE) -> AsyncGenerator[Visitor]:
        url = f"ws://127.0.0.1:{self.port}/v1/widget/socket"
        async with websockets.connect(url, origin=websockets.Origin(origin), compression=None) as socket:
            visitor = Visitor(socket)
            await visitor.say({"type": "auth", "token": token})
            yield visitor

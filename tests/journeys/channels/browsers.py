"""Somebody in a browser with the widget: what a provider's twin is for the channels of others."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast
from uuid import uuid4

import aiohttp

from lumi.modules.channels.public import Channel
from tests.journeys.channels.sites import Provider

Frame = dict[str, object]
# Frames of one visit that are waited for; nothing here says so many.
_MOST_FRAMES = 200


@dataclass(frozen=True)
class Browser(Provider):
    """A page that shows the widget. It sends again what was not acknowledged, under the same id."""

    visit: Frame = field(default_factory=dict[str, object])

    async def enter(self, address: str, slug: str) -> None:
        """Open the page of an organisation."""
        async with (
            aiohttp.ClientSession(address) as session,
            session.post(f"/v1/widget/{slug}/session", json={}) as made,
        ):
            told: Frame = await made.json()
            assert made.status == 200, told
        self.visit.update(address=address, token=told["token"])

    async def write(self, text: str, **more: object) -> str:
        """The visitor writes, as often as faults want it; returns the id of it."""
        key = str(uuid4())
        async with self._socket() as socket:
            for _ in range(1 + cast("int", self.visit.get("repeats", 0))):
                await socket.send_json({"type": "message", "id": key, "text": text, **more})
                assert (await _frames(socket, "ack"))[-1]["id"] == key
        return key

    async def faults(self, **wishes: object) -> None:
        """Acknowledgements may be lost; nothing else of a browser is between us and its visitor."""
        assert wishes.keys() <= {"duplicate_webhooks"}, wishes
        self.visit["repeats"] = wishes.get("duplicate_webhooks", 0)

    async def heard(self) -> list[str]:
        """What the page shows of ours after it was loaded again, in order."""
        async with self._socket() as socket:
            await socket.send_json({"type": "resume", "after": 0})
            shown = await _frames(socket, "resumed")
        ours = [each for each in shown if each["type"] == "message" and each["author"] != "contact"]
        return [str(each["text"]) for each in ours]

    @asynccontextmanager
    async def _socket(self) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
        async with (
            aiohttp.ClientSession(str(self.visit["address"])) as session,
            session.ws_connect("/v1/widget/socket") as socket,
        ):
            await socket.send_json({"type": "auth", "token": self.visit["token"]})
            await _frames(socket, "ready")
            yield socket


async def _frames(socket: aiohttp.ClientWebSocketResponse, last: str) -> list[Frame]:
    """What comes, up to the first frame of this kind."""
    seen: list[Frame] = []
    while len(seen) < _MOST_FRAMES:
        seen.append(cast("Frame", await socket.receive_json(timeout=10)))
        if seen[-1]["type"] == last:
            return seen
    raise AssertionError(f"no {last} came")


@asynccontextmanager
async def web() -> AsyncGenerator[Browser]:
    """The web widget."""
    yield Browser(Channel.WEB, "", "", {}, "visitor")

"""The phone at the other end of the line, over HTTP: what the demo's phone page does."""

from typing import cast

import aiohttp

Seen = dict[str, object]


class Phone:
    """Writes as a person, and looks at what the person sees."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, path: str, wishes: Seen, expect: int = 200) -> Seen:
        async with self._session.post(f"/_twin/{path}", json=wishes) as answer:
            assert answer.status == expect
            return await answer.json()

    async def get(self, path: str, **query: str | int) -> Seen:
        async with self._session.get(f"/_twin/{path}", params=query) as answer:
            assert answer.status == 200
            return await answer.json()

    async def bubbles(self, peer: str, **query: str | int) -> list[Seen]:
        return cast("list[Seen]", (await self.get("messages", peer=peer, **query))["messages"])

    async def texts(self, peer: str, **query: str | int) -> list[str]:
        return [cast("str", each["text"]) for each in await self.bubbles(peer, **query)]

    async def write(self, peer: str, text: str, **more: object) -> str:
        return cast("str", (await self.post("inbound", {"from": peer, "text": text, **more}))["id"])

"""A visitor in a browser, who sends files."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from sqlalchemy import text as sql

from tests import factories
from tests.journeys.visiting import PATIENCE_SECONDS, SITE, Frame, Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from httpx2 import Response

READY = "select state, name, kind from attachment where state <> 'waiting'"
NOTHING = "select 1 from event union all select 1 from stored_file"


@dataclasses.dataclass
class Guest:
    """A visitor in a browser."""

    site: Site
    token: str

    async def send(
        self, content: bytes, name: str = "photo.png", mime: str = "image/png", *, key: object = None,
        words: str | None = None, headers: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        """Send a file, as the widget does."""
        said = {} if words is None else {"text": words}
        own = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(key or uuid4()), "Origin": SITE}
        return await self.site.client.post(
            "/v1/widget/files", data=said, files={"file": (name, content, mime)}, headers={**own, **(headers or {})}
        )

    async def rows(self, statement: str) -> Sequence[tuple[object, ...]]:
        async with factories.begin_work(self.site.database, self.site.tenant) as ctx:
            return [tuple(row) for row in (await ctx.session.execute(sql(statement))).all()]

    async def until(self, statement: str) -> Sequence[tuple[object, ...]]:
        """The rows of it, once there are any."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := await self.rows(statement)):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.05)
        return found

    async def shown(self) -> list[Frame]:
        """The messages of the visitor's page, loaded again."""
        session = await self.site.session(self.token)
        found: list[Frame] = []
        async with self.site.visit(session["token"]) as visitor:
            await visitor.say({"type": "resume", "after": 0})
            while (frame := await visitor.frame("message", "resumed"))["type"] == "message":
                found.append(frame)
        return found


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


def file_of(frame: Frame) -> Frame:
    (file,) = cast("list[Frame]", frame["files"])
    return file

"""Who writes to whom in these tests, and how."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import aiohttp

from lumi.integrations.mail.composing import compose, new_message_id
from lumi.integrations.mail.headers import Address

ADDRESS = "salon@lumi.example"
OTHER = "hotel@lumi.example"
GUEST = "anais@guest.example"
Seen = dict[str, object]


def answer(
    text: str = "Bonjour",
    *,
    subject: str = "Rendez-vous",
    to: str = GUEST,
    message_id: str | None = None,
    chain: Sequence[str] = (),
    at: datetime | None = None,
) -> bytes:
    """A mail of the salon."""
    return compose(
        sender=Address(ADDRESS, "Salon"),
        to=Address(to),
        subject=subject,
        text=text,
        message_id=message_id or new_message_id("lumi.example"),
        at=at or datetime(2026, 11, 20, 10, 33, tzinfo=UTC),
        chain=chain,
        automatic=True,
    )


class Writer:
    """What a person at the twin does, over HTTP."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, path: str, wishes: Seen, expect: int = 200) -> Seen:
        async with self._session.post(f"/_twin/{path}", json=wishes) as answered:
            assert answered.status == expect, await answered.text()
            return await answered.json()

    async def get(self, path: str, **query: str | int) -> Seen:
        async with self._session.get(f"/_twin/{path}", params=query) as answered:
            assert answered.status == 200, await answered.text()
            return await answered.json()

    async def write(self, text: str = "Bonjour ?", **wishes: object) -> dict[str, str]:
        """A mail of the guest arrives; its ids."""
        whole = {"from": GUEST, "name": "Anaïs", "subject": "Rendez-vous", "text": text, **wishes}
        return cast("dict[str, str]", await self.post("inbound", whole))

    async def texts(self, peer: str = GUEST, **query: str | int) -> list[str]:
        shown = cast("list[dict[str, str]]", (await self.get("messages", peer=peer, **query))["messages"])
        return [each["text"] for each in shown]

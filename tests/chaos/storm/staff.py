"""Staff: they sign in as anybody does, see what nobody knows the end of, and send it again; all of it over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import aiohttp

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Staff:
    """Somebody of an organisation, who knows one address of the house."""

    url: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """A delivery that staff are shown as unknown, and what sends it again."""

    id: str
    conversation_id: str
    message_id: str


async def shown_unknown(everybody: Sequence[Staff]) -> list[Shown]:
    """What these people are shown, of every account of theirs and on every page."""
    return [each for staff in everybody for each in await _asked(staff)]


async def send_again(everybody: Sequence[Staff]) -> list[str]:
    """Let all of it leave again, each message once; returns what was refused, in words."""
    refused: list[str] = []
    for staff in everybody:
        shown = await _asked(staff)
        async with _signed_in(staff) as session:
            for conversation, message in dict.fromkeys((each.conversation_id, each.message_id) for each in shown):
                path = f"/v1/conversations/{conversation}/messages/{message}/send-again"
                async with session.post(path) as answer:
                    if answer.status >= 300:
                        refused.append(f"{path} answered {answer.status}: {(await answer.text())[:300]}")
    return refused


async def _asked(staff: Staff) -> list[Shown]:
    found: list[Shown] = []
    async with _signed_in(staff) as session:
        for account in await _items(session, "/v1/channels"):
            for each in await _items(session, f"/v1/channels/{account['id']}/deliveries", state="unknown"):
                found.append(Shown(str(each["id"]), str(each["conversation_id"]), str(each["message_id"])))
    return found


async def _items(session: aiohttp.ClientSession, path: str, **query: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        asked = {**query, "limit": "100", **({"cursor": cursor} if cursor else {})}
        async with session.get(path, params=asked) as answer:
            answer.raise_for_status()
            page = await answer.json()
        found += cast("list[dict[str, object]]", page["items"])
        cursor = page["next"]
        if cursor is None:
            return found


@asynccontextmanager
async def _signed_in(staff: Staff) -> AsyncGenerator[aiohttp.ClientSession]:
    body = {"email": staff.email, "password": staff.password}
    until = time.monotonic() + PATIENCE_SECONDS
    while True:  # the process that answers may just have been killed
        try:
            async with (
                aiohttp.ClientSession(staff.url) as session,
                session.post("/v1/auth/sign-in", json=body) as answer,
            ):
                answer.raise_for_status()
                token = (await answer.json())["access_token"]
            break
        except aiohttp.ClientConnectionError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)
    async with aiohttp.ClientSession(staff.url, headers={"Authorization": f"Bearer {token}"}) as session:
        yield session

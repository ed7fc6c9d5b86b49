"""How an address shows that it wants a twin's events, and what follows each message."""

from __future__ import annotations

from typing import Protocol, cast

import aiohttp
from aiohttp import web

from lumi.core.outside_json import as_text
from lumi.integrations.twin.control import Refused, object_in
from lumi.integrations.twin.poster import Poster

_CHALLENGE = "1158201444"
_PAUSE_SETTING = "status_pause_ms"


class StatusSettings(Protocol):
    """What is set about statuses."""

    statuses: tuple[str, ...]
    status_pause_ms: float


async def subscribe(poster: Poster, request: web.Request) -> object:
    """Post to `url` from now on; with a `verify_token`, only once it echoes a challenge as it should."""
    wishes = await object_in(request)
    url = as_text(wishes.get("url"))
    token = as_text(wishes.get("verify_token"))
    if url and token is not None and not await echoes(url, token):
        raise Refused("the webhook did not echo the challenge")
    poster.url = url
    return {"url": url}


async def set_statuses(settings: StatusSettings, request: web.Request) -> object:
    """Which `statuses` follow each message, and how many `status_pause_ms` apart."""
    wishes = await object_in(request)
    names = wishes.get("statuses")
    if isinstance(names, list):
        settings.statuses = tuple(str(each) for each in cast("list[object]", names))
    pause = wishes.get(_PAUSE_SETTING)
    if isinstance(pause, int | float):
        settings.status_pause_ms = float(pause)
    return {"statuses": settings.statuses, _PAUSE_SETTING: settings.status_pause_ms}


async def echoes(url: str, verify_token: str) -> bool:
    """Whether the address answers a challenge under this token as a subscriber does."""
    query = {"hub.mode": "subscribe", "hub.challenge": _CHALLENGE, "hub.verify_token": verify_token}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(url, params=query, allow_redirects=False) as answer,
        ):
            return answer.status == 200 and await answer.text() == _CHALLENGE
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False

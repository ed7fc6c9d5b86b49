"""The simulated phone: what a person sees and writes on WhatsApp, asked of the twin."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel

from lumi.core.errors import DependencyUnavailable, NotFound
from lumi.core.http import Http
from lumi.core.http.failures import OutsideFailure
from lumi.demo import keys

_TARGET = "whatsapp-twin"
_ANSWER_SECONDS = 5.0


class PhoneMessage(BaseModel):
    """One bubble of the phone: `in` from the person to the organisation, `out` back to the phone."""

    seq: int
    direction: Literal["in", "out"]
    text: str
    status: str | None
    at: datetime


class PhoneChat(BaseModel):
    """The bubbles after a number, and the number of the newest."""

    items: list[PhoneMessage]
    last: int


class _Bubble(BaseModel):
    n: int
    mine: bool
    text: str | None
    state: str
    at: float


class _Chat(BaseModel):
    messages: list[_Bubble]
    last: int
    version: int


class Phone:
    """Phones at the twins of one installation."""

    def __init__(self, http: Http, home: Path) -> None:
        self._http, self._home = http, home

    async def write(self, slug: str, *, sender: str, name: str, text: str) -> None:
        """Write to an organisation as the owner of this number; raises DependencyUnavailable without a twin."""
        await self._ask(slug, "POST", "inbound", json={"from": sender, "name": name, "text": text})

    async def read(self, slug: str, *, peer: str, after: int, wait: float) -> PhoneChat:
        """The chat after bubble `after`; without any, waits up to so many seconds for one."""
        until = time.monotonic() + wait
        chat = await self._chat(slug, "messages", peer=peer, after=after)
        while not chat.messages and (left := until - time.monotonic()) >= 1:
            chat = await self._chat(
                slug, "messages/wait", peer=peer, after=after, version=chat.version, timeout=int(left)
            )
        return PhoneChat(items=[_message(each) for each in chat.messages], last=chat.last)

    async def _chat(self, slug: str, call: str, **query: str | int) -> _Chat:
        return _Chat.model_validate_json(await self._ask(slug, "GET", call, query=query))

    async def _ask(
        self,
        slug: str,
        method: str,
        call: str,
        *,
        query: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> bytes:
        url = f"{self._base(slug)}/_twin/{call}?{urlencode(query or {})}"
        patience = _ANSWER_SECONDS + float((query or {}).get("timeout", 0))
        try:
            answer = await self._http.request(_TARGET, method, url, json=json, timeout=patience)
        except OutsideFailure as failure:
            raise DependencyUnavailable("The simulated WhatsApp is not running: `lumi up` starts it.") from failure
        return answer.body

    def _base(self, slug: str) -> str:
        kept = keys.find(self._home)
        if kept is None or kept.player(slug) is None:
            raise NotFound
        return kept.twin_url(slug)


def _message(bubble: _Bubble) -> PhoneMessage:
    return PhoneMessage(
        seq=bubble.n,
        direction="in" if bubble.mine else "out",
        text=bubble.text or "",
        status=bubble.state,
        at=datetime.fromtimestamp(bubble.at, UTC),
    )

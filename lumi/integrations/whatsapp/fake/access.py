"""Who may ask the twin for what, and how it answers: the same for all calls of the Graph API."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from lumi.core import clock
from lumi.integrations.whatsapp.fake.graph import GraphError, unknown_object, wrong_token
from lumi.integrations.whatsapp.fake.twin import Twin

_VERSION = re.compile(r"v\d+\.\d+")
_HANG_SECONDS = 300.0
DONE = orjson.dumps({"success": True})


class Access:
    """The token and the names of one twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._authorization = f"Bearer {twin.settings.token}".encode()

    def check(self, request: web.Request) -> None:
        """Let nobody in without the token, or to an address that is none."""
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._authorization):
            raise wrong_token()
        name = request.match_info.get("version")
        if name is not None and not _VERSION.fullmatch(name):
            raise unknown_object(name)

    def number(self, request: web.Request) -> str:
        """The phone number id in the address, which is one of ours."""
        self.check(request)
        number = request.match_info["object"]
        if number not in self._twin.settings.numbers:
            raise unknown_object(number)
        return number

    def account(self, request: web.Request) -> str:
        """The business account in the address, which is ours."""
        self.check(request)
        account = request.match_info["object"]
        if account != self._twin.settings.waba_id:
            raise unknown_object(account)
        return account

    async def fail_first(self) -> None:
        """Misbehave in the way that was asked for, with nothing taken."""
        faults, dice = self._twin.faults, self._twin.dice
        if dice.falls(faults.hang_rate):
            await asyncio.sleep(_HANG_SECONDS)
        if dice.falls(faults.fail_rate):
            raise GraphError(faults.status, faults.error_code, "Simulated failure")

    async def fail_afterwards(self, request: web.Request, answer: bytes, message_id: str | None = None) -> web.Response:
        """The answer, late or not at all when that was asked for; a cut line of a message is written down."""
        faults, dice = self._twin.faults, self._twin.dice
        if faults.delay_ms:
            await asyncio.sleep(faults.delay_ms / 1000)
        if dice.falls(faults.disconnect_after_accept_rate) and request.transport is not None:
            if message_id is not None:
                self._twin.ledger.cut(message_id, clock.now().timestamp())
            request.transport.abort()
        return json_answer(answer)


def refusing(
    handler: Callable[[web.Request], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler, whose refusals are answered as the Graph API does."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except GraphError as error:
            return json_answer(error.body, error.status)

    return answer


def json_answer(body: bytes, status: int = 200) -> web.Response:
    """An answer of the Graph API."""
    return web.Response(body=body, status=status, content_type="application/json")


def base_of(request: web.Request, end: str) -> str:
    """The address of the twin itself, when the request's ends like this."""
    return f"{request.scheme}://{request.host}{request.path.removesuffix(end)}"

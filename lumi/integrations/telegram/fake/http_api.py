"""The side of the twin that a bot's server talks to: the Bot API over HTTP, and its files."""

from __future__ import annotations

import asyncio
import hmac
import re

from aiohttp import web

from lumi.core import clock
from lumi.integrations.telegram.fake.arguments import arguments_of
from lumi.integrations.telegram.fake.bot import Bot
from lumi.integrations.telegram.fake.methods import METHODS, Answered
from lumi.integrations.telegram.fake.refusal import ApiError, moved, too_many
from lumi.integrations.telegram.fake.twin import Twin
from lumi.integrations.telegram.fake.wire import to_bytes

_TOKEN = re.compile(r"[1-9][0-9]{0,15}:[A-Za-z0-9_-]{24,80}")
_HANG_SECONDS = 300.0


class HttpApi:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached; the last one is for whatever is nowhere."""
        return [
            web.get("/file/bot{token}/{path:.+}", self.give_file),
            web.get("/bot{token}/{method}", self.call),
            web.post("/bot{token}/{method}", self.call),
            web.route("*", "/{nothing:.*}", self.refuse),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """Do what was asked for, or fail in the way that was asked for."""
        try:
            bot = self._admit(request.match_info["token"])
            method = METHODS.get(request.match_info["method"].lower())
            if method is None:
                raise ApiError(404, "Not Found: method not found")
            asked = await arguments_of(request)
            if method.shows:
                await self._fail_first()
            answered = await method.run(self._twin, bot, asked)
        except ApiError as error:
            self._twin.counts["refused"] += 1
            return _refusal(error)
        except web.HTTPRequestEntityTooLarge:
            return _refusal(ApiError(413))
        if method.shows:
            await self._fail_afterwards(request, answered)
        return _success(answered)

    async def give_file(self, request: web.Request) -> web.Response:
        """The content of a file."""
        try:
            self._admit(request.match_info["token"])
        except ApiError:
            return _refusal(ApiError(404))
        kept = self._twin.files.at(request.match_info["path"])
        if kept is None:
            return _refusal(ApiError(404))
        return web.Response(body=kept.content, content_type="application/octet-stream")

    async def refuse(self, _request: web.Request) -> web.Response:
        """There is nothing here."""
        return _refusal(ApiError(404))

    def _admit(self, token: str) -> Bot:
        if not _TOKEN.fullmatch(token):
            raise ApiError(404)
        for known, bot in self._twin.bots.items():
            if hmac.compare_digest(known.encode(), token.encode()):
                return bot
        raise ApiError(401)

    async def _fail_first(self) -> None:
        faults, dice = self._twin.faults, self._twin.dice
        if dice.falls(faults.hang_rate):
            await asyncio.sleep(_HANG_SECONDS)
        if dice.falls(faults.fail_rate):
            raise ApiError(faults.status, code=faults.error_code)
        if dice.falls(faults.rate_limit_rate):
            raise too_many(faults.retry_after)
        if dice.falls(faults.migrate_rate):
            raise moved(faults.migrate_to)

    async def _fail_afterwards(self, request: web.Request, answered: Answered) -> None:
        faults, dice = self._twin.faults, self._twin.dice
        if faults.delay_ms:
            await asyncio.sleep(faults.delay_ms / 1000)
        if dice.falls(faults.disconnect_after_accept_rate) and request.transport is not None:
            if answered.taken is not None:
                self._twin.ledger.cut(answered.taken, clock.now().timestamp())
            request.transport.abort()


def _success(answered: Answered) -> web.Response:
    body: dict[str, object] = {"ok": True, "result": answered.result}
    if answered.note is not None:
        body["description"] = answered.note
    return web.Response(body=to_bytes(body), content_type="application/json")


def _refusal(error: ApiError) -> web.Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
    return web.Response(body=error.body, status=error.status, headers=headers, content_type="application/json")

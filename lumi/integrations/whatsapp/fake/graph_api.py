"""The side of the twin that a business talks to: the Graph API's two calls."""

import asyncio
import hmac
import re

import orjson
from aiohttp import web

from lumi.integrations.whatsapp.fake.graph import (
    GraphError,
    Outgoing,
    ReadNotice,
    read_post,
    unknown_object,
    wrong_token,
)
from lumi.integrations.whatsapp.fake.twin import Twin
from lumi.integrations.whatsapp.identity import is_user_id

_VERSION = re.compile(r"v\d+\.\d+")
_HANG_SECONDS = 300.0
_DONE = orjson.dumps({"success": True})


class GraphApi:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._authorization = f"Bearer {twin.settings.token}".encode()

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/{version}/{number}/messages", self.post_message),
            web.get("/{version}/{number}", self.show_number),
        ]

    async def show_number(self, request: web.Request) -> web.Response:
        """The number, as the Graph API describes it."""
        try:
            number = self._admit(request)
        except GraphError as error:
            return _refusal(error)
        shown = self._twin.settings.numbers[number]
        body = {"id": number, "display_phone_number": shown, "verified_name": f"Twin {number[-4:]}"}
        return _json(orjson.dumps(body))

    async def post_message(self, request: web.Request) -> web.Response:
        """Take a message or a read notice, or fail in the way that was asked for."""
        try:
            number = self._admit(request)
            asked = read_post(await request.read())
            await self._fail_first()
        except GraphError as error:
            self._twin.counts["refused"] += 1
            return _refusal(error)
        if isinstance(asked, ReadNotice):
            self._twin.notice(asked)
            answer = _DONE
        else:
            answer = self._take(number, asked)
        return await self._fail_afterwards(request, answer)

    def _admit(self, request: web.Request) -> str:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._authorization):
            raise wrong_token()
        number = request.match_info["number"]
        if not _VERSION.fullmatch(request.match_info["version"]) or number not in self._twin.settings.numbers:
            raise unknown_object(number)
        return number

    def _take(self, number: str, message: Outgoing) -> bytes:
        message_id, person = self._twin.accept(number, message)
        contact = {"input": message.given}
        if not is_user_id(message.given):
            contact["wa_id"] = message.address
        if person.user_id:
            contact["user_id"] = person.user_id
        sent = {"id": message_id, "message_status": "accepted"}
        return orjson.dumps({"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]})

    async def _fail_first(self) -> None:
        faults, dice = self._twin.faults, self._twin.dice
        if dice.falls(faults.hang_rate):
            await asyncio.sleep(_HANG_SECONDS)
        if dice.falls(faults.fail_rate):
            raise GraphError(faults.status, faults.error_code, "Simulated failure")

    async def _fail_afterwards(self, request: web.Request, answer: bytes) -> web.Response:
        faults, dice = self._twin.faults, self._twin.dice
        if faults.delay_ms:
            await asyncio.sleep(faults.delay_ms / 1000)
        if dice.falls(faults.disconnect_after_accept_rate) and request.transport is not None:
            request.transport.abort()
        return _json(answer)


def _refusal(error: GraphError) -> web.Response:
    return _json(error.body, error.status)


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")

"""What every call to the twin goes through: its key, and the faults that were asked for."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from lumi.integrations.speech.errors import ProgramMissing
from lumi.integrations.speech.fake import refusals
from lumi.integrations.speech.fake.refusals import ApiError
from lumi.integrations.speech.fake.twin import Twin

_HANG_SECONDS = 300.0
_PAGE = "<html><body><h1>Welcome</h1></body></html>"

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Misbehaving:
    """Wraps handlers; they raise ApiError for what they refuse."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def guarded(self, handler: Handler, *, keyed: bool = True) -> Handler:
        """The handler behind the key, with faults before and after it."""

        async def answer(request: web.Request) -> web.Response:
            try:
                if keyed:
                    self._admit(request)
                await self._fail_first()
                made = await handler(request)
            except ApiError as error:
                self._twin.counts["refused"] += 1
                return error.answer(self._twin.faults.retry_after)
            except ProgramMissing as lack:
                return ApiError(503, lack.details, kind="server_error").answer()
            return await self._fail_afterwards(request, made)

        return answer

    def _admit(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        if not given:
            raise refusals.no_key()
        expected = f"Bearer {self._twin.settings.token}".encode()
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected):
            raise refusals.wrong_key()

    async def _fail_first(self) -> None:
        faults, dice = self._twin.faults, self._twin.dice
        if dice.falls(faults.hang_rate):
            await asyncio.sleep(_HANG_SECONDS)
        if dice.falls(faults.fail_rate):
            raise refusals.simulated(faults.status, faults.error_code)

    async def _fail_afterwards(self, request: web.Request, made: web.Response) -> web.Response:
        faults, dice = self._twin.faults, self._twin.dice
        if faults.delay_ms:
            await asyncio.sleep(faults.delay_ms / 1000)
        if dice.falls(faults.disconnect_after_accept_rate) and request.transport is not None:
            request.transport.abort()
        if dice.falls(faults.garbled_rate):
            return web.Response(text=_PAGE, content_type="text/html")
        return made

"""A webhook as Meta's systems know it: it answers their question, and every body is signed."""

from dataclasses import dataclass

from aiohttp import web

from lumi.integrations.graph.signature import HEADER, challenge, verify
from tests.integrations.listening import Listener


@dataclass(kw_only=True)
class SignedListener(Listener):
    """A listener that knows its app's secret and its verify token."""

    app_secret: str
    verify_token: str
    badly_signed: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            echo = challenge(request.query, self.verify_token)
            return web.Response(text=echo) if echo else web.Response(status=403)
        return await super().handle(request)

    def hear(self, request: web.Request, body: bytes) -> None:
        if not verify(self.app_secret, body, request.headers.get(HEADER)):
            self.badly_signed += 1

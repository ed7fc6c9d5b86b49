"""Puts a twin on a port, inside this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from lumi.integrations.s3.fake.twin import Refusal, Twin, TwinSettings
from lumi.integrations.twin.serving import LOOPBACK, listening

_LARGEST_BYTES = 1 << 30
_ERROR = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{0}</Code><Message>{0}</Message></Error>'


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin and the address it answers at, without a trailing slash."""

    twin: Twin
    url: str


def application(twin: Twin) -> web.Application:
    """The twin as an aiohttp application."""

    async def serve(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            answer = twin.answer(request, body)
        except Refusal as refusal:
            answer = web.Response(
                status=refusal.status, text=_ERROR.format(refusal.code), content_type="application/xml"
            )
        if twin.settings.hang_up > 0 and request.transport is not None:
            twin.settings.hang_up -= 1
            request.transport.abort()
        return answer

    app = web.Application(client_max_size=_LARGEST_BYTES)
    app.router.add_route("*", "/{path:.*}", serve)
    return app


@asynccontextmanager
async def running(
    settings: TwinSettings | None = None, host: str = LOOPBACK, port: int = 0
) -> AsyncGenerator[RunningTwin]:
    """A twin that serves while the block lasts."""
    twin = Twin(settings or TwinSettings())
    async with listening(application(twin), host, port) as url:
        yield RunningTwin(twin, url)

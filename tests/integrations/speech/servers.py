"""Servers that answer as a test says."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from aiohttp import web

from tests.integrations.listening import serving


def answering(status: int, body: bytes) -> AbstractAsyncContextManager[str]:
    """A server that answers everything with this."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(status=status, body=body)

    return serving(answer)

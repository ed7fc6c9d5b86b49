"""The web server of `lumi serve`: behind a proxy it gives notice before it stops."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from lumi.core import leaving

# Longer than a proxy takes to ask `/readyz` again; deploy/caddy/Caddyfile asks every second.
NOTICE_SECONDS = 2.0
_LOOK_SECONDS = 0.05


class WebServer(uvicorn.Server):
    """Serves as ever for `notice_seconds` after it was told to stop, and says on `/readyz` that it is leaving.

    A kept connection that is closed while a proxy writes a POST into it costs that request: no proxy may send it
    twice. So connections end with an answer, and the proxy has gone elsewhere before the rest are closed.
    A second Ctrl-C ends the notice.
    """

    def __init__(self, config: uvicorn.Config, *, notice_seconds: float) -> None:
        super().__init__(config)
        self._notice_seconds = notice_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Give notice, then stop accepting, answer what was taken, and let go of everything."""
        leaving.begin()
        for _ in range(round(self._notice_seconds / _LOOK_SECONDS)):
            if not self.force_exit:
                await asyncio.sleep(_LOOK_SECONDS)
        await super().shutdown(sockets)

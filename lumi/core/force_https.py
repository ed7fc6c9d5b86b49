"""FORCE_HTTPS: plain requests are sent to the same place over TLS."""

from collections.abc import Collection
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send


class ForceHttps:
    """Redirects plain HTTP (308, so that a POST stays one) and closes plain sockets; `open_paths` are served as asked.

    What is plain is for the server to say: it believes the X-Forwarded-Proto of trusted proxies only.
    """

    def __init__(self, app: ASGIApp, *, open_paths: Collection[str]) -> None:
        self._app = app
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket that came over TLS."""
        plain = scope["type"] != "lifespan" and scope.get("scheme", "http") in {"http", "ws"}
        if not plain or scope["path"] in self._open_paths:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "https_only"})
        else:
            await self._redirect(scope, send)

    async def _redirect(self, scope: Scope, send: Send) -> None:
        host = (Headers(scope=scope).get("host") or scope["server"][0]).encode("latin-1")
        # 80 is where plain HTTP is spoken; any other port says nothing of where TLS is
        name = host if host.endswith(b"]") else host.rpartition(b":")[0] or host
        asked: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        query: bytes = b"?" + scope["query_string"] if scope["query_string"] else b""
        headers = [(b"location", b"https://" + name + asked + query), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 308, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

"""What happens to every request before and after its route, as plain ASGI.

`wrap(app, settings)` puts the layers around a whole application, its own error pages included: request id,
access line and figures outermost, then headers, accepted hosts, CORS, and the size of the body.
"""

import re
import time
from collections.abc import Mapping
from typing import Protocol, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumi.core import leaving, metrics, redaction
from lumi.core.body_limit import BodyLimit
from lumi.core.errors import Forbidden, Malformed
from lumi.core.force_https import ForceHttps
from lumi.core.ids import new_id
from lumi.core.logging import correlation, get_logger
from lumi.core.refusing import header, refuse

_log = get_logger(__name__)

_SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PROBES = frozenset({"/livez", "/readyz", "/healthz", "/health/live", "/health/ready", "/metrics"})
_LONGEST_PATH = 200
_STRICT_POLICY = b"default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"


class EdgeSettings(Protocol):
    """The settings this reads."""

    public_url: str
    force_https: bool
    cors_origins: list[str]
    allowed_hosts: list[str]
    max_body_bytes: int
    max_webhook_bytes: int
    max_upload_bytes: int


def wrap(app: ASGIApp, settings: EdgeSettings) -> ASGIApp:
    """The application with all layers around it."""
    app = BodyLimit(
        app,
        most=settings.max_body_bytes,
        most_webhook=settings.max_webhook_bytes,
        most_upload=settings.max_upload_bytes,
    )
    if settings.cors_origins:
        app = Cors(app, origins=settings.cors_origins)
    if settings.force_https:
        app = ForceHttps(app, open_paths=_PROBES)
    if "*" not in settings.allowed_hosts:
        app = TrustedHosts(app, hosts=settings.allowed_hosts)
    app = SecurityHeaders(app, https=settings.force_https or settings.public_url.startswith("https://"))
    return RequestLog(app)


class RequestLog:
    """Gives each request its id, writes its access line and counts it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket; `request.state.request_id` and every log line carry its id."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        sent = header(scope, b"x-request-id")
        accepted = sent is not None and _SANE_REQUEST_ID.fullmatch(sent) is not None
        request_id = sent.decode() if sent is not None and accepted else new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        line = _SocketLine(scope, send) if scope["type"] == "websocket" else _HttpLine(scope, send, request_id)
        with correlation(request_id=request_id):
            done = False
            try:
                await self._app(scope, receive, line.send)
                done = True
            finally:
                line.write(failed=not done)


class _HttpLine:
    """The access line of one request, and its figures."""

    __slots__ = ("_request_id", "_scope", "_send", "_since", "_status")

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id.encode()
        self._since = time.perf_counter()
        self._status = "aborted"

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = str(message["status"])
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self._request_id)]
            if leaving.has_begun():
                message["headers"].append((b"connection", b"close"))
        await self._send(message)

    def write(self, *, failed: bool) -> None:
        scope, seconds = self._scope, time.perf_counter() - self._since
        if failed and self._status == "aborted":
            self._status = "500"
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        labels = (method, template(scope), self._status)
        metrics.HTTP_REQUESTS.labels(*labels).inc()
        metrics.HTTP_SECONDS.labels(*labels).observe(seconds)
        tell = _log.debug if scope["path"] in _PROBES else _log.info
        tell("request", method=method, path=_path(scope), status=self._status, ms=round(seconds * 1000, 2))


class _SocketLine:
    """The line written when a socket ends."""

    __slots__ = ("_ending", "_scope", "_send", "_since")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._since = time.perf_counter()
        self._ending: object = "by the other side"

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            self._ending = message.get("code", 1000)
        await self._send(message)

    def write(self, *, failed: bool) -> None:
        ending = "by a failure" if failed else self._ending
        seconds = round(time.perf_counter() - self._since, 3)
        _log.info("socket closed", path=_path(self._scope), closed=ending, seconds=seconds)


class SecurityHeaders:
    """Adds the strict headers a route did not set itself; the widget's frame sets its own policy."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self._app = app
        defaults = {
            b"content-security-policy": _STRICT_POLICY,
            b"x-content-type-options": b"nosniff",
            b"referrer-policy": b"strict-origin-when-cross-origin",
            b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
        if https:
            defaults[b"strict-transport-security"] = b"max-age=31536000"
        self._defaults = list(defaults.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; sockets pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                names = {name.lower() for name, _ in own}
                own.extend(default for default in self._defaults if default[0] not in names)
                message["headers"] = own
            await send(message)

        await self._app(scope, receive, send_with_headers)


class TrustedHosts:
    """Refuses a Host that is not ours (400), so that no link we make points elsewhere; probes may use any."""

    def __init__(self, app: ASGIApp, *, hosts: list[str]) -> None:
        self._app = app
        self._exact = frozenset(host.lower() for host in hosts if not host.startswith("*."))
        self._endings = tuple(host[1:].lower() for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket that is addressed to us."""
        if scope["type"] == "lifespan" or scope["path"] in _PROBES or self._is_ours(header(scope, b"host")):
            await self._app(scope, receive, send)
        else:
            await refuse(scope, send, Malformed("This host name is not served here."))

    def _is_ours(self, sent: bytes | None) -> bool:
        host = (sent or b"").decode("latin-1").lower()
        name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
        return name in self._exact or (bool(self._endings) and name.endswith(self._endings))


class Cors:
    """Lets pages of listed origins call us with credentials, or of any origin (`*`) without."""

    def __init__(self, app: ASGIApp, *, origins: list[str]) -> None:
        self._app = app
        self._any = "*" in origins
        self._origins = frozenset(origin.rstrip("/").lower().encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer preflights; add the headers to answers for pages of accepted origins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = header(scope, b"origin") or b""
        if origin and scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method") is not None:
            await self._preflight(scope, send, origin)
        else:
            await self._app(scope, receive, _adding(send, self._granted(origin)))

    def _granted(self, origin: bytes) -> list[tuple[bytes, bytes]]:
        if self._any:
            return [(b"access-control-allow-origin", b"*"), _EXPOSED]
        if origin.lower() not in self._origins:
            # Also when no origin came: a cache must not hand this answer to a page that has one.
            return [(b"vary", b"Origin")]
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
            _EXPOSED,
        ]

    async def _preflight(self, scope: Scope, send: Send, origin: bytes) -> None:
        if not self._any and origin.lower() not in self._origins:
            await refuse(scope, send, Forbidden("Pages of this origin may not call this API."))
            return
        headers = [*self._granted(origin), *_PREFLIGHT]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


_EXPOSED = (b"access-control-expose-headers", b"ETag, Location, Retry-After, X-Request-ID")
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-ID",
    ),
    (b"access-control-max-age", b"600"),
)


def template(scope: Scope) -> str:
    """The path as its route declares it, `/v1/things/{id}`: a closed set, fit for a label."""
    inner: Mapping[str, object] = scope.get("fastapi") or {}
    included = inner.get("effective_route_context")
    for route in (getattr(included, "starlette_route", None), included, scope.get("route")):
        path: object = getattr(route, "path_format", None)
        if isinstance(path, str):
            return path
    if scope.get("root_path"):
        return f"{scope['root_path']}/*"
    return scope["path"] if "endpoint" in scope and not scope.get("path_params") else "unmatched"


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    for name, value in cast("Mapping[str, object]", scope.get("path_params") or {}).items():
        if redaction.is_secret(name):
            path = path.replace(str(value), redaction.HIDDEN)
    return path[:_LONGEST_PATH]


def _adding(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return send_with_headers

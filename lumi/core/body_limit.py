"""How large a body may be."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumi.core.errors import Malformed, TooLarge
from lumi.core.refusing import Rest, header, refuse

_DRAINED_BYTES = 1 << 20
# Where files are sent to, and what their form adds to them.
UPLOADS = re.compile(r"/v1/(?:files|widget/files|conversations/[^/]+/attachments)")
_FORM_BYTES = 1 << 17
# `/webhooks/{channel}`, and the short paths of single channels.
_WEBHOOK = re.compile(r"/(?:[a-z]+_)?webhooks?(?:/|$)")


class BodyLimit:
    """Refuses bodies that are too large (413), by what they announce and by what really arrives.

    Up to 1 MiB over the limit is read and thrown away, for a second at most: closing a connection with unread bytes
    resets it, and whoever was still sending loses the answer.
    """

    def __init__(self, app: ASGIApp, *, most: int, most_webhook: int, most_upload: int) -> None:
        self._app = app
        self._most = most
        self._most_webhook = most_webhook
        self._most_upload = most_upload + _FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request whose body is not larger than accepted at its path."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._at(scope["path"])
        announced = header(scope, b"content-length")
        if announced is not None and not announced.isdigit():
            await refuse(scope, send, Malformed())
        elif announced is not None and int(announced) > most:
            await refuse(scope, send, TooLarge(), rest=Rest(receive, most + _DRAINED_BYTES))
        else:
            await _Metered(scope, receive, send, most).serve(self._app)

    def _at(self, path: str) -> int:
        if UPLOADS.fullmatch(path):
            return self._most_upload
        return self._most_webhook if _WEBHOOK.match(path) else self._most


class _Metered:
    """One request whose body is counted as it arrives, whatever was announced."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._left = most
        self._started = False
        self._more = True

    async def serve(self, app: ASGIApp) -> None:
        try:
            await app(self._scope, self._take, self._pass_on)
        except TooLarge:
            if self._left >= 0 or self._started:
                raise
        if self._left < 0 and not self._started:
            rest = Rest(self._receive, _DRAINED_BYTES) if self._more else None
            await refuse(self._scope, self._send, TooLarge(), rest=rest)

    async def _take(self) -> Message:
        message = await self._receive()
        self._more = bool(message.get("more_body"))
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TooLarge
        return message

    async def _pass_on(self, message: Message) -> None:
        # What the application made of its interrupted reading is dropped: the answer is 413.
        if self._left < 0 and not self._started:
            return
        self._started = True
        await self._send(message)

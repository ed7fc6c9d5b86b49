"""Reads what somebody else's URL leads to, and never anything behind our own door.

    fetched = await fetcher.fetch(url, limit_bytes=5 << 20, allowed_types=["image/*"])

HTTPS alone (HTTP where that was allowed), to public addresses, on the ports of the web; each redirect is looked at
like the first URL. A body is counted as it comes, packed and unpacked.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lumi.core.http.addresses import Network, NotPublic, Resolve, check_address
from lumi.core.http.answers import Response, failure_in
from lumi.core.http.calls import Http
from lumi.core.http.failures import Rejected, Unavailable

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from yarl import URL

TARGET = "fetch"
MOST_REDIRECTS = 3
LONGEST_URL = 4096
WEB_PORTS = frozenset({80, 443})
UNKNOWN_TYPE = "application/octet-stream"
_CODINGS = frozenset({"identity", "gzip", "x-gzip", "deflate"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class TooMuch(Rejected):
    """There is more than was to be read, as it comes or once unpacked."""

    def __init__(self) -> None:
        super().__init__(0, reason="there is more than we read")


class WrongType(Rejected):
    """What is there is not of a type that was asked for."""

    def __init__(self) -> None:
        super().__init__(0, reason="it is of another type")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was there, whole. `mime` is what its server says, and no proof."""

    body: bytes = field(repr=False)
    mime: str
    final_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fetching:
    """The same on its way: `chunks` raises TooMuch or Unavailable where it ends badly."""

    mime: str
    final_url: str = field(repr=False)
    chunks: AsyncIterator[bytes] = field(repr=False)


class Fetcher:
    """Fetches under the one policy for calls to the outside, the breaker by host.

    `inside` names networks that may be asked although they are not public; `allow_http` allows HTTP to all.
    """

    def __init__(
        self,
        http: Http,
        *,
        allow_http: bool = False,
        ports: Collection[int] = WEB_PORTS,
        inside: Sequence[Network] = (),
        resolve: Resolve | None = None,
    ) -> None:
        self._http = http
        self._schemes = frozenset({"https", "http"} if allow_http else {"https"})
        self._ports = frozenset(ports)
        self._inside = inside
        self._resolve = resolve

    async def fetch(
        self,
        url: str,
        *,
        limit_bytes: int,
        allowed_types: Sequence[str] | None = None,
        timeout: float = 15.0,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """The body, at most `limit_bytes` of it; `timeout` in seconds covers everything.

        `allowed_types` are media types, or families as `image/*`. `headers` go to the first origin only. Raises
        NotPublic, TooMuch, WrongType and any other Rejected, RateLimited, or Unavailable: try again later.
        """
        opening = self.opened(url, limit_bytes=limit_bytes, allowed_types=allowed_types, timeout=timeout,
                              headers=headers)  # fmt: skip
        async with opening as found:
            parts = [chunk async for chunk in found.chunks]
        return Fetched(b"".join(parts), found.mime, found.final_url)

    @asynccontextmanager
    async def opened(
        self,
        url: str,
        *,
        limit_bytes: int,
        allowed_types: Sequence[str] | None = None,
        timeout: float = 15.0,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Fetching]:
        """The same, chunk by chunk, while the block lasts."""
        until = asyncio.get_running_loop().time() + timeout
        async with AsyncExitStack() as stack:
            said = {"Accept": ", ".join(allowed_types or ["*/*"]), **(headers or {})}
            answer = await self._follow(stack, web_address(url), said, until)
            mime = _type_of(answer, allowed_types)
            if (answer.content_length or 0) > limit_bytes:
                raise TooMuch
            yield Fetching(mime, str(answer.url), _unpacked(answer, limit_bytes))

    async def _follow(
        self, stack: AsyncExitStack, url: URL, headers: Mapping[str, str], until: float
    ) -> ClientResponse:
        """The answer at the end of the redirects, its head read."""
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._ask(stack, url, headers, until)
            if answer.status not in _REDIRECTS:
                return answer
            onward = redirected(url, answer.headers.get("Location", ""))
            if onward.origin() != url.origin():
                headers = {name: value for name, value in headers.items() if name == "Accept"}
            url = onward
        raise Rejected(0, reason="it redirects too often")

    async def _ask(self, stack: AsyncExitStack, url: URL, headers: Mapping[str, str], until: float) -> ClientResponse:
        self._check(url)

        async def exchange() -> ClientResponse:
            from lumi.core.http.pinned import Pinned

            host, port = url.host or "", url.port or 0
            addresses = await check_address(host, port, inside=self._inside, resolve=self._resolve)
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                raise Unavailable("TimeoutError")
            pinned = Pinned(addresses)
            stack.push_async_callback(pinned.close)
            answer = await pinned.get(url, headers, left)
            stack.callback(answer.close)
            failure = failure_in(Response(answer.status, answer.headers, b""), repeatable=True)
            if failure is not None and answer.status not in _REDIRECTS:
                raise failure
            if answer.status not in _REDIRECTS | {200}:
                raise Rejected(answer.status)
            return answer

        seconds = max(0.01, until - asyncio.get_running_loop().time() + 1)
        return await self._http.guard(TARGET, exchange, timeout=seconds, scope=str(url.host))

    def _check(self, url: URL) -> None:
        """Refuse what is not asked for at all, before any name is resolved."""
        if url.scheme not in self._schemes:
            raise Rejected(0, reason="only web addresses are read")
        if url.port not in self._ports:
            raise NotPublic("this port is not one of the web's")
        if url.user is not None or url.password is not None:
            raise Rejected(0, reason="no name and password in a URL")


def web_address(url: str) -> URL:
    """The URL taken apart; raises Rejected when it is none of the web, with a host."""
    return _of_the_web(_taken_apart(url))


def _of_the_web(url: URL) -> URL:
    if url.scheme not in {"https", "http"} or not url.host:
        raise Rejected(0, reason="only web addresses are read")
    return url


def _taken_apart(url: str) -> URL:
    from yarl import URL

    if len(url) > LONGEST_URL:
        raise Rejected(0, reason="this URL is too long")
    try:
        return URL(url)
    except ValueError:
        raise Rejected(0, reason="this is no URL") from None


def redirected(url: URL, location: str) -> URL:
    """Where a redirect leads to; one away from HTTPS raises Rejected."""
    onward = url.join(_taken_apart(location))
    if url.scheme == "https" and onward.scheme != "https":
        raise Rejected(0, reason="it redirects away from HTTPS")
    return _of_the_web(onward)


def _type_of(answer: ClientResponse, allowed: Sequence[str] | None) -> str:
    mime = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() or UNKNOWN_TYPE
    family = mime.partition("/")[0] + "/*"
    if allowed is not None and mime not in allowed and family not in allowed:
        raise WrongType
    return mime


async def _unpacked(answer: ClientResponse, most: int) -> AsyncIterator[bytes]:
    """The body as it was meant; more than `most` of it, packed or unpacked, is refused."""
    from lumi.core.http.pinned import next_chunk

    opener = _Opener(answer.headers.get("Content-Encoding", "identity").strip().lower())
    taken = given = 0
    while chunk := await next_chunk(answer):
        taken += len(chunk)
        plain = opener.open(chunk, most - given + 1)
        given += len(plain)
        if max(taken, given) > most:
            raise TooMuch
        if plain:
            yield plain
    opener.end()


class _Opener:
    """Unpacks what was packed although nobody asked for that."""

    def __init__(self, coding: str) -> None:
        if coding not in _CODINGS:
            raise Rejected(0, reason="it is packed in a way nobody asked for")
        self._inflate = None if coding == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 32)

    def open(self, chunk: bytes, most: int) -> bytes:
        """At most so many bytes of what this one unpacks to."""
        if self._inflate is None:
            return chunk
        try:
            return self._inflate.decompress(chunk, most)
        except zlib.error:
            raise Rejected(0, reason="it is not packed as it says") from None

    def end(self) -> None:
        """Raise Unavailable when there should have been more."""
        if self._inflate is not None and not self._inflate.eof:
            raise Unavailable("it breaks off")

"""Lines over TCP and TLS to a server that somebody named: its addresses are looked at, and only those are called.

For protocols that are not HTTP, used inside `Http.guard`: the policy is the same for all.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from lumi.core.http.addresses import Address, NotPublic
from lumi.core.http.failures import Rejected

Allow = Callable[[str, int], Awaitable[Sequence[Address]]]
"""The addresses that may be called for a host and port, as `check_address` says them; raises to refuse."""

CONNECT_SECONDS = 10.0
LONGEST_LINE_BYTES = 4 << 20

_PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class NotSecured(Rejected):
    """There is no encryption that can be trusted. The reason is TLS's own and names nobody."""

    def __init__(self, reason: str) -> None:
        super().__init__(0, reason=reason)


@dataclass(frozen=True, slots=True)
class Place:
    """A server. `in_tls`: encrypted from the start; `at_home`: nothing beyond this machine is spoken to.

    `authorities` are certificates in PEM that are trusted besides the machine's.
    """

    host: str
    port: int
    in_tls: bool = True
    at_home: bool = False
    authorities: str | None = None


class Lines(asyncio.Protocol):
    """Lines and bytes in both directions. What it cannot do any more it says with an OSError or EOFError."""

    def __init__(self, begin: Callable[[Lines], None] | None = None) -> None:
        """`begin` is called once it is connected: what a server does then."""
        self._begin = begin
        self._reader = asyncio.StreamReader(limit=LONGEST_LINE_BYTES)
        self._transport: asyncio.Transport | None = None
        self._lost = asyncio.Event()
        self._flows = asyncio.Event()
        self._flows.set()

    async def line(self) -> bytes:
        """The next line without its end. When cancelled, nothing of it is lost."""
        try:
            found = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            raise ConnectionAbortedError("a line is longer than we read") from error
        return found.rstrip(b"\r\n")

    async def exactly(self, size: int) -> bytes:
        """The next `size` bytes. When cancelled, nothing of them is lost."""
        return await self._reader.readexactly(size)

    async def send(self, data: bytes) -> None:
        """Hand it over to the operating system, in TLS but for a small rest."""
        if self._transport is None or self._lost.is_set():
            raise ConnectionResetError("the connection is lost")
        self._transport.write(data)
        await self._flows.wait()
        if self._lost.is_set():
            raise ConnectionResetError("the connection is lost")

    async def encrypt(self, context: ssl.SSLContext, *, name: str | None = None, as_server: bool = False) -> None:
        """Go on in TLS. What was received in clear and not read yet is thrown away: somebody may have put it there."""
        if self._transport is None or self._lost.is_set():
            raise ConnectionResetError("the connection is lost")
        self._reader = asyncio.StreamReader(limit=LONGEST_LINE_BYTES)
        transport = await asyncio.get_running_loop().start_tls(
            self._transport, self, context,
            server_side=as_server, server_hostname=name, ssl_handshake_timeout=CONNECT_SECONDS,
        )  # fmt: skip
        if transport is None:
            raise ConnectionResetError("it was closed while TLS began")
        self._use(transport)

    async def closed(self) -> None:
        """Return once it is closed, by whomever."""
        await self._lost.wait()

    def close(self) -> None:
        """Close it once what was sent is on its way; may be repeated."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close it now, without a farewell; may be repeated."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._use(cast("asyncio.Transport", transport))
        if self._begin is not None:
            self._begin(self)

    def _use(self, transport: asyncio.Transport) -> None:
        # Nothing is to wait unsent; with 0 asyncio's TLS would pause an empty buffer.
        transport.set_write_buffer_limits(high=1)
        self._transport = transport
        self._reader.set_transport(transport)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._reader.feed_data(data)

    def eof_received(self) -> bool:
        """Called by the event loop; who sends no more is not sent anything either."""
        self._reader.feed_eof()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        self._lost.set()
        self._flows.set()
        # What came before is still read.
        self._reader.feed_eof()

    def pause_writing(self) -> None:
        """Called by the event loop."""
        self._flows.clear()

    def resume_writing(self) -> None:
        """Called by the event loop."""
        self._flows.set()


async def connect(place: Place, allow: Allow) -> Lines:
    """A connection to one of the addresses that are allowed, the name of the server verified where it is in TLS.

    Raises what `allow` raises, NotPublic when it would leave a machine it may not leave, NotSecured, or OSError.
    """
    addresses = await allow(place.host, place.port)
    if place.at_home and not all(each.is_loopback for each in addresses):
        raise NotPublic("without encryption only this machine is spoken to")
    trouble: OSError = ConnectionRefusedError()
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await _open(place, str(address))
        except ssl.SSLError as error:
            raise _handshake_failure(error) from error
        except OSError as error:
            trouble = error
    raise trouble


async def encrypt(lines: Lines, place: Place) -> None:
    """Go on in TLS after the server agreed to it; raises as `connect` does."""
    try:
        await lines.encrypt(_context(place.authorities), name=place.host)
    except ssl.SSLError as error:
        raise _handshake_failure(error) from error


async def _open(place: Place, address: str) -> Lines:
    context = _context(place.authorities) if place.in_tls else None
    _, lines = await asyncio.get_running_loop().create_connection(
        Lines, address, place.port, ssl=context, server_hostname=place.host if context else None
    )
    return lines


def _handshake_failure(error: ssl.SSLError) -> Exception:
    """For good when certificate or protocol are not right, passing when the connection broke."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotSecured(f"its certificate is not good: {error.verify_message}")
    if isinstance(error, _PASSING):
        return ConnectionResetError("the connection broke while TLS began")
    return NotSecured(f"TLS is not possible: {error.reason}")


@lru_cache(maxsize=64)
def _context(authorities: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(cadata=authorities)
    return context

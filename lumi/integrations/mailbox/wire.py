"""One connection to a mail server, from its name to encrypted lines. Nothing else here opens one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import cast

from lumi.integrations.mailbox.account import Security, Server
from lumi.integrations.mailbox.errors import MailRejected, Reason

Allow = Callable[[str, int], Awaitable[str | None]]
"""Asked for a host and port before anything is sent there. Raises to refuse; may return the address to use."""

CONNECT_SECONDS = 10.0
LONGEST_LINE_BYTES = 4 << 20

_PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class Wire(asyncio.Protocol):
    """Lines and bytes in both directions. What it cannot do any more it says with an OSError or EOFError."""

    def __init__(self, begin: Callable[[Wire], None] | None = None) -> None:
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


async def connect(server: Server, allow: Allow | None) -> Wire:
    """A connection to this server, encrypted from its start where it is to be so.

    MailRejected when it would be a connection in clear beyond this machine, or when its certificate is not good.
    """
    pinned = await allow(server.host, server.port) if allow is not None else None
    addresses = await _addresses(pinned or server.host, server.port, numeric=pinned is not None)
    if server.security is Security.PLAIN and not all(ip_address(each).is_loopback for each in addresses):
        raise MailRejected(0, Reason.ADDRESS, "without encryption only this machine is spoken to")
    trouble: OSError = ConnectionRefusedError()
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await _open(server, address)
        except ssl.SSLError as error:
            raise _handshake_failure(error) from error
        except OSError as error:
            trouble = error
    raise trouble


async def encrypt(wire: Wire, server: Server) -> None:
    """Go on in TLS after the server agreed to it; its certificate has to be good for the name we called."""
    try:
        await wire.encrypt(_context(server.authorities), name=server.host)
    except ssl.SSLError as error:
        raise _handshake_failure(error) from error


async def _addresses(host: str, port: int, *, numeric: bool) -> list[str]:
    flags = socket.AI_NUMERICHOST if numeric else 0
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [str(place[0]) for *_, place in found]


async def _open(server: Server, address: str) -> Wire:
    context = _context(server.authorities) if server.security is Security.TLS else None
    _, wire = await asyncio.get_running_loop().create_connection(
        Wire, address, server.port, ssl=context, server_hostname=server.host if context else None
    )
    return wire


def _handshake_failure(error: ssl.SSLError) -> Exception:
    """For good when certificate or protocol are not right, passing when the connection broke."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailRejected(0, Reason.ENCRYPTION, f"its certificate is not good: {error.verify_message}")
    if isinstance(error, _PASSING):
        return ConnectionResetError("the connection broke while TLS began")
    return MailRejected(0, Reason.ENCRYPTION, f"TLS is not possible: {error.reason}")


@lru_cache(maxsize=64)
def _context(authorities: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(cadata=authorities)
    return context

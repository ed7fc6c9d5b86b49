"""A plain connection for protocols that are not HTTP, used inside `Http.guard`: the policy is the same for all."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

_READ_BYTES = 1 << 14


class Line:
    """One connection. What the other side said before it hung up is still heard after sending has failed."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._heard = b""

    async def send(self, data: bytes) -> None:
        """Send all of it; raises OSError when the other side does not take it."""
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def hear(self, mark: bytes, *, most: int) -> bytes:
        """What comes before the next mark; raises EOFError when the line ends first, or after `most` bytes."""
        while mark not in self._heard:
            chunk = await asyncio.get_running_loop().sock_recv(self._socket, _READ_BYTES)
            if not chunk or len(self._heard) > most:
                raise EOFError
            self._heard += chunk
        said, _, self._heard = self._heard.partition(mark)
        return said


@asynccontextmanager
async def connected(address: str) -> AsyncGenerator[Line]:
    """A line to `host:port` or to the socket at a path; raises OSError. An address of the operator's own choice."""
    loop = asyncio.get_running_loop()
    if address.startswith("/"):
        family, place = socket.AF_UNIX, address
    else:
        host, _, port = address.rpartition(":")
        found = await loop.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        family, place = found[0][0], found[0][4]
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, place)
        yield Line(sock)

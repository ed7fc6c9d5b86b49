"""Which addresses are the public internet's: nobody makes us knock at a door behind our own.

A name is resolved once, every address it has is looked at, and who connects connects to exactly those: a name server
that changes its answer a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from lumi.core.http.failures import Rejected, Unavailable

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str], Awaitable[Sequence[str]]]

RESOLVE_SECONDS = 5.0
MOST_ADDRESSES = 16

# Beside what Python knows to be private or reserved: ways to say another address, and what it knows not yet.
_OTHERS = (
    IPv4Network("192.88.99.0/24"),  # the relays of 6to4
    IPv6Network("2002::/16"),  # 6to4: an IPv4 address inside
    IPv6Network("2001::/23"),  # Teredo and other protocols
    IPv6Network("3fff::/20"),  # documentation
)
# All that is given out; what leads to IPv4 by another way (mapped, NAT64) lies outside of it.
_UNICAST = IPv6Network("2000::/3")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


class NotPublic(Rejected):
    """The address is not one of the public internet; nothing was sent."""

    def __init__(self, reason: str = "this address is not a public one") -> None:
        super().__init__(0, reason=reason)


def is_public(address: Address) -> bool:
    """Whether this is somebody's address on the internet, and no other way to write one that is not."""
    if isinstance(address, IPv6Address):
        if address not in _UNICAST or int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
            return False
    elif address.is_multicast or address.is_reserved:
        return False
    return address.is_global and not any(address.version == net.version and address in net for net in _OTHERS)


async def check_address(
    host: str, port: int, *, inside: Sequence[Network] = (), resolve: Resolve | None = None
) -> Sequence[Address]:
    """The addresses to connect to for this host, all of them public or in a network of `inside`.

    Whoever connects must use these and not the name. Raises NotPublic, and Unavailable when the name has none now.
    """
    if not 0 < port < 65536:
        raise NotPublic("this is no port")
    literal = _literal(host)
    found = [literal] if literal is not None else await _resolved(host, resolve or from_system)
    for address in found:
        if not is_public(address) and not any(address.version == net.version and address in net for net in inside):
            raise NotPublic
    return found


async def from_system(host: str) -> Sequence[str]:
    """What the resolver of this machine says."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


def _literal(host: str) -> Address | None:
    """The address that is written out; the ways only a C library understands (`0x7f.1`, `2130706433`) are none."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


async def _resolved(host: str, resolve: Resolve) -> list[Address]:
    last = host.rstrip(".").rpartition(".")[2].lower()
    if not last or last.isdigit() or last.startswith("0x"):
        raise NotPublic("this is not a name")  # the C library would take it for a number
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            said = await resolve(host)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise Unavailable(f"the name has no address ({type(error).__name__})") from error
    try:
        found = [ip_address(each) for each in dict.fromkeys(said)]
    except ValueError:  # a zone in a link-local address
        raise NotPublic from None
    if not found:
        raise Unavailable("the name has no address")
    return found[:MOST_ADDRESSES]

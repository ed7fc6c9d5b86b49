"""A connection to addresses that were looked at before. Loaded by the first fetch, as aiohttp is by the first call."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from lumi import __version__
from lumi.core.http.addresses import Address
from lumi.core.http.failures import Rejected, Unavailable

CONNECT_SECONDS = 5.0
CHUNK_BYTES = 1 << 16


class _Known(AbstractResolver):
    """Says of every name the addresses that were checked: TLS, SNI and Host keep the name."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=str(each), port=port, proto=socket.IPPROTO_TCP, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET if each.version == 4 else socket.AF_INET6,
            )
            for each in self._addresses
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is open."""


class Pinned:
    """One question to one host at these addresses, without cookies, proxies or a second use of the connection."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        connector = aiohttp.TCPConnector(
            resolver=_Known(addresses), use_dns_cache=False, force_close=True, limit=1, enable_cleanup_closed=False
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"Lumi/{__version__}", "Accept-Encoding": "identity"},
            auto_decompress=False,  # unpacked under a limit, by whoever reads
            trust_env=False,
        )

    async def get(self, url: URL, headers: Mapping[str, str], seconds: float) -> aiohttp.ClientResponse:
        """The head of the answer, its body still to be read; raises Unavailable or Rejected."""
        limits = aiohttp.ClientTimeout(total=seconds, connect=min(CONNECT_SECONDS, seconds))
        try:
            return await self._session.get(url, headers=headers, timeout=limits, allow_redirects=False)
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise Rejected(0, reason="this is not an address we can call") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Let the connection go."""
        await self._session.close()


async def next_chunk(answer: aiohttp.ClientResponse) -> bytes:
    """Some more of the body, nothing at its end; raises Unavailable when it breaks off."""
    try:
        return await answer.content.read(CHUNK_BYTES)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unavailable(type(error).__name__) from error

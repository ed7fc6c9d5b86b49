"""Somebody who looks: ClamAV's daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lumi.core.http import Http
from lumi.integrations.clamd.client import Clamd
from lumi.integrations.clamd.errors import TooLargeToScan
from lumi.modules.files.values import FileState, Finding


class ClamAv:
    """A scanner behind an address."""

    def __init__(self, http: Http, address: str) -> None:
        self._clamd = Clamd(http, address)

    async def scan(self, chunks: AsyncIterator[bytes]) -> Finding:
        """What clamd says; what it cannot read for its size is FAILED at once."""
        try:
            verdict = await self._clamd.scan(chunks)
        except TooLargeToScan as refusal:
            return Finding(FileState.FAILED, str(refusal.args[0]))
        return Finding(FileState.CLEAN if verdict.found is None else FileState.INFECTED, verdict.found)

    async def probe(self) -> None:
        """Raises Unavailable when it does not answer."""
        await self._clamd.ping()

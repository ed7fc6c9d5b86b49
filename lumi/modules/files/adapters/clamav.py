"""Somebody who looks: ClamAV's daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lumi.core.http import Http
from lumi.integrations.clamd.client import CHUNK_BYTES, Clamd
from lumi.integrations.clamd.errors import BeyondLimits, TooLargeToScan
from lumi.modules.files.values import FileState, Finding, Sight


class ClamAv:
    """A scanner behind an address."""

    def __init__(self, http: Http, address: str) -> None:
        self._clamd = Clamd(http, address)

    async def scan(self, chunks: AsyncIterator[bytes]) -> Finding:
        """What clamd says; what its limits keep it from looking into whole is FAILED at once."""
        try:
            verdict = await self._clamd.scan(chunks)
        except (TooLargeToScan, BeyondLimits) as refusal:
            return Finding(FileState.FAILED, str(refusal.args[0]))
        return Finding(FileState.CLEAN if verdict.found is None else FileState.INFECTED, verdict.found)

    async def sight(self, most_bytes: int) -> tuple[Sight, str]:
        """First whether it speaks of its limits at all: only of one that does, OK means that it looked."""
        if not await self._clamd.tells_its_limits():
            return Sight.BLIND, "AlertExceedsMax"
        try:
            await self._clamd.scan(_nothing(most_bytes))
        except TooLargeToScan:
            return Sight.SHORT, "StreamMaxLength"
        except BeyondLimits as refusal:
            return Sight.SHORT, refusal.limit
        return Sight.WHOLE, ""


async def _nothing(size: int) -> AsyncIterator[bytes]:
    """So many bytes in which nothing is."""
    for start in range(0, size, CHUNK_BYTES):
        yield bytes(min(CHUNK_BYTES, size - start))

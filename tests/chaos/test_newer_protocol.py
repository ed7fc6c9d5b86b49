"""Processes that know only an older way of working together end by themselves once a newer one is announced."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from lumi.core.protocol import PROTOCOL
from tests.chaos.test_rolling_restart import Member
from tests.chaos.test_upgrade_under_load import Site, newer, site

__all__ = ["newer", "site"]

pytestmark = pytest.mark.chaos

SOON_SECONDS = 45.0


@pytest.fixture
def newest(newer: Path) -> Path:
    """The next version, whose processes work together in another way."""
    file = newer / "lumi" / "core" / "protocol.py"
    file.write_text(file.read_text().replace(f"PROTOCOL = {PROTOCOL}\n", f"PROTOCOL = {PROTOCOL + 1}\n"))
    return newer


@pytest.fixture
async def members(site: Site, tmp_path: Path) -> AsyncGenerator[list[Member]]:
    """A web server and a worker of this version."""
    ours = {**site.environment, "LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}
    made = [Member("serve", ours, tmp_path / "web", site.port), Member("worker", ours, tmp_path / "worker")]
    try:
        await asyncio.gather(*(member.start() for member in made))
        yield made
    finally:
        await asyncio.gather(*(member.kill() for member in made))


async def ended(member: Member) -> int:
    """The code with which it ends, by itself and soon."""
    assert member.process is not None
    return await asyncio.wait_for(member.process.wait(), SOON_SECONDS)


async def test_those_of_the_version_before_end_in_order_and_those_of_the_new_one_work(
    site: Site, members: list[Member], newest: Path
) -> None:
    await site.run("lumi", "migrate")  # of the same version: nobody has to go
    await site.run("lumi", "migrate", root=newest)

    web, worker = await asyncio.gather(*(ended(member) for member in members))

    assert (web, worker) == (-signal.SIGTERM, 0)  # a web server ends by the signal it gave itself
    assert ["outdated" in member.said.read_text() for member in members] == [True, True]
    assert await site.rows("select count(*) from worker") == [(0,)]  # it let go of what was its own
    async with site.running("lumi", "worker", root=newest):
        while await site.rows("select 1 from worker") == []:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.1)


async def test_older_code_that_is_started_after_all_ends_at_once_and_migrates_nothing(site: Site, newest: Path) -> None:
    await site.run("lumi", "migrate", root=newest)

    with pytest.raises(AssertionError, match="belongs to a newer Lumi: it is at 999_next"):
        await site.run("lumi", "migrate")
    late = await site.start("lumi", "worker")

    assert await asyncio.wait_for(late.wait(), SOON_SECONDS) == 0

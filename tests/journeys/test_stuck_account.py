"""A provider that never answers holds up its own account, and nobody else."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from lumi.core.ids import new_id
from lumi.modules.channels.public import Channel, Outgoing
from lumi.modules.channels.services import send
from tests.journeys.conftest import Line


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are slow sooner."""
    monkeypatch.setattr(send, "SLOW_SECONDS", 0.2)


async def hang(line: Line) -> list[asyncio.Task[object]]:
    """As many calls as may wait for a provider that never answers."""
    line.twin.twin.faults = line.twin.twin.faults.changed({"hang_rate": 1.0})
    message = Outgoing(uuid4(), new_id(), 1, f"phone:{line.person}", "Bonjour")
    return [
        asyncio.ensure_future(
            line.house.sender.send_text(
                Channel.WHATSAPP, tenant_id=line.tenant.id, account_id=line.account_id, addresses=[], message=message
            )
        )
        for _ in range(send.MOST_SLOW)
    ]


async def end(calls: list[asyncio.Task[object]]) -> None:
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.usefixtures("impatient")
async def test_an_account_whose_calls_all_wait_is_stuck_until_they_end(line: Line) -> None:
    sender = line.house.sender
    calls = await hang(line)
    await asyncio.sleep(0.05)
    assert not sender.is_stuck(line.account_id)

    await asyncio.sleep(0.3)
    assert (sender.is_stuck(line.account_id), sender.is_stuck(uuid4())) == (True, False)

    await end(calls)
    assert not sender.is_stuck(line.account_id)


@pytest.mark.usefixtures("impatient", "worker")
async def test_what_is_to_leave_from_a_stuck_account_waits_without_an_attempt_and_leaves_afterwards(line: Line) -> None:
    calls = await hang(line)
    await asyncio.sleep(0.3)
    await line.write("Merci !")
    for _ in range(500):
        if await line.rows("select 1 from delivery where next_try_at > now()"):
            break
        await asyncio.sleep(0.02)

    assert await line.rows("select state, attempt from delivery") == [("committed", 0)]

    line.twin.twin.faults = line.twin.twin.faults.changed({"hang_rate": 0.0})
    await end(calls)
    assert len(await line.hears(1)) == 1

"""A provider that never answers holds up its own account, and nobody else."""

from __future__ import annotations

import asyncio
import dataclasses
from uuid import uuid4

import pytest

from lumi.core.ids import new_id
from lumi.modules.channels.public import Channel, Outgoing
from lumi.modules.channels.services import paces
from tests import factories
from tests.journeys.conftest import Line
from tests.waiting import until


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are slow sooner."""
    monkeypatch.setattr(paces, "SLOW_SECONDS", 0.2)


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
        for _ in range(paces.MOST_SLOW)
    ]


async def end(calls: list[asyncio.Task[object]]) -> None:
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.usefixtures("impatient")
async def test_an_account_whose_calls_all_wait_is_stuck_until_they_end(line: Line) -> None:
    sender = line.house.sender
    calls = await hang(line)
    assert sender.pause(line.account_id) == 0

    await until(lambda: sender.pause(line.account_id) > 0)
    assert (sender.pause(line.account_id), sender.pause(uuid4())) == (paces.STUCK_PAUSE_SECONDS, 0)

    await end(calls)
    assert sender.pause(line.account_id) == 0


@pytest.mark.usefixtures("impatient", "worker")
async def test_what_is_to_leave_from_a_stuck_account_waits_without_an_attempt_and_leaves_afterwards(line: Line) -> None:
    calls = await hang(line)
    await until(lambda: line.house.sender.pause(line.account_id) > 0)
    await line.write("Merci !")
    await until(lambda: line.rows("select 1 from delivery where next_try_at > now()"))

    assert await line.rows("select state, attempt from delivery") == [("committed", 0)]

    line.twin.twin.faults = line.twin.twin.faults.changed({"hang_rate": 0.0})
    await end(calls)
    assert len(await line.hears(1)) == 1


@pytest.mark.usefixtures("worker")
async def test_a_provider_that_wants_patience_is_left_alone_by_everybody_of_that_account(line: Line) -> None:
    faults = line.twin.twin.faults
    line.twin.twin.faults = faults.changed({"fail_rate": 1.0, "status": 400, "error_code": 130429})
    await line.write("Merci !")
    await until(lambda: line.rows("select 1 from delivery where attempt = 1 and state = 'committed'"))
    line.twin.twin.faults = faults

    other = dataclasses.replace(line, person=factories.a_phone_number().lstrip("+"))
    assert line.house.sender.pause(line.account_id) > 0
    await other.write("Merci !")

    await until(
        lambda: line.rows("select 1 from delivery where attempt = 0 and state = 'committed' and next_try_at > now()")
    )
    assert len(await other.hears(1)) == 1
    assert len(await line.hears(1)) == 1


@pytest.mark.usefixtures("worker")
async def test_a_provider_that_wants_patience_with_one_person_hears_of_the_others(line: Line) -> None:
    faults = line.twin.twin.faults
    line.twin.twin.faults = faults.changed({"fail_rate": 1.0, "status": 400, "error_code": 131056})
    await line.write("Merci !")
    await until(lambda: line.rows("select 1 from delivery where attempt = 1 and state = 'committed'"))
    line.twin.twin.faults = faults

    assert line.house.sender.pause(line.account_id) == 0

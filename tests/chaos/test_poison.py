"""A message that kills whoever reads it: its thread goes on, and nobody else's stands still."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lumi import wiring
from lumi.core import expendable, i18n
from tests import factories
from tests.chaos import poison
from tests.chaos.storm import crew as crews
from tests.chaos.storm.crew import Member
from tests.conftest import HOME
from tests.journeys.conftest import Line
from tests.serving import working
from tests.waiting import until

pytestmark = pytest.mark.chaos

ENVIRONMENT = {"APP_ENV": "test", "LUMI_HOME": str(HOME), "PYTHONPATH": os.getcwd(), "LOG_LEVEL": "WARNING"}
# Two workers die or hang (12 s) and are started again before the child is; the rest is for a machine with other work.
PATIENCE_SECONDS = 240.0
OTHERS = 3


def crew(url: str, folder: Path) -> list[Member]:
    """Two workers that somebody starts again when they die."""
    environment = {**os.environ, **ENVIRONMENT}
    return [Member(f"worker{n}", ("tests.chaos.poison", "worker", url), environment, folder) for n in range(2)]


async def write(line: Line, person: str, words: str) -> None:
    """Somebody writes."""
    body = line.body(line.message(words, **{"from": person}), extra={"contacts": []})
    assert (await line.post(body)).status_code == 200


def heard(line: Line, person: str) -> list[str]:
    """What somebody got."""
    return [str(each.text) for each in line.twin.twin.ledger.after(0, 10_000) if each.to.lstrip("+") == person]


REASONS = {
    "kill": "its process was ended by SIGKILL",
    "segfault": "its process was ended by SIGSEGV",
    "memory": "it needed more than 700 MB of memory",
    "spin": "it used the processor for more than 8 seconds",
}


async def laid_down(line: Line, deed: str) -> None:
    """The message is a dead letter with its reason, its row stays, a person is wanted, and the thread went on."""
    assert heard(line, line.person) == [i18n.tr("assistant-failed", "fr"), i18n.tr("assistant-thanks", "fr")]
    mine = "where thread_id = (select thread_id from thread_address where address = :address)"
    address = f"phone:{line.person}"
    settled = await line.rows(f"select settled_by from event {mine} order by n", address=address)
    assert settled == [("dead",), ("turn",)]
    assert await line.rows(f"select text from message {mine} and n = 1", address=address) == [(f"poison: {deed}",)]
    assert await line.rows("select source, reason from dead_letter") == [("event", REASONS[deed])]
    assert await line.rows("select count(*) from thread where wants_human_at is not null") == [(1,)]
    assert await line.rows("select crashes from lane where crashes <> 0") == []


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane is taken alone by a process that does what it reads."""
    monkeypatch.setattr(wiring, "CHILD", ["tests.chaos.poison", "child"])
    monkeypatch.setattr(expendable, "MEMORY_BYTES", poison.MEMORY_BYTES)
    monkeypatch.setattr(expendable, "PROCESSOR_SECONDS", poison.PROCESSOR_SECONDS)


@pytest.mark.usefixtures("poisoned")
@pytest.mark.parametrize("deed", REASONS)
async def test_what_a_process_dies_of_is_laid_down_alone_and_the_worker_goes_on(line: Line, deed: str) -> None:
    others = [factories.a_phone_number().lstrip("+") for _ in range(OTHERS)]
    await write(line, line.person, f"poison: {deed}")
    await write(line, line.person, "Merci !")
    await line.rows("update lane set crashes = 2 returning 1")
    began = time.monotonic()
    async with working(line.house):
        for person in others:
            await write(line, person, "Merci !")
        await until(lambda: all(len(heard(line, person)) == 1 for person in others), PATIENCE_SECONDS)
        others_after = time.monotonic() - began
        await until(lambda: len(heard(line, line.person)) == 2, PATIENCE_SECONDS)
        thread_after = time.monotonic() - began
        await line.settled()

    print(f"{deed}: others answered after {others_after:.1f} s, its thread after {thread_after:.1f} s")  # noqa: T201
    await laid_down(line, deed)


@pytest.mark.usefixtures("poisoned")
async def test_a_turn_that_only_fails_alone_is_tried_again_later(line: Line) -> None:
    await write(line, line.person, "poison: fail")
    await line.rows("update lane set crashes = 2 returning 1")
    async with working(line.house):
        at_rest = "select 1 from lane where owner is null and crashes = 3 and ready_at > now()"
        await until(lambda: line.rows(at_rest), PATIENCE_SECONDS, every=0.1)

    assert await line.rows("select settled_by from event") == [(None,)]
    assert await line.rows("select crashes >= 3 from lane") == [(True,)]


@pytest.mark.usefixtures("poisoned")
async def test_of_two_that_kill_each_is_laid_down_and_the_guest_is_told_once(line: Line) -> None:
    await write(line, line.person, "poison: kill")
    await line.rows("update lane set crashes = 2 returning 1")
    async with working(line.house):
        await until(lambda: len(heard(line, line.person)) == 1, PATIENCE_SECONDS)
        await line.settled()
    await write(line, line.person, "poison: kill")
    await line.rows("update lane set crashes = 2 returning 1")
    await write(line, line.person, "Merci !")
    async with working(line.house):
        await until(lambda: len(heard(line, line.person)) == 2, PATIENCE_SECONDS)
        await line.settled()

    assert await line.rows("select settled_by from event order by n") == [("dead",), ("dead",), ("turn",)]
    assert heard(line, line.person) == [i18n.tr("assistant-failed", "fr"), i18n.tr("assistant-thanks", "fr")]


async def test_a_message_that_kills_workers_costs_two_of_them_and_then_only_itself(
    line: Line, database_url: str, tmp_path: Path
) -> None:
    others = [factories.a_phone_number().lstrip("+") for _ in range(OTHERS)]
    async with crews.working(crew(database_url, tmp_path)):
        await write(line, others[0], "Merci !")
        await until(lambda: len(heard(line, others[0])) == 1, PATIENCE_SECONDS)
        began = time.monotonic()
        await write(line, line.person, "poison: kill")
        for person in others[1:]:
            await write(line, person, "Merci !")
        await until(lambda: all(len(heard(line, person)) == 1 for person in others), PATIENCE_SECONDS)
        await until(lambda: len(heard(line, line.person)) == 1, PATIENCE_SECONDS)
        took = time.monotonic() - began
        await write(line, line.person, "Merci !")
        await until(lambda: len(heard(line, line.person)) == 2, PATIENCE_SECONDS)
        await line.settled()

    print(f"kill: the thread goes on after {took:.1f} s and two workers")  # noqa: T201
    await laid_down(line, "kill")

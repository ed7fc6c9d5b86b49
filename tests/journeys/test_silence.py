"""A stop word is kept like any other change of a contact: audited, told to whoever listens, once."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from lumi.core import jobs
from lumi.core.context import Context
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import ContactResumed, ContactStopped, Point, PointKind
from tests import factories
from tests.journeys.conftest import Line
from tests.waiting import until

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.usefixtures("worker")
Heard = list[tuple[str, "UUID"]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What a subscriber hears of contacts that stop and resume."""
    told: Heard = []

    async def stopped(_ctx: Context, event: ContactStopped) -> None:
        told.append(("stopped", event.contact_id))

    async def resumed(_ctx: Context, event: ContactResumed) -> None:
        told.append(("resumed", event.contact_id))

    registry = jobs.registry
    for name in ("_kinds", "_tasks", "_subscribers"):
        kept: dict[str, object] = getattr(registry, name)
        monkeypatch.setattr(registry, name, copy.deepcopy(kept))
    registry.subscribe(ContactStopped, stopped)
    registry.subscribe(ContactResumed, resumed)
    return told


AUDITED = (
    "select action, actor_kind, actor_id, target from audit_entry"
    " where action in ('contacts.contact_stopped', 'contacts.contact_resumed') order by at"
)


async def test_it_is_audited_and_told_once_however_often_it_is_written(line: Line, heard: Heard) -> None:
    for words in ("STOP", "stop", "START"):
        await line.write(words)
        await line.settled()
    ((contact, stopped_at, version),) = await line.rows("select id, stopped_at, version from contact")

    assert stopped_at is None
    assert version == 3
    assert await line.rows(AUDITED) == [
        ("contacts.contact_stopped", "contact", contact, f"contact:{contact}"),
        ("contacts.contact_resumed", "contact", contact, f"contact:{contact}"),
    ]
    await until(lambda: len(heard) == 2)
    assert sorted(heard) == [("resumed", contact), ("stopped", contact)]


async def test_of_a_person_met_twice_the_row_that_stayed_is_named_and_both_fall_silent(
    line: Line, heard: Heard
) -> None:
    await line.write("Bonjour")
    await line.settled()
    async with factories.begin_work(line.house.db, line.tenant) as ctx:
        (younger,) = [row[0] for row in await line.rows("select contact_id from thread")]
        older = await contacts.add(ctx, points=[Point(PointKind.EMAIL, f"{line.person}@guest.example")])
        kept = await contacts.identify(
            ctx, [Point(PointKind.PHONE, f"+{line.person}"), Point(PointKind.EMAIL, f"{line.person}@guest.example")]
        )
    assert {younger, older.id} == {row[0] for row in await line.rows("select id from contact")}

    await line.write("STOP")
    await line.settled()

    assert await line.rows("select count(*) from contact where stopped_at is null") == [(0,)]
    assert [row[2] for row in await line.rows(AUDITED)] == [kept.id]
    await until(lambda: len(heard) == 1)
    assert heard == [("stopped", kept.id)]


async def test_who_stopped_before_hears_nothing_on_a_thread_that_is_new(line: Line) -> None:
    async with factories.begin_work(line.house.db, line.tenant) as ctx:
        known = await contacts.add(ctx, points=[Point(PointKind.PHONE, f"+{line.person}")])
        await contacts.stop(ctx, known.id)

    await line.write("Bonjour")
    await line.settled()

    assert line.heard() == []
    assert await line.rows("select count(*) from message") == [(1,)]

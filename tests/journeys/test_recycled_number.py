"""A phone number that somebody else has now: who had it before keeps their conversation, and loses the number."""

from __future__ import annotations

import pytest

from tests import factories
from tests.journeys.conftest import Line

pytestmark = pytest.mark.usefixtures("worker")


async def write(line: Line, words: str, user_id: str | None, *, phone: str | None = None) -> None:
    who = {"from": phone or line.person, "from_user_id": user_id}
    answer = await line.post(line.body(line.message(words, **who), extra={"contacts": []}))
    assert answer.status_code == 200, answer.text


async def threads(line: Line) -> dict[object, object]:
    """Which addresses lead to which words."""
    rows = await line.rows(
        "select (select string_agg(a.address, ' ' order by a.address) from thread_address a where a.thread_id = t.id),"
        " (select string_agg(m.text, ' ' order by m.n) from message m"
        " where m.thread_id = t.id and m.author = 'contact')"
        " from thread t"
    )
    return {row[0]: row[1] for row in rows}


async def test_who_comes_with_somebody_elses_number_finds_neither_their_conversation_nor_their_name(line: Line) -> None:
    before, now = factories.a_user_id(), factories.a_user_id()
    await write(line, "Merci !", before)
    await line.hears(1)
    await write(line, "Vielen Dank!", now)
    await line.hears(2)

    assert await threads(line) == {
        f"whatsapp:{before}": "Merci !",
        f"phone:{line.person} whatsapp:{now}": "Vielen Dank!",
    }
    assert await line.rows("select count(distinct contact_id), count(contact_id) from thread") == [(2, 2)]
    points = await line.rows("select contact_id, kind from contact_point order by kind, created_at")
    assert sorted(str(kind) for _, kind in points) == ["phone", "whatsapp", "whatsapp"]
    assert await line.rows("select address from thread order by created_at") == [
        (f"whatsapp:{before}",), (f"phone:{line.person}",),
    ]  # fmt: skip


async def test_who_lost_the_number_goes_on_in_their_own_conversation(line: Line) -> None:
    before, now = factories.a_user_id(), factories.a_user_id()
    await write(line, "Un", before)
    await write(line, "Deux", now)
    await write(line, "Trois", before, phone="33600000077")
    await line.settled()

    assert await threads(line) == {
        f"phone:33600000077 whatsapp:{before}": "Un Trois",
        f"phone:{line.person} whatsapp:{now}": "Deux",
    }


async def test_two_people_who_had_a_number_one_after_the_other_stay_two(line: Line) -> None:
    """Both are known by themselves already: a message with both addresses unites nobody."""
    before, now = factories.a_user_id(), factories.a_user_id()
    await write(line, "Un", before)
    await line.post(line.body(line.message("Deux", **{"from": None, "from_user_id": now}), extra={"contacts": []}))
    await write(line, "Trois", now)
    await line.settled()

    assert await threads(line) == {f"whatsapp:{before}": "Un", f"phone:{line.person} whatsapp:{now}": "Deux Trois"}
    assert await line.rows("select 1 from thread where merged_into is not null") == []


async def test_a_user_id_that_whatsapp_said_is_new_is_no_other_person(line: Line) -> None:
    before, now = factories.a_user_id(), factories.a_user_id()
    await write(line, "Un", before)
    system = {"type": "user_changed_user_id", "user_id": now, "previous_user_id": before, "body": "changed"}
    await line.post(line.body(line.message(None, type="system", system=system), extra={"contacts": []}))
    await write(line, "Deux", now)
    await line.settled()

    assert await threads(line) == {
        " ".join([f"phone:{line.person}", *sorted([f"whatsapp:{before}", f"whatsapp:{now}"])]): "Un Deux"
    }


async def test_with_a_new_number_comes_a_new_user_id_and_they_are_the_same_person(line: Line) -> None:
    before, now, number = factories.a_user_id(), factories.a_user_id(), "33600000078"
    await write(line, "Un", before)
    system = {"type": "user_changed_number", "wa_id": number, "body": "changed"}
    await line.post(line.body(line.message(None, type="system", system=system), extra={"contacts": []}))
    await write(line, "Deux", now, phone=number)
    await line.settled()

    assert await line.rows("select count(*) from thread") == [(1,)]
    assert list((await threads(line)).values()) == ["Un Deux"]

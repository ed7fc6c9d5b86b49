"""A phone number that somebody else has now: who had it before keeps their conversation, and loses the number."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lumi.core.clock import now
from tests import factories
from tests.journeys.conftest import Line

pytestmark = pytest.mark.usefixtures("worker")


YESTERDAY = timedelta(days=1)


async def write(
    line: Line, words: str, user_id: str | None, *, phone: str | None = None, ago: timedelta = timedelta()
) -> None:
    who = {"from": phone or line.person, "from_user_id": user_id, "timestamp": moment(ago)}
    answer = await line.post(line.body(line.message(words, **who), extra={"contacts": []}))
    assert answer.status_code == 200, answer.text


def moment(ago: timedelta) -> str:
    """As WhatsApp writes when something was written."""
    return str(int((now() - ago).timestamp()))


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
    before, after = factories.a_user_id(), factories.a_user_id()
    await write(line, "Merci !", before)
    await line.hears(1)
    await write(line, "Vielen Dank!", after)
    await line.hears(2)

    assert await threads(line) == {
        f"whatsapp:{before}": "Merci !",
        f"phone:{line.person} whatsapp:{after}": "Vielen Dank!",
    }
    assert await line.rows("select count(distinct contact_id), count(contact_id) from thread") == [(2, 2)]
    points = await line.rows("select contact_id, kind from contact_point order by kind, created_at")
    assert sorted(str(kind) for _, kind in points) == ["phone", "whatsapp", "whatsapp"]
    assert await line.rows("select address from thread order by created_at") == [
        (f"whatsapp:{before}",), (f"phone:{line.person}",),
    ]  # fmt: skip


async def test_who_lost_the_number_goes_on_in_their_own_conversation(line: Line) -> None:
    before, after = factories.a_user_id(), factories.a_user_id()
    await write(line, "Un", before)
    await write(line, "Deux", after)
    await write(line, "Trois", before, phone="33600000077")
    await line.settled()

    assert await threads(line) == {
        f"phone:33600000077 whatsapp:{before}": "Un Trois",
        f"phone:{line.person} whatsapp:{after}": "Deux",
    }


async def test_two_people_who_had_a_number_one_after_the_other_stay_two(line: Line) -> None:
    """Both are known by themselves already: a message with both addresses unites nobody."""
    before, after = factories.a_user_id(), factories.a_user_id()
    await write(line, "Un", before)
    await line.post(line.body(line.message("Deux", **{"from": None, "from_user_id": after}), extra={"contacts": []}))
    await write(line, "Trois", after)
    await line.settled()

    assert await threads(line) == {f"whatsapp:{before}": "Un", f"phone:{line.person} whatsapp:{after}": "Deux Trois"}
    assert await line.rows("select 1 from thread where merged_into is not null") == []


async def test_a_user_id_that_whatsapp_said_is_new_is_no_other_person(line: Line) -> None:
    before, after = factories.a_user_id(), factories.a_user_id()
    await write(line, "Un", before)
    system = {"type": "user_changed_user_id", "user_id": after, "previous_user_id": before, "body": "changed"}
    await line.post(line.body(line.message(None, type="system", system=system), extra={"contacts": []}))
    await write(line, "Deux", after)
    await line.settled()

    assert await threads(line) == {
        " ".join([f"phone:{line.person}", *sorted([f"whatsapp:{before}", f"whatsapp:{after}"])]): "Un Deux"
    }


async def test_with_a_new_number_comes_a_new_user_id_and_they_are_the_same_person(line: Line) -> None:
    before, after, number = factories.a_user_id(), factories.a_user_id(), "33600000078"
    await write(line, "Un", before)
    system = {"type": "user_changed_number", "wa_id": number, "body": "changed"}
    await line.post(line.body(line.message(None, type="system", system=system), extra={"contacts": []}))
    await write(line, "Deux", after, phone=number)
    await line.settled()

    assert await line.rows("select count(*) from thread") == [(1,)]
    assert list((await threads(line)).values()) == ["Un Deux"]


async def test_what_was_written_before_the_number_changed_hands_takes_it_back_from_nobody(line: Line) -> None:
    before, after = factories.a_user_id(), factories.a_user_id()
    await write(line, "Un", before, ago=3 * YESTERDAY)
    await write(line, "Deux", after, ago=YESTERDAY)
    await line.settled()
    points = (
        "select count(*) from contact_point where kind = 'phone' and contact_id = ("
        "select contact_id from thread where address = :phone)"
    )

    await write(line, "Trop tard", before, ago=2 * YESTERDAY)
    await line.settled()
    assert await threads(line) == {
        f"whatsapp:{before}": "Un Trop tard",
        f"phone:{line.person} whatsapp:{after}": "Deux",
    }
    assert await line.rows(points, phone=f"phone:{line.person}") == [(1,)]

    await write(line, "A moi", before)
    await line.settled()
    assert await threads(line) == {
        f"phone:{line.person} whatsapp:{before}": "Un Trop tard A moi", f"whatsapp:{after}": "Deux",
    }  # fmt: skip


async def test_a_first_message_that_comes_late_takes_the_number_from_nobody_either(line: Line) -> None:
    before, after = factories.a_user_id(), factories.a_user_id()
    await write(line, "Deux", after, ago=YESTERDAY)
    await write(line, "Un", before, ago=2 * YESTERDAY)
    await line.settled()

    assert await threads(line) == {f"whatsapp:{before}": "Un", f"phone:{line.person} whatsapp:{after}": "Deux"}


async def test_a_move_that_is_told_late_takes_no_number_from_whom_it_belongs_to_by_now(line: Line) -> None:
    before, after, number = factories.a_user_id(), factories.a_user_id(), "33600000079"
    await write(line, "Un", before, ago=3 * YESTERDAY)
    await write(line, "Deux", after, ago=YESTERDAY)
    system = {"type": "user_changed_number", "wa_id": number, "body": "changed"}
    told = {"type": "system", "system": system, "from_user_id": before, "timestamp": moment(2 * YESTERDAY)}
    await line.post(line.body(line.message(None, **told), extra={"contacts": []}))
    await line.settled()

    assert (await threads(line))[f"phone:{line.person} whatsapp:{after}"] == "Deux"
    assert await line.rows("select 1 from thread where merged_into is not null") == []


async def changes_number(line: Line, number: str, **told: object) -> None:
    """WhatsApp says that the person has another number now."""
    system = {"type": "user_changed_number", "wa_id": number, "body": "changed"}
    await line.post(line.body(line.message(None, type="system", system=system, **told), extra={"contacts": []}))


async def heard_at(line: Line, number: str) -> int:
    """How many messages the twin took for a number."""
    return sum(each.to.lstrip("+") == number for each in line.twin.twin.ledger.after(0, 100))


async def test_who_has_another_number_is_answered_there_whatever_they_were_known_by_first(line: Line) -> None:
    before, number = factories.a_user_id(), "33999999999"
    await line.post(line.body(line.message("Un", **{"from": None, "from_user_id": before}), extra={"contacts": []}))
    await write(line, "Deux", before)
    await line.settled()
    await changes_number(line, number, from_user_id=before)
    answered = await heard_at(line, number)

    await write(line, "Trois", None, phone=number)
    await line.settled()

    assert await heard_at(line, number) > answered
    assert await line.rows("select address from thread") == [(f"phone:{number}",)]
    assert await threads(line) == {f"phone:{number}": "Un Deux Trois"}


async def test_whoever_has_the_old_number_next_is_a_stranger(line: Line) -> None:
    before, stranger, number = factories.a_user_id(), factories.a_user_id(), "33600000080"
    await write(line, "Un secret", before)
    await line.settled()
    await changes_number(line, number, from_user_id=before)
    await write(line, "Etranger", stranger)
    await line.settled()

    assert await threads(line) == {
        f"phone:{number}": "Un secret",
        f"phone:{line.person} whatsapp:{stranger}": "Etranger",
    }
    assert await line.rows("select count(distinct contact_id), count(contact_id) from thread") == [(2, 2)]


@pytest.mark.parametrize("is_named", [True, False], ids=["by a name", "by their number alone"])
async def test_who_gets_a_number_that_somebody_else_had_stays_somebody_else(line: Line, *, is_named: bool) -> None:
    before, stranger, number = (factories.a_user_id() if is_named else None), factories.a_user_id(), "33600000081"
    await write(line, "Etranger", stranger, phone=number)
    await write(line, "Un secret", before)
    await line.settled()
    await changes_number(line, number, from_user_id=before)
    await write(line, "Encore", factories.a_user_id(), phone=number)
    await line.settled()

    words = await threads(line)
    assert words.pop(f"whatsapp:{stranger}") == "Etranger"
    assert list(words.values()) == ["Un secret Encore"]
    assert await line.rows("select 1 from thread where merged_into is not null") == []


async def test_a_change_that_is_told_again_takes_the_new_name_from_nobody(line: Line) -> None:
    before, after, number = factories.a_user_id(), factories.a_user_id(), "33600000082"
    await write(line, "Un", before)
    await line.settled()
    await changes_number(line, number, from_user_id=before, timestamp=moment(timedelta()))
    await write(line, "Deux", after, phone=number)
    await changes_number(line, number, from_user_id=before, timestamp=moment(timedelta()))
    await line.post(line.body(line.message("Trois", **{"from": None, "from_user_id": after}), extra={"contacts": []}))
    await line.settled()

    assert await threads(line) == {f"phone:{number} whatsapp:{after}": "Un Deux Trois"}


async def test_what_is_no_phone_number_changes_hands_like_one_and_the_rest_of_the_body_is_taken(line: Line) -> None:
    before, now, nonsense = factories.a_user_id(), factories.a_user_id(), "12"
    alone = line.message("Zéro", **{"from": None, "from_user_id": before})
    await line.post(line.body(alone, extra={"contacts": []}))
    await line.settled()
    await write(line, "Un", before, phone=nonsense)
    its = line.message("Deux", **{"from": nonsense, "from_user_id": now})
    another = line.message("Trois", **{"from": "33600000079"})

    answer = await line.post(line.body(its, another, extra={"contacts": []}))

    assert answer.status_code == 200, answer.text
    await line.settled()
    assert await threads(line) == {
        f"whatsapp:{before}": "Zéro Un", f"phone:{nonsense} whatsapp:{now}": "Deux", "phone:33600000079": "Trois",
    }  # fmt: skip

"""The provider's window, and what comes so late that it opens none."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from lumi.core import i18n
from lumi.core.clock import now
from tests.journeys.conftest import Line

pytestmark = pytest.mark.usefixtures("worker")

WINDOW = 131047
STATES = "select state, error from delivery order by n"
THANKS = i18n.tr("assistant-thanks", "fr")


def days_ago(line: Line, words: str, days: float) -> bytes:
    """A text as WhatsApp delivers it after an outage: its time is that of its writing."""
    at = now() - timedelta(days=days)
    return line.body(line.message(words, timestamp=str(int(at.timestamp()))))


async def test_what_the_provider_finds_too_late_is_held_and_leaves_when_the_person_writes(line: Line) -> None:
    line.twin.twin.faults = dataclasses.replace(line.twin.twin.faults, fail_rate=1.0, status=400, error_code=WINDOW)
    await line.write("Merci !")
    await line.settled()
    assert (line.heard(), await line.rows(STATES)) == ([], [("held", "window_closed")])

    line.twin.twin.faults = dataclasses.replace(line.twin.twin.faults, fail_rate=0.0)
    await line.write("Vielen Dank!")

    assert [each.text for each in await line.hears(2)] == [THANKS, i18n.tr("assistant-thanks", "de")]


async def test_a_window_that_was_closed_by_a_later_status_holds_what_was_taken(line: Line) -> None:
    await line.write("Merci !")
    (first,) = await line.hears(1)
    ((key,),) = await line.rows("select id from delivery")
    refusal = {
        "id": first.id, "status": "failed", "timestamp": str(int(now().timestamp())), "recipient_id": line.person,
        "biz_opaque_callback_data": str(key), "errors": [{"code": WINDOW, "title": "Re-engagement message"}],
    }  # fmt: skip
    # The account's other messages say the same, so that trying once more changes nothing.
    line.twin.twin.faults = dataclasses.replace(line.twin.twin.faults, fail_rate=1.0, status=400, error_code=WINDOW)
    for _ in range(2):  # providers repeat themselves
        await line.post(line.body(extra={"messages": [], "statuses": [refusal]}))
        await line.settled()
    assert await line.rows(STATES) == [("held", "window_closed")]

    line.twin.twin.faults = dataclasses.replace(line.twin.twin.faults, fail_rate=0.0)
    await line.write("Vielen Dank!")

    said = [each.text for each in await line.hears(3)]
    assert said == [THANKS, THANKS, i18n.tr("assistant-thanks", "de")]
    assert [row[0] for row in await line.rows(STATES)] == ["sent", "sent"]


async def test_a_late_word_that_the_window_was_closed_brings_back_nothing_that_the_talk_has_left_behind(
    line: Line,
) -> None:
    await line.write("Merci !")
    (first,) = await line.hears(1)
    ((key,),) = await line.rows("select id from delivery")
    await line.write("Vielen Dank!")
    await line.hears(2)
    refusal = {
        "id": first.id, "status": "failed", "timestamp": str(int(now().timestamp())), "recipient_id": line.person,
        "biz_opaque_callback_data": str(key), "errors": [{"code": WINDOW, "title": "Re-engagement message"}],
    }  # fmt: skip
    await line.post(line.body(extra={"messages": [], "statuses": [refusal]}))
    await line.settled()

    assert len(line.heard()) == 2
    assert [row[0] for row in await line.rows(STATES)] == ["failed", "sent"]


async def test_what_was_written_days_ago_is_left_to_a_person(line: Line) -> None:
    await line.post(days_ago(line, "Merci !", 3))
    await line.settled()

    assert line.heard() == []
    assert await line.rows("select settled_by from event") == [("human",)]
    assert await line.rows("select wants_human_at is not null from thread") == [(True,)]


async def test_whoever_asked_days_ago_to_hear_no_more_hears_no_more(line: Line) -> None:
    await line.post(days_ago(line, "STOP", 3))
    await line.settled()

    assert line.heard() == []
    assert await line.rows("select stopped_at is not null from contact") == [(True,)]


async def test_who_writes_now_is_answered_though_older_words_of_theirs_come_later(line: Line) -> None:
    await line.post(days_ago(line, "Merci !", 0))
    await line.hears(1)

    await line.post(days_ago(line, "Vielen Dank!", 3))
    await line.settled()
    await line.write("Merci !")

    assert [each.text for each in await line.hears(2)] == [THANKS, THANKS]

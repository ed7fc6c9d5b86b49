"""Who wants nothing that nobody asked for, and which texts may not be sent, as WhatsApp says it."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from lumi.core import i18n
from lumi.core.clock import now
from lumi.modules.channels.public import Purpose
from lumi.modules.conversations.errors import Unreachable
from tests.journeys.conftest import Line
from tests.journeys.test_reaching import (
    ALWAYS_AWAKE,
    CARRIES,
    NEWS,
    acquainted,
    approve,
    close_window,
    outcome,
    quiet,
    say,
    say_in,
)

pytestmark = pytest.mark.usefixtures("worker")
THANKS = i18n.tr("assistant-thanks", "fr")


async def wish(line: Line, what: str) -> None:
    """The person says in WhatsApp whether they want offers of this number."""
    said = {"wa_id": line.person, "value": what, "category": "marketing_messages", "timestamp": int(now().timestamp())}
    metadata = {"phone_number_id": line.number, "display_phone_number": "33100000001"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "user_preferences": [said]}
    entry = {"id": "1", "changes": [{"field": "user_preferences", "value": value}]}
    body = orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})
    assert (await line.post(body)).status_code == 200


def fail(line: Line, code: int) -> None:
    """WhatsApp refuses everything with this code."""
    line.twin.twin.faults = replace(line.twin.twin.faults, fail_rate=1.0, status=400, error_code=code)


async def test_who_wants_no_offers_is_answered_all_the_same_and_gets_none(line: Line) -> None:
    await quiet(line, **ALWAYS_AWAKE)
    await acquainted(line)
    await wish(line, "stop")

    with pytest.raises(Unreachable):
        await say(line, purpose=Purpose.PROACTIVE)
    await line.write("Merci !")
    assert [each.text for each in await line.hears(2)] == [THANKS, THANKS]
    await say(line, purpose=Purpose.SERVICE)
    assert (await line.hears(3))[-1].text == NEWS


async def test_an_offer_that_waited_is_withdrawn_when_they_want_none(line: Line) -> None:
    await quiet(line, **ALWAYS_AWAKE)
    await acquainted(line)
    await wish(line, "stop")
    ((thread,),) = await line.rows("select id from thread")
    await say_in(line, thread, NEWS)
    await line.settled()

    assert await outcome(line) == [("withdrawn", "opted_out")]
    assert len(line.heard()) == 1


async def test_who_wants_offers_again_gets_them(line: Line) -> None:
    await quiet(line, **ALWAYS_AWAKE)
    await acquainted(line)
    await wish(line, "stop")
    await wish(line, "resume")
    await say(line, purpose=Purpose.PROACTIVE)

    assert (await line.hears(2))[-1].text == NEWS


async def test_a_refusal_because_they_want_no_offers_is_remembered(line: Line) -> None:
    await quiet(line, **ALWAYS_AWAKE)
    await acquainted(line)
    fail(line, 131050)
    await say(line, purpose=Purpose.PROACTIVE)
    await line.settled()
    await line.house.sender.troubles.written()

    with pytest.raises(Unreachable):
        await say(line, purpose=Purpose.PROACTIVE)
    assert await line.rows("select action, target from audit_entry where action like 'channels.opted%'") == [
        ("channels.opted_out", str(await line.thread()))
    ]


async def test_a_status_that_says_they_want_no_offers_is_remembered(line: Line) -> None:
    await acquainted(line)
    ((sent,),) = await line.rows("select provider_id from delivery")
    status = {
        "id": sent, "status": "failed", "timestamp": str(int(now().timestamp())), "recipient_id": line.person,
        "errors": [{"code": 131050, "title": "User has stopped marketing messages"}],
    }  # fmt: skip
    await line.post(line.body(extra={"messages": [], "statuses": [status]}))

    with pytest.raises(Unreachable):
        await say(line, purpose=Purpose.PROACTIVE)


@pytest.mark.parametrize(("code", "status"), [(132015, "paused"), (132016, "disabled")])
async def test_a_template_that_is_off_is_not_tried_again_and_its_provider_is_asked(
    line: Line, code: int, status: str
) -> None:
    await acquainted(line)
    await approve(line, CARRIES)
    await close_window(line)
    line.twin.twin.templates.put(replace(CARRIES, status=status.upper()))
    fail(line, code)
    await say(line)
    await line.settled()
    await line.house.sender.troubles.written()

    assert [row[0] for row in await outcome(line)] == ["failed"]
    kept = "select status from message_template where name = :name"
    assert await line.rows(kept, name=CARRIES.name) == [(status,)]
    with pytest.raises(Unreachable):
        await say(line)

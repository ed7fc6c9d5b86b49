"""A person speaks for the organisation: nobody is talked over, and nothing they ask for is lost."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from lumi.core import i18n
from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Author, Channel, EventKind, Inbound
from tests import factories
from tests.journeys.conftest import Line
from tests.waiting import until

if TYPE_CHECKING:
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.usefixtures("worker")


async def echo(line: Line, words: str) -> None:
    """Somebody of the organisation writes in WhatsApp's own app."""
    payload = {"kind": "text", "type": "text", "text": words}
    item = Inbound(line.number, f"wamid.{new_id()}", [f"phone:{line.person}"], payload, kind=EventKind.ECHO)
    assert await line.house.receiver.enter(line.tenant.id, line.account_id, Channel.WHATSAPP, item)


async def test_a_person_who_answers_between_two_parts_of_an_answer_has_the_last_word(line: Line) -> None:
    await line.write("Merci !")
    await line.hears(1)
    thread = await line.thread()
    line.twin.twin.faults = dataclasses.replace(line.twin.twin.faults, delay_ms=1000.0)
    async with factories.begin_work(line.house.db, line.tenant) as ctx:
        await channels.lock(ctx, thread)
        await channels.commit_delivery(
            ctx,
            thread,
            message_n=2,
            message_id=new_id(),
            author=Author.ASSISTANT,
            body="One sentence. " * 600,
        )
    await until(lambda: len(line.heard()) == 2)

    await echo(line, "Pablo here, I take this.")
    await line.settled()

    assert len(line.heard()) == 2
    assert await line.rows("select state, error from delivery order by n desc limit 1") == [
        ("withdrawn", "human_holds")
    ]


async def test_a_stop_word_counts_while_a_person_holds_and_nobody_confirms_it(line: Line, staff: StaffHeaders) -> None:
    headers = await staff("conversations:read", "conversations:write")
    await line.write("Merci !")
    await line.hears(1)
    await line.client.post(f"/v1/conversations/{await line.thread()}/take-over", headers=headers)

    await line.write("STOP")
    await line.settled()

    assert len(line.heard()) == 1
    assert await line.rows("select stopped_at is not null from contact") == [(True,)]
    assert await line.rows("select action from audit_entry where actor_kind = 'contact'") == [
        ("contacts.contact_stopped",)
    ]
    await line.write("START")
    await line.settled()
    assert await line.rows("select stopped_at is not null from contact") == [(False,)]


async def test_handing_back_ends_the_silence_after_an_answer_in_the_providers_app(
    line: Line, staff: StaffHeaders
) -> None:
    headers = await staff("conversations:read", "conversations:write")
    await line.write("Merci !")
    await line.hears(1)
    path = f"/v1/conversations/{await line.thread()}"
    await echo(line, "Pablo here.")
    await line.settled()
    shown = (await line.client.get(path, headers=headers)).json()
    assert (shown["held_by"], shown["quiet_until"] is None) == (None, False)
    await line.write("Il y a quelqu'un ?")
    await line.settled()
    assert len(line.heard()) == 1

    handed = await line.client.post(f"{path}/hand-back", headers=headers)

    assert (handed.status_code, handed.json()["quiet_until"]) == (200, None)
    await line.write("Vielen Dank!")
    assert (await line.hears(2))[1].text == i18n.tr("assistant-thanks", "de")
    assert (await line.client.post(f"{path}/hand-back", headers=headers)).json()["code"] == "not_held"


async def test_whoever_took_over_and_hands_back_leaves_no_silence_behind(line: Line, staff: StaffHeaders) -> None:
    headers = await staff("conversations:read", "conversations:write")
    await line.write("Merci !")
    await line.hears(1)
    path = f"/v1/conversations/{await line.thread()}"
    await echo(line, "Pablo here.")
    await line.settled()
    await line.client.post(f"{path}/take-over", headers=headers)
    await line.client.post(f"{path}/hand-back", headers=headers)

    await line.write("Vielen Dank!")

    assert (await line.hears(2))[1].text == i18n.tr("assistant-thanks", "de")


async def test_the_bots_words_leave_again_while_a_person_holds_when_that_person_wants_it(
    line: Line, staff: StaffHeaders
) -> None:
    headers = await staff("conversations:read", "conversations:write")
    await line.write("Merci !")
    await line.hears(1)
    path = f"/v1/conversations/{await line.thread()}"
    (_, said) = (await line.client.get(f"{path}/messages", headers=headers)).json()["items"]
    await line.client.post(f"{path}/take-over", headers=headers)
    await line.rows("update delivery set state = 'unknown' returning 1")

    await line.client.post(f"{path}/messages/{said['id']}/send-again", headers=headers)

    assert len(await line.hears(2)) == 2
    assert await line.rows("select state, author from delivery") == [("sent", "assistant")]

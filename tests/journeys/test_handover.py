"""A person takes a conversation over: the bot is silent until it is handed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lumi.core import i18n
from tests.journeys.conftest import Line
from tests.waiting import until

if TYPE_CHECKING:
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.usefixtures("worker")


async def test_the_bot_is_silent_while_a_person_holds_and_answers_only_what_comes_after(
    line: Line, staff: StaffHeaders
) -> None:
    headers = await staff("conversations:read", "conversations:write")
    await line.write("Merci !")
    await line.hears(1)
    path = f"/v1/conversations/{await line.thread()}"

    await line.client.post(f"{path}/take-over", headers=headers)
    await line.write("Il y a quelqu'un ?", "Allô ?")
    await line.settled()
    assert len(line.heard()) == 1
    assert await line.rows("select count(*) from event where settled_by = 'human'") == [(2,)]

    await line.client.post(f"{path}/replies", json={"text": "Oui, je suis là."}, headers=headers)
    assert (await line.hears(2))[1].text == "Oui, je suis là."

    await line.client.post(f"{path}/hand-back", headers=headers)
    await line.settled()
    assert len(line.heard()) == 2
    await line.write("Merci !")
    assert (await line.hears(3))[2].text == i18n.tr("assistant-thanks", "fr")


async def test_what_is_written_to_a_person_is_in_the_ledger_at_once(line: Line, staff: StaffHeaders) -> None:
    headers = await staff("conversations:read", "conversations:write")
    await line.write("Merci !")
    await line.hears(1)
    path = f"/v1/conversations/{await line.thread()}"
    await line.client.post(f"{path}/take-over", headers=headers)

    await line.write("Un instant, s'il vous plaît.")
    await line.settled()

    messages = (await line.client.get(f"{path}/messages", headers=headers)).json()["items"]
    assert [message["text"] for message in messages][-1] == "Un instant, s'il vous plaît."
    assert [message["n"] for message in messages] == [1, 2, 3]


async def test_asking_for_a_person_puts_the_conversation_on_the_waiting_list(line: Line, staff: StaffHeaders) -> None:
    await line.write("Je voudrais parler à un conseiller.")
    await line.hears(1)

    headers = await staff("conversations:read", "conversations:write")
    waiting = await line.client.get("/v1/conversations", params={"state": "waiting"}, headers=headers)

    assert [item["id"] for item in waiting.json()["items"]] == [str(await line.thread())]
    await line.client.post(f"/v1/conversations/{await line.thread()}/take-over", headers=headers)
    waiting = await line.client.get("/v1/conversations", params={"state": "waiting"}, headers=headers)
    assert waiting.json()["items"] == []


async def test_a_provider_that_refuses_is_tried_again_and_no_slot_is_held(line: Line) -> None:
    line.twin.twin.faults = line.twin.twin.faults.changed({"fail_rate": 1.0, "status": 503, "error_code": 131016})
    await line.write("Merci !")
    await until(lambda: line.rows("select 1 from delivery where attempt >= 1 and state = 'committed'"))
    assert await line.rows("select owner from lane") == [(None,)]

    line.twin.twin.faults = line.twin.twin.faults.changed({"fail_rate": 0.0})

    assert len(await line.hears(1)) == 1


async def test_a_reply_longer_than_a_message_leaves_as_several_in_order(line: Line, staff: StaffHeaders) -> None:
    headers = await staff("conversations:read", "conversations:write")
    await line.write("Merci !")
    await line.hears(1)
    path = f"/v1/conversations/{await line.thread()}"
    words = "Une phrase assez longue pour deux messages. " * 100

    await line.client.post(f"{path}/replies", json={"text": words}, headers=headers)

    first, second = [str(each.text) for each in (await line.hears(3))[1:]]
    assert max(len(first), len(second)) <= 4096
    assert f"{first} {second}" == words.strip()


async def test_a_message_nobody_knows_the_end_of_leaves_once_more_when_a_person_wants_it(
    line: Line, staff: StaffHeaders
) -> None:
    headers = await staff("conversations:read", "conversations:write")
    await line.write("Merci !")
    await line.hears(1)
    messages = f"/v1/conversations/{await line.thread()}/messages"
    (_, said) = (await line.client.get(messages, headers=headers)).json()["items"]
    again = f"{messages}/{said['id']}/send-again"

    refused = await line.client.post(again, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_send")
    assert (await line.client.post(f"{messages}/{await line.thread()}/send-again", headers=headers)).status_code == 404

    await line.rows("update delivery set state = 'unknown' returning 1")
    answer = await line.client.post(again, headers=headers)

    assert (answer.status_code, answer.json()["delivery"]["state"]) == (200, "committed")
    assert len(await line.hears(2)) == 2
    assert await line.rows("select state, author from delivery") == [("sent", "assistant")]  # whose words they are

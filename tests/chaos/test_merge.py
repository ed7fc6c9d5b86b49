"""Two threads turn out to be one person's: nothing is lost, nothing is said twice, and the order stays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from lumi.core.clock import now
from lumi.core.ids import new_id
from lumi.core.jobs import Fenced
from lumi.modules.assistant.repository import SaveOutcome
from lumi.modules.assistant.services import saving
from lumi.modules.assistant.values import Decision, Say
from tests.chaos.dying import post_in_vain
from tests.chaos.two_addresses import TwoAddresses, by_hand, words
from tests.journeys.conftest import Line
from tests.serving import working
from tests.waiting import until

if TYPE_CHECKING:
    from lumi.core.lanes import Lane
    from lumi.modules.assistant.values import LaneState
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.chaos

STAFF = ("conversations:read", "conversations:write", "dead_letters:read", "dead_letters:write")
LEDGER = "select text from message where thread_id = :thread order by n"


@pytest.fixture
def person(line: Line) -> TwoAddresses:
    """Somebody who writes to the line."""
    return TwoAddresses(line)


def answer(lane: Lane, state: LaneState, text: str) -> saving.Proposal:
    """An answer to what was read."""
    from lumi.modules.assistant.services import thinking
    from lumi.modules.assistant.values import Speaker

    given = thinking.read(state, Speaker("Salon", "fr", ("fr",)))
    decision = Decision((), (Say(text, text, "fr"),), "fr")
    return saving.propose(lane, state, given, decision, attempt=1, final=False, began_at=now())


async def test_what_comes_with_both_addresses_is_answered_once_in_the_older_and_the_younger_says_where_it_went(
    line: Line, person: TwoAddresses, staff: StaffHeaders
) -> None:
    async with working(line.house):
        await person.by_phone("Merci !")
        await person.hears(1)
        await person.by_user_id("Merci beaucoup !")
        await person.hears(2)
        older, younger = await person.threads()

        await person.by_both("Merci encore !")
        assert len(await person.hears(3)) == 3

    assert words(await line.rows(LEDGER, thread=older))[::2] == ["Merci !", "Merci encore !"]
    assert words(await line.rows(LEDGER, thread=younger))[0] == "Merci beaucoup !"
    headers = await staff(*STAFF)
    inbox = (await line.client.get("/v1/conversations", headers=headers)).json()["items"]
    assert [(each["id"], each["merged"]) for each in inbox] == [(str(older), [str(younger)])]
    closed = (await line.client.get(f"/v1/conversations/{younger}", headers=headers)).json()
    assert closed["merged_into"] == str(older)
    there = await line.client.get(f"/v1/conversations/{younger}/messages", headers=headers)
    assert len(there.json()["items"]) == 2


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_web_process_killed_as_it_unites_two_threads_is_asked_again_and_each_word_is_there_once(
    line: Line, person: TwoAddresses, database_url: str, when: str
) -> None:
    await person.by_phone("Un")
    await person.by_user_id("Deux")
    body = person.both("Merci trois !")

    await post_in_vain(line, database_url, body, "unite", when)
    assert (await line.post(body)).status_code == 200
    async with working(line.house):
        assert len(await person.hears(1)) == 1

    older, younger = await person.threads()
    assert await line.rows("select merged_into from thread where id = :id", id=younger) == [(older,)]
    events = await line.rows("select payload ->> 'text' from event where thread_id = :id order by n", id=older)
    assert words(events) == ["Un", "Deux", "Merci trois !"]


async def test_later_words_from_either_address_go_on_in_the_older(line: Line, person: TwoAddresses) -> None:
    await person.by_user_id("Un")
    await person.by_phone("Deux")
    await person.unite()
    await person.by_phone("Trois")
    await person.by_user_id("Quatre")

    older, younger = await person.threads()
    events = await line.rows("select thread_id, n, payload ->> 'text' from event order by n")
    assert events == [(older, n, text) for n, text in enumerate(("Un", "Deux", "Trois", "Quatre"), 1)]
    assert await line.rows("select merged_into from thread where id = :id", id=younger) == [(older,)]


async def test_what_was_open_in_both_is_answered_together_once_and_in_order(line: Line, person: TwoAddresses) -> None:
    await person.by_phone("Merci un !")
    await person.by_user_id("Merci deux !")
    await person.by_user_id("Merci trois !")
    async with by_hand(line) as hand:
        _, younger = await person.threads()
        lane, _ = await hand.take(younger)  # in its ledger already, and not answered
        await hand.turns.finish(lane, [])

    await person.by_both("Merci quatre !")
    async with working(line.house):
        assert len(await person.hears(1)) == 1

    older, younger = await person.threads()
    ledger = words(await line.rows(LEDGER, thread=older))
    assert sorted(map(str, ledger[:4])) == [f"Merci {n} !" for n in ("deux", "quatre", "trois", "un")]
    assert [each for each in ledger if each in ("Merci deux !", "Merci trois !", "Merci quatre !")] == [
        "Merci deux !", "Merci trois !", "Merci quatre !",
    ]  # fmt: skip
    assert await line.rows(LEDGER, thread=younger) == []
    assert await line.rows("select distinct settled_by from event") == [("turn",)]
    assert await line.rows("select message_n from lane where key = :key", key=older) == [(len(ledger),)]


async def test_a_message_that_was_taken_before_is_known_in_the_older_too(line: Line, person: TwoAddresses) -> None:
    await person.by_phone("Un")
    again = line.message("Deux", **{"from": None, "from_user_id": person.user_id})
    for _ in range(2):
        await line.post(line.body(again, extra={"contacts": []}))
        await person.unite()

    assert await line.rows("select count(*), count(distinct thread_id) from event") == [(2, 1)]


async def test_whoever_works_on_the_younger_is_fenced_and_writes_nothing(line: Line, person: TwoAddresses) -> None:
    older, younger = await person.as_two("Merci !", "Merci beaucoup !")
    async with by_hand(line) as hand:
        lane, state = await hand.take(younger)
        await person.by_both("Encore merci !")

        assert await hand.turns.save(lane, answer(lane, state, "De rien !").item) is SaveOutcome.FENCED
        assert not await hand.turns.depart(lane, state.seq, new_id())
        with pytest.raises(Fenced):
            await hand.begin(lane)
        assert not await hand.turns.finish(lane, [])

    assert await line.rows("select count(*) from message where author <> 'contact'") == [(0,)]
    assert await line.rows("select owner, ready_at from lane where key = :key", key=younger) == [(None, None)]
    async with working(line.house):
        assert len(await person.hears(1)) == 1
    assert await line.rows("select count(*) from event where thread_id = :id", id=older) == [(3,)]


async def test_whoever_works_on_the_older_thinks_again_with_what_came_over(line: Line, person: TwoAddresses) -> None:
    older, _ = await person.as_two("Merci !", "Merci beaucoup !")
    async with by_hand(line) as hand:
        lane, state = await hand.take(older)
        await person.unite()

        assert await hand.turns.save(lane, answer(lane, state, "De rien !").item) is SaveOutcome.MOVED
        assert [event.payload["text"] for event in (await hand.begin(lane)).events] == ["Merci !", "Merci beaucoup !"]


async def test_an_answer_that_had_not_left_the_younger_leaves_from_the_older_once(
    line: Line, person: TwoAddresses
) -> None:
    older, younger = await person.as_two("Merci !", "Merci beaucoup !")
    async with by_hand(line) as hand:
        lane, state = await hand.take(younger)
        assert await hand.turns.save(lane, answer(lane, state, "De rien.").item) is SaveOutcome.SAVED
        await person.by_both("Merci encore !")

    async with working(line.house):
        heard = await person.hears(2)

    assert heard[0].text == "De rien."
    assert len(heard) == 2
    assert await line.rows("select distinct thread_id, state from delivery") == [(older, "sent")]
    assert await line.rows(LEDGER, thread=younger) == []
    gaps = "select 1 from (select n, row_number() over (order by n) as place from message) m where n <> place"
    assert await line.rows(gaps) == []


async def test_an_answer_that_came_too_late_reopens_its_questions_where_they_are_now(
    line: Line, person: TwoAddresses
) -> None:
    older, younger = await person.as_two("Merci !", "Merci beaucoup !")
    async with by_hand(line) as hand:
        lane, state = await hand.take(younger)
        assert await hand.turns.save(lane, answer(lane, state, "Trop tard.").item) is SaveOutcome.SAVED
        await line.rows("update delivery set valid_until = now() - interval '1 s' returning 1")
        await person.by_both("Merci encore !")

    async with working(line.house):
        await until(lambda: bool(person.heard()))
        await line.settled()

    assert "Trop tard." not in [each.text for each in person.heard()]
    settled = await line.rows("select settled_by, thread_id from event order by n")
    assert settled == [("turn", older)] * 3
    assert await line.rows("select count(*) from delivery where state = 'withdrawn'") == [(1,)]


@pytest.mark.parametrize("told", [True, False])
async def test_a_post_under_way_from_the_younger_is_awaited_and_never_repeated(
    line: Line, person: TwoAddresses, told: bool
) -> None:
    older, younger = await person.as_two("Merci !", "Merci beaucoup !")
    async with by_hand(line) as hand:
        lane, state = await hand.take(younger)
        proposal = answer(lane, state, "De rien.")
        await hand.turns.save(lane, proposal.item)
        (leaving,) = proposal.deliveries
        assert await hand.turns.depart(lane, state.seq, leaving.id)
        await person.by_both("Merci encore !")
        if told:
            status = {
                "id": "wamid.told", "status": "delivered", "timestamp": "1790000000", "recipient_id": line.person,
                "biz_opaque_callback_data": str(leaving.id),
            }  # fmt: skip
            await line.post(line.body(extra={"statuses": [status]}))
        else:
            await line.rows("update delivery set sending_at = now() - interval '16 s' returning 1")

    async with working(line.house):
        assert "De rien." not in [each.text for each in await person.hears(1)]

    state_now = await line.rows("select state, thread_id from delivery where id = :id", id=leaving.id)
    assert state_now == [("delivered" if told else "unknown", older)]


async def test_who_held_the_younger_holds_the_older_and_the_bot_is_silent(
    line: Line, person: TwoAddresses, staff: StaffHeaders
) -> None:
    headers = await staff(*STAFF)
    older, younger = await person.as_two("Un", "Deux")
    await line.client.post(f"/v1/conversations/{younger}/take-over", headers=headers)

    await person.by_both("Merci !")
    async with working(line.house):
        await line.settled()

    assert person.heard() == []
    held = await line.rows("select id, held_by is not null, wants_human_at from thread order by created_at, id")
    assert held == [(older, True, None), (younger, False, None)]


@pytest.mark.parametrize("deed", ["replies", "take-over", "hand-back"])
async def test_nothing_is_done_in_a_conversation_that_was_merged_and_the_refusal_says_where_it_goes_on(
    line: Line, person: TwoAddresses, staff: StaffHeaders, deed: str
) -> None:
    older, younger = await person.as_two("Un", "Deux")
    await person.unite()

    path = f"/v1/conversations/{younger}/{deed}"
    refused = await line.client.post(path, json={"text": "Bonjour"}, headers=await staff(*STAFF))

    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_merged")
    assert refused.json()["merged_into"] == str(older)
    assert await line.rows("select ready_at from lane where key = :key", key=younger) == [(None,)]


async def test_a_message_whose_outcome_nobody_knows_is_sent_again_from_the_older(
    line: Line, person: TwoAddresses, staff: StaffHeaders
) -> None:
    async with working(line.house):
        await person.by_phone("Merci !")
        await person.by_user_id("Merci !")
        await person.hears(2)
        older, younger = await person.threads()
        await line.rows("update delivery set state = 'unknown' where thread_id = :id returning 1", id=younger)
        await person.unite()
        ((message,),) = await line.rows("select id from message where thread_id = :id and n = 2", id=younger)

        path = f"/v1/conversations/{younger}/messages/{message}/send-again"
        answered = await line.client.post(path, headers=await staff(*STAFF))

        assert answered.status_code == 200, answered.text
        assert len(await person.hears(3)) == 3
    assert await line.rows("select thread_id from message where id = :id", id=message) == [(older,)]


async def test_a_dead_event_of_the_younger_is_tried_again_in_the_older(
    line: Line, person: TwoAddresses, staff: StaffHeaders
) -> None:
    headers = await staff(*STAFF)
    async with working(line.house):
        await person.by_phone("Merci !")
        await person.hears(1)
        await person.by_user_id("Merci beaucoup !")
        await person.hears(2)
        older, younger = await person.threads()
        await line.rows("update event set settled_by = 'dead' where thread_id = :id returning 1", id=younger)
        letter = {"tenant": line.tenant.id, "id": new_id(), "origin": f"{younger}/1"}
        kept = "insert into dead_letter (tenant_id, id, source, origin, body, reason) values (:tenant, :id, 'event',"
        await line.rows(f"{kept} :origin, '', 'it died') returning 1", **letter)
        await person.unite()

        answered = await line.client.post(f"/v1/dead-letters/{letter['id']}/requeue", headers=headers)

        assert answered.status_code == 200, answered.text
        assert len(await person.hears(3)) == 3
    assert await line.rows("select count(*) from event where thread_id = :id", id=older) == [(2,)]


async def test_an_edit_of_what_was_answered_in_the_younger_is_shown_there(line: Line, person: TwoAddresses) -> None:
    async with working(line.house):
        await person.by_phone("Merci !")
        await person.hears(1)
        original = await person.by_user_id("Mercy !")
        await person.hears(2)
        _, younger = await person.threads()
        await person.unite()

        inner = {"type": "text", "text": {"body": "Merci beaucoup !"}}
        edit = {"original_message_id": original, "message": inner}
        await line.post(line.body(line.message(None, type="edit", edit=edit)))
        await line.settled()

    assert words(await line.rows(LEDGER, thread=younger))[0] == "Merci beaucoup !"
    assert await line.rows("select count(*) from event where settled_by = 'parked'") == [(0,)]


async def test_the_two_contacts_are_one_before_anything_more_is_said(line: Line, person: TwoAddresses) -> None:
    async with working(line.house):
        await person.by_phone("Merci !")
        await person.hears(1)
        await person.by_user_id("STOP")
        await person.hears(2)
        assert await line.rows("select count(distinct contact_id) from thread") == [(2,)]

        await person.by_both("Merci beaucoup !")
        await line.settled()

    assert len(person.heard()) == 2, "who asked for silence at one address is left in peace at the other"
    assert await line.rows("select count(*) from contact where merged_into is null") == [(1,)]
    assert await line.rows("select new_addresses from thread where merged_into is null") == [(0,)]


async def test_a_new_user_id_leads_to_the_thread_of_the_old_one(line: Line, person: TwoAddresses) -> None:
    await person.by_user_id("Un")
    change = {"user_id": {"previous": person.user_id, "current": "FR.9911"}}
    await person.tell("user_id_update", {"user_id_update": [change]})

    assert await line.rows("select address from thread") == [("whatsapp:FR.9911",)]
    await line.post(
        line.body(line.message("Deux", **{"from": None, "from_user_id": "FR.9911"}), extra={"contacts": []})
    )
    assert await line.rows("select count(*), count(distinct thread_id) from event") == [(2, 1)]


async def test_somebody_with_a_new_number_is_answered_there(line: Line, person: TwoAddresses) -> None:
    await person.by_phone("Un")
    system = {"type": "user_changed_number", "wa_id": "33600000043", "body": "changed"}
    await line.post(line.body(line.message(None, type="system", system=system), extra={"contacts": []}))

    assert await line.rows("select address from thread") == [("phone:33600000043",)]
    assert await line.rows("select count(*) from event") == [(1,)]


async def test_nobody_is_made_up_by_a_notice_of_somebody_who_never_wrote(line: Line, person: TwoAddresses) -> None:
    await person.unite()

    assert await line.rows("select count(*) from thread") == [(0,)]


async def test_many_who_come_at_once_by_all_ways_end_in_one_thread(line: Line, person: TwoAddresses) -> None:
    await person.by_phone("Merci !")
    await person.by_user_id("Merci !")
    ways = (person.by_phone, person.by_user_id, person.by_both)
    async with working(line.house):
        ids = await asyncio.gather(*(ways[n % 3](f"Merci {n} !") for n in range(60)))
        await line.settled()

    older, _ = await person.threads()
    assert await line.rows("select count(*), count(distinct provider_id) from event") == [(62, 62)]
    mine = "select provider_id from event where thread_id = :id"
    assert set(ids[1::3]) | set(ids[2::3]) <= set(words(await line.rows(mine, id=older))) | set(
        words(await line.rows("select provider_id from event where settled_by = 'turn'"))
    )
    assert await line.rows("select distinct settled_by from event") == [("turn",)]
    assert await line.rows("select count(*) from thread where merged_into is null") == [(1,)]
    twice = "select turn_id from delivery d join event e on e.turn_id = (d.body ->> 'turn_id')::uuid group by 1"
    assert len(person.heard()) == len(await line.rows(twice))

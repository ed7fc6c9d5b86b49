"""A guest writes on WhatsApp and is answered there."""

from __future__ import annotations

import asyncio

import pytest

from lumi.core import i18n
from tests.journeys.conftest import Line

pytestmark = pytest.mark.usefixtures("worker")


async def test_a_question_is_answered_on_the_same_number(line: Line) -> None:
    await line.write("Merci beaucoup !")

    (reply,) = await line.hears(1)
    assert reply.text == i18n.tr("assistant-thanks", "fr")
    assert reply.phone_number_id == line.number


async def test_what_was_said_is_in_the_ledger_in_order_without_gaps(line: Line) -> None:
    await line.write("Merci !")
    await line.hears(1)
    await line.write("Thank you!")
    await line.hears(2)

    ledger = await line.rows("select n, author, text from message order by n")
    assert [(n, author) for n, author, _ in ledger] == [
        (1, "contact"), (2, "assistant"), (3, "contact"), (4, "assistant"),
    ]  # fmt: skip


async def test_the_language_of_each_message_is_mirrored(line: Line) -> None:
    await line.write("Vielen Dank!")
    await line.hears(1)
    await line.write("شكرا جزيلا!")

    replies = await line.hears(2)
    assert [reply.text for reply in replies] == [i18n.tr("assistant-thanks", lang) for lang in ("de", "ar")]


async def test_a_burst_is_read_together_and_answered_once(line: Line) -> None:
    await line.write("bonjour", "merci", "vraiment", "pour tout", "et merci encore !")

    assert len(await line.hears(1)) == 1
    assert await line.rows("select settled_by, count(*) from event group by 1") == [("turn", 5)]


async def test_the_same_delivery_twice_has_one_effect(line: Line) -> None:
    body = line.body(line.message("Merci !"))

    answers = await asyncio.gather(*(line.post(body) for _ in range(5)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(await line.hears(1)) == 1
    assert await line.rows("select count(*) from message where author = 'contact'") == [(1,)]


async def test_two_copies_in_one_body_have_one_effect(line: Line) -> None:
    message = line.message("Merci !")
    await line.post(line.body(message, message))

    assert len(await line.hears(1)) == 1
    assert await line.rows("select count(*) from event") == [(1,)]


async def test_what_nobody_knows_is_said_and_put_on_the_list_of_gaps(line: Line) -> None:
    await line.write("Do you sell motor oil for tractors?")

    (reply,) = await line.hears(1)
    assert reply.text == i18n.tr("assistant-unknown", "en")


async def test_somebody_who_wrote_stop_hears_one_confirmation_and_then_nothing(line: Line) -> None:
    await line.write("STOP")
    await line.hears(1)
    await line.write("Vous êtes là ?", "Bonjour !")
    await line.settled()

    assert len(line.heard()) == 1
    await line.write("START")
    assert [reply.text for reply in await line.hears(2)][1] == i18n.tr("channels-resumed", "fr")


async def test_a_voice_note_that_cannot_be_had_is_for_a_person(line: Line) -> None:
    voice = {"id": "1", "mime_type": "audio/ogg; codecs=opus", "sha256": "x", "voice": True}
    await line.post(line.body(line.message(None, type="audio", audio=voice)))

    (reply,) = await line.hears(1)
    assert reply.text == i18n.tr("assistant-file-not-had", "fr", why="gone")
    assert await line.rows("select wants_human_at is not null from thread") == [(True,)]


async def test_a_reaction_is_kept_and_not_answered(line: Line) -> None:
    reaction = {"message_id": "wamid.x", "emoji": "❤️"}
    await line.post(line.body(line.message(None, type="reaction", reaction=reaction)))
    await line.settled()

    assert line.heard() == []
    assert await line.rows("select kind from message") == [("reaction",)]


async def test_a_person_is_one_contact_whether_they_come_with_phone_or_business_scoped_id(line: Line) -> None:
    user_id = f"FR.{line.person}"
    await line.write("Merci !")
    await line.hears(1)
    await line.post(line.body(line.message("Merci !", from_user_id=user_id)))
    await line.hears(2)
    only_id = line.message("Merci !", **{"from": None, "from_user_id": user_id})
    await line.post(line.body(only_id, extra={"contacts": [{"profile": {"name": "Amélie"}, "user_id": user_id}]}))
    await line.settled()

    assert await line.rows("select count(*) from contact") == [(1,)]
    assert await line.rows("select count(*) from thread") == [(1,)]


async def test_statuses_move_a_delivery_forward_only(line: Line) -> None:
    await line.write("Merci !")
    (reply,) = await line.hears(1)

    def status(name: str) -> dict[str, object]:
        return {"id": reply.id, "status": name, "timestamp": "1790000000", "recipient_id": line.person}

    for name in ("read", "delivered", "sent"):
        await line.post(line.body(extra={"statuses": [status(name)]}))

    assert await line.rows("select state from delivery") == [("read",)]

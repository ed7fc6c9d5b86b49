"""Somebody of the organisation answers a mail in a program of their own: staff see it, and the bot keeps quiet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lumi.core.clock import now
from lumi.modules.channels.public import Channel
from tests.journeys.channels.conftest import Dialogue
from tests.waiting import until

pytestmark = [
    pytest.mark.usefixtures("worker"),
    pytest.mark.parametrize("dialogue", [Channel.GMAIL, Channel.MAILBOX], indirect=True, ids=str),
]
LEDGER = "select author, text from message order by n"


async def pull(dialogue: Dialogue) -> None:
    """Let something come that is nobody's, so that the mailbox is read at once, and wait until it was."""
    position = "select cursor from channel_cursor"
    before = await dialogue.rows(position)
    newsletter = {"from": "news@shop.example", "text": "Buy!", "headers": {"List-Id": "<news.shop.example>"}}
    await dialogue.provider.ask("POST", "inbound", newsletter)

    async def was_read() -> bool:
        return await dialogue.rows(position) != before

    await until(was_read)


async def answer(dialogue: Dialogue, words: str, *, to: str | None = None, about: str | None = None) -> None:
    """Somebody writes in a program of their own, `about` a mail where it is an answer to one."""
    body: dict[str, object] = {"to": to or dialogue.provider.person, "text": words, "subject": "Re: ?"}
    if about is not None and dialogue.provider.gmail is not None:
        (box,) = dialogue.provider.gmail.mailboxes.values()
        body["in_reply_to"] = box.letters[about].mail.message_id
    elif about is not None:
        body["headers"] = {"In-Reply-To": about, "References": about}
    await dialogue.provider.ask("POST", "answer", body)


async def test_what_a_person_answers_there_is_shown_and_the_bot_is_silent_for_half_an_hour(
    dialogue: Dialogue,
) -> None:
    first = await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    await answer(dialogue, "Pablo here, see you at ten.", about=first)
    await dialogue.provider.write("Vielen Dank!")
    await until(lambda: dialogue.rows("select 1 from message where author = 'contact' offset 1"))
    await dialogue.hears(1)

    authors = [row[0] for row in await dialogue.rows(LEDGER)]
    assert authors == ["contact", "assistant", "staff", "contact"]
    assert ("staff", "Pablo here, see you at ten.") in await dialogue.rows(LEDGER)
    assert await dialogue.rows("select settled_by from event order by n desc limit 1") == [("human",)]
    ((quiet,),) = await dialogue.rows("select quiet_until from thread")
    assert timedelta(minutes=25) < quiet - now() <= timedelta(minutes=30)  # type: ignore[operator]


async def test_what_people_write_to_strangers_is_kept_nowhere(dialogue: Dialogue) -> None:
    first = await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    await answer(dialogue, "A private matter.", to="doctor@clinic.example", about=first)
    await pull(dialogue)

    assert await dialogue.rows("select count(*) from thread") == [(1,)]
    assert await dialogue.rows("select count(*) from event where payload::text like '%private%'") == [(0,)]


async def test_a_mail_that_answers_nothing_answers_nobodys_question(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    await answer(dialogue, "Your invoice is attached.")
    await pull(dialogue)

    assert [row[0] for row in await dialogue.rows(LEDGER)] == ["contact", "assistant"]
    assert await dialogue.rows("select quiet_until from thread") == [(None,)]


async def test_our_own_answer_among_what_was_sent_tells_the_end_of_one_that_nobody_knew(dialogue: Dialogue) -> None:
    await dialogue.provider.faults(disconnect_after_accept_rate=1)
    await dialogue.provider.write("Merci beaucoup !")
    await until(lambda: dialogue.provider.heard())
    await dialogue.provider.faults()
    await pull(dialogue)

    async def is_known() -> bool:
        return await dialogue.states() == ["sent"]

    await until(is_known)
    assert [row[0] for row in await dialogue.rows(LEDGER)] == ["contact", "assistant"]

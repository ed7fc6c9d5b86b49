"""What holds for mail: threads, machines that answer machines, mail that comes back, gaps, a crash while reading."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from lumi.core import i18n
from lumi.core.clock import now
from lumi.core.context import Actor, ActorKind
from lumi.core.ids import new_id
from lumi.integrations.gmail.fake.letters import undeliverable
from lumi.integrations.gmail.fake.mailbox import Letter, Mailbox
from lumi.integrations.gmail.fake.twin import Twin
from lumi.integrations.gmail.shapes import Label
from lumi.integrations.mail.automatic import AutoReason
from lumi.integrations.mail.reader import read
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel
from lumi.modules.conversations import service as conversations
from tests import factories
from tests.journeys.channels.conftest import Dialogue
from tests.waiting import until

pytestmark = [
    pytest.mark.usefixtures("worker"),
    pytest.mark.parametrize("dialogue", [Channel.GMAIL], indirect=True, ids=str),
]
THANKS = i18n.tr("assistant-thanks", "fr")
QUOTED = (
    "Merci beaucoup !\n\nLe lun. 2 nov. 2026 à 10:00, Salon <salon@salon.example> a écrit :\n> Quel prix ?\n> STOP\n"
)


def twin(dialogue: Dialogue) -> Twin:
    assert dialogue.provider.gmail is not None
    return dialogue.provider.gmail


def mailbox(dialogue: Dialogue) -> Mailbox:
    return twin(dialogue).mailboxes[dialogue.provider.external_id]


def sent(dialogue: Dialogue) -> list[Letter]:
    return [each for each in mailbox(dialogue).letters.values() if Label.SENT in each.labels]


def puller(dialogue: Dialogue) -> channels.Puller:
    return channels.Puller(dialogue.house.db, dialogue.house.sender, dialogue.house.receiver)


async def pull(dialogue: Dialogue) -> None:
    await puller(dialogue).pull(dialogue.tenant.id, dialogue.account_id)


async def recorded(dialogue: Dialogue, count: int = 1) -> None:
    """Wait until so many mails are in the ledger and settled."""
    done = "select 1 from event where settled_at is not null offset :n"
    await until(lambda: dialogue.rows(done, n=count - 1))


async def test_an_answer_goes_into_the_thread_of_the_mail_and_only_its_own_words_are_read(dialogue: Dialogue) -> None:
    await dialogue.provider.write(QUOTED, subject="Ein Termin")
    await dialogue.hears(1)

    (asked,) = [each for each in mailbox(dialogue).letters.values() if Label.SENT not in each.labels]
    (answer,) = sent(dialogue)
    assert (answer.mail.subject, answer.mail.in_reply_to) == ("Re: Ein Termin", asked.mail.message_id)
    assert (answer.mail.references, answer.thread_id) == ((asked.mail.message_id,), asked.thread_id)
    assert answer.mail.text == THANKS
    assert await dialogue.rows("select text from message where author = 'contact'") == [("Merci beaucoup !",)]


async def test_the_next_answer_refers_to_the_whole_thread(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Merci beaucoup !", subject="Question")
    await dialogue.hears(1)
    (first,) = sent(dialogue)
    await dialogue.provider.write("Vielen Dank!", in_reply_to=first.mail.message_id)
    await dialogue.hears(2)

    second = sent(dialogue)[1]
    assert (second.thread_id, len(second.mail.references)) == (first.thread_id, 3)
    assert second.mail.subject == "Re: Question"


async def test_an_answer_that_had_to_wait_goes_into_the_thread_it_answers_and_not_the_newest(
    dialogue: Dialogue,
) -> None:
    await dialogue.provider.faults(fail_rate=1, status=503)
    await dialogue.provider.write("Merci beaucoup !", subject="Question A")
    await until(lambda: dialogue.rows("select 1 from delivery where attempt > 0 and state = 'committed'"))
    await dialogue.provider.write("Vielen Dank!", subject="Question B")
    await until(lambda: dialogue.rows("select 1 from event offset 1"))
    await dialogue.provider.faults()
    await dialogue.hears(2)

    assert [each.mail.subject for each in sent(dialogue)] == ["Re: Question A", "Re: Question B"]


async def test_a_question_answered_in_gmail_itself_before_it_was_read_is_not_answered_again(dialogue: Dialogue) -> None:
    await dialogue.provider.faults(drop_pushes=1)
    answered = mailbox(dialogue).letters[await dialogue.provider.write("Merci beaucoup !")].mail
    by_hand = {"to": dialogue.provider.person, "text": "Pablo here.", "in_reply_to": answered.message_id}
    await dialogue.provider.ask("POST", "answer", by_hand)
    await dialogue.provider.write("Vielen Dank!")
    await pull(dialogue)
    await until(lambda: dialogue.rows("select 1 from event where settled_at is not null offset 2"))

    authors = await dialogue.rows("select author from message order by n")
    assert authors == [("contact",), ("staff",), ("contact",)]
    assert await dialogue.rows("select count(*) from delivery") == [(0,)]


async def test_what_the_assistant_wrote_says_that_a_machine_did_and_what_a_person_typed_does_not(
    dialogue: Dialogue,
) -> None:
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    ((thread,),) = await dialogue.rows("select id from thread")
    who = Actor(ActorKind.STAFF, new_id(), "Pablo")
    async with factories.begin_work(dialogue.house.db, dialogue.tenant, who) as ctx:
        assert isinstance(thread, UUID)
        await conversations.reply(dialogue.house.vault, ctx, thread, words="Pablo here.", key=None)
    await dialogue.hears(2)

    by_machine, by_person = (read(each.raw).automatic for each in sent(dialogue))
    assert (by_machine, by_person) == (AutoReason.AUTO_SUBMITTED, None)


@pytest.mark.parametrize(
    "headers",
    [{"Auto-Submitted": "auto-replied"}, {"X-Auto-Response-Suppress": "All"}, {"Return-Path": "<>"}],
    ids=lambda each: next(iter(each)),
)
async def test_staff_see_what_a_machine_wrote_and_nobody_answers_it(
    dialogue: Dialogue, headers: dict[str, str]
) -> None:
    await dialogue.provider.write("Merci beaucoup !", headers=headers)
    await recorded(dialogue)

    assert await dialogue.rows("select text from message") == [("Merci beaucoup !",)]
    assert await dialogue.rows("select settled_by from event") == [("not_needed",)]
    assert (await dialogue.states(), sent(dialogue)) == ([], [])


@pytest.mark.parametrize("headers", [{"List-Id": "<news.example>"}, {"Precedence": "bulk"}], ids=str)
async def test_a_newsletter_stays_in_the_mailbox_and_does_not_fill_the_inbox(
    dialogue: Dialogue, headers: dict[str, str]
) -> None:
    await dialogue.provider.write("Vingt pour cent !", headers=headers)
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)

    assert await dialogue.rows("select text from message where author = 'contact'") == [("Merci beaucoup !",)]


async def test_two_machines_that_answer_each_other_stop_and_people_are_called(dialogue: Dialogue) -> None:
    most = dialogue.house.settings.mail_replies_per_hour
    for n in range(1, most + 1):  # the other one says nothing of being a machine
        await dialogue.provider.write("Merci beaucoup !")
        await dialogue.hears(n)
    for n in range(most + 1, most + 3):
        await dialogue.provider.write("Merci beaucoup !")
        await recorded(dialogue, n)

    assert len(await dialogue.provider.heard()) == most
    ((waiting,),) = await dialogue.rows("select wants_human_at from thread")
    assert waiting is not None
    by = await dialogue.rows("select settled_by from event order by n desc limit 2")
    assert by == [("human",), ("human",)]


async def test_an_answer_that_comes_back_has_failed_and_says_why(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    (answer,) = sent(dialogue)
    twin(dialogue).receive(
        mailbox(dialogue), undeliverable(answer.raw, dialogue.provider.person, dialogue.provider.external_id)
    )
    await until(lambda: dialogue.rows("select 1 from delivery where state = 'failed'"))

    ((error,),) = await dialogue.rows("select error from delivery")
    assert str(error).startswith("recipient: 5.1.1")
    assert len(await dialogue.rows("select 1 from message")) == 2  # a report is nobody's message


async def test_what_arrived_during_a_gap_of_the_history_is_found_all_the_same(dialogue: Dialogue) -> None:
    await dialogue.provider.faults(drop_pushes=1)
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.provider.ask("POST", "history/forget", {})
    await dialogue.provider.faults()
    assert await dialogue.rows("select 1 from event") == []
    await pull(dialogue)

    assert await dialogue.hears(1) == [THANKS]


async def test_a_gap_of_the_history_lets_no_mail_in_that_came_before_the_mailbox_was_connected(
    dialogue: Dialogue,
) -> None:
    at = (now() - timedelta(hours=3)).timestamp()
    await dialogue.provider.faults(drop_pushes=1)
    await dialogue.provider.write("Quel prix pour une coupe ?", at=at)
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.provider.ask("POST", "history/forget", {})
    await dialogue.provider.faults()
    await pull(dialogue)

    assert await dialogue.hears(1) == [THANKS]
    assert await dialogue.rows("select text from message where author = 'contact'") == [("Merci beaucoup !",)]


async def test_after_a_crash_between_ingest_and_cursor_the_same_mail_is_read_again_and_answered_once(
    dialogue: Dialogue,
) -> None:
    ((before,),) = await dialogue.rows("select cursor::text from channel_cursor")
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    await until(lambda: dialogue.rows("select 1 from channel_cursor where leased_by is null"))
    await dialogue.rows("update channel_cursor set cursor = cast(:was as jsonb) returning 1", was=before)
    await pull(dialogue)

    assert await dialogue.hears(1) == [THANKS]
    assert await dialogue.rows("select count(*) from event") == [(1,)]
    assert await dialogue.rows("select cursor::text from channel_cursor") != [(before,)]


async def test_a_mailbox_that_takes_our_permission_back_says_so_and_is_let_alone_for_a_while(
    dialogue: Dialogue,
) -> None:
    await dialogue.provider.ask("POST", "tokens/revoke", {"grant": True})
    await pull(dialogue)
    ((error, failures, paused),) = await dialogue.rows(
        "select error, failures, next_at > now() from channel_cursor where leased_by is null"
    )
    await pull(dialogue)

    assert (str(error).partition(":")[0], failures, paused) == ("token", 1, True)
    await until(lambda: dialogue.rows("select 1 from channel_account where token_refused_at is not null"))
    assert await dialogue.rows("select failures from channel_cursor") == [(1,)]  # the second did not ask

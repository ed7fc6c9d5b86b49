"""A mailbox that nobody read for a while: it comes a piece at a time, and each answer stands behind its question."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from lumi.modules.channels.adapters import gmail, mailbox
from lumi.modules.channels.adapters.ports import Pulling
from lumi.modules.channels.public import Channel
from lumi.modules.channels.services.echoes import leave_out_strangers

if TYPE_CHECKING:
    from tests.journeys.channels.conftest import Dialogue

pytestmark = pytest.mark.parametrize("dialogue", [Channel.GMAIL, Channel.MAILBOX], indirect=True, ids=str)
SAID = (
    "select kind, payload ->> 'text' from event e join thread t on t.id = e.thread_id"
    " where t.address = :who order by e.n"
)
NEXT_SECOND = 1.1
"""Servers tell no more of a time than its second."""


@dataclass
class Backlog:
    """What gathers while no worker runs, read to its end as the puller does it."""

    dialogue: Dialogue
    cursor: object = None
    pieces: int = 0
    ignored: list[str] = field(default_factory=list[str])

    async def strangers_write(self, count: int) -> None:
        """So many mails of others come in."""
        for n in range(count):
            mail = {"from": f"g{n}@guest.example", "text": f"mail {n}", "headers": {"List-Id": "<l.example>"}}
            await self.dialogue.provider.ask("POST", "inbound", mail)

    async def person_answers(self, about: str, words: str) -> None:
        """Somebody of the organisation answers a mail in a program of their own."""
        provider = self.dialogue.provider
        body: dict[str, object] = {"to": provider.person, "text": words, "subject": "Re: ?"}
        if provider.gmail is not None:
            (box,) = provider.gmail.mailboxes.values()
            body["in_reply_to"] = box.letters[about].mail.message_id
        else:
            body["headers"] = {"In-Reply-To": about, "References": about}
        await provider.ask("POST", "answer", body)

    async def read(self) -> None:
        """Piece after piece."""
        house, dialogue = self.dialogue.house, self.dialogue
        adapter = house.sender.adapter(dialogue.provider.channel)
        assert isinstance(adapter, Pulling)
        account = await house.sender.account(dialogue.tenant.id, dialogue.account_id)
        more = True
        while more:
            pulled = await adapter.pull(account, self.cursor)  # pyright: ignore[reportArgumentType] - the adapter's own
            await leave_out_strangers(house.db, account, pulled.parsed)
            await house.receiver.take_pulled(account, pulled.parsed)
            self.ignored += [each for each in pulled.parsed.ignored if each.startswith("echo")]
            self.cursor, more = pulled.cursor, pulled.more
            self.pieces += 1

    async def said(self) -> list[tuple[object, ...]]:
        """What the person's thread holds, in its order."""
        return list(await self.dialogue.rows(SAID, who=f"email:{self.dialogue.provider.person}"))


@pytest.fixture
async def backlog(dialogue: Dialogue) -> Backlog:
    found = Backlog(dialogue)
    await found.read()
    found.pieces = 0
    return found


async def test_an_answer_to_a_mail_of_a_later_piece_waits_for_it(backlog: Backlog) -> None:
    await backlog.strangers_write(55)
    question = await backlog.dialogue.provider.write("Are you open on Sunday?")
    await asyncio.sleep(NEXT_SECOND)
    await backlog.person_answers(question, "Pablo here")

    await backlog.read()

    assert await backlog.said() == [("message", "Are you open on Sunday?"), ("echo", "Pablo here")]
    assert (backlog.ignored, backlog.pieces > 1) == ([], True)


async def test_answers_that_left_before_a_mail_came_are_told_before_it(backlog: Backlog) -> None:
    question = await backlog.dialogue.provider.write("Are you open on Sunday?")
    await asyncio.sleep(NEXT_SECOND)
    for n in range(60):
        await backlog.person_answers(question, f"Pablo here {n}")
    await asyncio.sleep(NEXT_SECOND)
    await backlog.dialogue.provider.write("And now something else, which nobody has answered")

    await backlog.read()

    said = await backlog.said()
    assert [n for n, (kind, _) in enumerate(said) if kind == "message"] == [0, 61]
    assert [words for _, words in said[1:61]] == [f"Pablo here {n}" for n in range(60)]
    assert backlog.pieces > 1


async def test_a_piece_ends_when_its_time_is_over_and_one_mail_is_read_all_the_same(
    backlog: Backlog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gmail, "BATCH_SECONDS", 0.0)
    monkeypatch.setattr(mailbox, "INBOX_SECONDS", 0.0)
    for n in range(3):
        await backlog.dialogue.provider.write(f"mail {n}")

    await backlog.read()

    assert [words for _, words in await backlog.said()] == ["mail 0", "mail 1", "mail 2"]
    assert backlog.pieces == 3

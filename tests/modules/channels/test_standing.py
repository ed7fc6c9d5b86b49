"""Mailboxes are read the moment a mail comes, by one worker each; what goes wrong with one stays with that one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.http import Http, Unavailable
from lumi.core.ids import new_id
from lumi.core.realtime import open_realtime
from lumi.core.wake import Waker
from lumi.integrations.mailbox.fake.faults import Faults
from lumi.integrations.mailbox.fake.server import RunningTwin, running
from lumi.integrations.mailbox.fake.twin import TwinSettings
from lumi.modules.channels import public as channels
from lumi.modules.channels.adapters import mailbox as mailbox_adapter
from lumi.modules.channels.adapters import mailbox_order
from lumi.modules.channels.public import Channel, MailboxAdapter, NewAccount, Puller
from lumi.modules.channels.repositories import cursor_rows
from lumi.modules.channels.services import pull
from lumi.modules.conversations import public as conversations
from lumi.modules.tenants.public import Tenant
from tests import factories, template
from tests.integrations.mailbox.doors import at_home
from tests.waiting import until

ADDRESS = "salon@twin.example"
PERSON = "ana@guest.example"
DEAD = 2_000_000_000
"""A number that no worker was ever given."""


@dataclass
class Mailbox:
    """A mailbox at a twin, connected, and processes that may read it."""

    database: Database
    twin: RunningTwin
    tenant: Tenant
    account_id: UUID
    sender: channels.Sender

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """Tenant and account."""
        return self.tenant.id, self.account_id

    def puller(self, worker: int | None = None) -> Puller:
        """One process."""
        unite = conversations.Uniter(self.database.pool, open_realtime(self.database.url))
        receiver = channels.Receiver(self.database, Waker(self.database), {}, unite=unite)
        return Puller(self.database, self.sender, receiver, worker)

    async def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Rows of the tenant."""
        async with self.database.transaction(self.tenant.id) as session:
            return [tuple(row) for row in (await session.execute(sql(statement))).all()]

    async def said(self) -> list[object]:
        """The words that came in."""
        return [row[0] for row in await self.rows("select payload->>'text' from event order by received_at")]

    async def hears(self, *words: str) -> bool:
        """Whether these came in, and nothing else."""
        return await self.said() == list(words)

    def write(self, words: str) -> None:
        """Somebody writes."""
        self.twin.twin.write(ADDRESS, PERSON, "Ana", "Hello", words, {})


@asynccontextmanager
async def standing_by(*pullers: Puller, most: int = 10) -> AsyncGenerator[None]:
    """These processes stand by while the block lasts."""
    tasks = [asyncio.create_task(channels.stand_by(each, most=most)) for each in pullers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(scope="session")
async def quiet_database() -> AsyncGenerator[Database]:
    """A database that no worker of this process looks into."""
    async with template.copy_of_template(f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_mail") as url:
        opened = await Database.open(url, pool_size=8)
        yield opened
        await opened.close()


@pytest.fixture(params=[TwinSettings(accounts=(ADDRESS,), password="an-invented-password")])
async def mailbox(request: pytest.FixtureRequest, quiet_database: Database) -> AsyncGenerator[Mailbox]:
    """One that was just connected."""
    tenant = await factories.make_tenant(quiet_database)
    async with running(request.param) as twin, Http() as http:
        adapter = MailboxAdapter(http, allow=at_home, poll_seconds=0.1)
        sender = channels.Sender(quiet_database, {Channel.MAILBOX: adapter})
        given = {"address": ADDRESS, "password": request.param.password}
        for name, port in (("imap", twin.ports.imap), ("smtp", twin.ports.smtp)):
            given |= {f"{name}_host": twin.host, f"{name}_port": str(port), f"{name}_security": "plain"}
        async with factories.begin_work(quiet_database, tenant) as ctx:
            made = await channels.connect_account(ctx, sender, NewAccount(Channel.MAILBOX, given), address="")
        yield Mailbox(quiet_database, twin, tenant, made.account.id, sender)
        async with factories.begin_work(quiet_database, tenant) as ctx:
            await channels.disconnect(ctx, sender, made.account.id)


async def test_a_mail_is_read_the_moment_it_comes_and_stays_unread_there(mailbox: Mailbox) -> None:
    async with standing_by(mailbox.puller()):
        await until(lambda: connected(mailbox))
        mailbox.write("Bonjour")
        await until(lambda: mailbox.hears("Bonjour"))

    [stored] = mailbox.twin.twin.mailboxes[ADDRESS].mails
    assert stored.flags == set()


async def test_what_lay_there_before_it_was_connected_is_let_alone(mailbox: Mailbox) -> None:
    mailbox.twin.twin.mailboxes[ADDRESS].rebuild()
    raw = b"From: ana@guest.example\r\nMessage-ID: <old@guest.example>\r\n\r\nOld\r\n"
    mailbox.twin.twin.receive(ADDRESS, raw, now() - timedelta(days=1))
    mailbox.write("New")
    await mailbox.puller().pull(mailbox.tenant.id, mailbox.account_id)

    assert await mailbox.said() == ["New"]


async def test_a_mailbox_that_was_numbered_anew_is_not_heard_twice(mailbox: Mailbox) -> None:
    async with standing_by(mailbox.puller()):
        mailbox.write("One")
        await until(lambda: mailbox.hears("One"))
        mailbox.twin.twin.mailboxes[ADDRESS].rebuild()
    mailbox.write("Two")
    await mailbox.puller().pull(mailbox.tenant.id, mailbox.account_id)

    assert await mailbox.said() == ["One", "Two"]


async def test_two_mails_under_one_id_are_two_and_one_mail_that_lies_there_twice_is_one(mailbox: Mailbox) -> None:
    for words in ("One", "Two", "Two"):
        raw = f"From: ana@guest.example\r\nSubject: {words}\r\nMessage-ID: <same@guest.example>\r\n\r\n{words}\r\n"
        mailbox.twin.twin.receive(ADDRESS, raw.encode())
    await mailbox.puller().pull(mailbox.tenant.id, mailbox.account_id)

    assert await mailbox.said() == ["One", "Two"]


@pytest.mark.parametrize(
    "mailbox",
    [TwinSettings(accounts=(ADDRESS,), password="an-invented-password", has_idle=False)],
    indirect=True,
    ids=["without IDLE"],
)
async def test_a_server_that_tells_nothing_is_asked(mailbox: Mailbox) -> None:
    async with standing_by(mailbox.puller()):
        await until(lambda: connected(mailbox))
        mailbox.write("Bonjour")
        await until(lambda: mailbox.hears("Bonjour"))


async def test_of_two_workers_one_stands_by(mailbox: Mailbox) -> None:
    async with standing_by(mailbox.puller(), mailbox.puller()):
        await until(lambda: connected(mailbox))
        assert await mailbox.puller().unattended(10) == []
        await asyncio.sleep(3)
        assert mailbox.twin.twin.connections == 1
        mailbox.write("Bonjour")
        await until(lambda: mailbox.hears("Bonjour"))

    assert await mailbox.puller().unattended(10) == [(mailbox.tenant.id, mailbox.account_id)]


async def test_what_a_dead_worker_read_is_taken_over_at_once(mailbox: Mailbox) -> None:
    async with factories.begin_work(mailbox.database, mailbox.tenant) as ctx:
        assert await cursor_rows.lease_cursor(ctx, mailbox.account_id, new_id(), 3600, owner=DEAD)
    async with standing_by(mailbox.puller()):
        mailbox.write("Bonjour")
        await until(lambda: mailbox.hears("Bonjour"))


async def test_what_a_living_worker_reads_is_left_to_it(mailbox: Mailbox) -> None:
    async with mailbox.database.transaction(None) as session:
        alive = await session.scalar(sql("insert into worker (host, pid) values ('here', 1) returning id"))
    assert isinstance(alive, int)
    async with factories.begin_work(mailbox.database, mailbox.tenant) as ctx:
        assert await cursor_rows.lease_cursor(ctx, mailbox.account_id, new_id(), 3600, owner=alive)

    assert await mailbox.puller().unattended(10) == []
    async with mailbox.database.transaction(mailbox.tenant.id) as session:
        taken = await cursor_rows.lease_cursor(
            Context(session, mailbox.tenant.id), mailbox.account_id, new_id(), 3600, owner=None
        )
    assert taken is None


async def test_a_worker_without_room_leaves_an_account_to_be_read_from_time_to_time(mailbox: Mailbox) -> None:
    mailbox.write("Bonjour")
    async with standing_by(mailbox.puller(), most=0):
        await asyncio.sleep(0.5)
        assert await mailbox.puller().due() == [(mailbox.tenant.id, mailbox.account_id)]
        assert mailbox.twin.twin.connections == 0


async def test_what_goes_wrong_is_written_beside_the_account_which_is_then_let_alone(mailbox: Mailbox) -> None:
    mailbox.twin.twin.faults = Faults(imap_busy_rate=1.0)
    async with standing_by(mailbox.puller()):
        await until(lambda: mailbox.rows("select 1 from channel_cursor where failures = 1"))
        assert await mailbox.puller().unattended(10) == []

    assert await mailbox.rows("select error from channel_cursor") == [("unreachable: imap: answered UNAVAILABLE",)]


async def test_a_server_that_never_answers_holds_up_nobody(mailbox: Mailbox) -> None:
    mailbox.twin.twin.faults = Faults(imap_hang_rate=1.0)
    async with standing_by(mailbox.puller()):
        await until(lambda: connected(mailbox))
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 5
    assert mailbox.twin.twin.connections <= 1


def enclosing(subject: str, *headers: str) -> bytes:
    """A mail of six megabytes to a person, with some words before them."""
    head = [f"From: {ADDRESS}", f"To: {PERSON}", f"Subject: {subject}", "Content-Type: multipart/mixed; boundary=B"]
    parts = ["--B", "", f"{subject}: see you at ten.", "--B", "Content-Type: video/mp4; name=tour.mp4", ""]
    return "\r\n".join([*head, *headers, "", *parts, "x" * (6 << 20), "--B--", ""]).encode()


async def test_large_enclosures_that_left_over_a_slow_server_hold_up_nothing(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BATCH_SECONDS", 8.0)
    mailbox.twin.twin.faults = Faults(megabyte_ms=3000.0)
    sent = mailbox.twin.twin.sent[ADDRESS]
    sent.deliver(enclosing("An invoice"))
    sent.deliver(enclosing("Ours", f"X-Lumi-Message-ID: <{new_id().hex}@twin.example>"))
    asked = mailbox.twin.twin.write(ADDRESS, PERSON, "Ana", "Hello", "When?", {})
    sent.deliver(enclosing("An answer", f"In-Reply-To: {asked}"))
    await mailbox.puller().pull(mailbox.tenant.id, mailbox.account_id)

    assert await mailbox.rows("select failures, error from channel_cursor") == [(0, None)]
    assert await mailbox.rows("select kind, payload->>'text', payload#>>'{content,files,0}' from event order by n") == [
        ("message", "When?", None), ("echo", "An answer: see you at ten.", "video"),
    ]  # fmt: skip


async def test_when_what_left_cannot_be_read_what_came_in_is_read_all_the_same(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_adapter, "SENT_LONGEST_SECONDS", 0.3)
    adapter, account = mailbox.sender.adapter(Channel.MAILBOX), await mailbox.sender.account(*mailbox.ids)
    assert isinstance(adapter, MailboxAdapter)
    cursor = (await adapter.pull(account, None)).cursor
    asked = mailbox.twin.twin.write(ADDRESS, PERSON, "Ana", "Hello", "When?", {})
    mailbox.twin.twin.answer(ADDRESS, PERSON, "Re: Hello", "At ten.", {"In-Reply-To": asked})

    mailbox.twin.twin.faults = Faults(sent_hang_rate=1.0)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await adapter.pull(account, cursor)
    came = await adapter.pull(account, cursor)
    mailbox.twin.twin.faults = Faults()
    monkeypatch.setattr(mailbox_order.clock, "now", lambda: now() + mailbox_order.SPARED_FOR)
    late = await adapter.pull(account, came.cursor)

    assert [each.payload["text"] for each in came.parsed.inbound] == ["When?"]
    assert [each.payload["text"] for each in late.parsed.inbound] == ["At ten."]


async def test_who_may_read_what_left_only_now_and_then_hears_what_came_in_all_the_same(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = timedelta()
    monkeypatch.setattr(mailbox_order.clock, "now", lambda: now() + passed)
    mailbox.twin.twin.faults = Faults(sent_limit_rate=1.0)
    mailbox.write("Bonjour")
    for _ in range(3):
        await mailbox.puller().pull(*mailbox.ids)
        [(pause,)] = await mailbox.rows("select next_at - clock_timestamp() from channel_cursor")
        assert isinstance(pause, timedelta)
        passed += pause
        await mailbox.rows("update channel_cursor set next_at = clock_timestamp() returning 1")

    assert await mailbox.said() == ["Bonjour"]


async def connected(mailbox: Mailbox) -> bool:
    """Whether somebody stands by."""
    return mailbox.twin.twin.connections > 0

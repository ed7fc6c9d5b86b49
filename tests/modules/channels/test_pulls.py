"""Pulling: one reader at a time, what was read is committed before the cursor moves, and failures are told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from lumi.core.http import RateLimited, Unavailable
from lumi.core.ids import new_id
from lumi.core.realtime import open_realtime
from lumi.core.wake import Waker
from lumi.integrations.mailbox.errors import MailRejected, Reason
from lumi.modules.channels import public as channels
from lumi.modules.channels import rules
from lumi.modules.channels.public import Account, AccountState, Adapter, Channel, Credentials, Inbound
from lumi.modules.channels.services import watching
from lumi.modules.channels.services.pull import Puller, begin_at_now
from lumi.modules.channels.services.status import get_status
from lumi.modules.channels.values.incoming import Broken, Parsed, Pulled
from lumi.modules.channels.values.kinds import AlertKind
from lumi.modules.conversations import public as conversations
from tests import factories

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant


@dataclass
class Shelf:
    """An outside system: letters on a shelf, given out two at a time."""

    channel = Channel.MAILBOX
    poll_seconds = 60.0
    letters: list[str] = field(default_factory=list[str])
    asked: int = 0
    trouble: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def pull(self, account: Account, cursor: Mapping[str, object] | None) -> Pulled:
        self.asked += 1
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        after = cast("int", (cursor or {}).get("after", 0))
        parsed = Parsed()
        for name in self.letters[after : after + 2]:
            if name.startswith("?"):
                parsed.broken.append(Broken(name.encode(), "nobody can read it"))
            else:
                parsed.inbound.append(Inbound(None, name, ["email:ana@guest.example"], {"kind": "text", "text": name}))
        return Pulled(parsed, {"after": after + 2}, more=len(self.letters) > after + 2)


@dataclass
class Reader:
    """A connected account on the shelf, and a process that reads it."""

    database: Database
    tenant: Tenant
    account_id: UUID
    shelf: Shelf
    puller: Puller

    async def pull(self) -> None:
        await self.puller.pull(self.tenant.id, self.account_id)

    async def asks(self, count: int) -> None:
        """Wait until the shelf was asked so often."""
        for _ in range(1_000):
            if self.shelf.asked >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it was not asked")

    async def rows(self, statement: str, **values: object) -> Sequence[tuple[object, ...]]:
        async with self.database.transaction(self.tenant.id) as session:
            return [tuple(row) for row in (await session.execute(sql(statement), values)).all()]

    async def names(self) -> list[object]:
        return [row[0] for row in await self.rows("select provider_id from event order by n")]


@pytest.fixture
async def reader(database: Database, tenant: Tenant) -> Reader:
    shelf = Shelf()
    shelf.gate.set()
    async with factories.begin_work(database, tenant) as ctx:
        account_id = await channels.connect(
            ctx, channel=Channel.MAILBOX, external_id=f"{new_id().hex}@salon.example", name="Salon",
            credentials=Credentials("", "", "token"),
        )  # fmt: skip
    adapters = {Channel.MAILBOX: cast("Adapter", shelf)}
    unite = conversations.Uniter(database.pool, open_realtime(database.url))
    receiver = channels.Receiver(database, Waker(database), adapters, unite=unite)
    puller = Puller(database, channels.Sender(database, adapters), receiver)
    return Reader(database, tenant, account_id, shelf, puller)


async def test_an_account_is_read_batch_after_batch_to_the_end_and_then_let_go(reader: Reader) -> None:
    reader.shelf.letters = ["a", "b", "c", "d", "e"]
    await reader.pull()

    assert await reader.names() == ["a", "b", "c", "d", "e"]
    found = await reader.rows(
        "select cursor ->> 'after', leased_by, leased_until, error, next_at > now() + interval '50 s',"
        " pulled_at is not null from channel_cursor"
    )
    assert found == [("6", None, None, None, True, True)]


async def test_of_two_who_read_an_account_at_once_one_reads_and_then_looks_once_more(reader: Reader) -> None:
    reader.shelf.letters = ["a"]
    reader.shelf.gate.clear()
    reading = asyncio.create_task(reader.pull())
    await reader.asks(1)
    await reader.pull()
    assert reader.shelf.asked == 1
    reader.shelf.gate.set()
    await reading

    assert reader.shelf.asked == 2
    assert await reader.names() == ["a"]
    assert await reader.rows("select wanted from channel_cursor") == [(False,)]


async def test_who_was_too_slow_moves_no_cursor_and_what_it_read_is_there_once(reader: Reader) -> None:
    reader.shelf.letters = ["a", "b", "c"]
    reader.shelf.gate.clear()
    slow = asyncio.create_task(reader.pull())
    await reader.asks(1)
    await reader.rows("update channel_cursor set leased_until = now() - interval '1 s' returning 1")
    quick = asyncio.create_task(reader.pull())
    await reader.asks(2)
    reader.shelf.gate.set()
    await asyncio.gather(slow, quick)

    assert await reader.names() == ["a", "b", "c"]
    assert await reader.rows("select cursor ->> 'after', leased_by from channel_cursor") == [("4", None)]


async def test_a_cursor_that_was_not_committed_brings_the_same_again_and_nothing_is_twice(reader: Reader) -> None:
    reader.shelf.letters = ["a", "b", "c"]
    await reader.pull()
    await reader.rows("update channel_cursor set cursor = '{\"after\": 0}' returning 1")
    await reader.pull()

    assert await reader.names() == ["a", "b", "c"]


async def test_what_nobody_can_read_is_laid_down_and_the_rest_goes_on(reader: Reader) -> None:
    reader.shelf.letters = ["a", "?", "c"]
    await reader.pull()

    assert await reader.names() == ["a", "c"]
    assert await reader.rows("select reason from dead_letter") == [("nobody can read it",)]


async def test_a_failure_is_told_in_words_and_the_account_is_let_alone_until_its_pause_is_over(reader: Reader) -> None:
    reader.shelf.trouble = Unavailable("it answered nothing")
    await reader.pull()
    await reader.pull()

    assert reader.shelf.asked == 1
    told = "select failures, error, failed_at is not null, leased_by from channel_cursor"
    assert await reader.rows(told) == [(1, "unreachable: it answered nothing", True, None)]
    reader.shelf.trouble, reader.shelf.letters = None, ["a"]
    await reader.rows("update channel_cursor set next_at = now() returning 1")
    await reader.pull()
    assert await reader.rows(told) == [(0, None, False, None)]
    assert await reader.names() == ["a"]


async def test_what_nobody_foresaw_goes_on_to_whoever_runs_it_and_holds_nothing(reader: Reader) -> None:
    reader.shelf.trouble = KeyError("a bug")
    with pytest.raises(KeyError):
        await reader.pull()

    assert await reader.rows("select failures, leased_by from channel_cursor") == [(1, None)]


async def test_an_account_is_due_when_its_time_has_come_and_nobody_reads_it(reader: Reader) -> None:
    ours = (reader.tenant.id, reader.account_id)
    assert ours in await reader.puller.due()
    assert await reader.puller.unattended(10) == []  # nobody can wait for its news
    await reader.pull()
    assert ours not in await reader.puller.due()
    await reader.rows("update channel_cursor set next_at = now() returning 1")
    assert ours in await reader.puller.due()
    await reader.rows("update channel_account set disconnected_at = now() returning 1")
    assert ours not in await reader.puller.due()


@pytest.mark.parametrize(
    ("failures", "named", "seconds"), [(1, None, 10), (2, None, 20), (9, None, 900), (99, None, 900), (1, 3600, 3600)]
)
def test_the_pause_after_failures_grows_to_a_quarter_of_an_hour_and_a_named_one_is_kept(
    failures: int, named: float | None, seconds: float
) -> None:
    assert rules.pull_pause(failures, named) == seconds


async def test_how_long_a_provider_wants_peace_is_obeyed(reader: Reader) -> None:
    reader.shelf.trouble = RateLimited(3600)
    await reader.pull()

    assert await reader.rows("select next_at > now() + interval '59 min' from channel_cursor") == [(True,)]


async def told(reader: Reader) -> list[tuple[object, object]]:
    """What its owner is told of the account, after somebody watched: kind and sentence."""
    async with factories.begin_work(reader.database, reader.tenant) as ctx:
        await watching.watch(ctx)
        alerts = (await get_status(ctx, reader.account_id)).alerts
        return [(each.kind, channels.of_alert(each.kind, each.detail, Channel.MAILBOX, "en")) for each in alerts]


async def fails(reader: Reader, failure: Exception, times: int) -> None:
    """It cannot be read, so many times in a row."""
    reader.shelf.trouble = failure
    for _ in range(times):
        await reader.rows("update channel_cursor set next_at = now() returning 1")
        await reader.pull()


async def jobs(reader: Reader, kind: str) -> list[tuple[object, ...]]:
    return list(await reader.rows("select 1 from job where kind = :kind", kind=f"channels.{kind}"))


async def test_an_account_that_cannot_be_read_three_times_in_a_row_is_told_to_its_owner_until_it_can(
    reader: Reader,
) -> None:
    await reader.pull()
    await fails(reader, Unavailable("it answered nothing"), 2)
    assert await told(reader) == []
    assert await jobs(reader, "WatchAccounts") == []

    await fails(reader, Unavailable("it answered nothing"), 1)
    assert await jobs(reader, "WatchAccounts") == [(1,)]
    says = "Mailbox cannot be reached, so new messages are not seen. They wait there, and Lumi tries again by itself."
    assert await told(reader) == [(AlertKind.UNREAD, says)]
    async with factories.begin_work(reader.database, reader.tenant) as ctx:
        assert (await get_status(ctx, reader.account_id)).state is AccountState.BROKEN

    reader.shelf.trouble = None
    await reader.rows("update channel_cursor set next_at = now() returning 1")
    await reader.pull()
    assert await jobs(reader, "ExamineAccount") == [(1,)]  # what was said of it may be over
    assert await told(reader) == []


async def test_why_an_account_is_not_read_is_said_in_the_words_of_its_server(reader: Reader) -> None:
    await fails(reader, MailRejected(0, Reason.MAILBOX, "Mailbox doesn't exist: Salon"), 3)

    says = "New messages on Mailbox cannot be read. It says: Mailbox doesn't exist: Salon"
    assert await told(reader) == [(AlertKind.UNREAD, says)]


async def test_a_password_that_is_refused_is_told_at_once_and_not_twice(reader: Reader) -> None:
    await fails(reader, MailRejected(0, Reason.AUTH, "Invalid credentials for token"), 1)

    assert await jobs(reader, "WatchAccounts") == [(1,)]
    assert [kind for kind, _ in await told(reader)] == [AlertKind.TOKEN_REFUSED]
    assert await reader.rows("select failure from channel_account where failed_why = 'token'") == [
        ("Invalid credentials for …",)
    ]

    await fails(reader, MailRejected(0, Reason.AUTH, "Invalid credentials"), 3)
    assert [kind for kind, _ in await told(reader)] == [AlertKind.TOKEN_REFUSED]


async def test_an_account_that_is_connected_again_is_let_alone_no_longer_and_goes_on_where_it_was(
    reader: Reader,
) -> None:
    reader.shelf.letters = ["a", "b"]
    await reader.pull()
    await fails(reader, RateLimited(3600), 1)
    account = Account(reader.tenant.id, reader.account_id, Channel.MAILBOX, "1", "Salon", "token", {})

    async with factories.begin_work(reader.database, reader.tenant) as ctx:
        await begin_at_now(ctx, reader.shelf, account, anew=False)

    assert (reader.tenant.id, reader.account_id) in await reader.puller.due()
    assert await reader.rows("select cursor ->> 'after' from channel_cursor") == [("2",)]

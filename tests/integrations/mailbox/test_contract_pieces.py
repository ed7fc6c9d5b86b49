"""What any mail provider has to do when a folder is read a piece at a time, and beside another one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from lumi.core import clock
from lumi.integrations.mailbox.imap_reading import BEGINNING_BYTES
from tests.integrations.mailbox.written import bare, mail

if TYPE_CHECKING:
    from tests.integrations.mailbox.providers import Provider


class TestWhatWaits:
    """What is left for the next piece."""

    async def test_what_came_later_than_is_wanted_waits_and_says_when_it_came(self, server: Provider) -> None:
        early = clock.now().replace(microsecond=0) - timedelta(hours=2)
        late = early + timedelta(hours=1)
        await server.deliver(mail("Early"), at=early)
        await server.deliver(mail("Late"), at=late)
        await server.deliver(mail("Moved here, and older than both"), at=early - timedelta(days=1))
        async with server.imap().opened() as inbox:
            first = await inbox.fetch_since(inbox.end.uid_validity, 0, until=late)
            nothing = await inbox.fetch_since(inbox.end.uid_validity, first.position.last_uid, until=late)
            rest = await inbox.fetch_since(inbox.end.uid_validity, first.position.last_uid)

        assert [each.raw for each in first.messages] == [mail("Early")]
        assert (first.more, first.rest_at) == (True, late)
        assert (nothing.messages, nothing.position, nothing.more) == ((), first.position, True)
        assert [each.raw for each in rest.messages] == [mail("Late"), mail("Moved here, and older than both")]
        assert (rest.more, rest.rest_at) == (False, None)

    async def test_what_waits_after_renumbering_is_not_the_whole_mailbox(self, server: Provider) -> None:
        await server.deliver(mail("Ancient"), at=clock.now() - timedelta(days=30))
        await server.deliver(mail("Recent"))
        before = await server.imap().probe()
        await asyncio.sleep(1.1)  # Dovecot numbers by the second
        server.lose_index()
        async with server.imap().opened() as inbox:
            none = await inbox.fetch_since(before.uid_validity, 0, until=clock.now() - timedelta(hours=1))
            rest = await inbox.fetch_since(none.position.uid_validity, none.position.last_uid)

        assert (none.reset, none.messages, none.more) == (True, (), True)
        assert [each.raw for each in rest.messages] == [mail("Recent")]

    async def test_when_the_time_is_over_one_mail_is_read_all_the_same(self, server: Provider) -> None:
        await server.deliver(mail("One"), mail("Two"))
        async with server.imap().opened() as inbox:
            first = await inbox.fetch_since(inbox.end.uid_validity, 0, seconds=0)
            rest = await inbox.fetch_since(inbox.end.uid_validity, first.position.last_uid, seconds=0)

        assert [each.raw for each in (*first.messages, *rest.messages)] == [mail("One"), mail("Two")]
        assert (first.more, rest.more) == (True, False)


class TestWhatWasSent:
    """The folder in which programs keep what they sent, read beside the inbox."""

    async def test_without_a_position_it_says_where_reading_begins(self, server: Provider) -> None:
        await server.keep_sent(mail("Old"))
        async with server.imap().opened() as inbox:
            begins = await inbox.fetch_sent_since(None)
            assert begins is not None
            assert begins.messages == ()
            await server.keep_sent(mail("New"))
            found = await inbox.fetch_sent_since(begins.position)

        assert found is not None
        assert [each.raw for each in found.messages] == [mail("New")]
        assert found.position.last_uid == begins.position.last_uid + 1

    async def test_of_what_concerns_nobody_only_the_headers_are_read(self, server: Provider) -> None:
        async with server.imap().opened() as inbox:
            begins = await inbox.fetch_sent_since(None)
            assert begins is not None
            await server.keep_sent(mail("An invoice"), mail("An answer"))
            found = await inbox.fetch_sent_since(begins.position, concerns=lambda headers: b"An answer" in headers)

        assert found is not None
        invoice, answer = found.messages
        assert (invoice.raw, invoice.headers_only) == (mail("An invoice").partition(b"Bonjour")[0], True)
        assert (answer.raw, answer.headers_only) == (mail("An answer"), False)

    async def test_of_a_large_one_the_beginning_is_read(self, server: Provider) -> None:
        large = bare("Subject: large\n", b"See you at ten.\r\n" + b"x" * (BEGINNING_BYTES + 1))
        async with server.imap().opened() as inbox:
            begins = await inbox.fetch_sent_since(None)
            assert begins is not None
            await server.keep_sent(large)
            found = await inbox.fetch_sent_since(begins.position)

        assert found is not None
        [beginning] = found.messages
        assert (beginning.raw, beginning.size) == (large[:BEGINNING_BYTES], len(large))

    async def test_what_left_after_a_moment_is_read_again(self, server: Provider) -> None:
        early = clock.now().replace(microsecond=0) - timedelta(hours=2)
        async with server.imap().opened() as inbox:
            begins = await inbox.fetch_sent_since(None)
            assert begins is not None
            await server.keep_sent(mail("Early"), at=early)
            await server.keep_sent(mail("Late"), at=early + timedelta(hours=1))
            found = await inbox.fetch_sent_since(begins.position)
            assert found is not None
            cut = found.up_to(early + timedelta(minutes=1))
            rest = await inbox.fetch_sent_since(cut.position)

        assert [each.raw for each in cut.messages] == [mail("Early")]
        assert (cut.more, found.up_to(early + timedelta(hours=1))) == (True, found)
        assert rest is not None
        assert [each.raw for each in rest.messages] == [mail("Late")]

    async def test_the_inbox_is_open_again_afterwards_and_has_what_came_meanwhile(self, server: Provider) -> None:
        async with server.imap().opened() as inbox:
            end = inbox.end
            await inbox.fetch_sent_since(None)
            await server.deliver(mail("Came"))
            found = await inbox.fetch_since(end.uid_validity, end.last_uid)
            waiting = asyncio.create_task(inbox.wait(30))
            await asyncio.sleep(0.1)
            await server.deliver(mail("Came later"))
            assert await waiting

        assert [each.raw for each in found.messages] == [mail("Came")]

    async def test_a_folder_that_is_not_there_is_none(self, server: Provider) -> None:
        async with server.imap().opened() as inbox:
            assert await inbox.fetch_sent_since(None, "Nowhere") is None
            assert (await inbox.fetch_since(inbox.end.uid_validity, 0)).messages == ()

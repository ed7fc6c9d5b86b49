"""What any mail provider has to do; our twin does, and Dovecot does.

Dovecot's submission server passes on what it takes: to our twin, which so is tried by a client that is not ours.
"""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from lumi.core import clock
from lumi.core.http import RateLimited
from lumi.integrations.mailbox.account import Security
from lumi.integrations.mailbox.errors import MailRejected, Reason
from lumi.integrations.mailbox.imap import Imap
from lumi.integrations.mailbox.shapes import Position
from tests.integrations.mailbox.doors import at_home
from tests.integrations.mailbox.dovecot import ACCOUNT
from tests.integrations.mailbox.providers import (
    LARGEST_MAIL_BYTES,
    Provider,
)
from tests.integrations.mailbox.written import PERSON, bare, mail


class TestReading:
    """IMAP."""

    @pytest.mark.parametrize(
        "raw",
        [
            mail("Plain"),
            bare("Subject: 8 bit\n", "Ça marche 🌻\r\n".encode()),
            bare("Subject: looks like IMAP\n", b"L1 OK done\r\n* 1 FETCH (UID 1)\r\n{3}\r\n)\r\n\"\\\r\n"),
            bare("Subject: no end of line at the end\n", b"word"),
            bare("Subject: no body\n"),
            bare("Subject: long\n", b"x" * 50_000 + b"\r\n"),
        ],
        ids=["plain", "8bit", "imap", "open", "empty", "long"],
    )  # fmt: skip
    async def test_a_mail_is_read_byte_by_byte(self, server: Provider, raw: bytes) -> None:
        start = await server.imap().probe()
        await server.deliver(raw)
        async with server.imap().opened() as inbox:
            fetched = await inbox.fetch_since(start.uid_validity, start.last_uid)
        [found] = fetched.messages
        assert (found.raw, found.headers_only, found.size) == (raw, False, len(raw))
        assert found.internal_date is not None
        assert abs(clock.now() - found.internal_date) < timedelta(seconds=5)
        assert not fetched.reset

    async def test_what_was_read_is_not_read_again(self, server: Provider) -> None:
        await server.deliver(mail("One"))
        await server.deliver(mail("Two"))
        async with server.imap().opened() as inbox:
            first = await inbox.fetch_since(inbox.end.uid_validity, 0)
            assert len(first.messages) == 2
            again = await inbox.fetch_since(first.position.uid_validity, first.position.last_uid)
            assert (again.messages, again.position, again.more) == ((), first.position, False)

    async def test_reading_leaves_a_mail_unread(self, server: Provider) -> None:
        await server.deliver(mail("Unread"))
        async with server.imap().opened() as inbox:
            fetched = await inbox.fetch_since(inbox.end.uid_validity, 0)
        assert b"\\Seen" not in await server.flags(fetched.messages[0].uid)

    async def test_one_mail_is_read_again_where_it_lies_as_long_as_it_does(self, server: Provider) -> None:
        start = await server.imap().probe()
        await server.deliver(mail("First"))
        await server.deliver(mail("Second"))
        async with server.imap().opened() as inbox:
            first, second = (await inbox.fetch_since(start.uid_validity, start.last_uid)).messages
            assert await inbox.fetch_one(Position(start.uid_validity, first.uid)) == first.raw
            assert await inbox.fetch_one(Position(start.uid_validity, second.uid + 1)) is None
            assert await inbox.fetch_one(Position(start.uid_validity + 1, first.uid)) is None

    async def test_only_the_headers_of_a_large_mail_are_read(self, server: Provider) -> None:
        large = bare("Subject: large\n", b"x" * LARGEST_MAIL_BYTES)
        await server.deliver(large)
        await server.deliver(mail("After it"))
        async with server.imap().opened() as inbox:
            fetched = await inbox.fetch_since(inbox.end.uid_validity, 0)
            with pytest.raises(MailRejected, match="size"):
                await inbox.fetch_one(Position(inbox.end.uid_validity, fetched.messages[0].uid))
        first, second = fetched.messages
        assert (first.raw, first.size, first.headers_only) == (b"Subject: large\r\n\r\n", len(large), True)
        assert not second.headers_only

    async def test_many_mails_come_some_at_a_time(self, server: Provider) -> None:
        async with server.imap().opened() as inbox:
            await server.deliver(*(mail(f"Number {number}") for number in range(53)))
            start = inbox.end
            first = await inbox.fetch_since(start.uid_validity, start.last_uid)
            assert (len(first.messages), first.more) == (50, True)
            rest = await inbox.fetch_since(first.position.uid_validity, first.position.last_uid)
            assert (len(rest.messages), rest.more) == (3, False)
        assert len({each.uid for each in (*first.messages, *rest.messages)}) == 53

    async def test_after_renumbering_the_mails_of_seven_days_come_again(self, server: Provider) -> None:
        old = clock.now() - timedelta(days=7, minutes=10)
        recent = clock.now() - timedelta(days=6, hours=23, minutes=50)
        await server.deliver(mail("Old"), at=old)
        await server.deliver(mail("Recent"), at=recent)
        await server.deliver(mail("New"))
        before = await server.imap().probe()
        await asyncio.sleep(1.1)  # Dovecot numbers by the second
        server.lose_index()
        async with server.imap().opened() as inbox:
            fetched = await inbox.fetch_since(before.uid_validity, before.last_uid)
            assert (fetched.reset, fetched.more) == (True, False)
            assert {each.raw for each in fetched.messages} == {mail("Recent"), mail("New")}
            again = await inbox.fetch_since(fetched.position.uid_validity, fetched.position.last_uid)
            assert (again.reset, again.messages) == (False, ())

    async def test_the_first_reading_of_an_old_mailbox_ends_where_it_ends(self, server: Provider) -> None:
        await server.deliver(mail("Old"), at=clock.now() - timedelta(days=30))
        async with server.imap().opened() as inbox:
            fetched = await inbox.fetch_since(None, 0)
            assert (fetched.reset, fetched.messages, fetched.position) == (True, (), inbox.end)

    async def test_waiting_ends_with_a_mail(self, server: Provider) -> None:
        async with server.imap().opened() as inbox:
            await inbox.fetch_since(inbox.end.uid_validity, inbox.end.last_uid)
            waiting = asyncio.create_task(inbox.wait(30))
            await asyncio.sleep(0.1)
            await server.deliver(mail("News"))
            assert await waiting
            fetched = await inbox.fetch_since(inbox.end.uid_validity, inbox.end.last_uid)
            assert [each.raw for each in fetched.messages] == [mail("News")]

    async def test_waiting_ends_without_a_mail_when_its_time_is_over(self, server: Provider) -> None:
        imap = server.imap()
        imap.idle_seconds = 0.05
        async with imap.opened() as inbox:
            await inbox.fetch_since(inbox.end.uid_validity, inbox.end.last_uid)
            assert not await inbox.wait(0.3)
            await server.deliver(mail("Between two waits"))
            assert await inbox.wait(30)

    @pytest.mark.parametrize("server", ["dovecot"], indirect=True)
    async def test_the_folder_that_was_named_is_read(self, server: Provider) -> None:
        def fill() -> None:
            with server.another_program() as program:
                assert program.create('"B&APw-ro &- Co"')[0] == "OK"
                assert program.append('"B&APw-ro &- Co"', "", "", mail("For the office"))[0] == "OK"

        await asyncio.to_thread(fill)
        office = Imap(server.http, server.incoming, allow=at_home, folder="Büro & Co")
        async with office.opened() as inbox:
            [read] = (await inbox.fetch_since(inbox.end.uid_validity, 0)).messages
        assert b"For the office" in read.raw

    async def test_a_folder_that_is_not_there_is_refused(self, server: Provider) -> None:
        with pytest.raises(MailRejected) as failure:
            await Imap(server.http, server.incoming, allow=at_home, folder="Nowhere").probe()
        assert failure.value.reason is Reason.MAILBOX

    async def test_a_mail_that_is_gone_is_no_trouble(self, server: Provider) -> None:
        await server.deliver(mail("Gone"))
        async with server.imap().opened() as inbox:
            await server.remove_all()
            fetched = await inbox.fetch_since(inbox.end.uid_validity, 0)
        assert (fetched.messages, fetched.unreadable) == ((), ())
        assert fetched.position == inbox.end


class TestGettingIn:
    """Logins and encryption, of both kinds."""

    async def test_a_probe_tells_where_new_mail_begins(self, server: Provider) -> None:
        await server.deliver(mail("Before"))
        position = await server.imap().probe()
        assert position == Position(position.uid_validity, 1)

    async def test_a_probe_tells_the_largest_mail(self, server: Provider) -> None:
        assert await server.smtp().probe() == LARGEST_MAIL_BYTES

    async def test_an_access_token_is_a_login(self, server: Provider) -> None:
        await server.imap(**server.with_token()).probe()
        await server.smtp(**server.with_token()).probe()

    @pytest.mark.parametrize("kind", ["password", "token"])
    async def test_a_wrong_secret_is_refused_as_such(self, server: Provider, kind: str) -> None:
        wrong = {"secret": SecretStr("wrong")} if kind == "password" else server.with_token("d3Jvbmc")
        for probe in (server.imap(**wrong).probe, server.smtp(**wrong).probe):
            with pytest.raises(MailRejected) as failure:
                await probe()
            assert failure.value.reason is Reason.AUTH

    async def test_encryption_may_begin_with_the_connection(self, server: Provider) -> None:
        await server.imap(port=server.imap_tls_port, security=Security.TLS).probe()

    @pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
    async def test_a_certificate_that_nobody_vouches_for_is_refused(self, server: Provider, security: Security) -> None:
        port = server.imap_tls_port if security is Security.TLS else server.incoming.port
        with pytest.raises(MailRejected) as failure:
            await server.imap(port=port, security=security, authorities=None).probe()
        assert failure.value.reason is Reason.ENCRYPTION

    async def test_encryption_with_a_server_that_begins_in_clear_is_refused(self, server: Provider) -> None:
        with pytest.raises(MailRejected) as failure:
            await server.imap(security=Security.TLS).probe()
        assert failure.value.reason is Reason.ENCRYPTION


class TestSending:
    """SMTP."""

    async def test_a_mail_arrives_and_has_a_number(self, server: Provider) -> None:
        queue_id = await server.smtp().send(mail("Hello"), ACCOUNT, [PERSON])
        [taken] = server.taken
        assert (taken.sender, taken.recipients, taken.subject) == (ACCOUNT, (PERSON,), "Hello")
        assert queue_id is not None

    @pytest.mark.parametrize(
        ("body", "arrives"),
        [
            (b".\r\n..\r\n.word\r\n", b".\r\n..\r\n.word\r\n"),
            (b"one\ntwo\rthree\r\n\r\n.\nfour", b"one\r\ntwo\r\nthree\r\n\r\n.\r\nfour\r\n"),
            ("Ça marche 🌻\r\n".encode(), "Ça marche 🌻\r\n".encode()),
            (b"", b""),
            (b"y" * 900 + b"\r\n" + b"x\r\n" * 15_000, b"y" * 900 + b"\r\n" + b"x\r\n" * 15_000),
        ],
        ids=["dots", "line ends", "8bit", "empty", "long"],
    )
    async def test_every_line_arrives(self, server: Provider, body: bytes, arrives: bytes) -> None:
        await server.smtp().send(bare("Subject: lines\n", body), ACCOUNT, [ACCOUNT])
        [raw] = server.delivered
        assert raw.endswith(bare("Subject: lines\n", arrives))

    async def test_two_identical_mails_are_two_mails(self, server: Provider) -> None:
        await server.smtp().send(mail("Twice"), ACCOUNT, [PERSON])
        await server.smtp().send(mail("Twice"), ACCOUNT, [PERSON])
        assert len(server.taken) == 2

    async def test_a_mail_may_have_several_recipients_and_no_way_back(self, server: Provider) -> None:
        await server.smtp().send(mail("Notice"), "", [PERSON, "bob@example.org"])
        [taken] = server.taken
        assert (taken.sender, taken.recipients) == ("", (PERSON, "bob@example.org"))

    async def test_an_unknown_recipient_is_refused_and_nobody_gets_the_mail(self, server: Provider) -> None:
        with pytest.raises(MailRejected) as failure:
            await server.smtp().send(mail("Hello"), ACCOUNT, [PERSON, "nobody@twin.invalid"])
        assert (failure.value.reason, failure.value.status) == (Reason.RECIPIENT, 550)
        assert server.taken == []

    async def test_a_sender_of_others_is_refused(self, server: Provider) -> None:
        with pytest.raises(MailRejected) as failure:
            await server.smtp().send(mail("Hello"), "ceo@elsewhere.example", [PERSON])
        assert failure.value.reason is Reason.SENDER
        assert server.taken == []

    async def test_a_mail_that_is_too_large_is_refused_before_it_is_sent(self, server: Provider) -> None:
        with pytest.raises(MailRejected) as failure:
            await server.smtp().send(bare("Subject: large\n", b"x\r\n" * 30_000), ACCOUNT, [PERSON])
        assert (failure.value.reason, failure.value.status) == (Reason.SIZE, 0)
        assert server.taken == []

    async def test_a_server_that_wants_patience_says_so(self, server: Provider) -> None:
        server.twin.twin.faults = server.twin.twin.faults.changed(
            {"refuse_recipient_rate": 1, "status": 450, "error_code": 471}
        )
        with pytest.raises(RateLimited) as failure:
            await server.smtp().send(mail("Hello"), ACCOUNT, [PERSON])
        assert failure.value.retry_after >= 60
        assert server.taken == []

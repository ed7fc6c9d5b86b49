"""Reading a mailbox when its server is busy, odd, slow or gone."""

import asyncio
import time

import pytest
from pydantic import SecretStr

from lumi.core.http import Http, OutsideFailure, RateLimited, Unavailable
from lumi.integrations.mailbox.account import Security, Server
from lumi.integrations.mailbox.errors import MailRejected, Reason
from lumi.integrations.mailbox.fake.faults import Faults
from lumi.integrations.mailbox.fake.server import RunningTwin
from lumi.integrations.mailbox.imap import Imap
from lumi.integrations.mailbox.imap_dialogue import Answer, Result
from lumi.integrations.mailbox.imap_folders import sent_folder
from tests.integrations.mailbox.doors import at_home
from tests.integrations.mailbox.dovecot import ACCOUNT
from tests.integrations.mailbox.scripted import CAPABLE, DONE, GREETING, OPENED, OPENING, client, scripted
from tests.waiting import PATIENCE_SECONDS, until

RAW = b"From: ann@example.org\r\nSubject: Hi\r\n\r\nBonjour\r\n"


def deliver(served: RunningTwin, raw: bytes = RAW) -> None:
    served.twin.receive(ACCOUNT, raw)


async def until_closed(served: RunningTwin) -> None:
    await until(lambda: served.twin.connections == 0)


class TestFolderOfWhatWasSent:
    """Which one it is, where servers tell more or less."""

    @pytest.mark.parametrize(
        ("listed", "found"),
        [
            (rb'* LIST (\HasNoChildren \Sent) "/" "[Gmail]/Sent Mail"', b'"[Gmail]/Sent Mail"'),
            (rb'* LIST (\sent) "." INBOX.Enviados', b'"INBOX.Enviados"'),
            (rb'* LIST () NIL "Sent Items"', b'"Sent Items"'),
            (b'* LIST () "/" sent\r\n* LIST (\\Sent) "/" Gesendet', b'"Gesendet"'),
            (rb'* LIST (\Noselect \Sent) "/" Sent', None),
            (rb'* LIST () "/" Essential', None),
            (b'* LIST garbled (\r\n* LIST () "/" "Sent"', b'"Sent"'),
            (b"* OK nothing", None),
        ],
    )
    def test_it_is_the_one_that_is_marked_or_else_has_a_usual_name(self, listed: bytes, found: bytes | None) -> None:
        answer = Answer(Result("OK", "", "", ""), [[line] for line in listed.split(b"\r\n")])

        assert sent_folder(answer) == found


class TestWaiting:
    """IDLE, and asking again where there is none."""

    async def test_without_idle_the_server_is_asked_now_and_then(
        self, http: Http, served: RunningTwin, incoming: Server
    ) -> None:
        served.twin.settings.has_idle = False
        async with Imap(http, incoming, allow=at_home, poll_seconds=0.02).opened() as inbox:
            await inbox.fetch_since(None, 0)
            assert not await inbox.wait(0.1)
            waiting = asyncio.create_task(inbox.wait(30))
            await asyncio.sleep(0.05)
            deliver(served)
            assert await waiting

    async def test_idle_that_is_offered_and_refused_is_replaced_by_asking(self, http: Http) -> None:
        idle = b"* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done"
        says = (GREETING, idle, DONE, idle, OPENED, DONE, b"* SEARCH\r\nTAG OK done", b"TAG NO not now")
        async with scripted(*says, b"* 2 EXISTS\r\nTAG OK done", b"TAG OK bye") as server:
            async with client(http, server.port, poll_seconds=0.01).opened() as inbox:
                await inbox.fetch_since(7, 8)
                assert await inbox.wait(30)
            assert [each.split()[1] for each in server.heard[-3:]] == [b"IDLE", b"NOOP", b"LOGOUT"]

    async def test_a_mail_that_came_while_others_were_read_ends_the_next_wait_at_once(
        self, imap: Imap, served: RunningTwin
    ) -> None:
        deliver(served)
        async with imap.opened() as inbox:
            fetched = await inbox.fetch_since(None, 0)
            deliver(served)
            again = await inbox.fetch_since(fetched.uid_validity, 999)
            assert again.messages == ()
            started = time.monotonic()
            await inbox.wait(PATIENCE_SECONDS)
            assert time.monotonic() - started < PATIENCE_SECONDS / 2

    async def test_before_the_first_reading_there_is_nothing_to_wait_for(self, imap: Imap) -> None:
        async with imap.opened() as inbox:
            assert await inbox.wait(30)

    async def test_a_mail_that_is_removed_is_no_news(self, imap: Imap, served: RunningTwin) -> None:
        deliver(served)
        deliver(served)
        async with imap.opened() as inbox:
            await inbox.fetch_since(None, 0)
            waiting = asyncio.create_task(inbox.wait(0.2))
            await asyncio.sleep(0.05)
            served.twin.mailboxes[ACCOUNT].remove(1)
            assert not await waiting
            waiting = asyncio.create_task(inbox.wait(30))
            await asyncio.sleep(0.05)
            deliver(served)
            assert await waiting

    async def test_a_cancelled_wait_leaves_nothing_open(self, imap: Imap, served: RunningTwin) -> None:
        async def work() -> None:
            async with imap.opened() as inbox:
                await inbox.fetch_since(None, 0)
                await inbox.wait(60)

        task = asyncio.create_task(work())
        await until(lambda: served.twin.connections == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_closed(served)

    async def test_after_a_cancelled_wait_the_inbox_can_only_be_left(self, imap: Imap, served: RunningTwin) -> None:
        async with imap.opened() as inbox:
            await inbox.fetch_since(None, 0)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await inbox.wait(60)
            await until_closed(served)
            with pytest.raises(Unavailable):
                await inbox.fetch_since(None, 0)

    async def test_an_error_of_ours_leaves_nothing_open(self, imap: Imap, served: RunningTwin) -> None:
        async def work() -> None:
            async with imap.opened() as inbox:
                await inbox.fetch_since(None, 0)
                raise LookupError("no such thread")

        with pytest.raises(LookupError):
            await work()
        await until_closed(served)

    async def test_a_server_that_says_goodbye_is_unavailable(self, imap: Imap, served: RunningTwin) -> None:
        served.twin.faults = Faults(drop_idle_rate=1)
        async with imap.opened() as inbox:
            await inbox.fetch_since(None, 0)
            with pytest.raises(Unavailable):
                await inbox.wait(60)

    async def test_a_renumbered_mailbox_ends_the_connection(self, imap: Imap, served: RunningTwin) -> None:
        deliver(served)
        async with imap.opened() as inbox:
            fetched = await inbox.fetch_since(None, 0)
            served.twin.mailboxes[ACCOUNT].rebuild()
            with pytest.raises(Unavailable):
                await inbox.fetch_since(fetched.uid_validity, 0)
        async with imap.opened() as inbox:
            assert (await inbox.fetch_since(fetched.uid_validity, 1)).reset


class TestTrouble:
    """Failures are told by what has to be done about them, and nothing stays open."""

    @pytest.mark.parametrize(
        ("faults", "kind"), [(Faults(imap_busy_rate=1), Unavailable), (Faults(imap_limit_rate=1), RateLimited)]
    )
    async def test_a_busy_server_is_no_wrong_password(
        self, imap: Imap, served: RunningTwin, faults: Faults, kind: type[OutsideFailure]
    ) -> None:
        served.twin.faults = faults
        with pytest.raises(kind) as failure:
            await imap.probe()
        assert failure.value.target == "imap"
        await until_closed(served)

    async def test_gmail_with_too_many_connections_is_no_wrong_password(self, http: Http) -> None:
        refusal = b"TAG NO [ALERT] Too many simultaneous connections. (Failure)"
        async with scripted(GREETING, CAPABLE, refusal) as server:
            with pytest.raises(RateLimited):
                await client(http, server.port).probe()

    async def test_a_server_that_is_not_there_is_unavailable(self, http: Http, unused_tcp_port: int) -> None:
        with pytest.raises(Unavailable):
            await client(http, unused_tcp_port).probe()

    async def test_a_server_that_hangs_is_unavailable_and_left(
        self, http: Http, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("lumi.integrations.mailbox.imap.LOGIN_SECONDS", 0.1)
        async with scripted(GREETING, then_hangs=True) as server:
            with pytest.raises(Unavailable):
                await client(http, server.port).probe()
            await until(lambda: server.open_connections == 0)

    @pytest.mark.parametrize(
        "says",
        [
            (b"* BYE too busy",),
            (b"220 mail.example.org ESMTP",),
            (None,),
            (GREETING, None),
            (GREETING, CAPABLE, DONE, CAPABLE, None),
            (b"* OK {99999999}",),
        ],
    )
    async def test_a_server_that_breaks_off_or_babbles_is_unavailable(
        self, http: Http, says: tuple[bytes | None, ...]
    ) -> None:
        async with scripted(*says) as server:
            with pytest.raises(Unavailable):
                await client(http, server.port).probe()

    @pytest.mark.parametrize(
        ("opening", "reason"),
        [
            ((b"TAG NO [NONEXISTENT] no inbox",), Reason.MAILBOX),
            ((b"* 1 EXISTS\r\nTAG OK done",), Reason.MAILBOX),
            ((b"TAG BAD what?",), Reason.MAILBOX),
        ],
    )
    async def test_an_inbox_that_cannot_be_read_is_refused(
        self, http: Http, opening: tuple[bytes, ...], reason: Reason
    ) -> None:
        async with scripted(*OPENING[:-1], *opening) as server:
            with pytest.raises(MailRejected) as failure:
                await client(http, server.port).probe()
        assert failure.value.reason is reason

    async def test_a_failing_account_rests_and_others_do_not(self, served: RunningTwin, incoming: Server) -> None:
        served.twin.faults = Faults(imap_busy_rate=1)
        async with Http(failures_to_open=3) as http:
            tired = Imap(http, incoming, allow=at_home)
            for _ in range(3):
                with pytest.raises(Unavailable):
                    await tired.probe()
            with pytest.raises(Unavailable) as failure:
                await tired.probe()
            assert failure.value.retry_after is not None
            served.twin.faults = Faults()
            other = Server(served.host, served.ports.imap, "hotel@twin.example", incoming.secret, Security.PLAIN)
            await Imap(http, other, allow=at_home).probe()


class TestOddMails:
    """One mail that cannot be had keeps none of the others back."""

    async def test_a_mail_that_is_refused_whole_comes_with_its_headers(self, imap: Imap, served: RunningTwin) -> None:
        deliver(served)
        served.twin.faults = Faults(unreadable_rate=1)
        async with imap.opened() as inbox:
            [found] = (await inbox.fetch_since(None, 0)).messages
        assert (found.raw, found.headers_only) == (b"From: ann@example.org\r\nSubject: Hi\r\n\r\n", True)

    async def test_a_mail_that_is_not_handed_out_at_all_is_named(self, http: Http) -> None:
        meta = b'* 1 FETCH (UID 9 RFC822.SIZE 5 INTERNALDATE "21-Nov-2026 10:56:16 +0000")'
        says = (
            DONE,
            b"* SEARCH 9 10\r\nTAG OK done",
            meta + b"\r\nTAG NO some are broken",
            b"TAG NO broken",
            b"TAG BAD broken",
            b"* 2 FETCH (UID 10 BODY[]<0> {2}\r\nok FLAGS (\\Recent))\r\nTAG OK done",
        )
        async with scripted(*OPENING, *says, b"TAG OK bye") as server, client(http, server.port).opened() as inbox:
            fetched = await inbox.fetch_since(7, 8)
        assert fetched.unreadable == (9,)
        assert [(each.uid, each.raw, each.internal_date) for each in fetched.messages] == [(10, b"ok", None)]
        assert (fetched.more, fetched.position.last_uid) == (False, 10)

    async def test_a_mail_larger_than_its_server_said_is_not_read_whole(self, http: Http) -> None:
        says = (
            DONE,
            b"* SEARCH 9\r\nTAG OK done",
            b"* 1 FETCH (UID 9 RFC822.SIZE 5)\r\nTAG OK done",
            b"* 1 FETCH (UID 9 BODY[]<0> {11}\r\n12345678901)\r\nTAG OK done",
            b"* 1 FETCH (UID 9 BODY[HEADER]<0> {4}\r\na: b)\r\nTAG OK done",
        )
        async with scripted(*OPENING, *says, b"TAG OK bye") as server:
            async with client(http, server.port, largest_mail_bytes=10).opened() as inbox:
                [found] = (await inbox.fetch_since(7, 8)).messages
            assert b"BODY.PEEK[]<0.11>" in server.heard[-3]
        assert (found.raw, found.headers_only) == (b"a: b", True)

    async def test_a_mail_that_goes_while_it_is_read_is_passed_over(self, http: Http) -> None:
        says = (DONE, b"* SEARCH 9 10\r\nTAG OK done", b"* 1 EXPUNGE\r\n" + DONE, DONE, DONE, b"TAG OK bye")
        async with scripted(*OPENING, *says) as server, client(http, server.port).opened() as inbox:
            fetched = await inbox.fetch_since(7, 8)
        assert (fetched.messages, fetched.unreadable, fetched.position.last_uid) == ((), (), 10)

    async def test_a_server_that_sends_without_end_is_left(self, http: Http) -> None:
        says = (DONE, b"* SEARCH 9\r\nTAG OK done", b"* 1 FETCH (UID 9 BODY[] {99999999}\r\nx")
        async with scripted(*OPENING, *says) as server, client(http, server.port).opened() as inbox:
            with pytest.raises(Unavailable):
                await inbox.fetch_since(7, 8)

    async def test_answers_to_nobody_in_particular_are_passed_over(self, http: Http) -> None:
        says = (
            b"* OK still here\r\n* 5 EXISTS\r\n* FLAGS (\\Seen)\r\n" + DONE,
            b"* SEARCH 9\r\n* SEARCH\r\n* SEARCH 8 x " + b"9" * 5_000 + b"\r\nTAG OK done",
            b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 9\r\n* 3 FETCH (UID 9 RFC822.SIZE 2)\r\nTAG OK done",
            b'* 4 FETCH (UID 4 BODY[] "no")\r\n* 3 FETCH (UID 9 BODY[] "ok")\r\nTAG OK done',
        )
        async with scripted(*OPENING, *says, b"TAG OK bye") as server, client(http, server.port).opened() as inbox:
            fetched = await inbox.fetch_since(7, 8)
        assert [(each.uid, each.raw) for each in fetched.messages] == [(9, b"ok")]


class TestLoggingIn:
    """Servers without SASL get the password as they can take it."""

    @pytest.mark.parametrize("password", ["plain", 'q"u\\oted {3}', "ñandú", ""])
    async def test_any_password_reaches_a_server_without_sasl(
        self, http: Http, served: RunningTwin, incoming: Server, password: str
    ) -> None:
        served.twin.settings.has_sasl = False
        served.twin.settings.password = password
        server = Server(served.host, incoming.port, ACCOUNT, SecretStr(password), Security.PLAIN)
        await Imap(http, server, allow=at_home).probe()

    async def test_a_server_that_takes_no_initial_proof_is_asked_first(self, http: Http) -> None:
        capable = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done"
        async with scripted(GREETING, capable, b"+ ", b"L2 OK in", CAPABLE, OPENED, b"TAG OK bye") as server:
            await client(http, server.port).probe()
        assert server.heard[1:3] == [b"L2 AUTHENTICATE PLAIN", b"AGFubgBzZWNyZXQ="]

    @pytest.mark.parametrize(
        ("capable", "reason"),
        [(b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done", Reason.AUTH)],
    )
    async def test_a_password_is_not_sent_where_none_is_taken(self, http: Http, capable: bytes, reason: Reason) -> None:
        async with scripted(GREETING, capable) as server:
            with pytest.raises(MailRejected) as failure:
                await client(http, server.port).probe()
            assert failure.value.reason is reason
            assert not any(b"secret" in each for each in server.heard)

    @pytest.mark.parametrize("login", ["password", "token"])
    async def test_line_ends_in_a_secret_are_refused(self, login: str) -> None:
        with pytest.raises(ValueError, match="line ends"):
            Server("127.0.0.1", 143, "ann", SecretStr(f"{login}\r\nL9 LOGOUT"))

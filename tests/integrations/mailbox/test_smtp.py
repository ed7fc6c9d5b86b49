"""Sending when the server refuses, breaks off or is silent: whether a mail may be there is told exactly."""

import asyncio

import pytest
from pydantic import SecretStr

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, RateLimited, Silenced, Unavailable, only_while
from lumi.integrations.mailbox.account import Security, Server
from lumi.integrations.mailbox.errors import MailRejected, Reason, Step, smtp_refusal
from lumi.integrations.mailbox.fake.faults import Faults
from lumi.integrations.mailbox.fake.server import RunningTwin
from lumi.integrations.mailbox.smtp import Smtp
from tests.integrations.mailbox.doors import at_home
from tests.integrations.mailbox.dovecot import ACCOUNT
from tests.integrations.mailbox.scripted import scripted
from tests.waiting import PATIENCE_SECONDS, SILENCE_SECONDS, until

PERSON = "ann@example.org"
# More than lies in the buffers between two programs.
LONG_BODY = (b"x" * 900 + b"\r\n") * 20_000
RAW = b"Subject: Hi\r\n\r\nBonjour\r\n"
# Up to the moment the content may be sent, by a server that wants no login.
TALK = (b"220 ready", b"250 hello", b"250 sender", b"250 recipient", b"354 go on")


async def send(smtp: Smtp, *, raw: bytes = RAW, timeout: float = 5.0) -> str | None:
    return await smtp.send(raw, ACCOUNT, [PERSON], timeout=timeout)


def client(http: Http, port: int) -> Smtp:
    return Smtp(http, Server("127.0.0.1", port, "", SecretStr(""), Security.PLAIN), allow=at_home)


class TestOutcome:
    """Before the last dot nothing was taken; after it, only an answer tells."""

    @pytest.mark.parametrize("talk", [TALK[:n] for n in range(1, 6)], ids=["banner", "hello", "from", "to", "data"])
    async def test_a_connection_lost_before_the_last_dot_took_nothing(
        self, http: Http, talk: tuple[bytes, ...]
    ) -> None:
        async with scripted(*talk[:-1], None) as server:
            with pytest.raises(Unavailable):
                await send(client(http, server.port))

    async def test_a_connection_lost_in_the_middle_of_a_mail_took_nothing(
        self, smtp: Smtp, served: RunningTwin
    ) -> None:
        served.twin.faults = Faults(disconnect_before_accept_rate=1)
        with pytest.raises(Unavailable):
            await send(smtp, raw=RAW + LONG_BODY)
        assert served.twin.ledger.count == 0

    async def test_a_connection_lost_after_the_last_dot_has_an_unknown_outcome(
        self, smtp: Smtp, served: RunningTwin
    ) -> None:
        served.twin.faults = Faults(disconnect_after_accept_rate=1)
        with pytest.raises(OutcomeUnknown) as failure:
            await send(smtp)
        assert failure.value.target == "smtp"
        assert served.twin.ledger.count == 1

    async def test_silence_after_the_last_dot_has_an_unknown_outcome(self, smtp: Smtp, served: RunningTwin) -> None:
        served.twin.faults = Faults(hang_rate=1)
        with pytest.raises(OutcomeUnknown):
            await send(smtp, timeout=SILENCE_SECONDS)
        await until(lambda: served.twin.connections == 0)

    async def test_a_mail_refused_in_its_middle_is_refused(self, http: Http) -> None:
        async with scripted(*TALK, b"", b"", b"552 5.3.4 too large for us") as server:
            with pytest.raises(MailRejected) as failure:
                await send(client(http, server.port), raw=RAW + LONG_BODY)
        assert failure.value.reason is Reason.SIZE

    async def test_who_may_not_speak_any_more_gives_no_last_dot_and_nothing_is_taken(
        self, smtp: Smtp, served: RunningTwin
    ) -> None:
        with only_while(lambda: False), pytest.raises(Silenced):
            await send(smtp)
        await until(lambda: served.twin.connections == 0)
        assert served.twin.ledger.count == 0

    async def test_silence_before_it_took_nothing(self, http: Http) -> None:
        async with scripted(*TALK[:2], then_hangs=True) as server:
            with pytest.raises(Unavailable):
                await send(client(http, server.port), timeout=0.2)

    @pytest.mark.parametrize("answer", [b"what?", b"354 once more", b"250-half an answer", None])
    async def test_an_answer_that_is_none_has_an_unknown_outcome(self, http: Http, answer: bytes | None) -> None:
        async with scripted(*TALK, b"", b"", b"", answer) as server:
            with pytest.raises(OutcomeUnknown):
                await send(client(http, server.port), timeout=SILENCE_SECONDS)

    async def test_silence_after_the_answer_changes_nothing(self, http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("lumi.integrations.mailbox.smtp.FAREWELL_SECONDS", 0.6)
        async with scripted(*TALK, b"", b"", b"", b"250 queued as 42", then_hangs=True) as server:
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert await send(client(http, server.port), timeout=SILENCE_SECONDS) == "42"
            assert server.heard[-1] == b"QUIT"

    async def test_a_late_answer_is_still_an_answer(self, smtp: Smtp, served: RunningTwin) -> None:
        served.twin.faults = Faults(delay_ms=80)
        assert await send(smtp)

    async def test_a_cancelled_send_leaves_nothing_open(self, smtp: Smtp, served: RunningTwin) -> None:
        served.twin.faults = Faults(hang_rate=1)
        task = asyncio.create_task(send(smtp))
        await until(lambda: served.twin.connections == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: served.twin.connections == 0)

    async def test_a_server_that_is_not_there_is_unavailable(self, http: Http, unused_tcp_port: int) -> None:
        with pytest.raises(Unavailable):
            await send(client(http, unused_tcp_port))


class TestRefusals:
    """Codes become reasons."""

    @pytest.mark.parametrize(
        ("faults", "kind"),
        [
            (Faults(fail_rate=1), Unavailable),
            (Faults(fail_rate=1, status=421, error_code=470), RateLimited),
            (Faults(refuse_recipient_rate=1, status=452, error_code=422), Unavailable),
            (Faults(refuse_content_rate=1, status=451, error_code=471), RateLimited),
            (Faults(refuse_smtp_login_rate=1, status=454, error_code=470), Unavailable),
        ],
    )
    async def test_what_passes_is_tried_again(
        self, smtp: Smtp, served: RunningTwin, faults: Faults, kind: type[OutsideFailure]
    ) -> None:
        served.twin.faults = faults
        with pytest.raises(kind) as failure:
            await send(smtp)
        assert (failure.value.status, served.twin.ledger.count) == (faults.status, 0)

    @pytest.mark.parametrize(
        ("faults", "reason"),
        [
            (Faults(refuse_smtp_login_rate=1, status=535, error_code=578), Reason.AUTH),
            (Faults(fail_rate=1, status=550, error_code=571), Reason.SENDER),
            (Faults(fail_rate=1, status=552, error_code=534), Reason.SIZE),
            (Faults(refuse_recipient_rate=1, status=550, error_code=511), Reason.RECIPIENT),
            (Faults(refuse_recipient_rate=1, status=554, error_code=571), Reason.POLICY),
            (Faults(refuse_content_rate=1, status=554, error_code=571), Reason.POLICY),
            (Faults(refuse_content_rate=1, status=552, error_code=570), Reason.POLICY),
            (Faults(refuse_content_rate=1, status=552, error_code=534), Reason.SIZE),
            (Faults(refuse_content_rate=1, status=554, error_code=560), Reason.PAYLOAD),
        ],
    )
    async def test_what_is_refused_for_good_says_whom_it_concerns(
        self, smtp: Smtp, served: RunningTwin, faults: Faults, reason: Reason
    ) -> None:
        served.twin.faults = faults
        with pytest.raises(MailRejected) as failure:
            await send(smtp)
        assert (failure.value.reason, failure.value.status, failure.value.target) == (reason, faults.status, "smtp")
        assert failure.value.details.endswith("Simulated failure")
        assert served.twin.ledger.count == 0

    @pytest.mark.parametrize(
        ("code", "text", "step", "reason"),
        [
            (550, "User unknown", Step.RECIPIENT, Reason.RECIPIENT),
            (551, "5.1.6 moved", Step.RECIPIENT, Reason.RECIPIENT),
            (552, "5.2.2 mailbox full", Step.RECIPIENT, Reason.RECIPIENT),
            (552, "too big", Step.CONTENT, Reason.SIZE),
            (530, "5.7.57 Client not authenticated to send mail", Step.SENDER, Reason.AUTH),
            (534, "5.7.9 Application-specific password required", Step.LOGIN, Reason.AUTH),
            (504, "5.5.4 unrecognized mechanism", Step.LOGIN, Reason.AUTH),
            (501, "5.5.4 bad parameter", Step.SENDER, Reason.PAYLOAD),
            (500, "line too long", Step.CONTENT, Reason.PAYLOAD),
            (550, "we do not like this", Step.CONTENT, Reason.POLICY),
            (554, "no SMTP service here", Step.GREETING, Reason.POLICY),
            (556, "no such thing", Step.CONTENT, Reason.OTHER),
        ],
    )
    def test_the_words_of_many_servers_have_the_same_reasons(
        self, code: int, text: str, step: Step, reason: Reason
    ) -> None:
        refusal = smtp_refusal(code, text, step)
        assert isinstance(refusal, MailRejected)
        assert refusal.reason is reason

    @pytest.mark.parametrize(
        ("code", "text", "kind"),
        [
            (450, "4.2.1 receiving mail at a rate", RateLimited),
            (451, "4.7.1 Greylisting in action", RateLimited),
            (432, "4.3.2 sender thread limit exceeded", RateLimited),
            (451, "4.3.0 local error", Unavailable),
            (454, "4.7.0 Temporary authentication failure", Unavailable),
            (299, "nonsense", Unavailable),
        ],
    )
    def test_pacing_is_told_from_trouble(self, code: int, text: str, kind: type[OutsideFailure]) -> None:
        assert type(smtp_refusal(code, text, Step.CONTENT)) is kind


class TestRefusedHere:
    """What cannot be sent is refused without a word to the server."""

    @pytest.mark.parametrize(
        ("sender", "recipients", "reason"),
        [
            ("nobody", [PERSON], Reason.SENDER),
            (f"{ACCOUNT}>\r\nRSET", [PERSON], Reason.SENDER),
            (ACCOUNT, [], Reason.RECIPIENT),
            (ACCOUNT, [PERSON] * 101, Reason.RECIPIENT),
            (ACCOUNT, [PERSON, "bob"], Reason.RECIPIENT),
            (ACCOUNT, ["a@b.example> SIZE=1"], Reason.RECIPIENT),
            (ACCOUNT, ["a@b.example\r\nDATA"], Reason.RECIPIENT),
        ],
    )
    async def test_an_envelope_that_is_none(
        self, smtp: Smtp, served: RunningTwin, sender: str, recipients: list[str], reason: Reason
    ) -> None:
        with pytest.raises(MailRejected) as failure:
            await smtp.send(RAW, sender, recipients)
        assert (failure.value.reason, failure.value.status) == (reason, 0)
        assert served.twin.counts["refused"] == 0

    @pytest.mark.parametrize(
        ("raw", "recipient", "reason"),
        [
            ("Subject: ñ\r\n\r\n".encode(), PERSON, Reason.PAYLOAD),
            (RAW, "zoé@example.org", Reason.RECIPIENT),
        ],
    )
    async def test_what_a_server_of_ascii_cannot_carry(
        self, http: Http, raw: bytes, recipient: str, reason: Reason
    ) -> None:
        async with scripted(*TALK[:2], then_hangs=True) as server:
            with pytest.raises(MailRejected) as failure:
                await client(http, server.port).send(raw, ACCOUNT, [recipient])
        assert failure.value.reason is reason

    async def test_an_address_in_utf8_is_sent_where_it_is_taken(self, smtp: Smtp, served: RunningTwin) -> None:
        await smtp.send(RAW, ACCOUNT, ["zoé@example.org"])
        [taken] = served.twin.ledger.after(0, 9)
        assert taken.to == "zoé@example.org"


class TestTalk:
    """What is said on the wire."""

    @pytest.mark.parametrize(
        ("answer", "queue_id"),
        [
            (b"250 2.0.0 Ok: queued as 4F1B2C", "4F1B2C"),
            (b"250 OK id=1tXyZ-0001-AB", "1tXyZ-0001-AB"),
            (b"250 2.0.0 OK  1700000000 abc-def.12 - gsmtp", "abc-def.12"),
            (b"250 2.0.0 <a@b> [InternalId=77, Hostname=x] Queued mail for delivery", "77"),
            (b"250 thanks", None),
            (b"251 thanks", None),
        ],
    )
    async def test_the_number_of_a_mail_is_found_in_the_words_of_servers(
        self, http: Http, answer: bytes, queue_id: str | None
    ) -> None:
        async with scripted(*TALK, b"", b"", b"", answer, b"221 bye") as server:
            assert await send(client(http, server.port)) == queue_id

    async def test_without_sasl_plain_the_password_is_given_when_asked_for(self, http: Http) -> None:
        says = (b"220 ready", b"250-hello\r\n250 AUTH LOGIN", b"334 VXNlcm5hbWU6", b"334 UGFzc3dvcmQ6", b"235 in")
        async with scripted(*says, b"221 bye") as server:
            login = Server("127.0.0.1", server.port, "ann", SecretStr("secret"), Security.PLAIN)
            await Smtp(http, login, allow=at_home).probe()
            assert server.heard[1:4] == [b"AUTH LOGIN", b"YW5u", b"c2VjcmV0"]

    @pytest.mark.parametrize("offer", [b"250 hello", b"250-hello\r\n250 AUTH GSSAPI"])
    async def test_a_password_is_not_sent_where_none_is_taken(self, http: Http, offer: bytes) -> None:
        async with scripted(b"220 ready", offer, then_hangs=True) as server:
            login = Server("127.0.0.1", server.port, "ann", SecretStr("secret"), Security.PLAIN)
            with pytest.raises(MailRejected) as failure:
                await Smtp(http, login, allow=at_home).probe()
            assert failure.value.reason is Reason.AUTH
            assert len(server.heard) == 1

    async def test_a_wrong_password_is_tried_once(self, http: Http, served: RunningTwin, outgoing: Server) -> None:
        wrong = Server(served.host, outgoing.port, ACCOUNT, SecretStr("wrong"), Security.PLAIN)
        with pytest.raises(MailRejected):
            await Smtp(http, wrong, allow=at_home).probe()
        assert served.twin.counts["refused"] == 1

    async def test_a_server_that_answers_without_end_is_left(self, http: Http) -> None:
        async with scripted(b"220-more\r\n" * 300, then_hangs=True) as server:
            with pytest.raises(Unavailable):
                await client(http, server.port).probe()

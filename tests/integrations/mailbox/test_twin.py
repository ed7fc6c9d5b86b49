"""The twin as its user knows it, and as the clients of the standard library do."""

import asyncio
import imaplib
import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import aiohttp
import pytest
from pydantic import SecretStr

from lumi.core.http import Http, Unavailable
from lumi.integrations.mailbox.account import Security, Server
from lumi.integrations.mailbox.fake.server import RunningTwin
from lumi.integrations.mailbox.imap import Imap
from lumi.integrations.mailbox.smtp import Smtp
from tests.integrations.mailbox.conftest import PASSWORD, TOKEN
from tests.integrations.mailbox.doors import at_home
from tests.integrations.mailbox.dovecot import ACCOUNT
from tests.waiting import PATIENCE_SECONDS, until

PERSON = "ann@example.org"
RAW = b"Subject: =?utf-8?q?=C3=87a?=\r\nMessage-ID: <1@twin.example>\r\n\r\nBonjour\r\n"
Seen = dict[str, object]


class Screen:
    """Somebody's mail program, over the control surface."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, path: str, wishes: Seen, expect: int = 200) -> Seen:
        async with self._session.post(f"/_twin/{path}", json=wishes) as answer:
            assert answer.status == expect
            return await answer.json()

    async def get(self, path: str, **query: str | int) -> Seen:
        async with self._session.get(f"/_twin/{path}", params=query) as answer:
            assert answer.status == 200
            return await answer.json()

    async def texts(self, peer: str, **query: str | int) -> list[str]:
        shown = cast("list[dict[str, str]]", (await self.get("messages", peer=peer, **query))["messages"])
        return [each["text"].strip() for each in shown]


@pytest.fixture
async def screen(served: RunningTwin) -> AsyncIterator[Screen]:
    async with aiohttp.ClientSession(served.url) as session:
        yield Screen(session)


async def raws(imap: Imap) -> list[bytes]:
    async with imap.opened() as inbox:
        return [each.raw for each in (await inbox.fetch_since(inbox.end.uid_validity, 0)).messages]


class TestControl:
    """The control surface."""

    async def test_what_a_person_writes_lies_in_the_inbox(self, screen: Screen, imap: Imap) -> None:
        wishes: Seen = {
            "from": PERSON, "name": "Anaïs 🌻", "subject": "Çà et là", "text": "Allô ?",
            "headers": {"In-Reply-To": "<0@twin.example>", "Message-ID": "<7@example.org>"},
        }  # fmt: skip
        written = await screen.post("inbound", wishes)
        [raw] = await raws(imap)
        assert written == {"id": "<7@example.org>"}
        assert b"In-Reply-To: <0@twin.example>\r\n" in raw
        assert PERSON.encode() in raw
        assert await screen.texts(PERSON) == ["Allô ?"]

    async def test_a_mail_comes_in_as_it_stands(self, screen: Screen, imap: Imap) -> None:
        await screen.post("inbound", {"raw": RAW.decode()})
        assert await raws(imap) == [RAW]

    async def test_each_account_has_an_inbox_of_its_own(self, screen: Screen, imap: Imap) -> None:
        await screen.post("inbound", {"from": PERSON, "text": "Hôtel ?", "to": "hotel@twin.example"})
        assert await raws(imap) == []
        assert await screen.texts(PERSON, account="hotel@twin.example") == ["Hôtel ?"]

    async def test_both_sides_of_a_correspondence_are_shown(self, screen: Screen, smtp: Smtp) -> None:
        await screen.post("inbound", {"from": PERSON, "text": "Bonjour"})
        await smtp.send(RAW, ACCOUNT, [PERSON.upper()])
        shown = cast("list[Seen]", (await screen.get("messages", peer=PERSON))["messages"])
        assert [(each["n"], each["mine"], each["subject"]) for each in shown] == [(1, True, ""), (2, False, "Ça")]
        assert await screen.texts(PERSON, after=1) == ["Bonjour"]

    async def test_waiting_ends_with_the_next_mail(self, screen: Screen, smtp: Smtp) -> None:
        waiting = asyncio.create_task(screen.get("messages/wait", peer=PERSON, timeout=30))
        await asyncio.sleep(0.05)
        await smtp.send(RAW, ACCOUNT, [PERSON])
        assert (await waiting)["last"] == 1

    async def test_waiting_ends_without_news_when_its_time_is_over(self, screen: Screen) -> None:
        assert (await screen.get("messages/wait", peer=PERSON, timeout=0))["messages"] == []

    async def test_every_mail_taken_is_on_record_in_order(self, screen: Screen, smtp: Smtp, tmp_path: Path) -> None:
        ids = [await smtp.send(RAW, ACCOUNT, [PERSON]) for _ in range(3)]
        lines = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text().splitlines()]
        assert [(line["n"], line["id"], line["message_id"]) for line in lines] == [
            (n + 1, each, "<1@twin.example>") for n, each in enumerate(ids)
        ]
        log = await screen.get("log", after=1, limit=1)
        assert [each["n"] for each in cast("list[Seen]", log["messages"])] == [2]
        assert log["last"] == 3

    async def test_a_mail_is_on_record_before_it_is_answered(self, screen: Screen, smtp: Smtp) -> None:
        async def is_on_record() -> bool:
            return (await screen.get("counts"))["accepted"] == 1

        await screen.post("faults", {"delay_ms": 1000})
        sending = asyncio.create_task(smtp.send(RAW, ACCOUNT, [PERSON]))
        await until(is_on_record)
        assert not sending.done()
        assert await sending

    async def test_faults_are_rates_and_come_in_the_order_of_the_seed(self, screen: Screen, smtp: Smtp) -> None:
        async def outcomes() -> list[bool]:
            await screen.post("faults", {"reset": True, "seed": 7, "fail_rate": 0.5})
            found: list[bool] = []
            for _ in range(20):
                try:
                    await smtp.send(RAW, ACCOUNT, [PERSON])
                    found.append(True)
                except Unavailable:
                    found.append(False)
            return found

        first = await outcomes()
        assert first == await outcomes()
        assert 0 < sum(first) < 20
        assert (await screen.get("faults"))["fail_rate"] == 0.5

    async def test_a_server_may_lose_its_index(self, screen: Screen, imap: Imap) -> None:
        before = await imap.probe()
        after = await screen.post("rebuild", {})
        assert after["uid_validity"] != before.uid_validity
        assert (await imap.probe()).uid_validity == after["uid_validity"]

    @pytest.mark.parametrize(
        ("path", "wishes"),
        [
            ("inbound", {"text": "Allô ?"}),
            ("inbound", {"from": PERSON}),
            ("inbound", {"from": PERSON, "text": "Allô ?", "to": "nobody@twin.example"}),
            ("inbound", {"from": PERSON, "text": "Allô ?", "subject": "two\nlines"}),
            ("faults", {"fail_rat": 1}),
            ("faults", {"fail_rate": 2}),
            ("rebuild", {"account": "nobody@twin.example"}),
        ],
    )
    async def test_what_makes_no_sense_is_refused(self, screen: Screen, path: str, wishes: Seen) -> None:
        assert (await screen.post(path, wishes, expect=400))["error"]


class TestOtherClients:
    """The standard library's clients, which were not written with us."""

    async def test_imaplib_reads(self, served: RunningTwin) -> None:
        served.twin.receive(ACCOUNT, RAW)
        served.twin.receive(ACCOUNT, b"Subject: 2\r\n\r\n")

        def read() -> list[object]:
            with imaplib.IMAP4(served.host, served.ports.imap, timeout=PATIENCE_SECONDS) as client:
                client.login(ACCOUNT, PASSWORD)
                return [
                    client.select("INBOX"),
                    client.uid("SEARCH", "UID", "7:*"),
                    client.uid("SEARCH", "SINCE", "1-Jan-2020"),
                    client.uid("FETCH", "1", "(UID BODY.PEEK[])"),
                    client.uid("FETCH", "1", "(FLAGS)"),
                    client.uid("FETCH", "1", "(BODY[HEADER])"),
                    client.uid("FETCH", "1:*", "(FLAGS)"),
                    client.noop(),
                ]

        selected, quirk, since, body, unread, header, flags, noop = await asyncio.to_thread(read)
        assert selected == ("OK", [b"2"])
        assert quirk == ("OK", [b"2"])
        assert since == ("OK", [b"1 2"])
        head = RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        assert body == ("OK", [(b"1 (UID 1 BODY[] {%d}" % len(RAW), RAW), b")"])
        assert unread == ("OK", [b"1 (FLAGS ())"])
        assert header == ("OK", [(b"1 (BODY[HEADER] {%d}" % len(head), head), b")"])
        assert flags == ("OK", [b"1 (FLAGS (\\Seen))", b"2 (FLAGS ())"])
        assert noop == ("OK", [b"NOOP completed."])

    @pytest.mark.parametrize("mechanism", ["PLAIN", "XOAUTH2"])
    async def test_imaplib_logs_in_with_sasl(self, served: RunningTwin, mechanism: str) -> None:
        token = f"user={ACCOUNT}\x01auth=Bearer {TOKEN}\x01\x01"
        proof = f"\0{ACCOUNT}\0{PASSWORD}" if mechanism == "PLAIN" else token

        def log_in(proof: str) -> None:
            with imaplib.IMAP4(served.host, served.ports.imap, timeout=PATIENCE_SECONDS) as client:
                client.authenticate(mechanism, lambda question: proof.encode() if not question else b"")

        await asyncio.to_thread(log_in, proof)
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            await asyncio.to_thread(log_in, proof.replace(PASSWORD, "no").replace(TOKEN, "no"))

    async def test_smtplib_sends(self, served: RunningTwin) -> None:
        def send() -> None:
            with smtplib.SMTP(served.host, served.ports.smtp, timeout=PATIENCE_SECONDS) as client:
                client.login(ACCOUNT, PASSWORD)
                assert client.sendmail(ACCOUNT, [ACCOUNT], RAW + b"..\r\n.\r\nend") == {}
                assert client.rset()[0] == client.noop()[0] == 250

        await asyncio.to_thread(send)
        [stored] = served.twin.mailboxes[ACCOUNT].mails
        assert stored.raw == RAW + b"..\r\n.\r\nend\r\n"

    @pytest.mark.parametrize(
        ("commands", "code"),
        [
            (["MAIL FROM:<a@twin.example>"], 530),
            (["AUTH PLAIN AGEAYg=="], 535),
            (["AUTH GSSAPI"], 535),
            (["AUTH PLAIN ???"], 501),
            (["RCPT TO:<a@b.example>"], 503),
            (["DATA"], 503),
            (["STARTTLS"], 502),
            (["HELO there"], 250),
            (["VRFY a@b.example"], 252),
            (["MAKE TEA"], 500),
        ],
    )
    async def test_smtp_out_of_turn_is_answered_as_servers_do(
        self, served: RunningTwin, commands: list[str], code: int
    ) -> None:
        def talk() -> int:
            with smtplib.SMTP(served.host, served.ports.smtp, timeout=PATIENCE_SECONDS) as client:
                client.ehlo()
                return [client.docmd(each)[0] for each in commands][-1]

        assert await asyncio.to_thread(talk) == code

    @pytest.mark.parametrize(
        "command", ["UID SEARCH ALL", "SELECT INBOX", "FROBNICATE", "STARTTLS", "AUTHENTICATE PLAIN ???", "LOGIN one"]
    )
    async def test_imap_out_of_turn_is_bad(self, served: RunningTwin, command: str) -> None:
        reader, writer = await asyncio.open_connection(served.host, served.ports.imap)
        await reader.readline()
        writer.write(f"a {command}\r\n".encode())
        assert (await reader.readline()).startswith(b"a BAD ")
        writer.close()
        await writer.wait_closed()


@pytest.mark.skipif(sys.platform == "win32", reason="ends by signal")
async def test_it_runs_as_a_program(http: Http) -> None:
    command = [sys.executable, "-m", "lumi.integrations.mailbox.fake", "--account", "spa@twin.example"]
    keys = {"MAILBOX_PASSWORD": "p-from-outside"}
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env={**os.environ, **keys})
    assert process.stdout is not None
    said = json.loads(await process.stdout.readline())
    server = Server(
        said["host"], said["ports"]["imap"], "spa@twin.example", SecretStr("p-from-outside"), Security.PLAIN
    )
    await Imap(http, server, allow=at_home).probe()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert said["accounts"] == ["spa@twin.example"]
    assert "password" not in said
    assert len(said["access_token"]) >= 32

"""A mail provider as a test sees it, whoever plays it: our twin, or Dovecot with our twin behind it."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import SecretStr

from lumi.core.http import Http
from lumi.integrations.mailbox.account import Login, Security, Server
from lumi.integrations.mailbox.fake.ledger import Accepted
from lumi.integrations.mailbox.fake.server import RunningTwin
from lumi.integrations.mailbox.imap import Imap
from lumi.integrations.mailbox.smtp import Smtp
from tests.integrations.mailbox.doors import at_home
from tests.integrations.mailbox.dovecot import Dovecot

LARGEST_MAIL_BYTES = 64 << 10
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Provider:
    """Its servers as the account sees them, and what a test may do behind their backs."""

    http: Http
    incoming: Server
    outgoing: Server
    token: str
    imap_tls_port: int
    twin: RunningTwin
    lose_index: Callable[[], None]

    def imap(self, **changes: object) -> Imap:
        """The mailbox, reached in another way on request."""
        return Imap(self.http, replace(self.incoming, **changes), allow=at_home, largest_mail_bytes=LARGEST_MAIL_BYTES)  # pyright: ignore[reportArgumentType] - fields of Server

    def smtp(self, **changes: object) -> Smtp:
        """The way out, reached in another way on request."""
        return Smtp(self.http, replace(self.outgoing, **changes), allow=at_home)  # pyright: ignore[reportArgumentType] - fields of Server

    def with_token(self, token: str | None = None) -> dict[str, object]:
        """The changes that log in by access token."""
        return {"login": Login.XOAUTH2, "secret": SecretStr(token or self.token)}

    async def deliver(self, *mails: bytes, at: datetime | None = None) -> None:
        """Put mails into the inbox, through another program's connection where the server is not ours."""
        account = self.twin.twin.settings.accounts[0]
        if self.incoming.port == self.twin.ports.imap:
            for raw in mails:
                self.twin.twin.receive(account, raw, at)
        else:
            await asyncio.to_thread(self._append, mails, at)

    async def keep_sent(self, *mails: bytes, at: datetime | None = None) -> None:
        """Put mails among those that were sent, as the program of somebody who writes them does."""
        if self.incoming.port == self.twin.ports.imap:
            for raw in mails:
                self.twin.twin.sent[self.incoming.user].deliver(raw, at)
        else:
            await asyncio.to_thread(self._append, mails, at, '"Gesendete Objekte"')

    async def flags(self, uid: int) -> bytes:
        """The flags of a mail, as another program sees them."""
        return await asyncio.to_thread(self._flags, uid)

    async def remove_all(self) -> None:
        """Empty the inbox behind the client's back."""
        if self.incoming.port != self.twin.ports.imap:
            await asyncio.to_thread(self._remove_all)
            return
        mailbox = self.twin.twin.mailboxes[self.incoming.user]
        for each in list(mailbox.mails):
            mailbox.remove(each.uid)

    @property
    def taken(self) -> list[Accepted]:
        """What reached the server behind."""
        return list(self.twin.twin.ledger.after(0, 1000))

    @property
    def delivered(self) -> list[bytes]:
        """The mails to our own account that reached the server behind, byte by byte."""
        return [each.raw for each in self.twin.twin.mailboxes[self.twin.twin.settings.accounts[0]].mails]

    def another_program(self) -> imaplib.IMAP4:
        """A connection of the standard library's client, with the inbox open."""
        program = imaplib.IMAP4(LOOPBACK, self.incoming.port, timeout=10)
        context = ssl.create_default_context(cadata=self.incoming.authorities)
        if "AUTH=PLAIN" not in program.capabilities:
            program.starttls(context)
        proof = f"\0{self.incoming.user}\0{self.incoming.secret.get_secret_value()}".encode()
        program.authenticate("PLAIN", lambda _: proof)
        assert program.select("INBOX")[0] == "OK"
        return program

    def _append(self, mails: Sequence[bytes], at: datetime | None, folder: str = "INBOX") -> None:
        with self.another_program() as program:
            date = imaplib.Time2Internaldate(at) if at is not None else ""
            for raw in mails:
                assert program.append(folder, "", date, raw)[0] == "OK"

    def _flags(self, uid: int) -> bytes:
        with self.another_program() as program:
            status, answer = program.uid("FETCH", str(uid), "(FLAGS)")
            assert status == "OK"
            assert isinstance(answer[0], bytes)
            return answer[0]

    def _remove_all(self) -> None:
        with self.another_program() as program:
            program.uid("STORE", "1:*", "+FLAGS", "(\\Deleted)")
            program.expunge()


def played_by_twin(http: Http, twin: RunningTwin, authority: str) -> Provider:
    """The twin itself; passwords travel after STARTTLS."""
    settings = twin.twin.settings
    account, password = settings.accounts[0], SecretStr(settings.password)
    incoming = Server(LOOPBACK, twin.ports.imap, account, password, Security.STARTTLS, authorities=authority)
    outgoing = replace(incoming, port=twin.ports.smtp)
    mailbox = twin.twin.mailboxes[account]
    return Provider(http, incoming, outgoing, settings.access_token, twin.ports.imap_tls, twin, mailbox.rebuild)


def played_by_dovecot(http: Http, dovecot: Dovecot, twin: RunningTwin, password: str) -> Provider:
    """Dovecot; what it takes for others goes to the twin behind it."""
    account = twin.twin.settings.accounts[0]
    incoming = Server(
        LOOPBACK, dovecot.imap, account, SecretStr(password), Security.STARTTLS, authorities=dovecot.authority
    )
    outgoing = replace(incoming, port=dovecot.submission)
    token = dovecot.access_token()
    return Provider(http, incoming, outgoing, token, dovecot.imap_tls, twin, dovecot.renumber)

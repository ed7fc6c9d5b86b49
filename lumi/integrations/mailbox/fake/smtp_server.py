"""The twin's SMTP server: submission as Postfix does it, down to the words."""

import asyncio
import base64
import binascii
import re
from typing import NoReturn

from lumi.core.http.lines import Lines
from lumi.integrations.mailbox.fake.sessions import Ended, Session
from lumi.integrations.mailbox.fake.twin import NOWHERE, Twin

_MAIL = re.compile(r"FROM: ?<([^<>]*)>((?: +[^ =]+(?:=[^ ]+)?)*)", re.IGNORECASE)
_RCPT = re.compile(r"TO: ?<([^<>@]+@[^<>@]+)>", re.IGNORECASE)
_MOST_RECIPIENTS = 100


class Refusal(Exception):
    """A reply that is no success; the session goes on."""


class SmtpSession(Session):
    """One connection of a client that sends."""

    def __init__(self, twin: Twin, lines: Lines, *, in_tls: bool) -> None:
        super().__init__(twin, lines, in_tls=in_tls)
        self._account: str | None = None
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def serve(self) -> None:
        """Talk until QUIT."""
        commands = {
            "EHLO": self._ehlo, "HELO": self._helo, "STARTTLS": self._starttls, "AUTH": self._auth,
            "MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data, "RSET": self._rset,
            "NOOP": self._noop, "VRFY": self._vrfy, "QUIT": self._quit,
        }  # fmt: skip
        await self.say("220 mail.twin.example ESMTP Twin")
        while True:
            line = (await self.lines.line()).decode("utf-8", "replace")
            verb, _, rest = line.partition(" ")
            try:
                command = commands.get(verb.upper()) or _refuse("500 5.5.2 Error: command not recognized")
                await command(rest.strip())
            except Refusal as refusal:
                self.twin.counts["refused"] += 1
                await self.say(str(refusal))

    async def _ehlo(self, _: str) -> None:
        self._begin()
        offered = ["mail.twin.example", "PIPELINING", f"SIZE {self.twin.settings.largest_mail_bytes}"]
        if self.twin.tls is not None and not self.in_tls:
            offered.append("STARTTLS")
        if self.may_log_in:
            offered.append("AUTH PLAIN LOGIN XOAUTH2")
        offered += ["ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8"]
        for each in offered[:-1]:
            await self.say(f"250-{each}")
        await self.say(f"250 {offered[-1]}")

    async def _helo(self, _: str) -> None:
        self._begin()
        await self.say("250 mail.twin.example")

    async def _starttls(self, _: str) -> None:
        if self.twin.tls is None or self.in_tls:
            _refuse("502 5.5.1 Error: command not implemented")
        await self.say("220 2.0.0 Ready to start TLS")
        await self.encrypt()
        self._account = None
        self._begin()

    async def _auth(self, rest: str) -> None:
        if not self.may_log_in:
            _refuse("530 5.7.0 Must issue a STARTTLS command first")
        mechanism, _, initial = rest.partition(" ")
        user, secret, token = "", "", False
        if mechanism.upper() == "PLAIN":
            _, user, secret = _plain(initial or await self._asked(""))
        elif mechanism.upper() == "LOGIN":
            user = _decoded(initial or await self._asked("VXNlcm5hbWU6"))
            secret = _decoded(await self._asked("UGFzc3dvcmQ6"))
        elif mechanism.upper() == "XOAUTH2":
            user, secret = xoauth2(_decoded(initial or await self._asked("")))
            token = True
        else:
            _refuse("535 5.7.8 Error: authentication failed: Invalid authentication mechanism")
        self._fail(self.twin.faults.refuse_smtp_login_rate)
        if not self.twin.admits(user, secret, token=token):
            if token:
                # Whoever presents a bad token is told why in a question.
                await self._asked("eyJzdGF0dXMiOiI0MDAifQ==")
            _refuse("535 5.7.8 Error: authentication failed")
        self._account = user
        await self.say("235 2.7.0 Authentication successful")

    async def _mail(self, rest: str) -> None:
        if self._account is None:
            _refuse("530 5.7.0 Authentication required")
        found = _MAIL.fullmatch(rest) or _refuse("501 5.5.4 Syntax: MAIL FROM:<address>")
        for option in found[2].upper().split():
            name, _, value = option.partition("=")
            if name not in ("SIZE", "BODY", "SMTPUTF8", "AUTH"):
                _refuse("555 5.5.4 Unsupported option")
            if name == "SIZE" and value.isdecimal() and int(value) > self.twin.settings.largest_mail_bytes:
                _refuse("552 5.3.4 Message size exceeds fixed limit")
        self._fail(self.twin.faults.fail_rate)
        if not self.twin.owns(self._account, found[1]):
            _refuse(f"553 5.7.1 <{found[1]}>: Sender address rejected: not owned by user {self._account}")
        self._begin()
        self._sender = found[1]
        await self.say("250 2.1.0 Ok")

    async def _rcpt(self, rest: str) -> None:
        if self._sender is None:
            _refuse("503 5.5.1 Error: need MAIL command")
        found = _RCPT.fullmatch(rest) or _refuse("501 5.1.3 Bad recipient address syntax")
        if len(self._recipients) >= _MOST_RECIPIENTS:
            _refuse("452 4.5.3 Error: too many recipients")
        self._fail(self.twin.faults.refuse_recipient_rate)
        if found[1].casefold().endswith(NOWHERE):
            _refuse(f"550 5.1.1 <{found[1]}>: Recipient address rejected: User unknown")
        self._recipients.append(found[1])
        await self.say("250 2.1.5 Ok")

    async def _data(self, _: str) -> None:
        if self._sender is None or not self._recipients or self._account is None:
            _refuse("503 5.5.1 Error: need RCPT command" if self._sender is not None else "503 5.5.1 Error: need MAIL")
        await self.say("354 End data with <CR><LF>.<CR><LF>")
        raw = await self._content()
        account, sender, recipients = self._account, self._sender, tuple(self._recipients)
        self._begin()
        faults, dice = self.twin.faults, self.twin.dice
        if len(raw) > self.twin.settings.largest_mail_bytes:
            _refuse("552 5.3.4 Error: message file too big")
        if dice.falls(faults.hang_rate):
            await self.hang()
        self._fail(faults.refuse_content_rate)
        queue_id = self.twin.accept(account, sender, recipients, raw)
        if faults.delay_ms:
            await asyncio.sleep(faults.delay_ms / 1000)
        if dice.falls(faults.disconnect_after_accept_rate):
            self.lines.abort()
            raise Ended
        await self.say(f"250 2.0.0 Ok: queued as {queue_id}")

    async def _content(self) -> bytes:
        lines: list[bytes] = []
        breaks = self.twin.dice.falls(self.twin.faults.disconnect_before_accept_rate)
        while (line := await self.lines.line()) != b".":
            if breaks:
                self.lines.abort()
                raise Ended
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"\r\n".join([*lines, b""])

    async def _rset(self, _: str) -> None:
        self._begin()
        await self.say("250 2.0.0 Ok")

    async def _noop(self, _: str) -> None:
        await self.say("250 2.0.0 Ok")

    async def _vrfy(self, rest: str) -> None:
        await self.say(f"252 2.0.0 {rest}")

    async def _quit(self, _: str) -> None:
        await self.say("221 2.0.0 Bye")
        raise Ended

    def _begin(self) -> None:
        self._sender = None
        self._recipients = []

    def _fail(self, rate: float) -> None:
        """Refuse in the way that was asked for, in so many of the cases."""
        faults = self.twin.faults
        if self.twin.dice.falls(rate):
            digits = str(faults.error_code)
            _refuse(f"{faults.status} {digits[0]}.{digits[1:2] or 0}.{digits[2:] or 0} Simulated failure")

    async def _asked(self, question: str) -> str:
        await self.say(f"334 {question}")
        return (await self.lines.line()).decode("ascii", "replace")


def xoauth2(proof: str) -> tuple[str, str]:
    """User and token in what XOAUTH2 sends; empty when it is something else."""
    found = re.fullmatch("user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01", proof)
    return (found[1], found[2]) if found else ("", "")


def _plain(proof: str) -> tuple[str, str, str]:
    found = _decoded(proof).split("\0")
    if len(found) != 3:
        _refuse("535 5.7.8 Error: authentication failed: malformed")
    return found[0], found[1], found[2]


def _decoded(proof: str) -> str:
    try:
        return base64.b64decode(proof, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        _refuse("501 5.5.2 Cannot decode response")


def _refuse(reply: str) -> NoReturn:
    raise Refusal(reply)

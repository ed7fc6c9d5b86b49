"""Handing mails to a server by SMTP."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from lumi.core.http import Http, OutcomeUnknown, OutsideFailure, leaving, travelling_seconds
from lumi.core.http.lines import Allow
from lumi.integrations.mailbox.account import Server
from lumi.integrations.mailbox.errors import TROUBLES, MailRejected, Reason, Step, lost, smtp_refusal
from lumi.integrations.mailbox.reaching import reach
from lumi.integrations.mailbox.signing_in import signed_in
from lumi.integrations.mailbox.smtp_dialogue import Reply, SmtpDialogue, in_lines
from lumi.integrations.oauth.tokens import TokenSource

T = TypeVar("T")

TARGET = "smtp"
MOST_RECIPIENTS = 100
SEND_SECONDS = 60.0
PROBE_SECONDS = 30.0
FAREWELL_SECONDS = 2.0

_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>@]{1,64}@[^\s\x00-\x1f\x7f<>@]{1,255}")
_QUEUE_ID = re.compile(r"queued as ([^\s>]+)|\bid=([^\s>]+)|InternalId=(\d+)|^(?:2\.0\.0 )?OK +\d+ (\S+) - gsmtp", re.I)


@dataclass(slots=True)
class _Passage:
    """How far a mail has gone: once its last dot is on its way, it may be there."""

    ended: bool = False


_Carrying = Callable[[SmtpDialogue, _Passage], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class _Envelope:
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    def options(self, extensions: dict[str, str]) -> str:
        """The parameters of MAIL; MailRejected when this server cannot carry such a mail."""
        said = ""
        if "SIZE" in extensions:
            largest = extensions["SIZE"].strip()
            if largest.isdecimal() and 0 < int(largest) < len(self.content):
                raise MailRejected(
                    0, Reason.SIZE, f"the server takes {largest} bytes, the mail has {len(self.content)}"
                )
            said += f" SIZE={len(self.content)}"
        if not self.content.isascii():
            if "8BITMIME" not in extensions:
                raise MailRejected(0, Reason.PAYLOAD, "the server takes mails in ASCII only")
            said += " BODY=8BITMIME"
        if not "".join((self.sender, *self.recipients)).isascii():
            if "SMTPUTF8" not in extensions:
                raise MailRejected(0, Reason.RECIPIENT, "the server takes addresses in ASCII only")
            said += " SMTPUTF8"
        return said


class Smtp:
    """Sends as one account, over a connection of its own for each mail; every call is a single attempt.

    What goes wrong is Unavailable, RateLimited, Rejected (as `MailRejected`, with reason and details) or
    OutcomeUnknown: the server may have taken it. SMTP knows no key that would keep a repeated mail from being two.
    """

    def __init__(self, http: Http, server: Server, *, allow: Allow, tokens: TokenSource | None = None) -> None:
        """`allow` is asked for the addresses before each connection, and raises to refuse.

        With `tokens` those log in, and not the server's own secret.
        """
        self._http = http
        self._server = server
        self._allow = allow
        self._tokens = tokens
        self._scope = f"{server.user}@{server.host}:{server.port}"

    def __repr__(self) -> str:
        return f"Smtp(host={self._server.host!r}, port={self._server.port})"

    async def send(
        self, raw: bytes, sender: str, recipients: Sequence[str], *, timeout: float = SEND_SECONDS
    ) -> str | None:
        """Hand over one mail to all recipients or to none; the id under which the server queued it, if it says so.

        `sender` is where bounces go; empty for a mail that nobody may answer. Taken is not delivered.
        """
        envelope = _Envelope(sender, tuple(recipients), in_lines(raw))
        _check(envelope)
        patience = timeout + travelling_seconds(len(raw))
        reply = await self._logged_in(lambda dialogue, passage: _carry(dialogue, envelope, passage), patience)
        found = _QUEUE_ID.search(reply.text)
        return next((each for each in found.groups() if each), None) if found else None

    async def probe(self) -> int | None:
        """Whether address and login are right, sending nothing; the largest mail it takes in bytes, if it says so."""

        async def look(dialogue: SmtpDialogue, _: _Passage) -> int | None:
            largest = dialogue.extensions.get("SIZE", "").strip()
            return int(largest) or None if largest.isdecimal() else None

        return await self._logged_in(look, PROBE_SECONDS)

    async def _logged_in(self, step: _Carrying[T], seconds: float) -> T:
        return await signed_in(self._server, self._tokens, lambda server: self._guarded(server, step, seconds))

    async def _guarded(self, server: Server, step: _Carrying[T], seconds: float) -> T:
        passage = _Passage()

        async def call() -> T:
            try:
                async with asyncio.timeout(seconds) as limit:
                    return await self._within_session(server, lambda dialogue: step(dialogue, passage), limit)
            except TROUBLES as error:
                raise _broken(error, passage) from error

        patience = seconds + 2 * FAREWELL_SECONDS
        return await self._http.guard(TARGET, call, timeout=patience, scope=self._scope)

    async def _within_session(
        self, server: Server, step: Callable[[SmtpDialogue], Awaitable[T]], limit: asyncio.Timeout
    ) -> T:
        lines = await reach(server, self._allow)
        try:
            dialogue = SmtpDialogue(lines)
            await dialogue.begin(server)
            done = await step(dialogue)
            # It is done; time that runs out from here on changes nothing.
            limit.reschedule(None)
            await _take_leave(dialogue)
            return done
        finally:
            lines.abort()


async def _carry(dialogue: SmtpDialogue, envelope: _Envelope, passage: _Passage) -> Reply:
    """From MAIL to the reply after the last dot."""
    options = envelope.options(dialogue.extensions)
    reply = await dialogue.ask(f"MAIL FROM:<{envelope.sender}>{options}".encode())
    reply.expect(250, Step.SENDER)
    await _name_recipients(dialogue, envelope.recipients)
    (await dialogue.ask(b"DATA")).expect(354, Step.CONTENT)
    try:
        await dialogue.hand_over(envelope.content)
    except OSError:
        # Some servers refuse in the middle and hang up: their last words say whether to try again.
        (await dialogue.reply()).expect(250, Step.CONTENT)
        raise
    leaving.look()  # without the dot nothing was handed over
    passage.ended = True
    reply = await dialogue.ask(b".")
    if not 200 <= reply.code < 300:
        if reply.code < 400:
            raise OutcomeUnknown(f"answered {reply.code} to a whole mail", status=reply.code)
        raise smtp_refusal(reply.code, reply.text, Step.CONTENT)
    return reply


async def _name_recipients(dialogue: SmtpDialogue, recipients: Sequence[str]) -> None:
    """All of them; when one is refused, so is the mail. What is refused for good stays so, so that is told first."""
    refusals: list[OutsideFailure] = []
    for recipient in recipients:
        reply = await dialogue.ask(f"RCPT TO:<{recipient}>".encode())
        if reply.code not in (250, 251):
            refusals.append(smtp_refusal(reply.code, reply.text, Step.RECIPIENT))
    if refusals:
        raise next((each for each in refusals if isinstance(each, MailRejected)), refusals[0])


async def _take_leave(dialogue: SmtpDialogue) -> None:
    """The mail is theirs already: what becomes of the farewell does not matter."""
    with suppress(*TROUBLES):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await dialogue.ask(b"QUIT")


def _broken(error: Exception, passage: _Passage) -> OutsideFailure:
    if passage.ended:
        return OutcomeUnknown(f"{type(error).__name__} after the whole mail was handed over")
    return lost(error)


def _check(envelope: _Envelope) -> None:
    if envelope.sender and not _ADDRESS.fullmatch(envelope.sender):
        raise MailRejected(0, Reason.SENDER, "the sender is no address")
    if not 0 < len(envelope.recipients) <= MOST_RECIPIENTS:
        raise MailRejected(0, Reason.RECIPIENT, f"a mail has 1 to {MOST_RECIPIENTS} recipients")
    if not all(_ADDRESS.fullmatch(each) for each in envelope.recipients):
        raise MailRejected(0, Reason.RECIPIENT, "a recipient is no address")

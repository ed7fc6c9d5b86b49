"""The twin's IMAP server: an INBOX and a folder of what was sent for each account, with Dovecot's manners."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable

from lumi.core.http.lines import Lines
from lumi.integrations.mailbox.fake import imap_grammar as grammar
from lumi.integrations.mailbox.fake.imap_grammar import Malformed
from lumi.integrations.mailbox.fake.inboxes import Mailbox
from lumi.integrations.mailbox.fake.sessions import Ended, Session
from lumi.integrations.mailbox.fake.smtp_server import xoauth2
from lumi.integrations.mailbox.fake.twin import Twin

SENT = b"Sent"
Command = Callable[[str, list[bytes]], Awaitable[str]]


class Refused(Exception):
    """The server answers NO with this text."""


class ImapSession(Session):
    """One connection of a client that reads."""

    def __init__(self, twin: Twin, lines: Lines, *, in_tls: bool) -> None:
        super().__init__(twin, lines, in_tls=in_tls)
        self._mailbox: Mailbox | None = None
        self._sent: Mailbox | None = None
        self._selected: Mailbox | None = None
        self._read_only = False
        self._token: str | None = None
        """The access token that opened it, if one did that ends."""
        self._uid_validity = 0
        self._known: list[int] = []
        """The uids that the client was told of, in their order: its message numbers."""

    async def serve(self) -> None:
        """Talk until LOGOUT."""
        await self.say(f"* OK [CAPABILITY {self._capabilities()}] Twin ready.")
        while True:
            parts = await self._command()
            tag, _, rest = parts[0].decode("utf-8", "replace").partition(" ")
            verb = rest.partition(" ")[0].upper()
            if self.twin.dice.falls(self.twin.faults.imap_hang_rate):
                await self.hang()
            in_sent = self._selected is self._sent is not None
            if in_sent and self.twin.dice.falls(self.twin.faults.sent_hang_rate):
                await self.hang()
            try:
                if in_sent and self.twin.dice.falls(self.twin.faults.sent_limit_rate):
                    raise Refused("[LIMIT] Too many requests for this folder")
                answer = await self._named(verb)(rest.partition(" ")[2].strip(), parts)
            except Refused as refusal:
                answer = f"NO {refusal}"
            except Malformed as trouble:
                answer = f"BAD {trouble}"
            if not (verb == "UID" and rest[4:9].upper() == "FETCH"):
                await self._tell_changes()
            await self.say(f"{tag} {answer}")
            if verb == "LOGOUT":
                raise Ended
            if verb == "STARTTLS" and answer.startswith("OK"):
                await self.encrypt()

    def _named(self, verb: str) -> Command:
        commands: dict[str, Command] = {
            "CAPABILITY": self._capability, "NOOP": self._noop, "LOGOUT": self._logout, "STARTTLS": self._starttls,
        }  # fmt: skip
        if self._mailbox is None:
            commands |= {"LOGIN": self._login, "AUTHENTICATE": self._authenticate}
        else:
            commands |= {"SELECT": self._select, "EXAMINE": self._select, "LIST": self._list}
        if self._selected is not None:
            commands |= {"UID": self._uid, "IDLE": self._idle}
        if verb not in commands:
            raise Malformed("Error in IMAP command received by server.")
        return commands[verb]

    async def _command(self) -> list[bytes]:
        """A command with its literals."""
        parts: list[bytes] = []
        while True:
            line = await self.lines.line()
            parts.append(line)
            literal = grammar.LITERAL.search(line)
            if literal is None:
                return parts
            if not literal[2]:
                await self.say("+ OK")
            parts.append(await self.lines.exactly(int(literal[1])))

    def _capabilities(self) -> str:
        settings = self.twin.settings
        found = ["IMAP4rev1", "LITERAL+"]
        if settings.has_idle:
            found.append("IDLE")
        if self.twin.tls is not None and not self.in_tls:
            found.append("STARTTLS")
        if self._mailbox is None and settings.has_sasl and self.may_log_in:
            found += ["SASL-IR", "AUTH=PLAIN", "AUTH=XOAUTH2"]
        return " ".join(found if self.may_log_in else [*found, "LOGINDISABLED"])

    async def _capability(self, _: str, __: list[bytes]) -> str:
        await self.say(f"* CAPABILITY {self._capabilities()}")
        return "OK Capability completed."

    async def _noop(self, _: str, __: list[bytes]) -> str:
        return "OK NOOP completed."

    async def _logout(self, _: str, __: list[bytes]) -> str:
        await self.say("* BYE Logging out")
        return "OK Logout completed."

    async def _starttls(self, _: str, __: list[bytes]) -> str:
        if self.twin.tls is None or self.in_tls:
            raise Malformed("TLS is not available.")
        return "OK Begin TLS negotiation now."

    async def _login(self, _: str, parts: list[bytes]) -> str:
        given = grammar.words(parts)
        if len(given) != 4:
            raise Malformed("Error in IMAP command LOGIN: two words are needed.")
        return self._admit(given[2].decode("utf-8", "replace"), given[3].decode("utf-8", "replace"), token=False)

    async def _authenticate(self, rest: str, __: list[bytes]) -> str:
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() not in ("PLAIN", "XOAUTH2") or not self.twin.settings.has_sasl:
            raise Refused("Unsupported authentication mechanism.")
        proof = initial or await self._asked("")
        if proof == "*":
            raise Malformed("Authentication aborted by client.")
        try:
            clear = base64.b64decode(proof, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Malformed("Invalid base64 data in continued response") from error
        if mechanism.upper() == "PLAIN":
            given = clear.split("\0")
            if len(given) != 3:
                raise Malformed("Invalid base64 data in continued response")
            return self._admit(given[1], given[2], token=False)
        user, secret = xoauth2(clear)
        if not self.twin.admits(user, secret, token=True) and await self._asked("eyJzdGF0dXMiOiI0MDEifQ=="):
            raise Malformed("Authentication aborted by client.")
        return self._admit(user, secret, token=True)

    async def _asked(self, question: str) -> str:
        await self.say(f"+ {question}")
        return (await self.lines.line()).decode("ascii", "replace")

    def _admit(self, user: str, secret: str, *, token: bool) -> str:
        faults, dice = self.twin.faults, self.twin.dice
        if not self.may_log_in:
            raise Refused("[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.")
        if dice.falls(faults.imap_busy_rate):
            raise Refused("[UNAVAILABLE] Temporary authentication failure.")
        if dice.falls(faults.imap_limit_rate):
            raise Refused("[LIMIT] Maximum number of connections from user+IP exceeded")
        if not self.twin.admits(user, secret, token=token):
            raise Refused("[AUTHENTICATIONFAILED] Authentication failed.")
        self._mailbox, self._sent = self.twin.mailboxes[user], self.twin.sent[user]
        self._token = secret if token and self.twin.grants.opened_by(secret) else None
        return "OK Logged in"

    async def _select(self, _: str, parts: list[bytes]) -> str:
        given = grammar.words(parts)
        folders = {b"INBOX": self._mailbox, SENT.upper(): self._sent}
        mailbox = folders.get(given[2].upper()) if len(given) == 3 else None
        self._selected = None  # as by the standard, whatever becomes of it
        if mailbox is None:
            raise Refused("[NONEXISTENT] Mailbox doesn't exist")
        self._read_only = given[1].upper() == b"EXAMINE"
        self._selected = mailbox
        self._uid_validity = mailbox.uid_validity
        self._known = [each.uid for each in mailbox.mails]
        await self.say(f"* {len(self._known)} EXISTS")
        await self.say("* 0 RECENT")
        await self.say(f"* OK [UIDVALIDITY {mailbox.uid_validity}] UIDs valid")
        await self.say(f"* OK [UIDNEXT {mailbox.uid_next}] Predicted next UID")
        return "OK [READ-ONLY] Examine completed." if self._read_only else "OK [READ-WRITE] Select completed."

    async def _list(self, rest: str, __: list[bytes]) -> str:
        if not rest.startswith('"" "*"'):
            raise Malformed("Only the list of all folders is known here.")
        mark = " \\Sent" if self.twin.settings.says_which_is_sent else ""
        await self.say(f'* LIST (\\HasNoChildren{mark}) "/" {SENT.decode()}')
        await self.say('* LIST (\\HasNoChildren) "/" INBOX')
        return "OK List completed."

    async def _uid(self, rest: str, __: list[bytes]) -> str:
        mailbox = self._selected
        verb, _, wanted = rest.partition(" ")
        if mailbox is None or verb.upper() not in ("SEARCH", "FETCH"):
            raise Malformed("Unknown UID command.")
        if verb.upper() == "SEARCH":
            found = grammar.searched(wanted, [each for each in mailbox.mails if each.uid in self._known])
            await self.say(" ".join(["* SEARCH", *map(str, sorted(found))]))
            return "OK Search completed."
        numbers, _, names = wanted.partition(" ")
        return await self._fetch(mailbox, grammar.uids(numbers, mailbox.mails), grammar.items(names))

    async def _fetch(self, mailbox: Mailbox, uids: set[int], items: list[str]) -> str:
        if any(map(grammar.is_whole, items)) and self.twin.dice.falls(self.twin.faults.unreadable_rate):
            raise Refused("[CANNOT] The mail could not be rendered")
        for mail in [each for each in mailbox.mails if each.uid in uids and each.uid in self._known]:
            if any(map(grammar.marks_seen, items)) and not self._read_only:
                mail.flags.add("\\Seen")
            number = self._known.index(mail.uid) + 1
            shown = grammar.shown(mail, items)
            await asyncio.sleep(len(shown) / (1 << 20) * self.twin.faults.megabyte_ms / 1000)
            await self.lines.send(b"* %d FETCH (" % number + shown + b")\r\n")
        return "OK Fetch completed."

    async def _idle(self, _: str, __: list[bytes]) -> str:
        mailbox = self._selected
        if mailbox is None or not self.twin.settings.has_idle:
            raise Malformed("Error in IMAP command received by server.")
        await self.say("+ idling")
        if self.twin.dice.falls(self.twin.faults.drop_idle_rate):
            await self.say("* BYE Server shutting down.")
            raise Ended
        done = asyncio.ensure_future(self.lines.line())
        try:
            with mailbox.watched() as news:
                while not done.done():
                    news.clear()
                    await self._tell_changes()
                    woken = asyncio.ensure_future(news.wait())
                    try:
                        await asyncio.wait({done, woken}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        woken.cancel()
            if (await done).upper() != b"DONE":
                raise Malformed("Expected DONE.")
        finally:
            done.cancel()
        return "OK Idle completed."

    async def _tell_changes(self) -> None:
        """EXPUNGE for what is gone, EXISTS for what came; who came in with a token goes when it ends."""
        if self._token is not None and self.twin.grants.opened_by(self._token) is None:
            await self.say("* BYE Session invalidated - AccessTokenExpired")
            raise Ended
        if self._selected is None:
            return
        if self._selected.uid_validity != self._uid_validity:
            await self.say("* BYE Mailbox was renumbered.")
            raise Ended
        there = [each.uid for each in self._selected.mails]
        for uid in [each for each in reversed(self._known) if each not in there]:
            await self.say(f"* {self._known.index(uid) + 1} EXPUNGE")
            self._known.remove(uid)
        if len(there) > len(self._known):
            self._known = there
            await self.say(f"* {len(there)} EXISTS")
            await self.say("* 0 RECENT")

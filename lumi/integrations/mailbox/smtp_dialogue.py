"""Commands and replies on one SMTP connection."""

import base64
import re
from dataclasses import dataclass

from lumi.core.http.lines import Lines
from lumi.integrations.mailbox.account import Login, Security, Server
from lumi.integrations.mailbox.errors import MailRejected, Reason, Step, smtp_refusal
from lumi.integrations.mailbox.reaching import encrypt

MOST_REPLY_LINES = 200
# Names nobody: what stands here is passed on in the headers of every mail.
_OURSELVES = b"EHLO [127.0.0.1]"
_REPLY = re.compile(rb"(\d{3})(?:([ -])(.*))?", re.DOTALL)
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Reply:
    """A code and the lines of text that came with it."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All lines as one."""
        return "\n".join(self.lines)

    def expect(self, code: int, step: Step) -> "Reply":
        """Itself when it is this code, else what its refusal means is raised."""
        if self.code != code:
            raise smtp_refusal(self.code, self.text, step)
        return self


class SmtpDialogue:
    """One command at a time, until somebody closes the connection."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.extensions: dict[str, str] = {}
        """What the server offers, in capitals, each with its parameters."""

    async def begin(self, server: Server) -> None:
        """Greet, encrypt where that is to be done now, and log in. MailRejected says what stood in the way."""
        (await self.reply()).expect(220, Step.GREETING)
        await self._greet()
        if server.security is Security.STARTTLS:
            if "STARTTLS" not in self.extensions:
                raise MailRejected(0, Reason.ENCRYPTION, "it offers no STARTTLS")
            (await self.ask(b"STARTTLS")).expect(220, Step.GREETING)
            await encrypt(self.lines, server)
            await self._greet()
        if server.user:
            (await self._present(server)).expect(235, Step.LOGIN)

    async def ask(self, command: bytes) -> Reply:
        """Send one line and read its reply."""
        if b"\r" in command or b"\n" in command:
            raise ValueError("a command is one line")
        await self.lines.send(command + b"\r\n")
        return await self.reply()

    async def hand_over(self, content: bytes) -> None:
        """Everything of the mail but the dot that ends it: without that, the server may not keep it."""
        stuffed = content.replace(b"\r\n.", b"\r\n..")
        await self.lines.send(b"." + stuffed if stuffed.startswith(b".") else stuffed)

    async def _greet(self) -> None:
        reply = (await self.ask(_OURSELVES)).expect(250, Step.GREETING)
        pairs = (line.partition(" ") for line in reply.lines[1:])
        self.extensions = {name.upper(): parameters for name, _, parameters in pairs}

    async def _present(self, server: Server) -> Reply:
        offered = self.extensions.get("AUTH", "").upper().split()
        user, secret = server.user.encode(), server.secret.get_secret_value().encode()
        if server.login is Login.XOAUTH2:
            if "XOAUTH2" not in offered:
                raise MailRejected(0, Reason.AUTH, "it takes no access tokens")
            proof = b"user=" + user + b"\x01auth=Bearer " + secret + b"\x01\x01"
            reply = await self.ask(b"AUTH XOAUTH2 " + base64.b64encode(proof))
            # The reason of a refusal comes as a question, which has to be answered with nothing.
            return await self.ask(b"") if reply.code == 334 else reply
        if "PLAIN" in offered:
            return await self.ask(b"AUTH PLAIN " + base64.b64encode(b"\0" + user + b"\0" + secret))
        if "LOGIN" not in offered:
            raise MailRejected(0, Reason.AUTH, "it takes no passwords")
        (await self.ask(b"AUTH LOGIN")).expect(334, Step.LOGIN)
        (await self.ask(base64.b64encode(user))).expect(334, Step.LOGIN)
        return await self.ask(base64.b64encode(secret))

    async def reply(self) -> Reply:
        """Read one reply; ConnectionAbortedError when it is none."""
        lines: list[str] = []
        while len(lines) < MOST_REPLY_LINES:
            found = _REPLY.fullmatch(await self.lines.line())
            if found is None:
                break
            lines.append((found[3] or b"").decode("utf-8", "replace").strip())
            if found[2] != b"-":
                return Reply(int(found[1]), tuple(lines))
        raise ConnectionAbortedError("this is no SMTP server")


def in_lines(content: bytes) -> bytes:
    """The mail with CRLF at the end of each line, as it has to travel.

    A line end of any other kind could make one server see the end of the mail where another sees none.
    """
    ends = content.count(b"\r\n")
    is_right = content.count(b"\r") == ends == content.count(b"\n")
    whole = content if is_right else _LINE_END.sub(b"\r\n", content)
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"

"""Commands and their answers on one IMAP connection, and what the server tells in between."""

import re
from dataclasses import dataclass
from itertools import count

from lumi.core.http.lines import Lines
from lumi.integrations.mailbox.errors import Reason, imap_refusal

LONGEST_ANSWER_BYTES = 4 << 20
"""Of all that comes for one command, besides the mail that was asked for."""
LINE_BYTES = 128
"""What a line takes in memory besides its own bytes."""

_LITERAL = re.compile(rb"\{(\d{1,10})\+?\}$")
_COUNTED = re.compile(rb"\* (\d{1,10}) (EXISTS|EXPUNGE)\b", re.IGNORECASE)
_RESULT = re.compile(r"(OK|NO|BAD|PREAUTH|BYE)\b ?(?:\[([A-Z0-9-]+) ?([^\]]*)\])? ?(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended, or what a server says unasked: `OK [CODE argument] text`."""

    status: str
    code: str
    argument: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that came for one command. A response is text and literals in turn."""

    result: Result
    responses: list[list[bytes]]

    @property
    def is_ok(self) -> bool:
        """Whether the server did it."""
        return self.result.status == "OK"

    def expect(self, reason: Reason) -> "Answer":
        """Itself when the server did it, else the refusal is raised, for `reason` where it gives none."""
        if not self.is_ok:
            raise imap_refusal(self.result.code, self.result.text, reason)
        return self

    def named(self, name: bytes) -> list[list[bytes]]:
        """The responses of this kind: `* SEARCH …`, `* 7 FETCH …`."""
        kind = re.compile(rb"\* (?:\d+ )?" + name + rb"\b", re.IGNORECASE)
        return [each for each in self.responses if kind.match(each[0])]

    def told(self, code: str) -> int | None:
        """The number in an untagged `OK [CODE number]`."""
        results = [read_result(each[0][2:]) for each in self.responses]
        found = next((each.argument for each in results if each is not None and each.code == code), "")
        return int(found) if found.isdecimal() and len(found) < 20 else None


def read_result(text: bytes) -> Result | None:
    """The result in this text, if it is one."""
    found = _RESULT.match(text.decode("utf-8", "replace"))
    if found is None:
        return None
    return Result(found[1].upper(), (found[2] or "").upper(), found[3] or "", found[4])


class _Room:
    """What is kept of one answer: lines, and literals between them, which is how mails travel."""

    def __init__(self, largest_mail_bytes: int) -> None:
        self._most_in_literals = largest_mail_bytes + LONGEST_ANSWER_BYTES
        self._in_lines = self._in_literals = 0

    def clear(self) -> None:
        """Nothing of what came is kept any more."""
        self._in_lines = self._in_literals = 0

    def takes(self, line: bytes, literal_bytes: int) -> bool:
        """Whether there is room for one more line and the literal that it announces."""
        self._in_lines += len(line) + LINE_BYTES
        self._in_literals += literal_bytes
        return self._in_lines <= LONGEST_ANSWER_BYTES and self._in_literals <= self._most_in_literals


class ImapDialogue:
    """One command at a time. After any trouble on the way the connection is closed and stays so."""

    def __init__(self, lines: Lines, largest_mail_bytes: int) -> None:
        self.lines = lines
        self.capabilities: frozenset[str] = frozenset()
        self.has_news = True
        """Whether mail may have come that nobody looked for."""
        self._room = _Room(largest_mail_bytes)
        self._exists = 0
        self._tags = count(1)
        self._idling: bytes | None = None
        self._parts: list[bytes] = []
        self._owed: int | None = None

    async def greeting(self) -> Result:
        """What the server says first; ConnectionAbortedError when it is no IMAP server or sends us away."""
        [line, *_] = await self._response()
        result = read_result(line[2:]) if line.startswith(b"* ") else None
        if result is None or result.status not in ("OK", "PREAUTH"):
            raise ConnectionAbortedError("it does not greet us")
        return result

    async def ask(self, command: bytes, *lines: bytes) -> Answer:
        """Send a command; `lines` follow one by one, whenever the server asks to go on.

        ConnectionAbortedError when more comes, in however many responses, than the largest mail and what is said of it.
        """
        tag = await self._send(command)
        waiting = list(lines)
        responses: list[list[bytes]] = []
        while True:
            parts = await self._response()
            if parts[0].startswith(b"+"):
                # Who asks for more than we have is told that there is no more.
                await self.lines.send((waiting.pop(0) if waiting else b"*") + b"\r\n")
            elif (result := _result_of(tag, parts[0])) is not None:
                return Answer(result, responses)
            else:
                responses.append(parts)

    async def learn_capabilities(self) -> None:
        """Ask what the server can do; it may be more after a login, or in TLS."""
        answer = (await self.ask(b"CAPABILITY")).expect(Reason.OTHER)
        words = b" ".join(each[0] for each in answer.named(b"CAPABILITY")).decode("ascii", "replace").upper()
        self.capabilities = frozenset(words.split())

    async def begin_idle(self) -> bool:
        """Ask to be told of news; False when the server refuses. Nothing but `listen` and `end_idle` may follow."""
        tag = await self._send(b"IDLE")
        while True:
            parts = await self._response()
            if parts[0].startswith(b"+"):
                self._idling = tag
                return True
            if _result_of(tag, parts[0]) is not None:
                return False

    async def listen(self) -> None:
        """Return when there is news. May be cancelled: nothing of what is on its way is lost."""
        while not self.has_news:
            await self._response()
            self._room.clear()

    async def end_idle(self) -> None:
        """Back to commands."""
        tag, self._idling = self._idling or b"", None
        await self.lines.send(b"DONE\r\n")
        while _result_of(tag, (await self._response())[0]) is None:
            pass

    async def _send(self, command: bytes) -> bytes:
        tag = b"L%d" % next(self._tags)
        self._room.clear()
        await self.lines.send(tag + b" " + command + b"\r\n")
        return tag

    async def _response(self) -> list[bytes]:
        """The next response, whole. Where it was cancelled, the next call goes on."""
        while True:
            if self._owed is not None:
                self._parts.append(await self.lines.exactly(self._owed))
                self._owed = None
            line = await self.lines.line()
            self._parts.append(line)
            literal = _LITERAL.search(line)
            owed = int(literal[1]) if literal else None
            if not self._room.takes(line, owed or 0):
                # Who only listens shrugs off what breaks: nothing more is to be read all the same.
                self.lines.abort()
                raise ConnectionAbortedError("it sends more than was asked for")
            if owed is None:
                parts, self._parts = self._parts, []
                self._note(parts[0])
                return parts
            self._owed = owed

    def _note(self, line: bytes) -> None:
        if line[:6].upper() == b"* BYE ":
            raise ConnectionAbortedError("the server ends the connection")
        found = _COUNTED.match(line)
        if found is None:
            return
        if found[2].upper() == b"EXPUNGE":
            self._exists = max(0, self._exists - 1)
            return
        number = int(found[1])
        self.has_news = self.has_news or number > self._exists
        self._exists = number


def _result_of(tag: bytes, line: bytes) -> Result | None:
    """The result in this line when it ends the command with this tag."""
    return read_result(line[len(tag) + 1 :]) if line.startswith(tag + b" ") else None

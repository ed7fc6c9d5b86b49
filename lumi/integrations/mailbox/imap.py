"""Reading a mailbox over IMAP: what came in since last time, and waiting for more. Nothing there is changed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from lumi.core.http import Http, OutsideFailure
from lumi.core.http.lines import Allow
from lumi.integrations.mailbox.account import Server
from lumi.integrations.mailbox.errors import TROUBLES, MailRejected, Reason, lost
from lumi.integrations.mailbox.imap_dialogue import Answer, ImapDialogue
from lumi.integrations.mailbox.imap_login import log_in
from lumi.integrations.mailbox.imap_reading import read_since, read_whole
from lumi.integrations.mailbox.imap_syntax import folder_name
from lumi.integrations.mailbox.reaching import reach
from lumi.integrations.mailbox.shapes import Fetched, Position

T = TypeVar("T")

TARGET = "imap"
LARGEST_MAIL_BYTES = 25 << 20
LOGIN_SECONDS = 30.0
COMMAND_SECONDS = 60.0
FAREWELL_SECONDS = 2.0
IDLE_SECONDS = 540.0
"""Servers give up on who is silent for half an hour, routers and Gmail much earlier: under ten minutes."""
POLL_SECONDS = 60.0


class Imap:
    """The mailbox of one account. Each call is a single attempt; who wants to connect again does so.

    What goes wrong is Unavailable, RateLimited or Rejected (as `MailRejected`, with reason and details). Nothing is
    carried out there, so no outcome is ever unknown.
    """

    def __init__(
        self,
        http: Http,
        server: Server,
        *,
        allow: Allow,
        folder: str = "INBOX",
        largest_mail_bytes: int = LARGEST_MAIL_BYTES,
        idle_seconds: float = IDLE_SECONDS,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """`allow` is asked for the addresses before each connection, and raises to refuse.

        Of mails larger than `largest_mail_bytes` only the headers are read. Where the server has no IDLE it is asked
        every `poll_seconds`.
        """
        self._http = http
        self._server = server
        self._allow = allow
        self._folder = folder
        self._scope = f"{server.user}@{server.host}:{server.port}"
        self.largest_mail_bytes = largest_mail_bytes
        self.idle_seconds = idle_seconds
        self.poll_seconds = poll_seconds

    def __repr__(self) -> str:
        return f"Imap(host={self._server.host!r}, port={self._server.port})"

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator["Inbox"]:
        """The inbox, logged in, until the end of the block; then the connection is closed, whatever happened."""
        inbox = await self.guarded(self._open, LOGIN_SECONDS)
        try:
            yield inbox
            await inbox.take_leave()
        finally:
            inbox.abort()

    async def probe(self) -> Position:
        """Whether address and login are right, changing nothing; the position from which only new mail counts."""
        async with self.opened() as inbox:
            return inbox.end

    async def guarded(self, step: Callable[[], Awaitable[T]], seconds: float) -> T:
        """The step under the policy for outside calls, within so many seconds."""

        async def bounded() -> T:
            try:
                async with asyncio.timeout(seconds):
                    return await step()
            except TROUBLES as error:
                raise lost(error) from error

        return await self._http.guard(TARGET, bounded, timeout=2 * seconds, scope=self._scope)

    async def _open(self) -> "Inbox":
        dialogue = ImapDialogue(await reach(self._server, self._allow), self.largest_mail_bytes)
        try:
            await log_in(dialogue, self._server)
            # EXAMINE is SELECT for who only reads: the server itself holds us to it.
            answer = (await dialogue.ask(b"EXAMINE " + folder_name(self._folder))).expect(Reason.MAILBOX)
            uid_validity = answer.told("UIDVALIDITY")
            if uid_validity is None:
                raise MailRejected(0, Reason.MAILBOX, "its mails have no lasting numbers")
            return Inbox(self, dialogue, Position(uid_validity, (answer.told("UIDNEXT") or 1) - 1))
        except BaseException:
            dialogue.lines.abort()
            raise


class Inbox:
    """An open inbox. After a failure, or when a call was cancelled, it is closed and can only be left."""

    def __init__(self, imap: Imap, dialogue: ImapDialogue, end: Position) -> None:
        self._imap = imap
        self._dialogue = dialogue
        self.end = end
        """The position after all that was there when it was opened."""

    async def fetch_since(self, uid_validity: int | None, last_uid: int) -> Fetched:
        """The mails with a uid above `last_uid`, some of them at a time; they stay unread there.

        When the mailbox counts by another `uid_validity`, it is a `reset`: all mails of the last seven days.
        """
        try:
            self._dialogue.has_news = False
            return await read_since(
                self._ask, self.end, Position(uid_validity or 0, last_uid), self._imap.largest_mail_bytes
            )
        except BaseException as error:
            self._give_up(error)
            raise

    async def fetch_one(self, where: Position) -> bytes | None:
        """The whole mail with this uid; None when it is gone, or the mailbox counts anew since.

        Raises MailRejected when it is there and cannot be had, or is larger than is read.
        """
        if where.uid_validity != self.end.uid_validity:
            return None
        try:
            return await read_whole(self._ask, where.last_uid, self._imap.largest_mail_bytes)
        except BaseException as error:
            self._give_up(error)
            raise

    async def wait(self, seconds: float) -> bool:
        """True as soon as mail may have come since the last `fetch_since` began; False after so many seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        try:
            while not self._dialogue.has_news and (left := until - loop.time()) > 0:
                if "IDLE" in self._dialogue.capabilities:
                    await self._idle(min(left, self._imap.idle_seconds))
                else:
                    await asyncio.sleep(min(left, self._imap.poll_seconds))
                    await self._ask(b"NOOP")
        except BaseException as error:
            self._give_up(error)
            raise
        return self._dialogue.has_news

    async def take_leave(self) -> None:
        """Tell the server that we go, and do not insist on an answer."""
        with suppress(*TROUBLES):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._dialogue.ask(b"LOGOUT")

    def abort(self) -> None:
        """Close the connection now."""
        self._dialogue.lines.abort()

    async def _ask(self, command: bytes) -> Answer:
        return await self._imap.guarded(lambda: self._dialogue.ask(command), COMMAND_SECONDS)

    async def _idle(self, seconds: float) -> None:
        """Asking and thanking are calls, the silence between them is none; what breaks in it shows at its end."""
        if not await self._imap.guarded(self._dialogue.begin_idle, COMMAND_SECONDS):
            self._dialogue.capabilities -= {"IDLE"}
            return
        with suppress(*TROUBLES):
            async with asyncio.timeout(seconds):
                await self._dialogue.listen()
        await self._imap.guarded(self._dialogue.end_idle, COMMAND_SECONDS)

    def _give_up(self, error: BaseException) -> None:
        # A refusal leaves both sides where they were; after anything else we may be in the middle of an answer.
        if not isinstance(error, OutsideFailure) or error.counts_against_target:
            self.abort()

"""Reading a mailbox over IMAP: what came in since last time, and waiting for more. Nothing there is changed."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from typing import TypeVar

from lumi.core.http import Http, OutsideFailure
from lumi.core.http.lines import Allow
from lumi.integrations.mailbox.account import Server
from lumi.integrations.mailbox.errors import TROUBLES, MailRejected, lost
from lumi.integrations.mailbox.imap_dialogue import Answer, ImapDialogue
from lumi.integrations.mailbox.imap_folders import examine, sent_folder
from lumi.integrations.mailbox.imap_login import log_in
from lumi.integrations.mailbox.imap_reading import (
    BEGINNING_BYTES,
    Bounds,
    Concerns,
    read_received,
    read_sent,
    read_since,
    read_whole,
)
from lumi.integrations.mailbox.imap_syntax import folder_name
from lumi.integrations.mailbox.reaching import reach
from lumi.integrations.mailbox.shapes import Fetched, Position
from lumi.integrations.mailbox.signing_in import signed_in
from lumi.integrations.oauth.tokens import TokenSource

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
        tokens: TokenSource | None = None,
        folder: str = "INBOX",
        largest_mail_bytes: int = LARGEST_MAIL_BYTES,
        idle_seconds: float = IDLE_SECONDS,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """`allow` is asked for the addresses before each connection, and raises to refuse.

        With `tokens` those log in, and not the server's own secret. Of mails larger than `largest_mail_bytes` only
        the headers are read. Where the server has no IDLE it is asked every `poll_seconds`.
        """
        self._http = http
        self._server = server
        self._allow = allow
        self._tokens = tokens
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
        inbox = await signed_in(self._server, self._tokens, self._logged_in)
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

    async def _logged_in(self, server: Server) -> "Inbox":
        return await self.guarded(lambda: self._open(server), LOGIN_SECONDS)

    async def _open(self, server: Server) -> "Inbox":
        dialogue = ImapDialogue(await reach(server, self._allow), self.largest_mail_bytes)
        try:
            await log_in(dialogue, server)
            return Inbox(self, dialogue, self._folder, await examine(dialogue.ask, folder_name(self._folder)))
        except BaseException:
            dialogue.lines.abort()
            raise


class Inbox:
    """An open inbox. After a failure, or when a call was cancelled, it is closed and can only be left."""

    def __init__(self, imap: Imap, dialogue: ImapDialogue, folder: str, end: Position) -> None:
        self._imap = imap
        self._dialogue = dialogue
        self._folder = folder
        self._sent: bytes | None = None
        self._knows_sent = False
        self.end = end
        """The position after all that was there when it was opened, or come back to."""

    async def fetch_sent_since(
        self,
        position: Position | None,
        folder: str | None = None,
        *,
        concerns: Concerns = lambda _: True,
        seconds: float = math.inf,
    ) -> Fetched | None:
        """The mails that left from the mailbox after a position, as `fetch_since` gives those that came in.

        Of those whose headers concern us the first 128 kB, of others the headers. Without a position nothing is read,
        and what is returned says where reading begins. None where there is no such folder: the one that is named, or
        the one that the server says what is sent is kept in.
        """
        try:
            name = folder_name(folder) if folder else await self._folder_of_sent()
            if name is None:
                return None
            try:
                found = await self._fetch_sent(name, position, concerns, seconds)
            except MailRejected:
                found = None  # it was moved or renamed: what comes in is read all the same
            self.end = await examine(self._ask, folder_name(self._folder))
        except BaseException:
            self.abort()  # nobody knows which folder is open
            raise
        return found

    async def _fetch_sent(self, name: bytes, position: Position | None, concerns: Concerns, seconds: float) -> Fetched:
        end = await examine(self._ask, name)
        if position is None:
            return Fetched(end.uid_validity, (), False, end, False, ())
        read = partial(read_sent, self._ask, concerns=concerns)
        return await read_since(self._ask, end, position, Bounds(BEGINNING_BYTES, seconds=seconds), read)

    async def _folder_of_sent(self) -> bytes | None:
        if not self._knows_sent:
            capabilities = self._dialogue.capabilities
            says_more = {"LIST-EXTENDED", "SPECIAL-USE"} <= capabilities
            answer = await self._ask(b'LIST "" "*" RETURN (SPECIAL-USE)' if says_more else b'LIST "" "*"')
            self._sent, self._knows_sent = sent_folder(answer), True
        return self._sent

    async def fetch_since(
        self, uid_validity: int | None, last_uid: int, *, until: datetime | None = None, seconds: float = math.inf
    ) -> Fetched:
        """The mails with a uid above `last_uid`, some of them at a time; they stay unread there.

        What came at `until` or later waits, and what there is no time for in so many `seconds`, but for one mail.
        When the mailbox counts by another `uid_validity`, it is a `reset`: all mails of the last seven days.
        """
        largest = self._imap.largest_mail_bytes
        read = partial(read_received, self._ask, largest_bytes=largest)
        try:
            self._dialogue.has_news = False
            return await read_since(
                self._ask, self.end, Position(uid_validity or 0, last_uid), Bounds(largest, until, seconds), read
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

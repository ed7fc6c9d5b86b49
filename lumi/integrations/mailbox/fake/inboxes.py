"""What lies in the mailboxes of the twin's accounts, and who waits for more."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from lumi.core import clock


@dataclass(slots=True)
class Stored:
    """One mail. `at` is when it came in."""

    uid: int
    raw: bytes
    at: datetime
    flags: set[str] = field(default_factory=set[str])


class Mailbox:
    """An inbox: uids grow and are never used again while `uid_validity` stays."""

    def __init__(self) -> None:
        self.uid_validity = int(clock.now().timestamp())
        self.uid_next = 1
        self.mails: list[Stored] = []
        self._watchers: set[asyncio.Event] = set()

    def deliver(self, raw: bytes, at: datetime | None = None) -> int:
        """Put a mail in; returns its uid."""
        uid, self.uid_next = self.uid_next, self.uid_next + 1
        self.mails.append(Stored(uid, raw, at or clock.now()))
        self._wake()
        return uid

    def remove(self, uid: int) -> None:
        """Take a mail out, as another program of the owner would."""
        self.mails = [each for each in self.mails if each.uid != uid]
        self._wake()

    def rebuild(self) -> None:
        """Number all mails anew, as a server does that lost its index."""
        self.uid_validity += 1
        for number, each in enumerate(self.mails, 1):
            each.uid = number
        self.uid_next = len(self.mails) + 1

    @contextmanager
    def watched(self) -> Generator[asyncio.Event]:
        """An event that is set whenever something changes here."""
        news = asyncio.Event()
        self._watchers.add(news)
        try:
            yield news
        finally:
            self._watchers.discard(news)

    def stir(self) -> None:
        """Let whoever waits look at how things are."""
        self._wake()

    def _wake(self) -> None:
        for each in self._watchers:
            each.set()

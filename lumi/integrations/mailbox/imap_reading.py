"""Which mails are new, and their bytes: search, sizes, then one mail at a time."""

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from lumi.core import clock
from lumi.integrations.mailbox.errors import MailRejected, Reason, imap_refusal
from lumi.integrations.mailbox.imap_dialogue import Answer
from lumi.integrations.mailbox.imap_syntax import Garbled, Value, day, fields, instant, values, whole
from lumi.integrations.mailbox.shapes import Fetched, FetchedMail, Position, moments

Ask = Callable[[bytes], Awaitable[Answer]]
Fields = dict[bytes, Value]
Concerns = Callable[[bytes], bool]
"""Whether more than its headers, which these are, is read of a mail that was sent."""

RESET_DAYS = 7
MOST_MAILS = 50
MOST_BYTES = 32 << 20
LONGEST_HEADERS_BYTES = 256 << 10
BEGINNING_BYTES = 128 << 10


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a folder is read at a time, besides 50 mails or 32 MB."""

    largest_bytes: int
    """What is read of one mail."""
    until: datetime | None = None
    """What came then or later waits."""
    seconds: float = math.inf
    """After so long what is there is handed out; one mail always is."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a server says of a mail without handing it out."""

    size: int | None = None
    date: datetime | None = None


ReadOne = Callable[[int, Described], Awaitable[list[FetchedMail]]]


async def read_since(ask: Ask, end: Position, position: Position, bounds: Bounds, read: ReadOne) -> Fetched:
    """The mails after `position`, or of the last days when it does not count as `end` does, each by `read`.

    A mail that cannot be had keeps none of the others back.
    """
    reset = position.uid_validity != end.uid_validity
    since = clock.now() - timedelta(days=RESET_DAYS) if reset else None
    # Dovecot searches among the mails it told us of, and tells us of new ones afterwards.
    await ask(b"NOOP")
    uids = await _search(ask, position.last_uid, since)
    described = await _describe(ask, uids[: MOST_MAILS + 1])
    known = [described.get(uid, Described()) for uid in uids[: MOST_MAILS + 1]]
    piece = _Piece(bounds, since)
    for uid, its, came_at in zip(uids, known, moments(each.date for each in known), strict=False):
        if not piece.has_room(its, came_at):
            break
        await piece.take(uid, its, read)
    more = len(uids) > piece.looked_at
    # After renumbering the first of the rest is far from the first of the mailbox.
    reached = uids[piece.looked_at] - 1 if more else max([0 if reset else position.last_uid, end.last_uid, *uids])
    return Fetched(
        uid_validity=end.uid_validity,
        messages=tuple(piece.mails),
        reset=reset,
        position=Position(end.uid_validity, reached),
        more=more,
        unreadable=tuple(piece.unreadable),
        rest_at=moments(each.date for each in known[: piece.looked_at + 1])[-1] if more else None,
    )


class _Piece:
    """What is read of a folder at a time."""

    def __init__(self, bounds: Bounds, since: datetime | None) -> None:
        self.mails: list[FetchedMail] = []
        self.unreadable: list[int] = []
        self.looked_at = 0
        self._bounds, self._since = bounds, since
        self._room, self._over_at = MOST_BYTES, time.monotonic() + bounds.seconds

    def has_room(self, known: Described, came_at: datetime) -> bool:
        """Whether the mail that came then is part of it."""
        if self.looked_at == MOST_MAILS or (self._bounds.until is not None and came_at >= self._bounds.until):
            return False
        if self._is_old(known) or not self.mails:
            return True
        expected = min(known.size or 0, self._bounds.largest_bytes)
        return self._room >= expected and time.monotonic() < self._over_at

    async def take(self, uid: int, known: Described, read: ReadOne) -> None:
        """Read a mail, if it is not too old to count."""
        self.looked_at += 1
        if self._is_old(known):
            return
        try:
            found = await read(uid, known)
        except (Garbled, MailRejected):
            self.unreadable.append(uid)
            return
        self.mails += found
        # What came, for the server may have said anything.
        self._room -= sum(len(each.raw) for each in found)

    def _is_old(self, known: Described) -> bool:
        return self._since is not None and known.date is not None and known.date < self._since


async def read_received(ask: Ask, uid: int, known: Described, *, largest_bytes: int) -> list[FetchedMail]:
    """The mail, with its headers only when it is too large or refused whole; none when it is gone by now."""
    if (known.size or 0) <= largest_bytes:
        try:
            raw = await _whole(ask, uid, largest_bytes)
        except (Garbled, MailRejected):
            raw = None
        else:
            if raw is None:
                return []
        if raw is not None and len(raw) <= largest_bytes:
            return [FetchedMail(uid, raw, known.date, len(raw) if known.size is None else known.size, False)]
    headers = await _headers(ask, uid)
    return [] if headers is None else [FetchedMail(uid, headers, known.date, known.size or len(headers), True)]


async def read_sent(ask: Ask, uid: int, known: Described, *, concerns: Concerns) -> list[FetchedMail]:
    """Of a mail that was sent its beginning, where its headers concern us, else these: words come before enclosures."""
    headers = await _headers(ask, uid)
    if headers is None:
        return []
    raw = None
    if concerns(headers):
        with suppress(Garbled, MailRejected):
            raw = await _beginning(ask, uid, b"", BEGINNING_BYTES)
    found = raw or headers
    return [FetchedMail(uid, found, known.date, known.size or len(found), raw is None)]


async def read_whole(ask: Ask, uid: int, largest_bytes: int) -> bytes | None:
    """One mail; None when it is gone, MailRejected when it is too large or not handed out."""
    try:
        raw = await _whole(ask, uid, largest_bytes)
    except Garbled as error:
        raise MailRejected(0, Reason.PAYLOAD, str(error)) from error
    if raw is not None and len(raw) > largest_bytes:
        raise MailRejected(0, Reason.SIZE, "the mail is larger than is read")
    return raw


async def _search(ask: Ask, last_uid: int, since: datetime | None) -> list[int]:
    if since is None:
        wanted = b"UID %d:*" % (last_uid + 1)
    else:
        # The server compares days, in a zone of its own: one more, and the exact time is looked at later.
        wanted, last_uid = b"SINCE " + day(since - timedelta(days=1)), 0
    answer = (await ask(b"UID SEARCH " + wanted)).expect(Reason.MAILBOX)
    found = {whole(word) for parts in answer.named(b"SEARCH") for word in parts[0].split()[2:]}
    # `9:*` includes the last mail even when its uid is 5.
    return sorted(uid for uid in found if uid is not None and uid > last_uid)


async def _describe(ask: Ask, uids: Sequence[int]) -> dict[int, Described]:
    """What is known of these mails without reading them; nothing of those the server is silent about."""
    if not uids:
        return {}
    numbers = b",".join(b"%d" % uid for uid in uids)
    answer = _handed_out(await ask(b"UID FETCH " + numbers + b" (UID RFC822.SIZE INTERNALDATE)"))
    found: dict[int, Described] = {}
    for row in _rows(answer):
        uid = whole(row.get(b"UID"))
        if uid is not None:
            found[uid] = Described(whole(row.get(b"RFC822.SIZE")), instant(row.get(b"INTERNALDATE")))
    return found


async def _headers(ask: Ask, uid: int) -> bytes | None:
    return await _beginning(ask, uid, b"HEADER", LONGEST_HEADERS_BYTES)


async def _whole(ask: Ask, uid: int, largest_bytes: int) -> bytes | None:
    # Asking for one byte more than is taken shows who told a smaller size than the mail has.
    return await _beginning(ask, uid, b"", largest_bytes + 1)


async def _beginning(ask: Ask, uid: int, section: bytes, most_bytes: int) -> bytes | None:
    """A section of the mail, so many bytes at most; None when it is gone. MailRejected when it cannot be had."""
    answer = _handed_out(await ask(b"UID FETCH %d (UID BODY.PEEK[%s]<0.%d>)" % (uid, section, most_bytes)))
    for row in _rows(answer):
        if whole(row.get(b"UID")) == uid:
            for name, value in row.items():
                if name.startswith(b"BODY[") and isinstance(value, bytes):
                    return value[:most_bytes]  # a server may hand out more than it was asked for
            raise Garbled("the mail is not in the answer")
    if not answer.is_ok:
        raise MailRejected(0, Reason.MAILBOX, answer.result.text)
    return None


def _rows(answer: Answer) -> list[Fields]:
    """The answers to FETCH, without those that cannot be read."""
    found: list[Fields] = []
    for parts in answer.named(b"FETCH"):
        try:
            found.append(fields(values(parts)[3]))
        except (Garbled, IndexError):
            continue
    return found


def _handed_out(answer: Answer) -> Answer:
    """The answer; a refusal of single mails is part of it, one of everything for now is raised."""
    if not answer.is_ok:
        refusal = imap_refusal(answer.result.code, answer.result.text, Reason.MAILBOX)
        if not isinstance(refusal, MailRejected):
            raise refusal
    return answer

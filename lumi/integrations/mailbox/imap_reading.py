"""Which mails are new, and their bytes: search, sizes, then one mail at a time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lumi.core import clock
from lumi.integrations.mailbox.errors import MailRejected, Reason, imap_refusal
from lumi.integrations.mailbox.imap_dialogue import Answer
from lumi.integrations.mailbox.imap_syntax import Garbled, Value, day, fields, instant, values, whole
from lumi.integrations.mailbox.shapes import Fetched, FetchedMail, Position

Ask = Callable[[bytes], Awaitable[Answer]]
Fields = dict[bytes, Value]

RESET_DAYS = 7
MOST_MAILS = 50
MOST_BYTES = 32 << 20
LONGEST_HEADERS_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class _Described:
    size: int | None = None
    date: datetime | None = None


async def read_since(ask: Ask, end: Position, position: Position, largest_bytes: int) -> Fetched:
    """The mails after `position`, or of the last days when it does not count as `end` does.

    At most 50 mails or 32 MB at a time. A mail that cannot be had keeps none of the others back.
    """
    reset = position.uid_validity != end.uid_validity
    since = clock.now() - timedelta(days=RESET_DAYS) if reset else None
    # Dovecot searches among the mails it told us of, and tells us of new ones afterwards.
    await ask(b"NOOP")
    uids = await _search(ask, position.last_uid, since)
    described = await _describe(ask, uids[:MOST_MAILS])
    mails: list[FetchedMail] = []
    unreadable: list[int] = []
    room, reached = MOST_BYTES, 0 if reset else position.last_uid
    for uid in uids[:MOST_MAILS]:
        known = described.get(uid, _Described())
        if since is None or known.date is None or known.date >= since:
            room -= min(known.size or 0, largest_bytes)
            if room < 0 and mails:
                break
            try:
                mails += await _read(ask, uid, known, largest_bytes)
            except (Garbled, MailRejected):
                unreadable.append(uid)
        reached = uid
    more = bool(uids) and reached < uids[-1]
    reached = reached if more else max(reached, end.last_uid)
    return Fetched(
        uid_validity=end.uid_validity,
        messages=tuple(mails),
        reset=reset,
        position=Position(end.uid_validity, reached),
        more=more,
        unreadable=tuple(unreadable),
    )


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
    found = {int(word) for parts in answer.named(b"SEARCH") for word in parts[0].split()[2:] if word.isdigit()}
    # `9:*` includes the last mail even when its uid is 5.
    return sorted(uid for uid in found if uid > last_uid)


async def _describe(ask: Ask, uids: Sequence[int]) -> dict[int, _Described]:
    """What is known of these mails without reading them; nothing of those the server is silent about."""
    if not uids:
        return {}
    numbers = b",".join(b"%d" % uid for uid in uids)
    answer = _handed_out(await ask(b"UID FETCH " + numbers + b" (UID RFC822.SIZE INTERNALDATE)"))
    found: dict[int, _Described] = {}
    for row in _rows(answer):
        uid = whole(row.get(b"UID"))
        if uid is not None:
            found[uid] = _Described(whole(row.get(b"RFC822.SIZE")), instant(row.get(b"INTERNALDATE")))
    return found


async def _read(ask: Ask, uid: int, known: _Described, largest_bytes: int) -> list[FetchedMail]:
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
    raw = await _part(ask, uid, b"BODY.PEEK[HEADER]<0.%d>" % LONGEST_HEADERS_BYTES)
    return [] if raw is None else [FetchedMail(uid, raw, known.date, known.size or len(raw), True)]


async def _whole(ask: Ask, uid: int, largest_bytes: int) -> bytes | None:
    # Asking for one byte more than is taken shows who told a smaller size than the mail has.
    return await _part(ask, uid, b"BODY.PEEK[]<0.%d>" % (largest_bytes + 1))


async def _part(ask: Ask, uid: int, part: bytes) -> bytes | None:
    """These bytes of the mail; None when it is gone. MailRejected when it is there and cannot be had."""
    answer = _handed_out(await ask(b"UID FETCH %d (UID %s)" % (uid, part)))
    for row in _rows(answer):
        if whole(row.get(b"UID")) == uid:
            for name, value in row.items():
                if name.startswith(b"BODY[") and isinstance(value, bytes):
                    return value
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

"""The send gate and what follows an attempt: decisions without a session or a clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lumi.modules.channels.values import Author, Capabilities, Channel, DeliveryState, Lookup, TextUnit

MAX_ATTEMPTS = 6
STATUS_WAIT = timedelta(seconds=15)
LONGEST_PULL_PAUSE_SECONDS = 900.0
WINDOW_SAFETY = timedelta(minutes=5)
_BOT = frozenset({Author.ASSISTANT})
_JOINER = "\N{ZERO WIDTH JOINER}"
_ENDS = (("\n\n",), ("\n",), (". ", "! ", "? ", "؟ ", "… ", "。"), (" ",))

# The limits are those of the providers' documentation.
_SURFACE = Capabilities(text_limit=20_000, buttons=10, typing=True, repeatable=True, shows_sources=True)
_MAIL = Capabilities(text_limit=100_000, lookup=Lookup.SEARCH)
CAPABILITIES: Mapping[Channel, Capabilities] = {
    Channel.WHATSAPP: Capabilities(
        text_limit=4096, buttons=3, window_hours=24, receipts=True, typing=True, lookup=Lookup.STATUS, voice=True,
    ),
    Channel.TELEGRAM: Capabilities(
        text_limit=4096, text_unit=TextUnit.UTF16, buttons=10, typing=True, voice=True
    ),
    Channel.INSTAGRAM: Capabilities(
        text_limit=1000, text_unit=TextUnit.BYTES, buttons=10, window_hours=24, staff_window_hours=168,
        receipts=True, typing=True, lookup=Lookup.ECHO,
    ),
    Channel.MESSENGER: Capabilities(
        text_limit=2000, buttons=10, window_hours=24, staff_window_hours=168,
        receipts=True, typing=True, lookup=Lookup.ECHO,
    ),
    Channel.GMAIL: _MAIL,
    Channel.MAILBOX: Capabilities(text_limit=100_000),
    Channel.WEB: _SURFACE,
    Channel.TERMINAL: _SURFACE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate looks at, read in one snapshot with the lane's version."""

    author: Author
    state: DeliveryState
    held: bool
    stopped: bool
    confirms_stop: bool
    last_inbound_at: datetime | None
    valid_until: datetime | None
    newer_open: bool
    next_try_at: datetime | None
    sending_at: datetime | None


class Verdict(StrEnum):
    """What the gate says of a delivery now."""

    GO = "go"
    WAIT = "wait"
    HUMAN_HOLDS = "human_holds"
    STOPPED = "stopped"
    WINDOW_CLOSED = "window_closed"
    TOO_LATE = "too_late"
    OUTCOME_UNKNOWN = "outcome_unknown"


def gate(facts: Facts, can: Capabilities, now: datetime) -> Verdict:
    """Whether a delivery may leave at this moment: the one check before anything is said."""
    if facts.state is DeliveryState.SENDING and not can.repeatable:
        asked_long_enough = facts.sending_at is not None and now >= facts.sending_at + STATUS_WAIT
        return Verdict.OUTCOME_UNKNOWN if asked_long_enough else Verdict.WAIT
    if facts.stopped and not facts.confirms_stop:
        return Verdict.STOPPED
    if facts.held and facts.author in _BOT:
        return Verdict.HUMAN_HOLDS
    if facts.newer_open and facts.author in _BOT and facts.valid_until is not None and now > facts.valid_until:
        return Verdict.TOO_LATE
    if not _window_open(facts, can, now):
        return Verdict.WINDOW_CLOSED
    if facts.next_try_at is not None and now < facts.next_try_at:
        return Verdict.WAIT
    return Verdict.GO


def only_people(facts: Facts, can: Capabilities, now: datetime) -> bool:
    """Whether this is a person's, at a time when nobody else may write any more."""
    if facts.author is not Author.STAFF or can.window_hours is None or can.staff_window_hours is None:
        return False
    last = facts.last_inbound_at
    return last is None or now >= last + timedelta(hours=can.window_hours) - WINDOW_SAFETY


def _window_open(facts: Facts, can: Capabilities, now: datetime) -> bool:
    hours = can.window_hours
    if hours is None:
        return True
    if facts.author is Author.STAFF and can.staff_window_hours is not None:
        hours = can.staff_window_hours
    return facts.last_inbound_at is not None and now < facts.last_inbound_at + timedelta(hours=hours) - WINDOW_SAFETY


def retry_pause(attempt: int, retry_after: float | None) -> float | None:
    """Seconds until the next attempt, or None when this one was the last. The provider's own word counts more."""
    if attempt >= MAX_ATTEMPTS:
        return None
    return max(retry_after or 0.0, min(300.0, 2.0**attempt))


def pull_pause(failures: int, retry_after: float | None) -> float:
    """Seconds until an account that could not be read so many times in a row is tried again."""
    return max(retry_after or 0.0, min(LONGEST_PULL_PAUSE_SECONDS, 5.0 * 2.0 ** min(failures, 10)))


def text_length(text: str, unit: TextUnit) -> int:
    """How long a provider finds a text."""
    if unit is TextUnit.BYTES:
        return len(text.encode())
    if unit is TextUnit.UTF16:
        return len(text.encode("utf-16-le")) // 2
    return len(text)


def parts(text: str, can: Capabilities) -> list[str]:
    """The text as messages a channel takes, nothing lost but spaces at the cuts; one when it fits.

    Cut where a paragraph, else a line, a sentence, a word ends in the second half of what fits, and never inside a
    character that is drawn as one.
    """
    found: list[str] = []
    rest = text.strip()
    while text_length(rest, can.text_unit) > can.text_limit:
        cut = _cut(rest, _fitting(rest, can))
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest or not found else found


def _fitting(text: str, can: Capabilities) -> int:
    """How many characters from the beginning fit."""
    low, high = 1, min(len(text), can.text_limit)
    while low < high:
        middle = (low + high + 1) // 2
        if text_length(text[:middle], can.text_unit) <= can.text_limit:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, fitting: int) -> int:
    beginning = text[:fitting]
    for ends in _ENDS:
        cut = max(beginning.rfind(end) + len(end) if end in beginning else 0 for end in ends)
        if cut > fitting // 2:
            return cut
    cut = fitting
    while cut > fitting // 2 and _belongs_to_the_one_before(text, cut):
        cut -= 1
    return cut if cut > fitting // 2 else fitting


def _belongs_to_the_one_before(text: str, at: int) -> bool:
    """Whether a cut here would tear a letter from its accents, or an emoji apart."""
    return (
        unicodedata.combining(text[at]) != 0
        or unicodedata.category(text[at]) in {"Mn", "Me"}
        or _JOINER in (text[at], text[at - 1])
        or "\U0001f3fb" <= text[at] <= "\U0001f3ff"
    )

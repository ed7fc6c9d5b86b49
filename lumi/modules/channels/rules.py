"""The send gate and what follows an attempt: decisions without a session or a clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from lumi.modules.channels.values.file_limits import LONGEST_MAIL, LONGEST_SHOWN, MEDIA
from lumi.modules.channels.values.kinds import Attitude, Author, Channel, DeliveryState, Lookup, Purpose, TextUnit
from lumi.modules.channels.values.outgoing import Capabilities

MAX_ATTEMPTS = 6
MAX_PACED = 30
STATUS_WAIT = timedelta(seconds=15)
# Attempts to read what was announced, the last an hour after the first.
MOST_ANNOUNCED = 36
LONGEST_PULL_PAUSE_SECONDS = 900.0
WINDOW_SAFETY = timedelta(minutes=5)
MAIL_LATE_HOURS = 72.0
_BOT = frozenset({Author.ASSISTANT})
_UNASKED = frozenset({Purpose.PROACTIVE, Purpose.SERVICE})
_JOINER = "\N{ZERO WIDTH JOINER}"
# What people, and the keys of a phone that draw a digit in a box, put around a number.
_AROUND_A_NUMBER = " .,:;)(#!\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}"
_ENDS = (("\n\n",), ("\n",), (". ", "! ", "? ", "؟ ", "… ", "。"), (" ",))

# The limits are those of the providers' documentation.
_SURFACE = Capabilities(
    text_limit=LONGEST_SHOWN, reaches_out=False, typing=True, repeatable=True, shows_sources=True, late_hours=None,
)  # fmt: skip
_MAIL = Capabilities(
    text_limit=LONGEST_MAIL, lookup=Lookup.SEARCH, late_hours=MAIL_LATE_HOURS, media=MEDIA[Channel.GMAIL]
)
CAPABILITIES: Mapping[Channel, Capabilities] = {
    Channel.WHATSAPP: Capabilities(
        text_limit=4096, buttons=3, buttons_text_limit=1024, rows=10, templates=True, window_hours=24,
        receipts=True, typing=True, lookup=Lookup.STATUS, voice=True, unordered=True,
        media=MEDIA[Channel.WHATSAPP], edit=True,
    ),
    Channel.TELEGRAM: Capabilities(
        text_limit=4096, text_unit=TextUnit.UTF16, buttons=20, button_length=60, button_bytes=64, typing=True,
        voice=True, media=MEDIA[Channel.TELEGRAM], edit=True,
    ),
    Channel.INSTAGRAM: Capabilities(
        text_limit=1000, text_unit=TextUnit.BYTES, buttons=13, window_hours=24, staff_window_hours=168,
        receipts=True, typing=True, lookup=Lookup.ECHO, media=MEDIA[Channel.INSTAGRAM], fetches=True, edit=True,
    ),
    Channel.MESSENGER: Capabilities(
        text_limit=2000, buttons=13, window_hours=24, staff_window_hours=168,
        receipts=True, typing=True, lookup=Lookup.ECHO, media=MEDIA[Channel.MESSENGER], fetches=True, edit=True,
    ),
    Channel.GMAIL: _MAIL,
    Channel.MAILBOX: Capabilities(text_limit=LONGEST_MAIL, late_hours=MAIL_LATE_HOURS, media=MEDIA[Channel.MAILBOX]),
    Channel.WEB: replace(_SURFACE, media=MEDIA[Channel.WEB]),
    Channel.TERMINAL: _SURFACE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate looks at, read in one snapshot with the lane's version.

    `quiet_until`: when the quiet hours end that it is now; `by_template`: it leaves as a text the provider approved;
    `shut`: the provider has said itself that the window is closed.
    """

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
    purpose: Purpose = Purpose.ANSWER
    quiet_until: datetime | None = None
    by_template: bool = False
    shut: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A thread through which a person can be reached. `held`: a person of the organisation speaks there."""

    thread_id: UUID
    account_id: UUID
    channel: Channel
    held: bool
    heard_at: datetime | None


class Verdict(StrEnum):
    """What the gate says of a delivery now, or what was done where it said no."""

    GO = "go"
    WAIT = "wait"
    HUMAN_HOLDS = "human_holds"
    STOPPED = "stopped"
    NO_CONSENT = "no_consent"
    WINDOW_CLOSED = "window_closed"
    TOO_LATE = "too_late"
    OUTCOME_UNKNOWN = "outcome_unknown"
    QUIET_HOURS = "quiet_hours"
    DAY_FULL = "day_full"
    WEEK_FULL = "week_full"
    OPTED_OUT = Attitude.OPTED_OUT.value
    BLOCKED = Attitude.BLOCKED.value
    MOVED = "moved"


def gate(facts: Facts, can: Capabilities, now: datetime) -> Verdict:
    """Whether a delivery may leave at this moment: the one check before anything is said."""
    if facts.state is DeliveryState.SENDING and not can.repeatable:
        asked_long_enough = facts.sending_at is not None and now >= facts.sending_at + STATUS_WAIT
        return Verdict.OUTCOME_UNKNOWN if asked_long_enough else Verdict.WAIT
    if facts.stopped and not facts.confirms_stop:
        return Verdict.STOPPED
    proactive = facts.purpose is Purpose.PROACTIVE
    # Its own words leave all the same when a person has sent them again.
    by_itself = facts.author in _BOT and facts.purpose is not Purpose.STAFF
    if facts.held and (proactive or by_itself):
        return Verdict.HUMAN_HOLDS
    stale = facts.purpose in _UNASKED or (facts.newer_open and by_itself)
    if stale and facts.valid_until is not None and now > facts.valid_until:
        return Verdict.TOO_LATE
    if proactive and facts.quiet_until is not None and now < facts.quiet_until:
        return Verdict.QUIET_HOURS
    if not facts.by_template and not _window_open(facts, can, now):
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
    if facts.shut:
        return False
    if facts.author is Author.STAFF and can.staff_window_hours is not None:
        hours = can.staff_window_hours
    return facts.last_inbound_at is not None and now < facts.last_inbound_at + timedelta(hours=hours) - WINDOW_SAFETY


def retry_pause(attempt: int, retry_after: float | None, *, paced: bool = False) -> float | None:
    """Seconds until the next attempt, or None when this one was the last. The provider's own word counts more.

    `paced`: it only wants patience, and gets more of it.
    """
    if attempt >= (MAX_PACED if paced else MAX_ATTEMPTS):
        return None
    return max(retry_after or 0.0, min(300.0, 2.0**attempt))


def announced_pause(attempt: int, retry_after: float | None) -> float | None:
    """Seconds until a message that was only announced is asked for again; None after an hour of that."""
    if attempt + 1 >= MOST_ANNOUNCED:
        return None
    return max(retry_after or 0.0, min(120.0, 2.0**attempt))


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


class Form(StrEnum):
    """How choices are drawn."""

    BUTTONS = "buttons"
    ROWS = "rows"
    NUMBERS = "numbers"


def form(text: str, choices: Sequence[str], can: Capabilities) -> Form:
    """How a channel draws these choices under this text: whole, or as numbered lines."""
    below = can.buttons_text_limit is None or len(text) <= can.buttons_text_limit
    if below and len(choices) <= can.buttons and all(_fits_button(each, can) for each in choices):
        return Form.BUTTONS
    if len(choices) <= can.rows and all(len(each) <= can.row_length for each in choices):
        return Form.ROWS
    return Form.NUMBERS


def _fits_button(choice: str, can: Capabilities) -> bool:
    return len(choice) <= can.button_length and (can.button_bytes is None or len(choice.encode()) <= can.button_bytes)


def offered(choices: Sequence[str]) -> tuple[str, ...]:
    """The choices as they are offered: one line each, each once, none empty."""
    return tuple(dict.fromkeys(line for each in choices if (line := " ".join(each.split()))))


def messages(text: str, choices: Sequence[str], can: Capabilities) -> list[tuple[str, tuple[str, ...]]]:
    """The messages a channel takes, each with the choices it draws under it: nothing of either is cut.

    The last one has them. What the channel cannot draw whole is numbered lines of the text.
    """
    wanted = offered(choices)
    texts = parts(text, can)
    if wanted and form(texts[-1], wanted, can) is Form.NUMBERS:
        lines = "\n".join(f"{number}. {each}" for number, each in enumerate(wanted, 1))
        texts, wanted = parts(f"{text.strip()}\n\n{lines}", can), ()
    return [*((each, ()) for each in texts[:-1]), (texts[-1], wanted)]


def chosen(text: str, choices: Sequence[str]) -> str | None:
    """The choice whose number somebody typed, in the digits of any script; None when it is no such number."""
    typed = text.strip().strip(_AROUND_A_NUMBER)
    if not typed.isdecimal() or len(typed) > 2 or not 1 <= int(typed) <= len(choices):
        return None
    return choices[int(typed) - 1]


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

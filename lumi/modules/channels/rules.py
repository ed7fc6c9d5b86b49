"""The send gate and what follows an attempt: decisions without a session or a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lumi.modules.channels.values import Author, Capabilities, DeliveryState

MAX_ATTEMPTS = 6
STATUS_WAIT = timedelta(seconds=15)
WINDOW_SAFETY = timedelta(minutes=5)
_BOT = frozenset({Author.ASSISTANT})


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


def _window_open(facts: Facts, can: Capabilities, now: datetime) -> bool:
    if can.window_hours is None:
        return True
    if facts.last_inbound_at is None:
        return False
    return now < facts.last_inbound_at + timedelta(hours=can.window_hours) - WINDOW_SAFETY


def retry_pause(attempt: int, retry_after: float | None) -> float | None:
    """Seconds until the next attempt, or None when this one was the last. The provider's own word counts more."""
    if attempt >= MAX_ATTEMPTS:
        return None
    return max(retry_after or 0.0, min(300.0, 2.0**attempt))


def shorten(text: str, limit: int) -> str:
    """The text within a channel's limit, cut at a sentence where one ends late enough."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    end = max(cut.rfind(mark) for mark in (". ", "! ", "? ", "؟ ", "\n"))
    return (cut[: end + 1] if end >= limit // 2 else cut).rstrip() + "…"

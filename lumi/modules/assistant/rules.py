"""Patience and its limits: how long to wait for the rest of a burst, how often to think again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lumi.modules.assistant.values import OpenEvent, PendingDelivery
from lumi.modules.attachments.public import AttachmentState, Why

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST_WAIT = timedelta(seconds=1.5)
LONGEST_WAIT_FOR_PARTS = timedelta(seconds=6)
THINK_AGAIN = 2
THINK_AGAIN_FOR = timedelta(seconds=10)
_ENDS = ("?", "؟", "!", ".", "…", ")", ":)", "？", "。")
_UNFINISHED_WORDS = 3
# What was sent at once comes piece by piece, and nothing says which is the last.
_NEXT_PART = timedelta(seconds=1.5)


@dataclass(frozen=True, slots=True)
class ReplyBudget:
    """How many automatic answers may leave in one dialogue where the other side may be a machine as well."""

    per_hour: int
    per_day: int


def is_spent(answered: Sequence[datetime], budget: ReplyBudget, now: datetime) -> bool:
    """Whether one more answer would be too many: two machines that answer each other never stop by themselves."""
    last_hour = sum(now - at < HOUR for at in answered)
    last_day = sum(now - at < DAY for at in answered)
    return last_hour >= budget.per_hour or last_day >= budget.per_day


def is_late(events: Sequence[OpenEvent], hours: float | None) -> bool:
    """Whether the newest message came so long after it was sent that an answer might be to yesterday's question."""
    last = next((event for event in reversed(events) if event.kind == "message"), None)
    if hours is None or last is None or last.sent_at is None:
        return False
    return last.received_at - last.sent_at > timedelta(hours=hours)


def waits_for_a_file(event: OpenEvent, now: datetime) -> bool:
    """Whether what a message carries is still on its way or being heard, and may still be waited for."""
    return any(each.state == AttachmentState.WAITING and each.wait_until > now for each in event.attached)


def before_what_waits(events: Sequence[OpenEvent], now: datetime) -> Sequence[OpenEvent]:
    """The events before the first that waits for its file: nothing newer is thought about."""
    first = next((event.n for event in events if waits_for_a_file(event, now)), None)
    return events if first is None else [event for event in events if event.n < first]


def files_until(events: Sequence[OpenEvent], now: datetime) -> datetime | None:
    """Until when the first of these that waits for its file does; None when none does."""
    waiting = next((event for event in events if waits_for_a_file(event, now)), None)
    return max(each.wait_until for each in waiting.attached) if waiting else None


def lacking(event: OpenEvent) -> str | None:
    """Why the guest is told that something of this message is not had or not heard; None where nothing lacks.

    What is still on its way after the longest wait is answered as what it is without it.
    """
    for each in event.attached:
        if each.state in (AttachmentState.REFUSED, AttachmentState.FAILED):
            return each.why or Why.GONE
    spoken = next((each for each in event.attached if each.kind == "audio"), None)
    return None if spoken is None or event.payload.get("heard") else spoken.why or Why.UNHEARD


def wait_until(events: Sequence[OpenEvent], now: datetime) -> datetime | None:
    """Until when to wait for more of a burst; None when what is there is clearly complete.

    A sentence that ends like one needs no waiting, a part of an album does. The longest wait counts from the first
    open message, so that somebody who goes on typing fragments is answered all the same.
    """
    messages = [event for event in events if event.kind == "message"]
    if not messages:
        return None
    last = messages[-1]
    if last.payload.get("part_of"):
        due = min(last.received_at + _NEXT_PART, messages[0].received_at + LONGEST_WAIT_FOR_PARTS)
    else:
        pause = _pause(str(last.payload.get("text", "")), str(last.payload.get("kind", "text")), len(messages))
        due = min(last.received_at + pause, messages[0].received_at + LONGEST_WAIT)
    return due if due > now else None


def _pause(text: str, kind: str, burst: int) -> timedelta:
    text = text.strip()
    if kind != "text" or not text or text.endswith(_ENDS):
        return timedelta(0)
    words = len(text.split())
    if words <= _UNFINISHED_WORDS:
        return timedelta(seconds=1.2)
    return timedelta(seconds=0.9 if burst > 1 else 0.6)


def is_due(delivery: PendingDelivery, now: datetime) -> bool:
    """Whether a turn that begins now would try to send it: it has not begun to leave, and waits for nothing."""
    return delivery.state == "committed" and (delivery.next_try_at is None or delivery.next_try_at <= now)


def is_last_thought(attempt: int, first_open_at: datetime, now: datetime) -> bool:
    """Whether this thought is saved as it is: what it did not read stays open for the next turn."""
    return attempt > THINK_AGAIN or now - first_open_at >= THINK_AGAIN_FOR

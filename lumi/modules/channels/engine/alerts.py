"""What somebody should be told of an account, and when it is over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lumi.modules.channels.engine.traffic import Silence
from lumi.modules.channels.values.failures import Unread
from lumi.modules.channels.values.kinds import AccountState, AlertKind

# A token that ends is told at each of these, and once more when it has ended.
TOKEN_STAGES_DAYS = (14, 7, 3, 1, 0)
LEAST_FAILED = 5
FAILING_SHARE = 0.2
UNREAD_AFTER = 3
"""Failures in a row: half a minute to a minute."""
_DAY = timedelta(days=1)
_BREAKING = frozenset({AlertKind.SILENT, AlertKind.TOKEN_REFUSED, AlertKind.WEBHOOK_BROKEN, AlertKind.UNREAD})


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known of an account at one moment; `sent` and `failed` are of these last hours."""

    silence: Silence | None = None
    token_expires_at: datetime | None = None
    token_refused_at: datetime | None = None
    webhook_trouble: str | None = None
    unread: Unread | None = None
    sent: int = 0
    failed: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to be told. A higher `stage` is told again; `detail` is shown with it."""

    kind: AlertKind
    stage: int = 0
    detail: Mapping[str, object] = field(default_factory=dict[str, object])


def days_left(expires_at: datetime, now: datetime) -> int | None:
    """Whole days until a moment, 0 on the last day, None once it has come."""
    return math.floor((expires_at - now) / _DAY) if expires_at > now else None


def stays(kind: AlertKind, detail: Mapping[str, object], heard_at: datetime | None) -> bool:
    """Whether an alert is not over although nothing raises it any more.

    A silence ends when something is heard. It does not end by itself when what used to come is so long ago that nobody
    knows it any longer.
    """
    since = silent_since(kind, detail)
    return since is not None and (heard_at is None or heard_at <= since)


def silent_since(kind: AlertKind, detail: Mapping[str, object]) -> datetime | None:
    """When an account that is silent was heard last; None of any other alert."""
    said = detail.get("since")
    return datetime.fromisoformat(said) if kind is AlertKind.SILENT and isinstance(said, str) else None


def alerts(seen: Observed, now: datetime) -> list[Alert]:
    """Everything that is wrong with an account now, one of a kind."""
    found = [_silent(seen), _unread(seen), _expiring(seen, now), _failing(seen)]
    if seen.token_refused_at is not None:
        found.append(Alert(AlertKind.TOKEN_REFUSED, detail={"since": seen.token_refused_at.isoformat()}))
    if seen.webhook_trouble is not None:
        found.append(Alert(AlertKind.WEBHOOK_BROKEN, detail={"said": seen.webhook_trouble}))
    if seen.unknown:
        found.append(Alert(AlertKind.UNKNOWN_OUTCOMES, detail={"count": seen.unknown}))
    return [each for each in found if each is not None]


def state_of(kinds: Sequence[AlertKind], *, is_connected: bool, token_ended: bool, was_heard: bool) -> AccountState:
    """How an account is, in one word: the worst of what is known."""
    if not is_connected:
        return AccountState.DISCONNECTED
    if token_ended or any(kind in _BREAKING for kind in kinds):
        return AccountState.BROKEN
    if kinds:
        return AccountState.ATTENTION
    return AccountState.WELL if was_heard else AccountState.UNHEARD


def _silent(seen: Observed) -> Alert | None:
    if seen.silence is None or not seen.silence.is_alarming:
        return None
    detail = {"since": seen.silence.since.isoformat(), "expected": round(seen.silence.expected)}
    return Alert(AlertKind.SILENT, detail=detail)


def _unread(seen: Observed) -> Alert | None:
    """Once, or twice, is nothing: servers are started anew. A token that is refused says it already."""
    if seen.unread is None or seen.unread.times < UNREAD_AFTER or seen.token_refused_at is not None:
        return None
    return Alert(AlertKind.UNREAD, detail={"at": seen.unread.at.isoformat(), "error": seen.unread.error})


def _expiring(seen: Observed, now: datetime) -> Alert | None:
    if seen.token_expires_at is None:
        return None
    left = seen.token_expires_at - now
    stage = sum(left <= days * _DAY for days in TOKEN_STAGES_DAYS)
    if not stage:
        return None
    days = days_left(seen.token_expires_at, now)
    detail = {"expires_at": seen.token_expires_at.isoformat(), "days": days or 0, "ended": days is None}
    return Alert(AlertKind.TOKEN_EXPIRING, stage, detail)


def _failing(seen: Observed) -> Alert | None:
    tried = seen.sent + seen.failed
    if seen.failed < LEAST_FAILED or seen.failed < FAILING_SHARE * tried:
        return None
    return Alert(AlertKind.FAILING, detail={"failed": seen.failed, "tried": tried})

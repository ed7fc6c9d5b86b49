"""What is wrong with an account, in words for staff."""

from __future__ import annotations

from collections.abc import Mapping

from lumi.core.i18n import tr
from lumi.modules.channels.rules import Verdict
from lumi.modules.channels.values.failures import taken_apart
from lumi.modules.channels.values.kinds import AlertKind, Channel, DeliveryState, Failure

# What is known of posts that do not reach us; anything else are the provider's own words.
_WEBHOOK = {
    "not_set": "channels-alert-webhook-not-set",
    "elsewhere": "channels-alert-webhook-elsewhere",
    "unsubscribed": "channels-alert-webhook-unsubscribed",
}
_FAILURES = {
    Failure.TOKEN: "channels-failure-token",
    Failure.POLICY: "channels-failure-policy",
    Failure.WINDOW: "channels-failure-window",
    Failure.RECIPIENT: "channels-failure-recipient",
    Failure.CONTENT: "channels-failure-content",
    Failure.TEMPLATE: "channels-failure-template",
    Failure.REGISTRATION: "channels-failure-registration",
    Failure.BUSY: "channels-failure-busy",
    Failure.UNREACHABLE: "channels-failure-unreachable",
    Failure.UNKNOWN: "channels-failure-unknown",
    Failure.OTHER: "channels-failure-other",
}
# They are read too, and some by a password: a token is none of their owner's words.
_MAILBOXES = frozenset({Channel.GMAIL, Channel.MAILBOX})
# Of a message that was given up, that Lumi goes on by itself would be a lie.
_GIVEN_UP = {Failure.BUSY: "channels-given-up-busy", Failure.UNREACHABLE: "channels-given-up-unreachable"}
# What the gate writes down; what it lets go, or has wait for a moment, needs no words.
_VERDICTS = {
    Verdict.HUMAN_HOLDS: "channels-gate-human-holds",
    Verdict.STOPPED: "channels-gate-stopped",
    Verdict.WINDOW_CLOSED: _FAILURES[Failure.WINDOW],
    Verdict.TOO_LATE: "channels-gate-too-late",
    Verdict.OUTCOME_UNKNOWN: _FAILURES[Failure.UNKNOWN],
    Verdict.QUIET_HOURS: "channels-gate-quiet-hours",
    Verdict.NO_CONSENT: "channels-gate-no-consent",
    Verdict.OPTED_OUT: "channels-gate-opted-out",
    Verdict.BLOCKED: "channels-gate-blocked",
    Verdict.DAY_FULL: "channels-gate-day-full",
    Verdict.WEEK_FULL: "channels-gate-week-full",
    Verdict.MOVED: "channels-gate-moved",
}
# What a delivery is marked with whose file cannot be had any more.
FILE_GONE = "file_gone"
_BY_WORD: Mapping[str, str] = {
    **{verdict.value: key for verdict, key in _VERDICTS.items()}, FILE_GONE: "channels-file-gone",
}  # fmt: skip


def of_alert(kind: AlertKind, detail: Mapping[str, object], channel: Channel, lang: str) -> str:
    """One sentence or two: what is wrong, and what to do."""
    label = channel.label
    if kind is AlertKind.SILENT:
        return tr("channels-alert-silent", lang, expected=_whole(detail, "expected"))
    if kind is AlertKind.TOKEN_EXPIRING:
        if detail.get("ended"):
            return tr("channels-alert-token-ended", lang, channel=label)
        return tr("channels-alert-token-expiring", lang, channel=label, days=_whole(detail, "days"))
    if kind is AlertKind.TOKEN_REFUSED:
        refused = "channels-alert-mailbox-shut" if channel in _MAILBOXES else "channels-alert-token-refused"
        return tr(refused, lang, channel=label)
    if kind is AlertKind.FAILING:
        return tr("channels-alert-failing", lang, failed=_whole(detail, "failed"), tried=_whole(detail, "tried"))
    if kind is AlertKind.UNKNOWN_OUTCOMES:
        return tr("channels-alert-unknown-outcomes", lang, count=_whole(detail, "count"))
    if kind is AlertKind.UNREAD:
        why, said = taken_apart(str(detail.get("error", "")))
        if why is Failure.UNREACHABLE:
            return tr("channels-alert-unread-unreachable", lang, channel=label)
        return tr("channels-alert-unread", lang, channel=label, said=said)
    said = str(detail.get("said", ""))
    known = _WEBHOOK.get(said)
    if known is not None:
        return tr(known, lang, channel=label)
    return tr("channels-alert-webhook-broken", lang, channel=label, said=said)


def of_failure(why: Failure, channel: Channel, lang: str) -> str:
    """Why a send failed, and what to do."""
    if why is Failure.TOKEN and channel in _MAILBOXES:
        return tr("channels-failure-mailbox-shut", lang)
    return tr(_FAILURES[why], lang, channel=channel.label)


def of_error(error: str, state: DeliveryState, channel: Channel, lang: str) -> str:
    """Why one message did not leave, or not surely arrive; behind it, what its provider said in words of its own."""
    if state is DeliveryState.UNKNOWN:
        return of_failure(Failure.UNKNOWN, channel, lang)
    if error in _BY_WORD:
        return tr(_BY_WORD[error], lang, channel=channel.label)
    why, said = taken_apart(error)
    if why is None and state is not DeliveryState.FAILED:
        return error
    return _with_words(_given_up(why or Failure.OTHER, state, channel, lang), said, lang)


def _given_up(why: Failure, state: DeliveryState, channel: Channel, lang: str) -> str:
    key = _GIVEN_UP.get(why) if state is DeliveryState.FAILED else None
    return of_failure(why, channel, lang) if key is None else tr(key, lang, channel=channel.label)


def _with_words(sentence: str, said: str, lang: str) -> str:
    return f"{sentence} {tr('channels-provider-said', lang, said=said)}" if said else sentence


def _whole(detail: Mapping[str, object], name: str) -> int:
    value = detail.get(name, 0)
    return value if isinstance(value, int) else 0
